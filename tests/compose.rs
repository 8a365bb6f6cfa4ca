//! Every folder of tests/compose/ is a project and what `rdock compose` makes of it. `UPDATE_GOLDEN=1`
//! writes the expectations anew; read them before you commit them.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use support::{Case, cases, copy, rdock, text};

fn main() {
    let trials: Vec<Trial> = cases("tests/compose")
        .into_iter()
        .map(|case| Trial::test(case.name.clone(), move || check(&case)))
        .collect();
    assert!(!trials.is_empty(), "tests/compose/ holds no case");
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn check(case: &Case) -> Result<(), Failed> {
    let root = copy(case, "compose");
    let mut args = vec!["init", "--yes"];
    args.extend(case.args.iter().map(String::as_str));
    let init = rdock(&root, &args);
    if init.status.code() != Some(0) {
        return Err(text(&init.stderr).into());
    }
    let mut args = vec!["compose"];
    args.extend(case.compose.iter().map(String::as_str));
    let done = rdock(&root, &args);
    if done.status.code() != Some(0) {
        return Err(text(&done.stderr).into());
    }
    let written = fs::read_to_string(root.join("compose.yaml")).unwrap_or_default();
    let again = rdock(&root, &["compose"]);
    if written != fs::read_to_string(root.join("compose.yaml")).unwrap_or_default() {
        return Err(format!("a second run changes the file:\n{}", text(&again.stderr)).into());
    }
    let mut wrong = String::new();
    for (name, seen) in [
        ("compose.yaml", written),
        ("stdout.txt", text(&done.stdout)),
        ("notes.txt", text(&done.stderr)),
    ] {
        let file = case.dir.join("out").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            let _ = fs::remove_file(&file);
            if !seen.is_empty() {
                fs::write(&file, &seen).unwrap();
            }
        }
        let wanted = fs::read_to_string(&file).unwrap_or_default();
        if wanted != seen {
            wrong += &rdock::drift::diff(name, &wanted, &seen);
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.into())
    }
}
