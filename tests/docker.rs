//! Cases that are really built, run hardened, asked something, edited and built again. Knows only
//! `docker` and RDOCK_DOCKER_BUILD, a command that takes the place of `docker build`.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::RwLock;
use std::time::{Duration, Instant};
use support::{Case, cases, copy, rdock, strings, text};

/// How long a container may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// Held by every build, and by one alone where it must have the engine for itself.
static ENGINE: RwLock<()> = RwLock::new(());

fn main() {
    let mut args = Arguments::from_args();
    args.test_threads.get_or_insert(1);
    let all = cases("golden").into_iter().chain(cases("tests/docker"));
    let mut trials: Vec<Trial> = all
        .filter(|case| case.docker.is_some())
        .map(|case| Trial::test(case.name.clone(), move || check(&case)))
        .collect();
    trials.push(Trial::test("rdock itself", itself));
    assert!(!trials.is_empty(), "no case has a [docker] section");
    if !args.list {
        engine();
    }
    let conclusion = libtest_mimic::run(&args, trials);
    if !args.list {
        remove();
    }
    conclusion.exit();
}

/// Removes the images of all cases when the last has ended: an engine that removes one while it builds
/// another may take a layer away that the build has just found in its cache.
fn remove() {
    let here = Path::new(".");
    let own = ["reference=rdock-test-*", "reference=rdock-test-*/*"];
    for filter in own {
        let list = [
            "images",
            "--filter",
            filter,
            "--format",
            "{{.Repository}}:{{.Tag}}",
        ];
        let found = run(here, "docker", &list).unwrap_or_default();
        let mut args = vec!["rmi", "-f"];
        args.extend(found.lines());
        if args.len() > 2
            && let Err(e) = run(here, "docker", &args)
        {
            eprintln!("{}", e.message().unwrap_or_default());
        }
    }
}

fn engine() {
    let answers = Command::new("docker")
        .arg("info")
        .output()
        .is_ok_and(|o| o.status.success());
    if !answers {
        eprintln!("no Docker engine answers `docker info`; start one, or set DOCKER_HOST.");
        eprintln!(
            "Without a registry, name a build command that knows stand-in images: RDOCK_DOCKER_BUILD=…"
        );
        std::process::exit(2);
    }
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
        Err(format!("{program} {}:\n{}", args.join(" "), tail(&all)).into())
    }
}

fn tail(text: &str) -> &str {
    let mut start = text.len().saturating_sub(6000);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// The arguments after `docker build` in the header.
fn build_arguments(dockerfile: &str) -> Vec<String> {
    let line = dockerfile
        .lines()
        .find_map(|l| l.strip_prefix("#   docker build "))
        .expect("a header");
    shlex::split(line).expect("a command line")
}

struct Image<'a> {
    dir: &'a Path,
    dockerfile: String,
    tag: String,
    file: String,
    context: String,
}

impl Image<'_> {
    fn build(&self, extra: &[&str]) -> Result<String, Failed> {
        let _shared = ENGINE.read();
        self.build_alone(extra)
    }

    /// For the one that holds the engine for itself.
    fn build_alone(&self, extra: &[&str]) -> Result<String, Failed> {
        let command = std::env::var("RDOCK_DOCKER_BUILD").unwrap_or_else(|_| "docker build".into());
        let words = shlex::split(&command).expect("a command");
        let mut args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        args.extend(["--progress=plain", "-f", &self.file, "-t", &self.tag]);
        args.extend(extra);
        args.push(&self.context);
        run(self.dir, &words[0], &args)
    }
}

fn check(case: &Case) -> Result<(), Failed> {
    let docker = case.docker.as_ref().expect("filtered");
    if docker.contains_key("services") {
        return bake(case, docker);
    }
    let root = copy(case, "docker");
    for command in strings(docker, "prepare") {
        run(&root, "sh", &["-c", &command])?;
    }
    let mut args = vec!["init", "--yes", case.path.as_str()];
    args.extend(case.args.iter().map(String::as_str));
    let init = rdock(&root, &args);
    if init.status.code() != Some(0) {
        return Err(format!("rdock init:\n{}", text(&init.stderr)).into());
    }
    let asked = root.join(&case.path).join("Dockerfile");
    let file = if asked.exists() {
        asked
    } else {
        root.join("Dockerfile")
    };
    let dockerfile = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let image = Image {
        dir: &root,
        context: build_arguments(&dockerfile).pop().expect("a context"),
        dockerfile,
        tag: format!("rdock-test-{}", case.name.replace('/', "-")),
        file: file.display().to_string(),
    };
    image.build(&["--check"])?;
    if let Some(words) = docker.get("fails").and_then(|v| v.as_str()) {
        return fails(&image, &[], words);
    }
    image.build(&[])?;
    let user = run(
        &root,
        "docker",
        &["image", "inspect", "-f", "{{.Config.User}}", &image.tag],
    )?;
    let numeric = user
        .trim()
        .split(':')
        .all(|part| part.parse::<u32>().is_ok_and(|id| id > 0));
    if !numeric {
        return Err(format!("the image's user is {user:?}").into());
    }
    probe(&root, &image, docker)?;
    if let Some(edit) = docker.get("edit").and_then(|e| e.as_table()) {
        rebuild(&root, &image, edit)?;
    }
    for (name, asked) in docker
        .get("targets")
        .and_then(|v| v.as_table())
        .into_iter()
        .flatten()
    {
        let asked = asked.as_table().expect("a table");
        target(&root, &image, name, asked)
            .map_err(|e| format!("--target {name}: {}", e.message().unwrap_or("")))?;
    }
    Ok(())
}

