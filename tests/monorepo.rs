//! `generate` and `check` as scripts use them: many services, some broken, some changed.

mod support;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::{files, home, rdock, text};

const MAIN: &str = "package main\n\nfunc main() { println(1) }\n";

/// A repository of two good services and, where asked for, a broken one.
fn repository(name: &str, broken: bool) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("monorepo").join(name);
    let _ = fs::remove_dir_all(&root);
    put(&root, ".git/HEAD", "ref: refs/heads/main\n");
    for service in ["api", "mail"] {
        let go_mod = format!("module acme.test/{service}\n\ngo 1.26\n");
        put(&root, &format!("services/{service}/go.mod"), &go_mod);
        put(&root, &format!("services/{service}/main.go"), MAIN);
    }
    if broken {
        put(&root, "services/broken/go.mod", "module x\nrequire (\n");
        put(&root, "services/broken/main.go", MAIN);
    }
    root
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[track_caller]
fn ends(output: &Output, code: i32) {
    assert_eq!(
        output.status.code(),
        Some(code),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

fn git(root: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .current_dir(root)
        .output()
        .expect("git is on PATH");
    assert!(output.status.success(), "git {args:?}: {}", text(&output.stderr));
}

fn committed(name: &str) -> PathBuf {
    let root = repository(name, false);
    fs::remove_dir_all(root.join(".git")).unwrap();
    git(&root, &["init", "-q", "-b", "main"]);
    ends(&rdock(&root, &["generate"]), 0);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-q", "-m", "one"]);
    root
}

#[test]
fn one_broken_service_does_not_stop_the_others() {
    let root = repository("broken", true);
    let output = rdock(&root, &["generate"]);
    ends(&output, 2);
    assert!(root.join("services/api/Dockerfile").is_file());
    let told = text(&output.stderr);
    let lines: Vec<&str> = told.lines().collect();
    assert!(
        lines[0].starts_with("api ") && lines[1].starts_with("mail "),
        "{told}"
    );
    assert!(
        lines[2].starts_with("services/broken ") && lines[2].ends_with("failed: RD002"),
        "{told}"
    );
    assert_eq!(lines.last(), Some(&"3 in all: 2 written, 1 failed"));
}

#[test]
fn check_says_what_differs_and_ends_with_one() {
    let root = repository("drift", false);
    ends(&rdock(&root, &["generate"]), 0);
    ends(&rdock(&root, &["check"]), 0);
    let file = root.join("services/mail/Dockerfile");
    let edited = fs::read_to_string(&file).unwrap() + "EXPOSE 1\n";
    fs::write(&file, edited).unwrap();
    let output = rdock(&root, &["check"]);
    ends(&output, 1);
    assert!(text(&output.stdout).contains("-EXPOSE 1"));
    let github = rdock(&root, &["check", "--format", "github"]);
    ends(&github, 1);
    let annotation = text(&github.stdout);
    assert!(
        annotation.starts_with("::error file=services/mail/Dockerfile,line="),
        "{annotation}"
    );
    assert_eq!(annotation.lines().count(), 1);
    let json = rdock(&root, &["check", "--format", "json"]);
    let document: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(document["drift"][0]["service"], "mail");
}

#[cfg(unix)]
#[test]
fn git_starts_nothing_that_the_repository_names() {
    let root = committed("git-names-programs");
    let told = root.join(".git/told");
    let program = format!("touch '{}'; cat", told.display());
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.x.textconv",
        "filter.x.clean",
        "filter.x.process",
        "filter.a=b.clean",
    ] {
        git(&root, &["config", key, &program]);
    }
    git(&root, &["config", "filter.x.required", "true"]);
    put(
        &root,
        ".gitattributes",
        "*.go filter=x diff=x\n*.mod filter=a=b\n",
    );
    put(&root, "services/api/main.go", &MAIN.replace('1', "2"));
    put(&root, "services/api/go.mod", "module acme.dev/api\n\ngo 1.25\n");
    let output = rdock(&root, &["list"]);
    ends(&output, 0);
    let output = rdock(&root, &["check", "--changed-since", "HEAD", "--format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["services"].to_string().contains("api"), "{document}");
    assert!(!told.exists());
}

#[test]
fn only_services_whose_inputs_changed_are_looked_at() {
    let root = committed("changed");
    let names = |reference: &str| -> Vec<String> {
        let output = rdock(
            &root,
            &["check", "--changed-since", reference, "--format", "json"],
        );
        ends(&output, 0);
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let services = document["services"].as_array().unwrap();
        services
            .iter()
            .map(|s| s["name"].as_str().unwrap().to_string())
            .collect()
    };
    assert!(names("HEAD").is_empty());
    put(&root, "services/api/main.go", &MAIN.replace('1', "2"));
    assert_eq!(names("HEAD"), ["api"]);
    git(&root, &["commit", "-qam", "two"]);
    assert_eq!(names("HEAD~1"), ["api"]);
    put(&root, "README.md", "# Shop\n");
    assert!(names("HEAD").is_empty());
    put(&root, "services/mail/new.go", "package main\n");
    assert_eq!(names("HEAD"), ["mail"]);
    put(&root, "rdock.toml", "[defaults]\nlabels = { a = \"b\" }\n");
    let output = rdock(&root, &["generate", "--changed-since", "HEAD"]);
    ends(&output, 0);
    assert_eq!(names("HEAD"), ["api", "mail"]);
    for wrong in ["no-such-branch", "--output=x"] {
        let output = rdock(&root, &["check", &format!("--changed-since={wrong}")]);
        ends(&output, 2);
        assert!(text(&output.stderr).contains("RD006"));
    }
}

#[test]
fn a_bake_file_is_kept_current_once_it_is_there() {
    let root = repository("bake", false);
    ends(&rdock(&root, &["generate", "--bake"]), 0);
    let bake = fs::read_to_string(root.join("docker-bake.hcl")).unwrap();
    assert!(
        bake.contains("target \"api\" {\n  context    = \"services/api\"\n  dockerfile = \"Dockerfile\"\n")
    );
    put(
        &root,
        "services/third/go.mod",
        "module acme.test/third\n\ngo 1.26\n",
    );
    put(&root, "services/third/main.go", MAIN);
    let output = rdock(&root, &["check"]);
    ends(&output, 1);
    assert!(text(&output.stdout).contains("+target \"third\" {"));
    ends(&rdock(&root, &["generate"]), 0);
    ends(&rdock(&root, &["check"]), 0);
    // A part of the services makes no file that lists them all.
    ends(&rdock(&root, &["generate", "--bake", "api"]), 2);
    let before = files(&root);
    ends(&rdock(&root, &["generate"]), 0);
    assert_eq!(before, files(&root));
}

#[test]
fn the_hooks_run_what_they_say() {
    let hooks = fs::read_to_string(home().join(".pre-commit-hooks.yaml")).unwrap();
    let entries: Vec<&str> = hooks
        .lines()
        .filter_map(|l| l.strip_prefix("  entry: rdock "))
        .collect();
    assert_eq!(entries.len(), 2);
    let root = committed("hooks");
    for entry in &entries {
        ends(&rdock(&root, &entry.split(' ').collect::<Vec<_>>()), 0);
    }
    put(&root, "services/api/go.mod", "module acme.test/api\n\ngo 1.25\n");
    put(
        &root,
        "services/api/main.go",
        "package main\n\nimport _ \"net/http\"\n\nfunc main() {}\n",
    );
    put(&root, "rdock.toml", "[services.api]\nport = 8080\n");
    ends(&rdock(&root, &entries[0].split(' ').collect::<Vec<_>>()), 1);
    ends(&rdock(&root, &entries[1].split(' ').collect::<Vec<_>>()), 0);
    ends(&rdock(&root, &entries[0].split(' ').collect::<Vec<_>>()), 0);
}

#[test]
fn the_workflow_runs_what_it_says() {
    let workflow = fs::read_to_string(home().join("examples/ci/github.yml")).unwrap();
    let root = committed("workflow");
    git(&root, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let commands: Vec<&str> = workflow
        .lines()
        .filter_map(|l| l.trim().strip_prefix("run: rdock "))
        .map(|l| l.split(" > ").next().unwrap())
        .collect();
    assert_eq!(commands.len(), 2);
    for command in commands {
        ends(&rdock(&root, &command.split(' ').collect::<Vec<_>>()), 0);
    }
}

#[test]
fn the_schema_knows_every_key() {
    let root = repository("schema", false);
    let output = rdock(&root, &["schema"]);
    ends(&output, 0);
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    let service = &schema["properties"]["services"]["additionalProperties"]["properties"];
    for key in rdock::config::KEYS {
        assert!(service[key.name]["description"].is_string(), "{}", key.name);
    }
    let defaults = &schema["properties"]["defaults"]["properties"];
    assert!(defaults["path"].is_null() && defaults["go"]["properties"]["port"].is_object());
}

#[test]
fn settings_change_the_finished_file_in_one_place() {
    let root = repository("amend", false);
    let settings = r#"
[mirrors]
"docker.io" = "registry.example.com/hub"
"gcr.io/distroless" = "registry.example.com/distroless"

[defaults.go]
labels = { team = "core" }
secrets = { TOKEN = { env = "TOKEN" }, conf = { file = "$HOME/.conf", target = "/etc/conf" } }

[services.api]
path = "services/api"

[services.api.lines]
"build.start" = "ENV GOFLAGS=-mod=mod"
"runtime.end" = ["STOPSIGNAL SIGINT"]
"#;
    put(&root, "rdock.toml", settings);
    ends(&rdock(&root, &["generate"]), 0);
    let file = fs::read_to_string(root.join("services/api/Dockerfile")).unwrap();
    for wanted in [
        "FROM --platform=$BUILDPLATFORM registry.example.com/hub/library/golang:",
        "AS build\nENV GOFLAGS=-mod=mod\n",
        "FROM registry.example.com/distroless/static",
        "--mount=type=secret,id=TOKEN,env=TOKEN \\\n",
        "--mount=type=secret,id=conf,target=/etc/conf \\\n",
        "--secret id=TOKEN,env=TOKEN --secret id=conf,src=$HOME/.conf",
        "LABEL team=core\n",
        "STOPSIGNAL SIGINT\n",
    ] {
        assert!(file.contains(wanted), "no {wanted:?} in:\n{file}");
    }
    let mail = fs::read_to_string(root.join("services/mail/Dockerfile")).unwrap();
    assert!(mail.contains("LABEL team=core") && !mail.contains("STOPSIGNAL"));
    ends(&rdock(&root, &["check"]), 0);
    put(
        &root,
        "rdock.toml",
        &settings.replace("build.start", "biuld.start"),
    );
    let output = rdock(&root, &["check"]);
    ends(&output, 2);
    assert!(text(&output.stderr).contains("its stages are: build, runtime"));
}

#[test]
fn a_setting_that_names_a_file_out_of_the_build_s_reach_is_an_error() {
    let root = repository("files", false);
    put(&root, "shared/words.txt", "hello\n");
    put(
        &root,
        "rdock.toml",
        "[services.api]\nfiles = [\"../../shared/words.txt\"]\n",
    );
    let output = rdock(&root, &["generate"]);
    ends(&output, 2);
    let said = text(&output.stderr);
    assert!(
        said.contains("`files` of api names ../../shared/words.txt, which is outside of its build context"),
        "{said}"
    );
}

#[test]
fn a_change_in_a_folder_that_services_share_concerns_those_that_read_it() {
    let root = committed("shared");
    put(&root, "proto/shop.proto", "syntax = \"proto3\";\n");
    let server = "require('fs').readFileSync(require('path').join(__dirname, '../../proto/shop.proto'));\nrequire('http').createServer().listen(3000);\n";
    put(
        &root,
        "services/shop/package.json",
        "{\"name\": \"shop\", \"scripts\": {\"start\": \"node server.js\"}}\n",
    );
    put(&root, "services/shop/server.js", server);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-qm", "shop"]);
    put(&root, "proto/shop.proto", "syntax = \"proto3\";\n// edited\n");
    let output = rdock(&root, &["generate", "--changed-since", "HEAD"]);
    ends(&output, 0);
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(said.contains("shop") && !said.contains("mail"), "{said}");
}

#[test]
fn list_names_the_services_that_generate_writes() {
    let mut front_ends = 0;
    for case in support::cases("golden").iter().filter(|c| c.path == ".") {
        let root = support::copy(case, "list");
        let (list, explain) = (
            rdock(&root, &["list", "--format", "json"]),
            rdock(&root, &["explain", "--format", "json"]),
        );
        let Ok(list) = serde_json::from_slice::<Value>(&list.stdout) else {
            continue;
        };
        let explain: Value = serde_json::from_slice(&explain.stdout).unwrap();
        let names = |document: &Value| -> Vec<String> {
            let services = document["services"].as_array().unwrap();
            services
                .iter()
                .map(|s| s["name"].as_str().unwrap().to_string())
                .collect()
        };
        let (listed, planned) = (names(&list), names(&explain));
        // A service that cannot be planned is listed all the same.
        let lost: Vec<&String> = planned.iter().filter(|n| !listed.contains(n)).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", case.name);
        if explain["errors"].is_null() && !planned.is_empty() && !case.name.contains("error") {
            assert_eq!(listed, planned, "{}", case.name);
            front_ends += usize::from(case.name.contains("front-end"));
        }
    }
    assert!(front_ends > 3, "{front_ends} cases have a front end");
}

#[test]
fn an_ignore_file_of_a_former_build_context_goes() {
    let root = repository("moved", false);
    put(
        &root,
        "services/shop/package.json",
        "{\"scripts\": {\"start\": \"node server.js\"}}\n",
    );
    let server = |path: &str| format!("require('http').createServer().listen(3000);\n{path}\n");
    put(&root, "services/shop/server.js", &server(""));
    ends(&rdock(&root, &["generate"]), 0);
    assert!(root.join("services/shop/.dockerignore").is_file());
    put(&root, "proto/shop.proto", "syntax = \"proto3\";\n");
    put(
        &root,
        "services/shop/server.js",
        &server("require('fs').readFileSync(require('path').join(__dirname, '../../proto/shop.proto'));"),
    );
    let check = rdock(&root, &["check"]);
    ends(&check, 1);
    assert!(
        text(&check.stderr).contains("services/shop/.dockerignore: left over from another build context")
    );
    let generate = rdock(&root, &["generate"]);
    ends(&generate, 0);
    let said = text(&generate.stderr);
    assert!(said.contains("removed services/shop/.dockerignore"), "{said}");
    assert!(!root.join("services/shop/.dockerignore").exists());
    ends(&rdock(&root, &["check"]), 0);
    // Back again, and the other one goes; one that somebody has changed stays.
    put(&root, "services/shop/server.js", &server(""));
    ends(&rdock(&root, &["init", "--yes"]), 0);
    assert!(!root.join("services/shop/Dockerfile.dockerignore").exists());
    let own = "node_modules\n";
    put(&root, "services/shop/Dockerfile.dockerignore", own);
    ends(&rdock(&root, &["generate"]), 0);
    assert!(root.join("services/shop/Dockerfile.dockerignore").is_file());
}

#[test]
fn a_choice_for_one_service_is_not_made_for_all() {
    let root = repository("one-choice", false);
    for args in [
        ["init", "--yes", "--port=80"],
        ["generate", "--main=.", "--print"],
    ] {
        let output = rdock(&root, &args);
        ends(&output, 2);
        let said = text(&output.stderr);
        assert!(said.contains("is for one service, and there are 2"), "{said}");
        assert!(said.contains("name its folder: services/api"), "{said}");
    }
    ends(&rdock(&root, &["init", "--yes", "services/api", "--port=80"]), 0);
}
