//! The commands as a user meets them: what is written, what is refused, which code they end with.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{files, rdock, text};

const MAIN: &str =
    "package main\n\nimport \"net/http\"\n\nfunc main() { http.ListenAndServe(\":8080\", nil) }\n";

/// A repository of its own with these files.
fn repository(name: &str, content: &[(&str, &str)]) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join(".git")).unwrap();
    for (path, text) in content {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    root
}

fn go(name: &str) -> PathBuf {
    repository(
        name,
        &[("go.mod", "module acme.dev/api\n\ngo 1.26\n"), ("main.go", MAIN)],
    )
}

#[track_caller]
fn ends(output: &Output, code: i32) -> (String, String) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout:\n{out}\nstderr:\n{err}");
    (out, err)
}

#[test]
fn init_writes_and_check_then_agrees() {
    let root = go("init");
    let (out, _) = ends(&rdock(&root, &["init", "--yes"]), 0);
    assert!(out.contains("Next: docker build -t api .\n"), "{out}");
    ends(&rdock(&root, &["check"]), 0);
    let (_, err) = ends(&rdock(&root, &["generate"]), 0);
    assert!(err.contains("up to date"), "{err}");
}

#[test]
fn check_shows_the_difference_and_the_line_behind_it() {
    let root = go("drift");
    ends(&rdock(&root, &["init", "--yes"]), 0);
    fs::write(root.join("main.go"), MAIN.replace("8080", "9090")).unwrap();
    let before = files(&root);
    let (out, err) = ends(&rdock(&root, &["check"]), 1);
    assert!(out.contains("-EXPOSE 8080\n+EXPOSE 9090\n"), "{out}");
    assert!(err.contains("because port 9090: main.go:5 says 9090"), "{err}");
    assert_eq!(before, files(&root), "check writes nothing");
    ends(&rdock(&root, &["generate"]), 0);
    ends(&rdock(&root, &["check"]), 0);
}