/// A build that must not succeed, and says why.
fn fails(image: &Image, extra: &[&str], words: &str) -> Result<(), Failed> {
    match image.build(extra) {
        Ok(log) => Err(format!("the build succeeds:\n{}", tail(&log)).into()),
        Err(e) if e.message().unwrap_or("").contains(words) => Ok(()),
        Err(e) => Err(format!("no {words:?} in:\n{}", e.message().unwrap_or("")).into()),
    }
}

/// One stage: built, and where it says so started, with a file changed under it as a sync would.
fn target(root: &Path, image: &Image, name: &str, asked: &toml::Table) -> Result<(), Failed> {
    let string = |key: &str| asked.get(key).and_then(|v| v.as_str());
    let tag = format!("{}-{name}", image.tag);
    let of_stage = Image {
        dir: root,
        dockerfile: String::new(),
        tag: tag.clone(),
        file: image.file.clone(),
        context: image.context.clone(),
    };
    if let Some(words) = string("fails") {
        return fails(&of_stage, &["--target", name], words);
    }
    of_stage.build(&["--target", name])?;
    let port = asked.get("port").and_then(|v| v.as_integer());
    if port.is_some() || string("body").is_some() {
        let mut args: Vec<String> = ["run", "-d", "--init"].map(String::from).to_vec();
        if let Some(port) = port {
            args.extend(["-p".into(), format!("127.0.0.1::{port}")]);
        }
        if let Some(entrypoint) = string("entrypoint") {
            args.extend(["--entrypoint".into(), entrypoint.into()]);
        }
        args.push(tag.clone());
        args.extend(strings(asked, "args"));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let id = run(root, "docker", &args)?;
        let id = id.trim();
        let answer = started(root, id, asked, port);
        let logs = run(root, "docker", &["logs", id]).unwrap_or_default();
        let _ = run(root, "docker", &["rm", "-f", id]);
        answer.map_err(|e| format!("{}\nlogs:\n{}", e.message().unwrap_or("failed"), tail(&logs)))?;
    }
    Ok(())
}

fn started(root: &Path, id: &str, asked: &toml::Table, port: Option<i64>) -> Result<(), Failed> {
    let string = |key: &str| asked.get(key).and_then(|v| v.as_str());
    let path = string("path").unwrap_or("/");
    let body = string("body").unwrap_or("");
    let Some(port) = port else {
        let logs = finished(root, id, 0)?;
        return match logs.contains(body) {
            true => Ok(()),
            false => Err(format!("no {body:?}").into()),
        };
    };
    answers(root, id, port, path, body)?;
    let Some(change) = asked.get("change").and_then(|v| v.as_table()) else {
        return Ok(());
    };
    let word = |key: &str| change[key].as_str().expect("a string");
    let file = root.join(word("file"));
    let old = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    fs::write(&file, old.replace(word("find"), word("replace")))?;
    let into = format!("{id}:{}", word("into"));
    run(root, "docker", &["cp", &file.to_string_lossy(), &into])?;
    if change.get("restart").is_some() {
        run(root, "docker", &["restart", "-t", "5", id])?;
    }
    let seen = answers(root, id, port, path, word("body"));
    fs::write(&file, old)?;
    seen
}

