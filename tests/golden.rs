//! Every folder of golden/ is a project and exactly what rdock writes for it, both directions
//! compared. `UPDATE_GOLDEN=1` writes the expectations anew; read them before you commit them.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use support::{Case, cases, copy, files, rdock, text};

fn main() {
    let trials: Vec<Trial> = cases("golden")
        .into_iter()
        .map(|case| Trial::test(case.name.clone(), move || check(&case)))
        .collect();
    assert!(!trials.is_empty(), "golden/ holds no case");
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn check(case: &Case) -> Result<(), Failed> {
    let root = copy(case, "golden");
    let mut args = vec!["init", "--yes", case.path.as_str()];
    args.extend(case.args.iter().map(String::as_str));
    let init = rdock(&root, &args);
    let before = files(&case.dir.join("in"));
    let written: BTreeMap<String, Vec<u8>> = files(&root)
        .into_iter()
        .filter(|(name, bytes)| before.get(name) != Some(bytes))
        .collect();
    let code = init.status.code();
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    match code {
        Some(0) => {
            let explain = rdock(&root, &["explain", &case.path]);
            if explain.status.code() != Some(0) {
                return Err(format!("explain fails:\n{}", text(&explain.stderr)).into());
            }
            seen.insert("explain.txt", text(&explain.stdout));
            let again = rdock(&root, &["check", &case.path]);
            if again.status.code() != Some(0) {
                return Err(format!(
                    "check after init:\n{}{}",
                    text(&again.stdout),
                    text(&again.stderr)
                )
                .into());
            }
            seen.insert("warnings.txt", text(&init.stderr));
        }
        Some(2) => {
            seen.insert("error.txt", text(&init.stderr));
        }
        code => return Err(format!("exit code {code:?}:\n{}", text(&init.stderr)).into()),
    }
    seen.retain(|_, text| !text.is_empty());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        update(case, &written, &seen);
        return Ok(());
    }
    let mut wrong = String::new();
    let wanted = files(&case.dir.join("out"));
    compare(&mut wrong, "out/", &wanted, &written);
    let texts = |map: BTreeMap<&str, String>| -> BTreeMap<String, Vec<u8>> {
        map.into_iter()
            .map(|(k, v)| (k.to_string(), v.into_bytes()))
            .collect()
    };
    let told = ["explain.txt", "warnings.txt", "error.txt"].into_iter();
    let told = told
        .filter_map(|name| Some((name, fs::read_to_string(case.dir.join(name)).ok()?)))
        .collect();
    compare(&mut wrong, "", &texts(told), &texts(seen));
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.into())
    }
}

fn compare(
    wrong: &mut String,
    place: &str,
    wanted: &BTreeMap<String, Vec<u8>>,
    seen: &BTreeMap<String, Vec<u8>>,
) {
    for name in wanted
        .keys()
        .chain(seen.keys().filter(|k| !wanted.contains_key(*k)))
    {
        match (wanted.get(name), seen.get(name)) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => {
                *wrong += &rdock::drift::diff(&format!("{place}{name}"), &text(a), &text(b));
            }
            (Some(_), None) => *wrong += &format!("{place}{name} is expected and was not written\n"),
            (None, Some(text_)) => {
                *wrong += &format!("{place}{name} was written and is not expected:\n{}", text(text_))
            }
            (None, None) => unreachable!(),
        }
    }
}

fn update(case: &Case, written: &BTreeMap<String, Vec<u8>>, seen: &BTreeMap<&str, String>) {
    let out = case.dir.join("out");
    let _ = fs::remove_dir_all(&out);
    let put = |path: &Path, bytes: &[u8]| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    for (name, bytes) in written {
        put(&out.join(name), bytes);
    }
    for name in ["explain.txt", "warnings.txt", "error.txt"] {
        let _ = fs::remove_file(case.dir.join(name));
        if let Some(text) = seen.get(name) {
            put(&case.dir.join(name), text.as_bytes());
        }
    }
}
