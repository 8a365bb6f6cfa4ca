//! Makes a repository of N services, the same on every machine, and walks it bare for comparison.
//!
//! ```text
//! cargo bench --bench monorepo -- make 1000 FOLDER
//! cargo bench --bench monorepo -- walk FOLDER       # one thread
//! cargo bench --bench monorepo -- walk-parallel FOLDER
//! ```

mod services;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["make", number, folder] => make(number.parse().expect("a number"), Path::new(folder)),
        ["walk", folder] => println!("{}", walk(Path::new(folder))),
        ["walk-parallel", folder] => println!("{}", walk_parallel(Path::new(folder))),
        _ => eprintln!("make N FOLDER | walk FOLDER | walk-parallel FOLDER"),
    }
}

/// Areas of twenty services: workspaces of every kind, single services, and what lies around.
fn make(services: usize, root: &Path) {
    let _ = fs::remove_dir_all(root);
    put(root, ".git/HEAD", "ref: refs/heads/main\n");
    put(
        root,
        ".gitignore",
        "node_modules/\ntarget/\n*.log\n.venv/\n/out\n",
    );
    put(root, "README.md", "# Many services\n");
    let mut left = services;
    let mut area = 0;
    while left > 0 {
        let dir = format!("area-{area:04}");
        let count = left.min(20);
        let mut made = 0;
        for group in services::GROUPS.iter().cycle() {
            if made >= count {
                break;
            }
            let size = group.size.min(count - made);
            let name = format!("{dir}/{}-{made:02}", group.name);
            for (path, text) in (group.files)(size, area * 20 + made) {
                put(root, &format!("{name}/{path}"), &text);
            }
            made += size;
        }
        noise(root, &dir, area);
        left -= count;
        area += 1;
    }
}

/// Files that no service is made of: documents, fixtures with manifests, installed and built things.
fn noise(root: &Path, dir: &str, seed: usize) {
    for i in 0..20 {
        put(
            root,
            &format!("{dir}/docs/page-{i}.md"),
            &services::words(seed + i, 60),
        );
        put(root, &format!("{dir}/assets/picture-{i}.svg"), "<svg/>\n");
        put(
            root,
            &format!("{dir}/node_modules/left-{i}/package.json"),
            "{\"name\": \"left\"}\n",
        );
        put(
            root,
            &format!("{dir}/node_modules/left-{i}/index.js"),
            "module.exports = 1\n",
        );
    }
    put(
        root,
        &format!("{dir}/tests/fixtures/app/package.json"),
        "{\"name\": \"fixture\", \"scripts\": {\"start\": \"node x.js\"}}\n",
    );
    put(
        root,
        &format!("{dir}/examples/tiny/go.mod"),
        "module example.com/tiny\n\ngo 1.26\n",
    );
    put(
        root,
        &format!("{dir}/examples/tiny/main.go"),
        "package main\n\nfunc main() {}\n",
    );
    put(root, &format!("{dir}/target/debug/build.log"), "built\n");
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// The same walk that rdock does, and nothing else: the number of files.
fn builder(root: &Path) -> ignore::WalkBuilder {
    let mut builder = ignore::WalkBuilder::new(root);
    builder
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .parents(false)
        .filter_entry(|e| e.file_name() != ".git" && e.file_name() != "node_modules");
    builder
}

fn walk(root: &Path) -> usize {
    let entries = builder(root).build().flatten();
    entries
        .filter(|e| e.file_type().is_some_and(|t| t.is_file()))
        .count()
}

fn walk_parallel(root: &Path) -> usize {
    let files = AtomicUsize::new(0);
    builder(root).build_parallel().run(|| {
        Box::new(|entry| {
            if entry.is_ok_and(|e| e.file_type().is_some_and(|t| t.is_file())) {
                files.fetch_add(1, Ordering::Relaxed);
            }
            ignore::WalkState::Continue
        })
    });
    files.into_inner()
}
