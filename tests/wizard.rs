//! The wizard on a real pseudo-terminal: every path, going back, Ctrl-C at each question.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{files, rdock};
use terminal::{CTRL_C, DOWN, ENTER, ESCAPE, SPACE, Terminal};

const MAIN: &str =
    "package main\n\nimport \"net/http\"\n\nfunc main() { http.ListenAndServe(\":8080\", nil) }\n";
const WORKER: &str = "package main\n\nfunc main() { println(\"done\") }\n";
const MODULE: &str = "module acme.dev/api\n\ngo 1.26\n";

fn repository(name: &str, content: &[(&str, &str)]) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wizard").join(name);
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join(".git")).unwrap();
    for (path, text) in content {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    root
}

fn wizard_at(root: &Path, args: &[&str], size: (u16, u16), env: &[(&str, &str)]) -> Terminal {
    let mut all = vec!["init"];
    all.extend(args);
    Terminal::start(env!("CARGO_BIN_EXE_rdock"), &all, root, size, env)
}

fn wizard(root: &Path) -> Terminal {
    wizard_at(root, &[], (100, 60), &[])
}

const RUNTIME: &str = "Base image of the program?";
const BUILDER: &str = "Image of the build?";
const PORT: &str = "Port that";
/// The last line of a question about base images, so that all of it was drawn.
const DRAWN: &str = "Ctrl-C stops";

const PLAIN: &[(&str, &str)] = &[("go.mod", MODULE), ("main.go", MAIN)];
const SEVERAL: &[(&str, &str)] = &[
    ("services/a/go.mod", "module acme.dev/a\n\ngo 1.26\n"),
    ("services/a/main.go", MAIN),
    ("services/b/go.mod", "module acme.dev/b\n\ngo 1.26\n"),
    ("services/b/main.go", MAIN),
];
const TWO_PROGRAMS: &[(&str, &str)] = &[
    ("go.mod", "module acme.dev/tools\n\ngo 1.26\n"),
    ("cmd/extract/main.go", MAIN),
    ("cmd/transform/main.go", MAIN),
];
const LINKS_C: &[(&str, &str)] = &[
    (
        "go.mod",
        "module acme.dev/api\n\ngo 1.26\n\nrequire github.com/mattn/go-sqlite3 v1.14.0\n",
    ),
    ("go.sum", "github.com/mattn/go-sqlite3 v1.14.0 h1:x\n"),
    (
        "main.go",
        "package main\n\nimport (\n\t\"net/http\"\n\n\t_ \"github.com/mattn/go-sqlite3\"\n)\n\nfunc main() { http.ListenAndServe(\":8080\", nil) }\n",
    ),
];

/// What `rdock` with these arguments makes of a fresh copy of the project.
fn without_questions(name: &str, content: &[(&str, &str)], command: &str) -> BTreeMap<String, Vec<u8>> {
    let root = repository(&format!("{name}-twin"), content);
    let words = shlex::split(command).unwrap();
    let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let output = rdock(&root, &args);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{command}: {}",
        support::text(&output.stderr)
    );
    files(&root)
}

/// The wizard ends well, and the command that it names gives the same files.
#[track_caller]
fn ends_well(terminal: &mut Terminal, name: &str, content: &[(&str, &str)], command: &str) {
    assert_eq!(terminal.ends(), 0, "{}", terminal.text());
    let screen = terminal.text();
    assert!(
        screen.contains(&format!("The same without questions: {command}\n")),
        "{screen}"
    );
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wizard").join(name);
    assert_eq!(files(&root), without_questions(name, content, command));
}

#[test]
fn taking_what_is_offered_writes_what_yes_writes() {
    let root = repository("plain", PLAIN);
    let mut terminal = wizard(&root);
    terminal
        .sees("go.mod:3 says")
        .sees(RUNTIME)
        .sees(DRAWN)
        .press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal.sees("Write Dockerfile and .dockerignore?").press(ENTER);
    ends_well(&mut terminal, "plain", PLAIN, "rdock init --yes");
    assert!(
        !root.join("rdock.toml").exists(),
        "nothing differs from what is found"
    );
}

const TESTED: &[(&str, &str)] = &[
    ("go.mod", MODULE),
    ("main.go", MAIN),
    (
        "main_test.go",
        "package main\n\nimport \"testing\"\n\nfunc TestNothing(t *testing.T) {}\n",
    ),
];

