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

/// The page's words before the rules.
const PAGE: &str = "\
# The audit

`rdock audit [PATH...]` reads Dockerfiles, rdock's own or not, beside what is known of the project, and
names the mistakes that only somebody who knows the language sees. Each finding has a place, what follows
from it, and the edit that mends it. Style (package pins, `cd`, `sudo`) is hadolint's.

```
rdock audit                      # every Dockerfile at or under the current folder
rdock audit api web/Dockerfile   # a folder and a file
rdock audit --diff               # and what rdock would write in their place
rdock audit --format github      # annotations of a pull request; also json and sarif
rdock images --outdated          # the FROM lines past their end of support alone
```

The exit code is 0 without a finding, 1 with one, 2 where a file could not be read. `images --outdated`
exits with 1 where support has ended; images that the catalogue does not know are listed and are no reason.

A comment on the line above an instruction silences a rule there:

```dockerfile
# rdock: ignore=RD717
FROM debian:trixie-slim
```

A rule that cannot be sure says nothing. Rules about the project's files speak where the paths of the
Dockerfile show which folder is the build context. Rules about the running image leave Dockerfiles alone
that are there for development, tests or tools, as the name of the file, its folder, its last stage or its
start command says. Vendored folders, fixtures and `testdata` are audited when they are named.

Dockerfiles are read as BuildKit reads them: here-documents, `# escape`, `ARG` in `FROM`, `ONBUILD` (which
is for a later build, and is not judged), byte order marks, Windows line ends.

";

fn page() -> String {
    let mut page = PAGE.to_string();
    page += "| rule | about |\n| --- | --- |\n";
    for e in TABLE {
        let anchor: String = format!("{} {}", e.rule.id, e.rule.name)
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        page += &format!("| [{}](#{anchor}) | {} |\n", e.rule.id, e.rule.name);
    }
    for e in TABLE {
        let example = fs::read_to_string(folder(e.rule.id, "wrong").join("expected.txt")).unwrap_or_default();
        let own = example
            .split("\n\n")
            .find(|f| f.contains(e.rule.id))
            .unwrap_or_default();
        page += &format!(
            "\n## {} {}\n\n{}\n\n```\n{}\n```\n",
            e.rule.id,
            e.rule.name,
            e.rule.words,
            own.trim_end()
        );
    }
    page
}

#[test]
fn the_page_of_the_rules_is_current() {
    let file = home().join("docs/audit.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, page()).unwrap();
    }
    let text = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        text == page(),
        "docs/audit.md is not current: UPDATE_GOLDEN=1 cargo test --test audit_rules"
    );
}

#[test]
fn every_rule_has_a_number_of_its_own_and_a_page() {
    for (n, e) in TABLE.iter().enumerate() {
        assert_eq!(e.rule.id, format!("RD{}", 701 + n));
        assert!(
            e.rule.words.len() > 100 && e.rule.words.ends_with('.'),
            "{}",
            e.rule.id
        );
        let out = rdock(home(), &["explain", e.rule.id]);
        assert_eq!(out.status.code(), Some(0));
        assert!(text(&out.stdout).starts_with(&format!("{}: {}", e.rule.id, e.rule.name)));
    }
}
