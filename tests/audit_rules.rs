//! Each rule of the audit against a Dockerfile with its mistake and the same one without it, and the
//! forms that a finding takes. `UPDATE_GOLDEN=1` writes the expectations anew; read them.

mod support;

use rdock::audit::TABLE;
use std::fs;
use std::path::{Path, PathBuf};
use support::{home, rdock, text};

/// A copy as a repository of its own, without the expectation.
fn copy(from: &Path, name: &str) -> PathBuf {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("audit-rules")
        .join(name);
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(to.join(".git")).unwrap();
    for (name, bytes) in support::files(from)
        .into_iter()
        .filter(|(n, _)| n != "expected.txt")
    {
        let file = to.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    to
}

fn folder(id: &str, which: &str) -> PathBuf {
    home().join("tests/audit-rules").join(id).join(which)
}

#[test]
fn every_rule_finds_its_mistake_and_that_alone() {
    for entry in TABLE {
        let id = entry.rule.id;
        let wrong = folder(id, "wrong");
        assert!(wrong.is_dir(), "{id} has no golden in tests/audit-rules");
        let root = copy(&wrong, &format!("{id}-wrong"));
        let out = rdock(&root, &["audit"]);
        let found = text(&out.stdout);
        assert_eq!(out.status.code(), Some(1), "{id}: {found}{}", text(&out.stderr));
        let ids: Vec<&str> = found
            .match_indices("[RD")
            .map(|(at, _)| &found[at + 1..at + 6])
            .collect();
        assert!(ids.contains(&id), "{id}: {found}");
        let expected = wrong.join("expected.txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        assert_eq!(fs::read_to_string(&expected).unwrap_or_default(), found, "{id}");
    }
}

#[test]
fn a_dockerfile_without_the_mistake_has_no_finding() {
    for entry in TABLE {
        let id = entry.rule.id;
        let root = copy(&folder(id, "right"), &format!("{id}-right"));
        let out = rdock(&root, &["audit"]);
        assert_eq!(
            out.status.code(),
            Some(0),
            "{id}: {}{}",
            text(&out.stdout),
            text(&out.stderr)
        );
    }
}

#[test]
fn every_golden_belongs_to_a_rule() {
    for entry in fs::read_dir(home().join("tests/audit-rules")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(TABLE.iter().any(|e| e.rule.id == name), "{name}");
    }
}

#[test]
fn a_comment_above_silences_the_rule_that_it_names() {
    let root = copy(&folder("RD711", "wrong"), "ignored");
    let file = root.join("Dockerfile");
    let old = fs::read_to_string(&file).unwrap();
    for (comment, code) in [
        ("# rdock: ignore=RD711", 0),
        ("# rdock: ignore=RD701,RD711\n# because", 0),
        ("# rdock: ignore=RD701", 1),
        ("# rdock: ignore=RD711\n", 1),
    ] {
        fs::write(&file, format!("{comment}\n{old}")).unwrap();
        assert_eq!(rdock(&root, &["audit"]).status.code(), Some(code), "{comment}");
    }
}

#[test]
fn github_gets_an_annotation_at_the_line() {
    let root = copy(&folder("RD718", "wrong"), "github");
    let out = text(&rdock(&root, &["audit", "--format", "github"]).stdout);
    assert!(
        out.starts_with(
            "::warning file=Dockerfile,line=8,title=RD718%3A npm stays between Docker and the program::"
        ),
        "{out}"
    );
    assert_eq!(out.lines().count(), 1, "{out}");
}

#[test]
fn sarif_names_rule_file_and_region() {
    let root = copy(&folder("RD711", "wrong"), "sarif");
    let out = text(&rdock(&root, &["audit", "--format", "sarif"]).stdout);
    let sarif: serde_json::Value = serde_json::from_str(&out).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "RD711");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "Dockerfile");
    assert_eq!(place["region"]["startLine"], 1);
    assert_eq!(place["region"]["startColumn"], 6);
    let index = result["ruleIndex"].as_u64().unwrap() as usize;
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][index]["id"], "RD711");
}

#[test]
fn json_has_the_findings_and_the_files() {
    let root = copy(&folder("RD711", "wrong"), "json");
    let out = text(&rdock(&root, &["audit", "--format", "json"]).stdout);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["files"][0], "Dockerfile");
    assert_eq!(json["findings"][0]["rule"], "RD711");
    assert_eq!(json["findings"][0]["line"], 1);
}

#[test]
fn diff_shows_what_rdock_would_write() {
    let root = copy(&folder("RD709", "wrong"), "diff");
    fs::write(root.join("go.mod"), "module example.com/api\n\ngo 1.26\n").unwrap();
    let out = text(&rdock(&root, &["audit", "--diff"]).stdout);
    assert!(
        out.contains("+++ b/Dockerfile")
            && out.contains("+FROM gcr.io/distroless/static-debian13:nonroot AS runtime"),
        "{out}"
    );
}

#[test]
fn a_path_is_a_file_or_a_folder() {
    let root = copy(&folder("RD711", "wrong"), "paths");
    fs::create_dir_all(root.join("web/testdata")).unwrap();
    fs::write(root.join("web/web.Dockerfile"), "FROM scratch\n").unwrap();
    fs::write(root.join("web/testdata/Dockerfile"), "FROM node\n").unwrap();
    let code = |args: &[&str]| rdock(&root, args).status.code();
    assert_eq!(code(&["audit", "web"]), Some(0));
    assert_eq!(code(&["audit", "web/web.Dockerfile"]), Some(0));
    assert_eq!(code(&["audit", "web/testdata/Dockerfile"]), Some(1));
    assert_eq!(code(&["audit", "Dockerfile"]), Some(1));
    assert_eq!(code(&["audit", "none"]), Some(2));
    assert_eq!(code(&["-C", "web", "audit"]), Some(0));
}

#[test]
fn what_cannot_be_read_is_an_error_and_not_a_finding() {
    let root = copy(&folder("RD711", "right"), "broken");
    fs::write(root.join("Dockerfile"), "FROM node:24-trixie-slim\nRUM x\n").unwrap();
    let out = rdock(&root, &["audit"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        text(&out.stderr).contains("Dockerfile:2"),
        "{}",
        text(&out.stderr)
    );
}

#[test]
fn outdated_lists_the_bases_past_their_support() {
    let root = copy(&folder("RD712", "wrong"), "outdated");
    fs::write(root.join("other.Dockerfile"), "FROM postgres:18\n").unwrap();
    let out = rdock(&root, &["images", "--outdated"]);
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(
        text(&out.stdout),
        "Dockerfile:1: node:16-bullseye-slim: node 16 is past its end of support since 2023-09-11\n\
         other.Dockerfile:1: postgres:18: not in the catalogue\n"
    );
    fs::remove_file(root.join("Dockerfile")).unwrap();
    assert_eq!(rdock(&root, &["images", "--outdated"]).status.code(), Some(0));
    let json = text(&rdock(&root, &["images", "--outdated", "--format", "json"]).stdout);
    assert!(json.contains("\"known\": false"), "{json}");
}