#[test]
fn who_has_tests_is_offered_further_stages() {
    let root = repository("stages", TESTED);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal.sees("Further stages").sees("it needs a network");
    for part in [
        "runs go test ./...",
        "runs go run .",
        "debug-nonroot, with a shell",
    ] {
        assert!(terminal.text().contains(part), "{}", terminal.text());
    }
    terminal.press(SPACE).press(DOWN).press(SPACE).press(ENTER);
    terminal
        .sees("Write Dockerfile, .dockerignore and rdock.toml?")
        .press(ENTER);
    ends_well(
        &mut terminal,
        "stages",
        TESTED,
        "rdock init --yes --stages 'test,dev'",
    );
}

#[test]
fn further_stages_are_left_out_with_one_key() {
    let root = repository("no-stages", TESTED);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal
        .sees("Further stages")
        .sees("it needs a network")
        .press(ENTER);
    terminal.sees("Write Dockerfile and .dockerignore?").press(ENTER);
    ends_well(&mut terminal, "no-stages", TESTED, "rdock init --yes");
}

#[test]
fn each_base_is_listed_with_what_is_known_of_it() {
    let root = repository("listed", LINKS_C);
    let mut terminal = wizard_at(&root, &[], (150, 60), &[]);
    terminal.sees(RUNTIME).sees(DRAWN);
    let screen = terminal.text();
    for part in [
        "> distroless",
        "no shell",
        "glibc 2.41",
        "user 65532",
        "until 2028-",
        "rdock's choice: main.go",
        "builder becomes golang:1.27-alpine",
        "scratch cannot be: main.go imports github.com/mattn/go-sqlite3",
    ] {
        assert!(screen.contains(part), "no `{part}` in:\n{screen}");
    }
    let rows = screen.lines().filter(|l| l.contains("until 2028-"));
    assert!(rows.clone().count() >= 3, "{screen}");
    assert!(
        !screen.contains("jre"),
        "a base of another language is no option:\n{screen}"
    );
    terminal.press(CTRL_C).ends();
}

#[test]
fn what_cannot_run_the_program_cannot_be_picked() {
    let root = repository("impossible", LINKS_C);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN);
    // The cursor goes round over three options; scratch is not among them.
    for _ in 0..3 {
        terminal.press(DOWN);
    }
    terminal.press(ENTER).sees(BUILDER).sees("older line");
    assert!(
        terminal.text().contains("(sizes are compressed) distroless"),
        "{}",
        terminal.text()
    );
    terminal.press(CTRL_C).ends();
}

#[test]
fn another_base_is_kept_in_rdock_toml() {
    let root = repository("alpine", PLAIN);
    let mut terminal = wizard(&root);
    terminal
        .sees(RUNTIME)
        .sees(DRAWN)
        .press(DOWN)
        .press(DOWN)
        .press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal
        .sees("Write Dockerfile, .dockerignore and rdock.toml?")
        .press(ENTER);
    ends_well(
        &mut terminal,
        "alpine",
        PLAIN,
        "rdock init --yes --runtime alpine",
    );
    let kept = fs::read_to_string(root.join("rdock.toml")).unwrap();
    assert_eq!(kept, "[services.api]\npath = \".\"\nruntime = \"alpine\"\n");
    assert_eq!(rdock(&root, &["check"]).status.code(), Some(0));
}

#[test]
fn an_older_line_of_the_builder_is_kept_as_a_version() {
    let root = repository("older", PLAIN);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(DOWN).press(ENTER);
    terminal
        .sees("FROM --platform=$BUILDPLATFORM golang:1.26-trixie")
        .sees("Write")
        .press(ENTER);
    ends_well(
        &mut terminal,
        "older",
        PLAIN,
        "rdock init --yes --language-version 1.26",
    );
}

#[test]
fn another_builder_image_is_kept_as_a_builder() {
    let root = repository("builder", PLAIN);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal
        .sees(BUILDER)
        .sees("no git")
        .press(DOWN)
        .press(DOWN)
        .press(ENTER);
    terminal
        .sees("Write Dockerfile, .dockerignore and rdock.toml?")
        .press(ENTER);
    ends_well(
        &mut terminal,
        "builder",
        PLAIN,
        "rdock init --yes --builder golang:1.27-alpine3.24",
    );
}

#[test]
fn a_port_that_was_not_found_is_asked_for() {
    let content = [("go.mod", MODULE), ("main.go", WORKER)];
    let root = repository("port", &content);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal
        .sees(PORT)
        .press("eighty")
        .press(ENTER)
        .sees("a number from 1 to 65535");
    terminal
        .sees("Enter for a program without one")
        .press("9000")
        .press(ENTER);
    terminal.sees("EXPOSE 9000").sees("Write").press(ENTER);
    ends_well(&mut terminal, "port", &content, "rdock init --yes --port 9000");
}