/// Waits until the answer holds `body`: what watches takes a moment.
fn answers(root: &Path, id: &str, port: i64, path: &str, body: &str) -> Result<(), Failed> {
    let start = Instant::now();
    loop {
        let answer = ask(root, id, port, path, 200)?;
        if answer.contains(body) {
            return Ok(());
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("no {body:?} in:\n{}", tail(&answer)).into());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// The Dockerfile at the root is made by rdock, up to date, and gives an image that runs.
fn itself() -> Result<(), Failed> {
    let root = support::home();
    let check = rdock(root, &["check"]);
    if check.status.code() != Some(0) {
        return Err(format!("rdock check:\n{}{}", text(&check.stdout), text(&check.stderr)).into());
    }
    let file = root.join("Dockerfile");
    let dockerfile = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let image = Image {
        dir: root,
        context: build_arguments(&dockerfile).pop().expect("a context"),
        dockerfile,
        tag: "rdock-test-itself".into(),
        file: file.display().to_string(),
    };
    image.build(&["--check"])?;
    image.build(&[])?;
    let mut case = toml::Table::new();
    case.insert("args".into(), toml::Value::Array(vec!["--version".into()]));
    case.insert("body".into(), concat!("rdock ", env!("CARGO_PKG_VERSION")).into());
    probe(root, &image, &case)
}

/// All services of a repository through `docker buildx bake`, each then asked what the case says.
fn bake(case: &Case, docker: &toml::Table) -> Result<(), Failed> {
    let root = copy(case, "docker");
    for command in strings(docker, "prepare") {
        run(&root, "sh", &["-c", &command])?;
    }
    for args in [&["init", "--yes"][..], &["generate", "--bake"]] {
        let done = rdock(&root, args);
        if done.status.code() != Some(0) {
            return Err(format!("rdock {}:\n{}", args.join(" "), text(&done.stderr)).into());
        }
    }
    run(&root, "docker", &["buildx", "bake", "--print"])?;
    let written = support::files(&root);
    let dockerfiles = written.keys().filter(|p| p.ends_with("Dockerfile"));
    for path in dockerfiles {
        let file = root.join(path);
        let dockerfile = fs::read_to_string(&file)?;
        let image = Image {
            dir: &root,
            context: build_arguments(&dockerfile).pop().expect("a context"),
            tag: "rdock-test-check".into(),
            file: file.display().to_string(),
            dockerfile: dockerfile.clone(),
        };
        image.build(&["--check"])?;
        // Bake reads the files themselves; an engine without a registry has no other frontend.
        if std::env::var_os("RDOCK_DOCKER_BUILD").is_some() {
            fs::write(
                &file,
                dockerfile.replacen("# syntax=docker/dockerfile:1\n", "", 1),
            )?;
        }
    }
    let prefix = format!("rdock-test-{}/", case.name.replace('/', "-"));
    let registry = format!("REGISTRY={prefix}");
    {
        let _shared = ENGINE.read();
        run(&root, "env", &[&registry, "docker", "buildx", "bake", "--load"])?;
    }
    let services = docker["services"].as_table().expect("a table of services");
    for (name, service) in services {
        let image = Image {
            dir: &root,
            dockerfile: String::new(),
            tag: format!("{prefix}{name}"),
            file: String::new(),
            context: String::new(),
        };
        let asked = service.as_table().expect("a table");
        probe(&root, &image, asked).map_err(|e| format!("{name}: {}", e.message().unwrap_or("")))?;
    }
    Ok(())
}

/// Starts the image read-only, without capabilities, and asks it what the case says.
fn probe(root: &Path, image: &Image, docker: &toml::Table) -> Result<(), Failed> {
    let string = |key: &str| docker.get(key).and_then(|v| v.as_str());
    let number = |key: &str| docker.get(key).and_then(|v| v.as_integer());
    let mut args: Vec<String> = ["run", "-d", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"]
        .map(String::from)
        .to_vec();
    args.extend(["--security-opt", "no-new-privileges"].map(String::from));
    if let Some(port) = number("port") {
        args.extend(["-p".into(), format!("127.0.0.1::{port}")]);
    }
    for (key, value) in docker.get("env").and_then(|v| v.as_table()).into_iter().flatten() {
        args.extend([
            "-e".into(),
            format!("{key}={}", value.as_str().expect("a string")),
        ]);
    }
    args.push(image.tag.clone());
    args.extend(strings(docker, "args"));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let id = run(root, "docker", &args)?;
    let id = id.trim();
    let answer = match number("port") {
        Some(port) => ask(
            root,
            id,
            port,
            string("path").unwrap_or("/"),
            number("status").unwrap_or(200),
        ),
        None => finished(root, id, number("exit").unwrap_or(0)),
    };
    let logs = run(root, "docker", &["logs", id]).unwrap_or_default();
    let _ = run(root, "docker", &["rm", "-f", id]);
    let answer =
        answer.map_err(|e| format!("{}\nlogs:\n{}", e.message().unwrap_or("failed"), tail(&logs)))?;
    match string("body") {
        Some(body) if !answer.contains(body) => Err(format!("no {body:?} in:\n{}", tail(&answer)).into()),
        _ => Ok(()),
    }
}

fn finished(root: &Path, id: &str, exit: i64) -> Result<String, Failed> {
    let code = run(root, "docker", &["wait", id])?;
    if code.trim() != exit.to_string() {
        return Err(format!("the program exits with {}", code.trim()).into());
    }
    run(root, "docker", &["logs", id])
}

fn ask(root: &Path, id: &str, port: i64, path: &str, status: i64) -> Result<String, Failed> {
    let address = run(root, "docker", &["port", id, &port.to_string()])?;
    let address = address.lines().next().unwrap_or_default().trim().to_string();
    let start = Instant::now();
    let mut last = String::from("no answer");
    while start.elapsed() < PATIENCE {
        match get(&address, path) {
            Ok(answer) if answer.starts_with("HTTP/") => {
                if answer.split_whitespace().nth(1) == Some(&status.to_string()) {
                    return Ok(answer);
                }
                last = answer;
            }
            Ok(_) => {}
            Err(e) => last = e.to_string(),
        }
        let running = run(root, "docker", &["inspect", "-f", "{{.State.Running}}", id])?;
        if running.trim() != "true" {
            return Err("the container has stopped".into());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Err(format!("not {status} from {path} within {PATIENCE:?}: {}", tail(&last)).into())
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

/// Edits one file, builds again, and looks which steps came from the cache. Of builds that begin alike
/// and run at once an engine may keep no step of the beginning, and one that is short of room drops
/// steps: what ran again is looked at once more with nothing beside it, after a build of the unchanged
/// tree. What an edit itself invalidates runs again each time.
fn rebuild(root: &Path, image: &Image, edit: &toml::Table) -> Result<(), Failed> {
    let file = root.join(edit["file"].as_str().expect("edit needs a file"));
    let old = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let new = changed(edit, &old)?;
    fs::write(&file, new)?;
    if reused(image, edit, &image.build(&[])?).is_ok() {
        return Ok(());
    }
    let _alone = ENGINE.write();
    fs::write(&file, &old)?;
    image.build_alone(&[])?;
    fs::write(&file, changed(edit, &old)?)?;
    reused(image, edit, &image.build_alone(&[])?)
}

/// The text after the edit, another in each run.
fn changed(edit: &toml::Table, old: &str) -> Result<String, Failed> {
    let string = |key: &str| edit.get(key).and_then(|v| v.as_str());
    let new = match (string("find"), string("append")) {
        (Some(find), _) => old.replace(find, string("replace").expect("find needs replace")),
        (None, Some(more)) => old.to_string() + more,
        (None, None) => return Err("edit needs `append`, or `find` and `replace`".into()),
    };
    assert_ne!(old, new, "the edit changes nothing");
    // An engine that has seen the same edit answers from its cache.
    assert!(new.contains("{run}"), "an edit needs `{{run}}`");
    let run = std::time::UNIX_EPOCH
        .elapsed()
        .expect("a clock")
        .as_nanos()
        .to_string();
    Ok(new.replace("{run}", &run))
}

/// Did the steps that the case names come from the cache, by what the build said?
fn reused(image: &Image, edit: &toml::Table, log: &str) -> Result<(), Failed> {
    let cached = strings(edit, "cached");
    // What a tool says when it does work again: `Compiling serde`. For work kept in a cache mount,
    // whose step always runs.
    let absent = strings(edit, "absent");
    let present = strings(edit, "present");
    assert!(
        !cached.is_empty() || !absent.is_empty(),
        "edit needs `cached` or `absent`"
    );
    let said = |words: &str| log.contains(words);
    let wrong = if let Some(words) = absent.iter().find(|w| said(w)) {
        format!("`{words}` after an edit")
    } else if let Some(words) = present.iter().find(|w| !said(w)) {
        format!("no `{words}` after an edit")
    } else if let Some(step) = cached.iter().find(|step| !is_cached(log, step)) {
        format!("`{step}` ran again after an edit")
    } else {
        return Ok(());
    };
    let file = edit["file"].as_str().unwrap_or_default();
    Err(format!("{wrong} of {file}:\n{}\n{}", image.dockerfile, tail(log)).into())
}

/// Whether one step that holds these words came from the cache.
fn is_cached(log: &str, step: &str) -> bool {
    let mut steps = log
        .lines()
        .filter(|l| l.contains(step) && l.contains('['))
        .filter_map(|l| l.split_whitespace().next());
    steps.any(|n| log.lines().any(|l| l.trim() == format!("{n} CACHED")))
}
