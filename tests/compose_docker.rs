//! Docker Compose on what rdock writes: every case is checked by `docker compose config`, and those with a
//! [docker] section are really brought up and asked. Knows `docker` and RDOCK_DOCKER_BUILD, a command that
//! takes the place of `docker build`.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{Case, cases, copy, rdock, strings, text};

const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let mut args = Arguments::from_args();
    args.test_threads.get_or_insert(1);
    let own = cases("tests/compose");
    let up = own.iter().filter(|case| case.docker.is_some()).count();
    let configs = own.into_iter().chain(cases("golden")).filter(|case| {
        let fails = case.dir.join("error.txt").exists();
        !fails
    });
    let mut trials = Vec::new();
    for case in configs {
        let name = case.name.clone();
        if case.dir.starts_with(support::home().join("tests")) && case.docker.is_some() {
            let case = Case {
                name: case.name.clone(),
                dir: case.dir.clone(),
                about: String::new(),
                args: case.args.clone(),
                compose: case.compose.clone(),
                path: case.path.clone(),
                docker: case.docker.clone(),
            };
            trials.push(Trial::test(format!("up/{name}"), move || bring_up(&case)));
        }
        trials.push(Trial::test(format!("config/{name}"), move || config(&case)));
    }
    assert!(up >= 2, "two cases are to be brought up");
    libtest_mimic::run(&args, trials).exit();
}

/// Fails with the whole output where the command does.
fn run(dir: &Path, program: &str, args: &[&str]) -> Result<String, Failed> {
    let done = Command::new(program)
        .current_dir(dir)
        .args(args)
        .env("BUILDKIT_PROGRESS", "plain")
        .output()
        .map_err(|e| format!("{program}: {e}"))?;
    let all = text(&done.stdout) + &text(&done.stderr);
    if done.status.success() {
        Ok(all)
    } else {
        Err(format!("{program} {}:\n{all}", args.join(" ")).into())
    }
}

/// The case with its Dockerfiles and compose.yaml written.
fn written(case: &Case, place: &str) -> Result<std::path::PathBuf, Failed> {
    let root = copy(case, place);
    let mut args = vec!["init", "--yes", case.path.as_str()];
    args.extend(case.args.iter().map(String::as_str));
    let mut compose = vec!["compose"];
    compose.extend(case.compose.iter().map(String::as_str));
    for args in [args, compose] {
        let done = rdock(&root, &args);
        if done.status.code() != Some(0) {
            return Err(format!("rdock {}:\n{}", args.join(" "), text(&done.stderr)).into());
        }
    }
    Ok(root)
}

fn config(case: &Case) -> Result<(), Failed> {
    let root = written(case, "compose-config")?;
    if !root.join("compose.yaml").exists() {
        return Ok(());
    }
    let said = run(&root, "docker", &["compose", "config", "--quiet"])?;
    if said.trim().is_empty() {
        Ok(())
    } else {
        Err(said.into())
    }
}

/// Builds each image that the file names, so that a build command which knows stand-ins can do it.
fn build(root: &Path, project: &str, args: &[&str]) -> Result<(), Failed> {
    let command = std::env::var("RDOCK_DOCKER_BUILD").unwrap_or_else(|_| "docker build".into());
    let words = shlex::split(&command).expect("a command");
    let config = run(
        root,
        "docker",
        &["compose", "-p", project, "config", "--format", "json"],
    )?;
    let config: serde_json::Value = serde_json::from_str(&config).map_err(|e| e.to_string())?;
    for (name, service) in config["services"].as_object().expect("services") {
        let text = |value: &serde_json::Value| value.as_str().map(str::to_string);
        let mut all: Vec<String> = words[1..].to_vec();
        match text(&service["build"]["context"]) {
            Some(context) => {
                let file = text(&service["build"]["dockerfile"]).unwrap_or_else(|| "Dockerfile".into());
                let file = Path::new(&context).join(file).display().to_string();
                all.extend([
                    "-t".into(),
                    format!("{project}-{name}"),
                    "-f".into(),
                    file,
                    context,
                ]);
            }
            None => {
                let image = text(&service["image"]).expect("an image");
                let file = root.join("image.Dockerfile");
                fs::write(&file, format!("FROM {image}\n")).unwrap();
                all.extend(["-f".into(), file.display().to_string(), ".".into()]);
            }
        }
        all.extend(args.iter().map(|a| a.to_string()));
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        run(root, &words[0], &all)?;
    }
    Ok(())
}

fn bring_up(case: &Case) -> Result<(), Failed> {
    let docker = case.docker.as_ref().expect("filtered");
    let root = written(case, "compose-up")?;
    for command in strings(docker, "prepare") {
        run(&root, "sh", &["-c", &command])?;
    }
    let project = format!("rdock-test-{}", case.name.replace('/', "-"));
    build(&root, &project, &[])?;
    let compose = |args: &[&str]| {
        let mut all = vec!["compose", "-p", &project];
        all.extend(args);
        run(&root, "docker", &all)
    };
    let answer = compose(&["up", "--detach", "--no-build", "--wait", "--wait-timeout", "120"])
        .and_then(|_| asked(docker, &compose));
    let logs = compose(&["logs", "--no-color"]).unwrap_or_default();
    let _ = compose(&["down", "--volumes", "--rmi", "local", "--timeout", "2"]);
    answer.map_err(|e| format!("{}\nlogs:\n{logs}", e.message().unwrap_or("failed")).into())
}

fn asked(docker: &toml::Table, compose: &dyn Fn(&[&str]) -> Result<String, Failed>) -> Result<(), Failed> {
    let string = |key: &str| docker.get(key).and_then(|v| v.as_str()).unwrap_or_default();
    let port = docker.get("port").and_then(|v| v.as_integer()).expect("a port");
    let address = compose(&["port", string("service"), &port.to_string()])?;
    let start = Instant::now();
    let mut last = String::new();
    while start.elapsed() < PATIENCE {
        last = get(address.trim(), string("path")).unwrap_or_else(|e| e.to_string());
        if last.starts_with("HTTP/1.1 200") && last.contains(string("body")) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    Err(format!("no {:?} within {PATIENCE:?}: {last}", string("body")).into())
}

fn get(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    Ok(text(&bytes))
}