#[test]
fn a_program_may_have_no_port() {
    let content = [("go.mod", MODULE), ("main.go", WORKER)];
    let root = repository("no-port", &content);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal.sees(PORT).press(ENTER).sees("Write").press(ENTER);
    ends_well(&mut terminal, "no-port", &content, "rdock init --yes");
}

#[test]
fn a_flag_is_an_answer_and_its_question_is_not_asked() {
    let root = repository("flags", PLAIN);
    let args = ["--runtime", "alpine", "--builder", "golang:1.27-trixie"];
    let mut terminal = wizard_at(&root, &args, (100, 60), &[]);
    terminal
        .sees("Write Dockerfile, .dockerignore and rdock.toml?")
        .press(ENTER);
    let command = "rdock init --yes --runtime alpine --builder golang:1.27-trixie";
    ends_well(&mut terminal, "flags", PLAIN, command);
}

#[test]
fn several_services_are_chosen_and_share_the_answers() {
    let root = repository("several", SEVERAL);
    let mut terminal = wizard(&root);
    terminal
        .sees("2 services found")
        .sees("Esc goes back")
        .press(ENTER);
    terminal.sees(RUNTIME).sees(DRAWN).press(DOWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal.sees("Write these 5 files?").press(ENTER);
    ends_well(
        &mut terminal,
        "several",
        SEVERAL,
        "rdock init --yes --runtime slim",
    );
}

#[test]
fn a_service_that_is_not_chosen_gets_no_file() {
    let root = repository("one-of-two", SEVERAL);
    let mut terminal = wizard_at(&root, &["services"], (100, 60), &[]);
    terminal
        .sees("2 services found")
        .sees("Esc goes back")
        .press(SPACE)
        .press(ENTER);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal.sees("Write").press(ENTER);
    ends_well(
        &mut terminal,
        "one-of-two",
        SEVERAL,
        "rdock init --yes services/b",
    );
    assert!(!root.join("services/a/Dockerfile").exists());
}

#[test]
fn at_least_one_service_must_be_chosen() {
    let root = repository("none-of-two", SEVERAL);
    let mut terminal = wizard(&root);
    terminal
        .sees("Esc goes back")
        .press(SPACE)
        .press(DOWN)
        .press(SPACE)
        .press(ENTER);
    terminal.sees("choose at least one").press(CTRL_C);
    assert_eq!(terminal.ends(), 130);
}

#[test]
fn what_detection_could_not_settle_is_asked_with_its_candidates() {
    let root = repository("ambiguous", TWO_PROGRAMS);
    let mut terminal = wizard(&root);
    terminal
        .sees("RD004")
        .sees("Which program?")
        .sees(DRAWN)
        .press(DOWN)
        .press(ENTER);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal.sees("Write").press(ENTER);
    ends_well(
        &mut terminal,
        "ambiguous",
        TWO_PROGRAMS,
        "rdock init --yes --main ./cmd/transform",
    );
}

#[test]
fn escape_goes_back_and_the_new_answer_counts() {
    let root = repository("back", PLAIN);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN).press(DOWN).press(ENTER);
    terminal
        .sees("(sizes are compressed) slim")
        .sees("older line")
        .forget()
        .press(DOWN)
        .press(ENTER);
    terminal
        .sees("golang:1.26-trixie")
        .sees("Esc goes back to the questions")
        .forget()
        .press(ESCAPE);
    terminal.sees(BUILDER).sees("older line").forget().press(ESCAPE);
    terminal.sees(RUNTIME).sees(DRAWN).forget().press(ENTER);
    terminal
        .sees("distroless")
        .sees(BUILDER)
        .sees("older line")
        .press(ENTER);
    terminal.sees("Write Dockerfile and .dockerignore?").press(ENTER);
    ends_well(&mut terminal, "back", PLAIN, "rdock init --yes");
}

#[test]
fn escape_at_the_first_question_leaves() {
    let root = repository("leave", PLAIN);
    let before = files(&root);
    let mut terminal = wizard(&root);
    terminal
        .sees(RUNTIME)
        .sees(DRAWN)
        .press(ESCAPE)
        .sees("nothing was written");
    assert_eq!(terminal.ends(), 130);
    assert_eq!(files(&root), before);
}

#[test]
fn no_at_the_end_writes_nothing() {
    let root = repository("no", PLAIN);
    let before = files(&root);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal
        .sees("Write")
        .press("n")
        .press(ENTER)
        .sees("nothing was written");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(files(&root), before);
}

