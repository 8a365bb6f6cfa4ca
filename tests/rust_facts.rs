//! What rdock reads of Cargo's manifests is what cargo itself reads: on every Rust golden, and on
//! workspaces made by chance. Without cargo there is nothing to compare with.

mod support;

use rdock::lang::rust::cross_check::cross_check;
use rdock::tree::Tree;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use support::{cases, copy};

#[track_caller]
fn agree(root: &Path, roots: &BTreeSet<String>, about: &str) {
    let tree = Tree::scan(root).unwrap();
    let doubts = cross_check(&tree, &root.canonicalize().unwrap(), roots);
    let said: Vec<String> = doubts.iter().map(|d| d.draw(false, "")).collect();
    assert!(said.is_empty(), "{about}\n{}", said.join("\n"));
}

#[test]
fn cargo_agrees_on_every_golden() {
    for case in cases("golden").iter().filter(|c| c.name.starts_with("rust/")) {
        if case.dir.join("error.txt").exists() {
            continue;
        }
        let root = copy(case, "facts");
        let tree = Tree::scan(&root).unwrap();
        let rust = &rdock::lang::rust::LANGUAGE;
        let roots: BTreeSet<String> = (rust.discover)(&tree)
            .into_iter()
            .map(|claim| claim.unwrap().context)
            .collect();
        agree(&root, &roots, &case.name);
    }
}

/// A small generator of numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn yes(&mut self) -> bool {
        self.below(2) == 0
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// One package with targets of every kind that Cargo finds or is told.
fn package(chance: &mut Chance, root: &Path, dir: &str, name: &str, also: &str) {
    let at = |path: &str| {
        if dir.is_empty() {
            path.to_string()
        } else {
            format!("{dir}/{path}")
        }
    };
    let editions = [
        "",
        "edition = \"2018\"\n",
        "edition = \"2021\"\n",
        "edition = \"2024\"\n",
    ];
    let mut text = format!("{also}[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    text += editions[chance.below(4) as usize];
    write(root, &at("src/lib.rs"), "");
    let mut names = Vec::new();
    if chance.yes() {
        write(root, &at("src/main.rs"), "fn main() {}");
        names.push(name.to_string());
    }
    for file in ["one", "two"] {
        if chance.yes() {
            write(root, &at(&format!("src/bin/{file}.rs")), "fn main() {}");
            names.push(file.into());
        }
    }
    if chance.yes() {
        write(root, &at("src/bin/folder/main.rs"), "fn main() {}");
        names.push("folder".into());
    }
    let automatic = match chance.below(4) {
        0 => {
            text += "autobins = false\n";
            false
        }
        1 => {
            text += "autobins = true\n";
            true
        }
        _ => !text.ends_with("0\"\n"),
    };
    let mut bins = String::new();
    if chance.yes() {
        write(root, &at("tools/extra.rs"), "fn main() {}");
        bins += "\n[[bin]]\nname = \"extra\"\npath = \"tools/extra.rs\"\n";
        names.push("extra".into());
    }
    if let Some(known) = names.iter().find(|n| *n == "one" || *n == "folder")
        && chance.yes()
    {
        write!(bins, "\n[[bin]]\nname = \"{known}\"\n").unwrap();
    }
    if automatic && !names.is_empty() && chance.yes() {
        writeln!(text, "default-run = \"{}\"", names[0]).unwrap();
    }
    write(root, &at("Cargo.toml"), &(text + &bins));
}

#[test]
fn cargo_agrees_on_workspaces_made_by_chance() {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("facts-by-chance");
    for seed in 1..60u64 {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let root = home.join(seed.to_string());
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join(".git")).unwrap();
        let dirs = ["crates/a", "crates/b", "services/c", "old/d"];
        for (i, dir) in dirs.iter().enumerate() {
            package(&mut chance, &root, dir, &format!("p{i}"), "");
        }
        let members = [
            "\"crates/*\"",
            "\"crates/a\", \"services/*\"",
            "\"*/*\"",
            "\"services/c\"",
        ];
        let mut table = format!("[workspace]\nmembers = [{}]\n", members[chance.below(4) as usize]);
        if chance.yes() {
            table += "exclude = [\"old\", \"crates/b\"]\n";
        }
        let chosen = table.contains("crates/a") || table.contains("crates/*") || table.contains("*/*");
        if chosen && chance.below(3) == 0 {
            table += "default-members = [\"crates/a\"]\n";
        }
        // With sources of its own, `*/*` would name src/bin, which cargo refuses.
        if chance.yes() && !table.contains("*/*") {
            package(&mut chance, &root, "", "top", &format!("{table}\n"));
        } else {
            write(&root, "Cargo.toml", &table);
        }
        let text = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        agree(
            &root,
            &BTreeSet::from([String::new()]),
            &format!("seed {seed}:\n{text}"),
        );
    }
}
