//! What is around the main job: "what would change if", doctor, completions, manual pages, -v and -q.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use support::{files, rdock, text};

const MAIN: &str =
    "package main\n\nimport \"net/http\"\n\nfunc main() { http.ListenAndServe(\":8080\", nil) }\n";

fn project(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("comfort").join(name);
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join(".git")).unwrap();
    fs::write(root.join("go.mod"), "module acme.dev/api\n\ngo 1.26\n").unwrap();
    fs::write(root.join("main.go"), MAIN).unwrap();
    root
}

#[track_caller]
fn ends(output: &Output, code: i32) -> (String, String) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout:\n{out}\nstderr:\n{err}");
    (out, err)
}

#[test]
fn explain_with_a_flag_shows_what_it_would_change_and_writes_nothing() {
    let root = project("what-if");
    let before = files(&root);
    let (out, _) = ends(&rdock(&root, &["explain", "--runtime", "alpine"]), 0);
    for part in [
        "what these flags change",
        "runtime: gcr.io/distroless/static-debian13:nonroot becomes alpine:3.24",
        "-FROM gcr.io/distroless",
        "+FROM alpine:3.24",
    ] {
        assert!(out.contains(part), "no `{part}` in:\n{out}");
    }
    assert!(!out.contains("checksum"), "{out}");
    let (out, _) = ends(&rdock(&root, &["explain", "--runtime", "distroless"]), 0);
    assert!(
        out.contains("# runtime"),
        "the reason in the comment changes:\n{out}"
    );
    let (out, _) = ends(&rdock(&root, &["explain"]), 0);
    assert!(!out.contains("what these flags change"), "{out}");
    assert_eq!(files(&root), before);
}

#[test]
fn explain_with_a_flag_in_json_has_the_changes() {
    let root = project("what-if-json");
    let (out, _) = ends(
        &rdock(&root, &["explain", "--runtime", "alpine", "--format", "json"]),
        0,
    );
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    let changes = &value["services"][0]["changes"];
    assert_eq!(changes["decisions"][0]["topic"], "runtime");
    assert_eq!(changes["decisions"][0]["to"], "alpine:3.24");
    assert!(changes["diff"].as_str().unwrap().contains("+FROM alpine:3.24"));
}

#[test]
fn every_rule_has_a_page() {
    let root = project("rules");
    for rule in rdock::cli::all_rules() {
        let (out, _) = ends(&rdock(&root, &["explain", rule.id]), 0);
        assert!(
            out.starts_with(&format!("{}: {}\n\n", rule.id, rule.name)),
            "{out}"
        );
    }
    let (_, err) = ends(&rdock(&root, &["explain", "RD999"]), 2);
    assert!(err.contains("there is no rule RD999"), "{err}");
}

#[test]
fn verbose_tells_each_decision_and_quiet_tells_nothing() {
    let root = project("verbose");
    let (plain, err) = ends(&rdock(&root, &["generate", "--print"]), 0);
    assert_eq!(err, "");
    let (out, err) = ends(&rdock(&root, &["-v", "generate", "--print"]), 0);
    assert_eq!(out, plain, "data stays as it is");
    assert!(
        err.contains("api: port 8080, because main.go:5 says 8080"),
        "{err}"
    );
    let (_, err) = ends(&rdock(&root, &["--quiet", "generate"]), 0);
    assert_eq!(err, "");
    let (_, err) = ends(&rdock(&root, &["-q", "-v", "list"]), 2);
    assert!(err.contains("cannot be used with"), "{err}");
}

#[test]
fn the_version_has_the_catalogues_date() {
    let (out, _) = ends(&rdock(Path::new("."), &["--version"]), 0);
    let date = &rdock::catalog::catalog().as_of;
    assert_eq!(
        out,
        format!("rdock {} (catalogue of {date})\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn completions_and_manual_pages_follow_the_command_line() {
    let here = Path::new(".");
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let (out, _) = ends(&rdock(here, &["completions", shell]), 0);
        for word in ["generate", "explain", "runtime"] {
            assert!(out.contains(word), "{shell} does not know {word}");
        }
    }
    let (out, _) = ends(&rdock(here, &["man"]), 0);
    assert!(
        out.contains(".TH rdock 1") && out.contains("rdock\\-explain(1)"),
        "{out}"
    );
    let (out, _) = ends(&rdock(here, &["man", "init"]), 0);
    assert!(
        out.contains(".TH rdock-init 1") && out.contains("runtime"),
        "{out}"
    );
    ends(&rdock(here, &["man", "nothing"]), 2);
}

#[test]
fn doctor_is_content_without_any_tool() {
    let output = Command::new(env!("CARGO_BIN_EXE_rdock"))
        .arg("doctor")
        .env("PATH", "")
        .output()
        .unwrap();
    let (out, err) = ends(&output, 0);
    for tool in ["docker", "buildx", "BuildKit", "hadolint", "trivy"] {
        assert!(out.contains(tool), "{out}");
    }
    assert_eq!(out.matches("no answer").count(), 5, "{out}");
    assert!(err.contains("needs none"), "{err}");
}

#[cfg(unix)]
#[test]
fn doctor_says_what_each_tool_adds_and_does_not_wait_for_one_that_hangs() {
    use std::os::unix::fs::PermissionsExt;
    let bin = project("doctor").join("bin");
    // Tools inside of the repository that is looked at would not be started.
    let repository = project("doctor").join("repository");
    fs::create_dir_all(&bin).unwrap();
    fs::create_dir_all(repository.join(".git")).unwrap();
    let script = |name: &str, text: &str| {
        fs::write(bin.join(name), format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    };
    script(
        "docker",
        "case \"$1 $2\" in\n'version --format') printf '29.1.3\\n29.1.2\\n';;\n'buildx version') echo 'github.com/docker/buildx v0.30.1 9e66234';;\n'buildx inspect') printf 'Name: default\\nBuildKit version: v0.26.2\\n';;\nesac",
    );
    script("hadolint", "echo 'Haskell Dockerfile Linter 2.14.0'");
    script("trivy", "exec sleep 60");
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_rdock"))
        .args(["doctor", "--format", "json"])
        .current_dir(&repository)
        .env("PATH", format!("{}:/bin:/usr/bin", bin.display()))
        .output()
        .unwrap();
    let (out, _) = ends(&output, 0);
    assert!(begun.elapsed() < Duration::from_secs(20));
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    let version = |name: &str| {
        let tools = value["tools"].as_array().unwrap();
        tools.iter().find(|t| t["name"] == name).unwrap()["version"].clone()
    };
    assert_eq!(version("docker"), "29.1.3");
    assert_eq!(version("buildx"), "0.30.1");
    assert_eq!(version("BuildKit"), "0.26.2");
    assert_eq!(version("hadolint"), "2.14.0");
    assert!(version("trivy").is_null());
}