/// Goes through the questions and stops at each of them in turn.
fn stopped_everywhere(name: &str, content: &[(&str, &str)], args: &[&str], questions: &[(&str, &str)]) {
    let root = repository(name, content);
    let before = files(&root);
    for last in 0..questions.len() {
        let mut terminal = wizard_at(&root, args, (100, 80), &[]);
        for (i, (question, keys)) in questions.iter().enumerate().take(last + 1) {
            for part in question.split('|') {
                terminal.sees(part);
            }
            terminal.press(if i == last { CTRL_C } else { keys });
        }
        terminal.sees("nothing was written");
        assert_eq!(terminal.ends(), 130, "stopped at {}", questions[last].0);
        assert_eq!(files(&root), before, "stopped at {}", questions[last].0);
    }
}

#[test]
fn ctrl_c_at_any_question_leaves_everything_as_it_was() {
    let port = [
        ("go.mod", MODULE),
        ("main.go", WORKER),
        ("Dockerfile", "FROM scratch\n"),
    ];
    let bases: &[(&str, &str)] = &[
        ("Base image|Ctrl-C stops", "\x1b[B\r"),
        ("Image of the build|older line", "\x1b[B\r"),
    ];
    let mut all = bases.to_vec();
    all.extend([(PORT, "80\r"), ("to the questions", "y\r")]);
    stopped_everywhere("stop-one", &port, &[], &all);
    let mut all = vec![("2 services found|Esc goes back", "\r")];
    all.extend(bases);
    all.push(("to the questions", "\r"));
    stopped_everywhere("stop-several", SEVERAL, &[], &all);
    let mut all = vec![("Which program?|Ctrl-C stops", "\r")];
    all.extend(bases);
    all.push(("to the questions", "\r"));
    stopped_everywhere("stop-ambiguous", TWO_PROGRAMS, &[], &all);
}

#[test]
fn a_file_that_rdock_did_not_write_is_shown_as_a_difference_and_kept_unless_said() {
    let content = [PLAIN[0], PLAIN[1], ("Dockerfile", "FROM scratch\nEXPOSE 1\n")];
    let root = repository("foreign", &content);
    let to_the_end = |terminal: &mut Terminal| {
        terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
        terminal.sees(BUILDER).sees("older line").press(ENTER);
        terminal
            .sees("-EXPOSE 1")
            .sees("Dockerfile was not written by rdock; writing replaces it");
        terminal.sees("(y/N)");
    };
    let before = files(&root);
    let mut terminal = wizard(&root);
    to_the_end(&mut terminal);
    terminal.press(ENTER);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(files(&root), before, "no is the answer unless a person says yes");
    let mut terminal = wizard(&root);
    to_the_end(&mut terminal);
    terminal.press("y").press(ENTER);
    ends_well(&mut terminal, "foreign", &content, "rdock init --yes --force");
}

#[test]
fn a_second_run_finds_nothing_to_do() {
    let root = repository("again", PLAIN);
    assert_eq!(rdock(&root, &["init", "--yes"]).status.code(), Some(0));
    let before = files(&root);
    let mut terminal = wizard(&root);
    terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
    terminal.sees(BUILDER).sees("older line").press(ENTER);
    terminal.sees("every file is as rdock would write it");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(files(&root), before);
}

#[test]
fn an_error_that_no_answer_mends_is_shown_and_ends_it() {
    let content = [("go.mod", "module acme.dev/api\n\ngo 9.99\n"), ("main.go", MAIN)];
    let root = repository("error", &content);
    let mut terminal = wizard(&root);
    terminal.sees("RD101");
    assert_eq!(terminal.ends(), 2);
}

#[test]
fn narrow_and_usual_terminals_show_every_option_whole() {
    for (columns, rows) in [(80, 24), (40, 30)] {
        let root = repository(&format!("width-{columns}"), PLAIN);
        let mut terminal = wizard_at(&root, &[], (columns, rows), &[]);
        terminal.sees(RUNTIME).sees("scratch").sees("Ctrl-C");
        let screen = terminal.text();
        for part in ["distroless", "slim", "alpine", "no libc", "until", "2028-", "apk"] {
            assert!(screen.contains(part), "no {part} at {columns}:\n{screen}");
        }
        // A word is never broken by the terminal's edge.
        for row in terminal.screen().rows(0, columns) {
            assert!(!row.ends_with("stati") && !row.ends_with("distrol"), "{screen}");
        }
        terminal
            .press(DOWN)
            .press(ENTER)
            .sees("slim")
            .sees(BUILDER)
            .sees("older line");
        terminal.press(ENTER).sees("(Y/n)").press(ENTER);
        assert_eq!(terminal.ends(), 0, "{}", terminal.text());
        assert!(root.join("Dockerfile").exists());
    }
}