#[test]
fn an_edit_by_hand_is_kept_until_forced() {
    let root = go("edited");
    ends(&rdock(&root, &["init", "--yes"]), 0);
    let path = root.join("Dockerfile");
    let edited = fs::read_to_string(&path)
        .unwrap()
        .replace("EXPOSE 8080", "EXPOSE 8081");
    fs::write(&path, &edited).unwrap();
    let (_, err) = ends(&rdock(&root, &["generate"]), 2);
    assert!(
        err.contains("RD106") && err.contains("+EXPOSE 8081") && err.contains("`port`"),
        "{err}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), edited);
    ends(&rdock(&root, &["check"]), 1);
    ends(&rdock(&root, &["generate", "--force"]), 0);
    ends(&rdock(&root, &["check"]), 0);
}

#[test]
fn a_file_of_somebody_else_is_kept_until_forced() {
    let root = go("foreign");
    fs::write(root.join("Dockerfile"), "FROM scratch\n").unwrap();
    let (_, err) = ends(&rdock(&root, &["init", "--yes"]), 2);
    assert!(err.contains("RD107"), "{err}");
    assert_eq!(
        fs::read_to_string(root.join("Dockerfile")).unwrap(),
        "FROM scratch\n"
    );
    assert!(
        !root.join(".dockerignore").exists(),
        "nothing of the service is written"
    );
    ends(&rdock(&root, &["init", "--yes", "--force"]), 0);
}

#[test]
fn line_ends_and_mode_of_the_old_file_stay() {
    let root = go("crlf");
    ends(&rdock(&root, &["init", "--yes"]), 0);
    let path = root.join("Dockerfile");
    let windows = fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
    fs::write(&path, windows).unwrap();
    ends(&rdock(&root, &["check"]), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    }
    fs::write(root.join("main.go"), MAIN.replace("8080", "9090")).unwrap();
    ends(&rdock(&root, &["generate"]), 0);
    let now = fs::read_to_string(&path).unwrap();
    assert!(now.contains("EXPOSE 9090\r\n") && !now.replace("\r\n", "").contains('\n'));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_read_or_written_through_a_symlink_that_leaves() {
    use std::os::unix::fs::symlink;
    let root = go("symlink");
    let outside = repository(
        "symlink-outside",
        &[("Dockerfile", "FROM secret\n"), ("go.mod", "module stolen\n")],
    );
    symlink(outside.join("Dockerfile"), root.join("Dockerfile")).unwrap();
    let (_, err) = ends(&rdock(&root, &["init", "--yes", "--force"]), 2);
    assert!(err.contains("RD111"), "{err}");
    assert_eq!(
        fs::read_to_string(outside.join("Dockerfile")).unwrap(),
        "FROM secret\n"
    );
    fs::remove_file(root.join("Dockerfile")).unwrap();
    fs::remove_file(root.join("go.mod")).unwrap();
    symlink(outside.join("go.mod"), root.join("go.mod")).unwrap();
    let (out, err) = ends(&rdock(&root, &["list"]), 2);
    assert!(!out.contains("stolen") && !err.contains("stolen"), "{out}{err}");
}

#[cfg(unix)]
fn pipe(at: &Path) {
    assert!(
        std::process::Command::new("mkfifo")
            .arg(at)
            .status()
            .unwrap()
            .success()
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_in_the_place_of_a_file_is_named_and_nothing_is_written() {
    use std::os::unix::fs::symlink;
    let places = [
        "Dockerfile",
        ".dockerignore",
        ".gitignore",
        "sub/.gitignore",
        "rdock.toml",
        "rdock.lock",
    ];
    for name in places {
        let root = repository(
            "odd",
            &[
                ("go.mod", "module acme.dev/api\n\ngo 1.26\n"),
                ("main.go", MAIN),
                ("sub/x", ""),
            ],
        );
        let place = root.join(name);
        for make in [
            pipe as fn(&Path),
            |at| symlink("/dev/zero", at).unwrap(),
            |at| symlink("/etc/passwd", at).unwrap(),
        ] {
            make(&place);
            let before = names(&root);
            let (_, err) = ends(&rdock(&root, &["init", "--yes", "--force"]), 2);
            assert!(
                err.contains(name) && err.contains("help:") && !err.contains("root:"),
                "{name}: {err}"
            );
            assert_eq!(before, names(&root), "{name}");
            fs::remove_file(&place).unwrap();
        }
    }
}

#[cfg(unix)]
fn names(root: &Path) -> Vec<std::ffi::OsString> {
    let mut all: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    all.sort();
    all
}

#[cfg(unix)]
#[test]
fn the_dockerfile_is_not_written_where_the_ignore_file_or_the_settings_cannot_be() {
    use std::os::unix::fs::symlink;
    for name in [".dockerignore", "rdock.toml"] {
        let root = go("half");
        symlink("nowhere", root.join(name)).unwrap();
        let (_, err) = ends(&rdock(&root, &["init", "--yes", "--port", "8080"]), 2);
        assert!(err.contains(name), "{err}");
        assert!(!root.join("Dockerfile").exists(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_manifest_that_leads_out_of_the_repository_is_an_error_and_no_other_language_wins() {
    use std::os::unix::fs::symlink;
    let root = go("manifest-outside");
    symlink("../nowhere/package.json", root.join("package.json")).unwrap();
    let (_, err) = ends(&rdock(&root, &["init", "--yes"]), 2);
    assert!(
        err.contains("package.json") && err.contains("regular file"),
        "{err}"
    );
}

#[cfg(unix)]
#[test]
fn no_program_of_the_project_is_started_though_path_leads_there() {
    use std::os::unix::fs::PermissionsExt;
    let cargo = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let root = repository(
        "path",
        &[("Cargo.toml", cargo), ("src/main.rs", "fn main() {}\n")],
    );
    let told = root.join(".git/told");
    for program in ["cargo", "docker", "docker-buildx", "git", "hadolint", "trivy"] {
        let file = root.join("bin").join(program);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("#!/bin/sh\ntouch '{}'\n", told.display())).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!(".:bin::{}", root.join("bin").display());
    for args in [
        &["init", "--yes"][..],
        &["doctor"],
        &["check", "--changed-since", "HEAD"],
    ] {
        std::process::Command::new(env!("CARGO_BIN_EXE_rdock"))
            .args(args)
            .current_dir(&root)
            .env("PATH", &path)
            .output()
            .unwrap();
        assert!(!told.exists(), "{args:?}");
    }
    assert!(root.join("Dockerfile").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error_and_a_reader_that_is_gone_is_none() {
    let root = go("full");
    let into = |to: std::process::Stdio| {
        let mut rdock = std::process::Command::new(env!("CARGO_BIN_EXE_rdock"));
        rdock.args(["generate", "--print"]).current_dir(&root).stdout(to);
        rdock.output().unwrap()
    };
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (_, err) = ends(&into(full.into()), 2);
    assert!(err.contains("RD111") && err.contains("help:"), "{err}");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    ends(&into(writer.into()), 0);
}

#[cfg(unix)]
#[test]
fn the_whole_file_system_is_not_walked() {
    let (_, err) = ends(&rdock(Path::new("/"), &["list"]), 2);
    assert!(err.contains("RD005") && err.contains("no repository"), "{err}");
}

#[test]
fn a_credential_of_the_project_is_not_shown() {
    let root = repository(
        "credential",
        &[
            (
                "package.json",
                r#"{"name": "a", "scripts": {"start": "node a.js"}}"#,
            ),
            ("a.js", "require('http').createServer().listen(80)\n"),
            (".npmrc", "//npm.example.com/:_authToken=hunter2hunter2\n"),
        ],
    );
    for args in [&["init", "--yes"][..], &["explain"], &["check"], &["audit"]] {
        let output = rdock(&root, args);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(!format!("{out}{err}").contains("hunter2"), "{args:?}: {out}{err}");
    }
    let (_, err) = ends(&rdock(&root, &["init", "--yes", "--force"]), 0);
    assert!(err.contains("_authToken=**************"), "{err}");
}

#[test]
fn names_that_no_image_can_have_are_refused_where_they_stand() {
    for line in [
        "[services.\"$(id)\"]\npath = \".\"",
        "[services.Api]\npath = \".\"",
        "[services.api]\nbuilder = \"--platform=x\"",
        "[services.api]\nbuilder = \"\"",
        "[services.api]\nbuilder = \"golang:1 AS x\"",
        "[mirrors]\n\"docker.io\" = \"-rf\"",
        "[mirrors]\n\"docker.io\" = \"../x\"",
    ] {
        let root = go("names");
        fs::write(root.join("rdock.toml"), format!("{line}\n")).unwrap();
        let (_, err) = ends(&rdock(&root, &["init", "--yes"]), 2);
        assert!(
            err.contains("RD006") && err.contains("rdock.toml:") && err.contains("help:"),
            "{line}: {err}"
        );
    }
    let root = go("names");
    for builder in ["", "--platform=x", "a b", "$(id)"] {
        ends(
            &rdock(&root, &["init", "--yes", &format!("--builder={builder}")]),
            2,
        );
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_named_like_a_manifest_does_not_hang() {
    let root = go("pipe");
    let pipe = root.join("sub").join("go.mod");
    fs::create_dir_all(pipe.parent().unwrap()).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    ends(&rdock(&root, &["list"]), 0);
}

#[test]
fn the_same_project_gives_the_same_bytes_from_any_folder_and_place() {
    let content = [
        ("svc/go.mod", "module acme.dev/api\n\ngo 1.26\n"),
        ("svc/main.go", MAIN),
        ("svc/static/a.txt", "a"),
    ];
    let one = repository("bytes-one", &content);
    let two = repository("other-name/bytes-two", &content);
    let (a, _) = ends(&rdock(&one, &["generate", "--print"]), 0);
    let (b, _) = ends(&rdock(&two.join("svc"), &["generate", "--print"]), 0);
    let (c, _) = ends(&rdock(&two, &["generate", "--print", "svc"]), 0);
    assert_eq!(a, b);
    assert_eq!(a, c);
}

#[test]
fn what_git_ignores_is_not_there() {
    let root = go("gitignore");
    fs::write(root.join(".gitignore"), "old/\n").unwrap();
    fs::create_dir_all(root.join("old")).unwrap();
    fs::write(root.join("old/go.mod"), "module old\n").unwrap();
    fs::write(root.join("old/main.go"), MAIN).unwrap();
    let (out, _) = ends(&rdock(&root, &["list"]), 0);
    assert_eq!(out.lines().count(), 1, "{out}");
}

#[test]
fn one_broken_service_does_not_stop_the_others() {
    let root = repository(
        "broken",
        &[
            ("a/go.mod", "module acme.dev/a\n\ngo 1.26\n"),
            ("a/main.go", MAIN),
            ("b/go.mod", "module acme.dev/b\n\ngo 1.26\nrequire (\n"),
            ("b/main.go", MAIN),
        ],
    );
    let (out, err) = ends(&rdock(&root, &["init", "--yes"]), 2);
    assert!(out.contains("wrote    a/Dockerfile"), "{out}");
    assert!(err.contains("b/go.mod:4"), "{err}");
    assert!(!root.join("b/Dockerfile").exists());
}

#[test]
fn paths_and_commands_are_those_of_the_current_folder() {
    let root = repository(
        "from-below",
        &[
            ("services/api/go.mod", "module acme.dev/api\n\ngo 1.26\n"),
            ("services/api/main.go", MAIN),
            ("services/web/go.mod", "module acme.dev/web\n\ngo 1.26\n"),
            ("services/web/main.go", MAIN),
            ("docs/x.md", ""),
        ],
    );
    let (out, _) = ends(&rdock(&root.join("services/api"), &["init", "--yes"]), 0);
    assert!(out.contains("  wrote    Dockerfile, .dockerignore\n"), "{out}");
    assert!(
        out.contains("because go.mod:3 ") || out.contains(" go.mod:3 "),
        "{out}"
    );
    assert!(out.contains("Next: docker build -t api .\n"), "{out}");
    let (out, _) = ends(
        &rdock(&root.join("docs"), &["init", "--yes", "../services/web"]),
        0,
    );
    assert!(out.contains("wrote    ../services/web/Dockerfile"), "{out}");
    assert!(
        out.contains("Next: docker build -t web ../services/web\n"),
        "{out}"
    );
    fs::write(root.join("services/api/go.mod"), "module\n").unwrap();
    let (_, err) = ends(&rdock(&root.join("docs"), &["check", "../services/api"]), 2);
    assert!(err.contains("--> ../services/api/go.mod:1:1"), "{err}");
}

#[test]
fn a_manifest_that_breaks_several_services_is_one_problem() {
    let member = |name: &str| format!(r#"{{"name": "{name}", "scripts": {{"start": "node index.js"}}}}"#);
    let root = repository(
        "one-problem",
        &[
            ("package.json", r#"{"private": true, "workspaces": ["apps/*"]}"#),
            ("package-lock.json", "{"),
            ("apps/a/package.json", &member("a")),
            ("apps/a/index.js", ""),
            ("apps/b/package.json", &member("b")),
            ("apps/b/index.js", ""),
        ],
    );
    let (_, err) = ends(&rdock(&root, &["check"]), 2);
    assert_eq!(err.matches("failed: RD002").count(), 2, "{err}");
    assert_eq!(err.matches("error[RD002]").count(), 1, "{err}");
}

#[test]
fn bad_settings_name_the_line_or_the_flag() {
    let root = go("settings");
    fs::write(root.join("rdock.toml"), "[services.api]\nprot = 80\n").unwrap();
    let (_, err) = ends(&rdock(&root, &["check"]), 2);
    assert!(
        err.contains("rdock.toml:2:1") && err.contains("did you mean `port`?"),
        "{err}"
    );
    fs::remove_file(root.join("rdock.toml")).unwrap();
    for args in [
        &["init", "--yes", "--command", "a && b"][..],
        &["init", "--yes", "--language", "cobol"],
    ] {
        let (_, err) = ends(&rdock(&root, args), 2);
        assert!(err.contains("RD006"), "{err}");
    }
    ends(&rdock(&root, &["init", "--port", "0"]), 2);
    ends(&rdock(&root, &["generate", "nowhere"]), 2);
}

#[test]
fn a_chosen_runtime_is_kept_with_the_comments_around_it() {
    let root = go("record");
    fs::write(
        root.join("rdock.toml"),
        "# ours\n[defaults]\nenv = { A = \"1\" } # keep\n",
    )
    .unwrap();
    ends(&rdock(&root, &["init", "--yes", "--runtime", "scratch"]), 0);
    let config = fs::read_to_string(root.join("rdock.toml")).unwrap();
    assert!(
        config.starts_with("# ours\n[defaults]\nenv = { A = \"1\" } # keep\n"),
        "{config}"
    );
    assert!(config.contains("runtime = \"scratch\""), "{config}");
    let dockerfile = fs::read_to_string(root.join("Dockerfile")).unwrap();
    assert!(
        dockerfile.contains("FROM scratch") && dockerfile.contains("ENV A=1"),
        "{dockerfile}"
    );
    ends(&rdock(&root, &["check"]), 0);
}

#[test]
fn compose_says_as_json_what_it_wrote() {
    let root = go("compose-json");
    let document = |args: &[&str]| -> serde_json::Value {
        let (out, _) = ends(&rdock(&root, args), 0);
        serde_json::from_str(&out).expect("JSON and nothing else on standard output")
    };
    let said = document(&["compose", "--format", "json", "--print"]);
    assert_eq!((&said["schema"], &said["state"]), (&1.into(), &"own".into()));
    assert_eq!(said["wrote"], serde_json::json!([]));
    let said = document(&["compose", "--format", "json"]);
    assert_eq!(said["wrote"], serde_json::json!(["compose.yaml"]));
    let written = fs::read_to_string(root.join("compose.yaml")).unwrap();
    assert_eq!(said["text"], written);
    assert_eq!(
        document(&["compose", "--format", "json"])["wrote"],
        serde_json::json!([])
    );
}

#[test]
fn a_stage_for_development_stays_in_the_compose_file_until_it_is_taken_back() {
    let root = go("compose-target");
    ends(&rdock(&root, &["init", "--yes", "--stages", "dev"]), 0);
    let target = |args: &[&str]| -> bool {
        ends(&rdock(&root, args), 0);
        let written = fs::read_to_string(root.join("compose.yaml")).unwrap();
        written.contains("target: dev")
    };
    assert!(!target(&["compose"]));
    assert!(target(&["compose", "--target", "dev"]));
    assert!(target(&["compose"]));
    assert!(!target(&["compose", "--target", "runtime"]));
}

#[test]
fn json_has_its_schema_and_nothing_else_on_standard_output() {
    let root = go("json");
    let commands: [&[&str]; 5] = [
        &["list", "--format", "json"],
        &["explain", "--format", "json"],
        &["check", "--format", "json"],
        &["generate", "--print", "--format", "json"],
        &["images", "--format", "json"],
    ];
    for args in commands {
        let output = rdock(&root, args);
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
        assert_eq!(value["schema"], 1, "{args:?}");
    }
}

#[test]
fn a_rule_is_explained_by_its_id() {
    let root = go("rule");
    let (out, _) = ends(&rdock(&root, &["explain", "RD101"]), 0);
    assert!(out.starts_with("RD101: "), "{out}");
    assert_eq!(ends(&rdock(&root, &["explain", "rd101"]), 0).0, out);
    ends(&rdock(&root, &["explain", "RD999"]), 2);
}

#[test]
fn a_name_that_is_nothing_s_is_an_error_that_says_what_there_is() {
    let root = go("no-such-name");
    let (_, err) = ends(&rdock(&root, &["images", "ruby"]), 2);
    assert!(err.contains("`ruby`") && err.contains("golang"), "{err}");
    let (_, err) = ends(&rdock(&root, &["generate", "shop"]), 2);
    assert!(err.contains("the services are: "), "{err}");
    let empty = repository("no-such-name-in-nothing", &[]);
    let (_, err) = ends(&rdock(&empty, &["generate", "shop"]), 2);
    assert!(err.contains("no service found"), "{err}");
}

#[test]
fn an_empty_folder_says_what_was_looked_for() {
    let root = repository("empty", &[]);
    let (_, err) = ends(&rdock(&root, &["init", "--yes"]), 2);
    assert!(err.contains("RD003") && err.contains("go.mod"), "{err}");
    ends(&rdock(&root, &["init", "--yes", "no/such/folder"]), 2);
}

#[test]
fn settings_with_windows_line_ends_keep_them_and_are_written_once() {
    let root = go("crlf-settings");
    fs::write(
        root.join("rdock.toml"),
        "# mine\r\n[services.api]\r\nport = 9000 # x\r\n",
    )
    .unwrap();
    ends(&rdock(&root, &["init", "--yes", "--runtime", "alpine"]), 0);
    let kept = fs::read_to_string(root.join("rdock.toml")).unwrap();
    assert_eq!(
        kept,
        "# mine\r\n[services.api]\r\nport = 9000 # x\r\npath = \".\"\r\nruntime = \"alpine\"\r\n"
    );
    let (out, _) = ends(&rdock(&root, &["init", "--yes", "--runtime", "alpine"]), 0);
    assert!(out.contains("nothing: the files are up to date"), "{out}");
}