/// Escape sequences that set a colour or a weight.
fn coloured(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.split("\x1b[").skip(1).any(|rest| {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != ';')
            .unwrap_or(rest.len());
        rest[end..].starts_with('m') && !["", "0"].contains(&&rest[..end])
    })
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let root = repository("colours", PLAIN);
    for (env, wanted) in [(("TERM", "xterm-256color"), true), (("NO_COLOR", "1"), false)] {
        let mut terminal = wizard_at(&root, &[], (100, 60), &[env]);
        terminal.sees(RUNTIME).sees(DRAWN).press(ENTER);
        terminal.sees(BUILDER).sees("older line").press(ENTER);
        terminal
            .sees("Write")
            .press("n")
            .press(ENTER)
            .sees("nothing was written");
        terminal.ends();
        assert_eq!(coloured(&terminal.bytes), wanted, "{env:?}");
    }
    for args in [
        &["explain"][..],
        &["init", "--yes"],
        &["check"],
        &["explain", "--runtime", "alpine"],
    ] {
        let binary = env!("CARGO_BIN_EXE_rdock");
        let mut terminal = Terminal::start(binary, args, &root, (100, 60), &[]);
        terminal.ends();
        assert!(args == ["check"] || coloured(&terminal.bytes), "{args:?}");
        let mut terminal = Terminal::start(binary, args, &root, (100, 60), &[("NO_COLOR", "1")]);
        terminal.ends();
        assert!(!coloured(&terminal.bytes), "{args:?}");
        let piped = std::process::Command::new(binary)
            .args(args)
            .current_dir(&root)
            .output()
            .unwrap();
        assert!(!coloured(&piped.stdout) && !coloured(&piped.stderr), "{args:?}");
    }
}

#[test]
fn yes_and_quiet_ask_nothing_even_on_a_terminal() {
    for flag in ["--yes", "--quiet"] {
        let root = repository(&format!("no-questions{flag}"), PLAIN);
        let mut terminal = wizard_at(&root, &[flag], (100, 60), &[]);
        assert_eq!(terminal.ends(), 0);
        assert!(root.join("Dockerfile").exists());
    }
}

/// Enter at every question is what `--yes` does, in every language.
#[test]
fn every_golden_project_takes_what_is_offered() {
    let questions = [
        "Ctrl-C stops",
        "Enter for a program without one",
        "Enter takes",
        "back to the questions",
    ];
    let mut cases = support::cases("golden");
    cases.retain(|case| case.dir.join("out").is_dir());
    assert!(!cases.is_empty());
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let root = support::copy(case, "wizard-golden");
            let before = files(&root);
            let mut args = vec![case.path.as_str()];
            args.extend(case.args.iter().map(String::as_str));
            let mut terminal = wizard_at(&root, &args, (200, 200), &[]);
            while terminal.sees_one(&questions).is_some() {
                terminal.forget().press(ENTER);
            }
            let code = terminal.ends();
            let mut written = files(&root);
            written.retain(|name, bytes| before.get(name) != Some(bytes));
            let wanted = files(&case.dir.join("out"));
            if code != 0 || written != wanted {
                let more = |a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>| {
                    let more = a.iter().filter(|(name, bytes)| b.get(*name) != Some(*bytes));
                    more.map(|(name, _)| name.clone()).collect::<Vec<_>>()
                };
                wrong.lock().unwrap().push(format!(
                    "{}: code {code}, written {:?}, wanted {:?}\n{}",
                    case.name,
                    more(&written, &wanted),
                    more(&wanted, &written),
                    terminal.text()
                ));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn where_one_base_alone_is_possible_it_is_said_why() {
    let content = [
        (".python-version", "3.14\n"),
        ("requirements.txt", "flask\ngunicorn\n"),
        ("app.py", "from flask import Flask\n\napp = Flask(__name__)\n"),
    ];
    let root = repository("one-base", &content);
    let mut terminal = wizard(&root);
    terminal
        .sees("distroless cannot be: it has Python 3.13 alone, and this is 3.14")
        .sees("alpine cannot be: ")
        .sees("Write Dockerfile and .dockerignore?")
        .press(ENTER);
    assert_eq!(terminal.ends(), 0, "{}", terminal.text());
    assert!(!root.join("rdock.toml").exists());
}
