//! Every Dockerfile under golden/ is read back and held to what rdock promises of all of them; and
//! the same check is shown to fail on broken ones, so that it cannot pass by looking away.

mod support;

use rdock::audit::base::{Base, version};
use rdock::catalog::{Libc, catalog};
use rdock::dockerfile::{Dockerfile, Instruction, Stage, read};
use rdock::ignorefile::IgnoreFile;
use rdock::source::Source;
use rdock::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};
use support::{cases, files, text};

/// A Dockerfile with the project that it was written for.
struct Written {
    name: String,
    path: String,
    text: String,
    /// Files of the project and of rdock together.
    files: BTreeMap<String, String>,
    /// An image that the case itself asks for.
    asked: String,
    /// The case says that its version is a pin, which may have ended.
    pinned: bool,
}

fn golden() -> Vec<Written> {
    let mut found = Vec::new();
    for case in cases("golden") {
        let out = files(&case.dir.join("out"));
        let mut all = files(&case.dir.join("in"));
        all.extend(out.clone());
        let all: BTreeMap<String, String> = all.into_iter().map(|(k, v)| (k, text(&v))).collect();
        let config = all.get("rdock.toml").cloned().unwrap_or_default();
        for (path, bytes) in out
            .iter()
            .filter(|(p, _)| p.rsplit('/').next() == Some("Dockerfile"))
        {
            found.push(Written {
                name: format!("{}/{path}", case.name),
                path: path.clone(),
                text: text(bytes),
                files: all.clone(),
                asked: format!("{} {config}", case.args.join(" ")),
                pinned: case.about.contains("pin") || case.name.contains("pin"),
            });
        }
    }
    found
}

/// Stages that nothing depends on, because `--target` asks for them.
const ON_REQUEST: &[&str] = &["test", "dev", "debug", "scan", "lint"];

/// Images whose tags name no suite.
const WITHOUT_SUITE: &[&str] = &[
    "aquasec/trivy",
    "nginxinc/nginx-unprivileged",
    "oven/bun",
    "ghcr.io/astral-sh/uv",
    "scratch",
];

/// What is wrong with it; nothing, if rdock keeps its promises.
fn wrong(written: &Written) -> Vec<String> {
    let source = Source::new(written.path.as_str(), written.text.as_str());
    let file = match read(&source) {
        Ok(file) => file,
        Err(error) => return vec![format!("not read: {}", error.title)],
    };
    let mut wrong = Vec::new();
    other_parser(&file, &written.text, &mut wrong);
    stages(&file, written, &mut wrong);
    runtime(&file, &mut wrong);
    fit(&file, written, &mut wrong);
    context(&file, written, &mut wrong);
    let tree = Tree::from_pairs(written.files.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    match rdock::audit::audit(&source, &tree, None) {
        Ok(found) => wrong.extend(found.iter().map(|d| format!("finding {} {}", d.rule.id, d.title))),
        Err(error) => wrong.push(error.title),
    }
    wrong
}

/// Two readers that were written apart see the same instructions.
fn other_parser(file: &Dockerfile, text: &str, wrong: &mut Vec<String>) {
    match parse_dockerfile::parse(text) {
        Ok(other) => {
            let theirs: Vec<usize> = other.stages().map(|s| s.instructions.len()).collect();
            let ours: Vec<usize> = file.stages.iter().map(|s| s.instructions.len()).collect();
            if theirs != ours {
                wrong.push(format!("parsers disagree: {theirs:?} {ours:?}"));
            }
        }
        Err(error) => wrong.push(format!("does not parse: {error}")),
    }
}

fn stages(file: &Dockerfile, written: &Written, wrong: &mut Vec<String>) {
    for (n, stage) in file.stages.iter().enumerate() {
        let Some(name) = &stage.name else {
            wrong.push(format!("stage {n} has no name"));
            continue;
        };
        if file.stages[..n].iter().any(|s| s.name.as_ref() == Some(name)) {
            wrong.push(format!("two stages are named {name}"));
        }
        let first = stage.comment.first().and_then(|c| c.split_whitespace().next());
        let last_block = stage
            .comment
            .iter()
            .any(|c| c.split_whitespace().next() == Some(name));
        if first != Some(name) && !last_block {
            wrong.push(format!(
                "the comment above stage {name} does not begin with its name"
            ));
        }
        if stage.from.stage.is_none() {
            image(stage.from.image.as_deref().unwrap_or(""), written, wrong);
        }
        for i in &stage.instructions {
            for from in i
                .flag("from")
                .into_iter()
                .chain(i.mounts().filter_map(|m| m.get("from").map(leak)))
            {
                match file.stage(from) {
                    Some(earlier) if earlier < n && from.parse::<usize>().is_err() => {}
                    None if from.contains(':') => image(from, written, wrong),
                    _ => wrong.push(format!("--from={from} is no earlier stage by name")),
                }
            }
            if i.keyword == "ADD" {
                wrong.push("ADD where COPY would do".into());
            }
        }
        order(stage, wrong);
    }
    let used = used(file);
    independent(file, wrong);
    for (n, stage) in file.stages.iter().enumerate() {
        let name = stage.name.as_deref().unwrap_or("");
        if !used.contains(&n) && !ON_REQUEST.contains(&name) {
            wrong.push(format!("nothing uses stage {name}"));
        }
    }
}

/// A mount's value lives as long as the test.
fn leak(text: &str) -> &'static str {
    Box::leak(text.to_string().into_boxed_str())
}

/// The image that a mirror of rdock.toml stands for.
fn behind_mirror(image: &str, written: &Written) -> String {
    let config = written.files.get("rdock.toml").map_or("", String::as_str);
    let config: toml::Table = toml::from_str(config).unwrap_or_default();
    let mirrors = config.get("mirrors").and_then(|m| m.as_table());
    let found = mirrors.into_iter().flatten().find_map(|(host, mirror)| {
        let rest = image.strip_prefix(mirror.as_str()?)?.strip_prefix('/')?;
        Some(format!("{host}/{rest}"))
    });
    let image = found.unwrap_or_else(|| image.to_string());
    let hub = image.strip_prefix("docker.io/").unwrap_or(&image);
    hub.strip_prefix("library/").unwrap_or(hub).to_string()
}

/// `python:3.11.4-slim-bookworm`, of a line that the catalogue has: a project allows no other.
fn is_patch(image: &str) -> bool {
    let Some((name, tag)) = image.rsplit_once(':') else {
        return false;
    };
    let version = tag.split('-').next().unwrap_or(tag);
    let lines = catalog().image(name).map_or(&[][..], |i| &i.lines);
    let of = |line: &str| version.strip_prefix(line).and_then(|rest| rest.strip_prefix('.'));
    lines
        .iter()
        .filter_map(|line| of(&line.version))
        .any(|patch| patch.parse::<u32>().is_ok())
}

fn image(image: &str, written: &Written, wrong: &mut Vec<String>) {
    let image = behind_mirror(image, written);
    let image = image.as_str();
    if image == "scratch" || written.asked.contains(image) {
        return;
    }
    if is_patch(image) {
        return;
    }
    let Some(base) = catalog().lookup(image) else {
        wrong.push(format!("{image} is not in the catalogue with this tag"));
        return;
    };
    if !catalog().supported(base.line) && !written.pinned {
        wrong.push(format!("{image} is not supported"));
    }
    let plain = |s: &str| s.replace('-', "");
    let suite = base.os.suite.trim_end_matches("-static");
    let suite = suite.strip_prefix("alpine").map_or(suite, |v| v);
    if !plain(image).contains(&plain(suite)) && !WITHOUT_SUITE.contains(&base.image.reference.as_str()) {
        wrong.push(format!("{image} does not name its suite {suite}"));
    }
}

/// What a stage may wait for, directly or not, among those that have nothing to do with it.
const APART: &[(&str, &[&str])] = &[
    (
        "deps",
        &[
            "build",
            "prod-deps",
            "dev-deps",
            "test",
            "dev",
            "debug",
            "scan",
            "app",
        ],
    ),
    (
        "prod-deps",
        &["deps", "build", "dev-deps", "test", "dev", "debug", "scan", "app"],
    ),
    (
        "dev-deps",
        &["build", "prod-deps", "test", "dev", "debug", "scan", "app"],
    ),
    (
        "build",
        &["prod-deps", "dev-deps", "test", "dev", "debug", "scan", "app"],
    ),
    ("test", &["prod-deps", "dev", "debug", "scan", "app", "runtime"]),
    (
        "dev",
        &["build", "prod-deps", "test", "debug", "scan", "app", "runtime"],
    ),
    ("debug", &["dev-deps", "test", "dev", "scan", "app", "runtime"]),
    ("app", &["dev-deps", "test", "dev", "debug", "scan"]),
    ("scan", &["dev-deps", "test", "dev", "debug"]),
    ("runtime", &["dev", "debug"]),
];

/// Stages that need nothing of each other run side by side: no path leads from one to the other. The
/// last one waits for tests and a scan through the folder that says that they passed, and through
/// nothing else.
fn independent(file: &Dockerfile, wrong: &mut Vec<String>) {
    for (name, apart) in APART {
        let Some(n) = file.stage(name) else { continue };
        let needs = needed(file, n);
        for other in apart
            .iter()
            .filter(|o| file.stage(o).is_some_and(|o| needs.contains(&o)))
        {
            wrong.push(format!("stage {name} waits for {other}"));
        }
    }
    let last = file.stages.last().expect("a stage");
    for i in &last.instructions {
        let from = i.flag("from").unwrap_or("");
        let proof = i.text.starts_with("/passed/ ");
        if ["test", "scan"].contains(&from) != proof {
            wrong.push(format!("`{}` is no gate", i.text));
        }
    }
    let base = last.from.stage.map(|n| file.stages[n].name.as_deref());
    if base.is_some_and(|name| name != Some("app")) {
        wrong.push("the last stage is made of another than app".into());
    }
}

/// Every stage that the last one needs, and those that a stage on request needs.
fn used(file: &Dockerfile) -> BTreeSet<usize> {
    let asked = ON_REQUEST.iter().filter_map(|name| file.stage(name));
    let ends = asked.chain([file.stages.len() - 1]);
    ends.flat_map(|n| needed(file, n)).collect()
}

/// A stage, and every one that it needs.
fn needed(file: &Dockerfile, stage: usize) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    let mut todo = vec![stage];
    while let Some(n) = todo.pop() {
        if !used.insert(n) {
            continue;
        }
        todo.extend(file.stages[n].from.stage);
        for i in &file.stages[n].instructions {
            todo.extend(i.flag("from").and_then(|f| file.stage(f)));
            todo.extend(
                i.mounts()
                    .filter_map(|m| m.get("from").and_then(|f| file.stage(f))),
            );
        }
    }
    used
}

/// Manifests come before source: no install after a COPY of the whole context.
fn order(stage: &Stage, wrong: &mut Vec<String>) {
    let mut whole = false;
    let mut installed = false;
    for i in &stage.instructions {
        let words = i.words();
        if i.keyword == "COPY" && i.flag("from").is_none() && words.first().is_some_and(|w| w.text == ".") {
            whole = true;
        }
        let installs = i.keyword == "RUN"
            && i.commands().iter().any(|c| {
                let line = c.words.join(" ");
                [
                    "npm ci",
                    "npm install",
                    "pnpm install",
                    "yarn install",
                    "yarn --immutable",
                    "bun install",
                    "go mod download",
                    "pip install",
                    "uv sync",
                    "poetry install",
                    "pdm sync",
                    "pipenv sync",
                    "cargo fetch",
                    "cargo chef cook",
                ]
                .iter()
                .any(|p| line.starts_with(p))
            });
        let own = i.mounts().any(|m| m.kind() == "cache") || installed;
        if installs && whole && !own {
            wrong.push(format!("`{}` after the whole source", i.text));
        }
        installed |= installs;
    }
}

fn runtime(file: &Dockerfile, wrong: &mut Vec<String>) {
    let last = file.last();
    if last.name.as_deref() != Some("runtime") {
        wrong.push(format!("the last stage is named {:?}", last.name));
    }
    let chain = file.chain(file.stages.len() - 1);
    let all: Vec<&Instruction> = chain.iter().flat_map(|n| &file.stages[*n].instructions).collect();
    let user = all
        .iter()
        .rev()
        .find(|i| i.keyword == "USER")
        .map_or("", |i| i.text.as_str());
    let numeric = user
        .split(':')
        .all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_digit()));
    if !numeric || user.split(':').any(|p| p == "0") {
        wrong.push(format!("USER is `{user}`"));
    }
    let start: Vec<&&Instruction> = all
        .iter()
        .filter(|i| matches!(i.keyword.as_str(), "CMD" | "ENTRYPOINT"))
        .collect();
    // nginx's image brings its own.
    let nginx = file.stages[chain[0]].from.written.contains("nginx");
    if start.is_empty() && !nginx {
        wrong.push("no start command".into());
    }
    for i in start {
        if i.exec.is_none() {
            wrong.push(format!("{} is no exec form", i.keyword));
        }
    }
}

/// What one stage builds runs on the libc of the last.
fn fit(file: &Dockerfile, written: &Written, wrong: &mut Vec<String>) {
    let base = |n: usize| {
        let image = file.stages[file.chain(n)[0]].from.image.as_deref()?;
        Base::parse(&behind_mirror(image, written))
    };
    let last = file.stages.len() - 1;
    let Some(runtime) = base(last) else { return };
    for i in &file.stages[last].instructions {
        let Some(from) = i.flag("from").and_then(|f| file.stage(f)) else {
            continue;
        };
        let Some(builder) = base(from) else { continue };
        let text: String = file
            .chain(from)
            .iter()
            .flat_map(|n| &file.stages[*n].instructions)
            .map(|i| format!("{} {}\n", i.keyword, i.text))
            .collect();
        // Built for no libc, bytecode, or files for a browser.
        let free = i.text.starts_with("/passed/ ")
            || text.contains("CGO_ENABLED=0")
            || text.contains("musl")
            || ["maven", "gradle", "eclipse-temurin"].contains(&builder.name.as_str())
            || builder.is("node") && !runtime.name.contains("node")
            || builder.is("oven/bun") && !runtime.name.contains("bun")
            || i.text.contains(".txt")
            || builder.is("golang") && text.contains("-extldflags");
        if free {
            continue;
        }
        match (builder.os, runtime.os) {
            (Some(b), Some(r)) if b.libc == r.libc => {
                if version(&b.libc_version) > version(&r.libc_version) {
                    wrong.push(format!(
                        "libc: {} {} on {}",
                        builder.name, b.libc_version, r.libc_version
                    ));
                }
            }
            // An alpine builder links Rust statically.
            (Some(b), Some(_)) if b.libc == Libc::Musl && builder.is("rust") => {}
            (Some(b), Some(r)) => wrong.push(format!("libc: {:?} on {:?}", b.libc, r.libc)),
            _ => wrong.push(format!(
                "libc of {} or {} is not known",
                builder.name, runtime.name
            )),
        }
    }
}

/// What the build reads of the context is there and is not hidden.
fn context(file: &Dockerfile, written: &Written, wrong: &mut Vec<String>) {
    let line = written
        .text
        .lines()
        .find_map(|l| l.trim_start_matches('#').trim().strip_prefix("docker build "));
    let Some(command) = line else {
        wrong.push("the header does not say how to build".into());
        return;
    };
    let context = command
        .split_whitespace()
        .last()
        .unwrap_or(".")
        .trim_matches('\'')
        .trim_start_matches('.')
        .to_string();
    let in_context = |path: &str| {
        if context.is_empty() {
            path.to_string()
        } else {
            format!("{context}/{path}")
        }
    };
    let beside = format!("{}.dockerignore", written.path);
    let ignore = written
        .files
        .get(&beside)
        .or_else(|| written.files.get(&in_context(".dockerignore")));
    let Some(ignore) = ignore.map(|t| IgnoreFile::parse(t)) else {
        wrong.push("no ignore file".into());
        return;
    };
    let mut sources: Vec<String> = Vec::new();
    for i in file.stages.iter().flat_map(|s| &s.instructions) {
        if matches!(i.keyword.as_str(), "COPY" | "ADD") && i.flag("from").is_none() {
            let mut words = i.words();
            words.pop();
            sources.extend(words.into_iter().map(|w| w.text).filter(|w| !w.starts_with("<<")));
        }
        for m in i
            .mounts()
            .filter(|m| m.kind() == "bind" && m.get("from").is_none())
        {
            sources.extend(m.source().map(str::to_string));
        }
    }
    for source in sources {
        let path = source
            .trim_start_matches("./")
            .trim_end_matches('/')
            .replace("[*]", "*")
            .replace("[[]", "[");
        if path.is_empty() || path == "." {
            continue;
        }
        let full = in_context(&path);
        let below = format!("{full}/");
        let there = written.files.keys().any(|f| *f == full || f.starts_with(&below));
        if !there {
            wrong.push(format!("{path} is copied and is not there"));
        } else if ignore.hides(&path) {
            wrong.push(format!("{path} is copied and hidden by the ignore file"));
        }
    }
    for secret in [".env", "web/.env", ".git/config"] {
        if !ignore.hides(secret) {
            wrong.push(format!("the ignore file lets {secret} through"));
        }
    }
}

#[test]
fn every_golden_dockerfile_keeps_what_rdock_promises() {
    let all = golden();
    assert!(!all.is_empty());
    let mut found = String::new();
    for written in &all {
        for line in wrong(written) {
            found += &format!("{}: {line}\n", written.name);
        }
    }
    assert!(found.is_empty(), "{found}");
}

#[test]
fn the_audit_fails_on_broken_dockerfiles() {
    let all = golden();
    let start = all
        .iter()
        .find(|w| w.name == "go/cmd-layout/Dockerfile")
        .expect("a case that is always there");
    assert!(wrong(start).is_empty());
    let broken: &[(&str, &str, &str)] = &[
        ("FROM gcr", "FORM gcr", "not read"),
        ("golang:1.27-trixie", "golang:1.27", "not in the catalogue"),
        ("golang:1.27-trixie", "golang", "not in the catalogue"),
        ("golang:1.27-trixie", "golang:1.21-bookworm", "not supported"),
        ("--from=build", "--from=0", "no earlier stage"),
        ("--from=build", "--from=biuld", "no earlier stage"),
        ("AS runtime", "AS final", "the last stage is named"),
        ("USER 65532:65532", "USER nonroot", "USER is"),
        ("USER 65532:65532", "USER 0:0", "USER is"),
        ("USER 65532:65532\n", "", "USER is"),
        (
            "ENTRYPOINT [\"/usr/local/bin/",
            "ENTRYPOINT /usr/local/bin/x \"",
            "no exec form",
        ),
        (
            "WORKDIR /src\n",
            "WORKDIR /src\nCOPY . .\nRUN go mod download\n",
            "after the whole source",
        ),
        (
            "WORKDIR /src\n",
            "WORKDIR /src\nCOPY nothing.txt .\n",
            "is not there",
        ),
        (
            "WORKDIR /src\n",
            "WORKDIR /src\nCOPY rdock.toml .\n",
            "hidden by the ignore file",
        ),
        (
            "WORKDIR /src\n",
            "WORKDIR /src\nARG DB_PASSWORD=hunter22\n",
            "finding RD714",
        ),
        ("# runtime ", "# the runtime ", "does not begin with its name"),
        ("ENV CGO_ENABLED=0\n", "", "libc"),
        (
            "# runtime ",
            "# other is for nobody\nFROM golang:1.27-trixie AS other\n\n# runtime ",
            "nothing uses stage other",
        ),
        (
            "COPY --link --from=build",
            "COPY --from=build /passed/ /\nCOPY --link --from=build",
            "is no gate",
        ),
        (
            "# runtime ",
            "# debug has too much\nFROM build AS debug\nCOPY --from=test /x /x\n\n# runtime ",
            "no earlier stage",
        ),
        (
            "# runtime ",
            "# test tests\nFROM build AS test\n\n# debug has too much\nFROM build AS debug\nCOPY --from=test /x /x\n\n# runtime ",
            "stage debug waits for test",
        ),
        ("#   docker build", "#   docker", "does not say how to build"),
    ];
    for (find, replace, expected) in broken {
        assert!(start.text.contains(find), "{find:?} is not in\n{}", start.text);
        let mut files = start.files.clone();
        files.insert("rdock.toml".into(), String::new());
        let text = start.text.replace(find, replace);
        files.insert(start.path.clone(), text.clone());
        let found = wrong(&Written {
            name: String::new(),
            path: start.path.clone(),
            text,
            files,
            asked: String::new(),
            pinned: false,
        });
        assert!(
            found.iter().any(|f| f.contains(expected)),
            "{find:?} to {replace:?}: {found:?}"
        );
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    for written in golden() {
        let source = |text: &str| Source::new(written.path.as_str(), text);
        let plain = read(&source(&written.text)).unwrap();
        let windows = read(&source(&written.text.replace('\n', "\r\n"))).unwrap();
        let shape = |f: &Dockerfile| -> Vec<(String, String)> {
            let all = f.stages.iter().flat_map(|s| &s.instructions);
            all.map(|i| {
                (
                    i.keyword.clone(),
                    i.text.split_whitespace().collect::<Vec<_>>().join(" "),
                )
            })
            .collect()
        };
        assert_eq!(shape(&plain), shape(&windows), "{}", written.name);
    }
}

#[test]
fn a_file_that_is_cut_anywhere_does_no_harm() {
    let mut seen = 0;
    for written in golden().iter().step_by(16) {
        let tree = Tree::from_pairs(written.files.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        for end in (0..written.text.len())
            .step_by(23)
            .filter(|n| written.text.is_char_boundary(*n))
        {
            let source = Source::new(written.path.as_str(), &written.text[..end]);
            for finding in rdock::audit::audit(&source, &tree, None).unwrap_or_default() {
                assert!(!finding.draw(false, "").is_empty());
            }
            seen += 1;
        }
    }
    assert!(seen > 100);
}

/// Every golden of the rules too, cut line by line out of its middle.
#[test]
fn a_file_that_lacks_a_line_does_no_harm() {
    let root = support::home().join("tests/audit-rules");
    let all = files(&root);
    for (name, bytes) in all.iter().filter(|(n, _)| n.ends_with("Dockerfile")) {
        let dir = name.trim_end_matches("Dockerfile");
        let pairs: Vec<(String, String)> = all
            .iter()
            .filter_map(|(n, b)| Some((n.strip_prefix(dir)?.to_string(), text(b))))
            .collect();
        let tree = Tree::from_pairs(pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        let whole = text(bytes);
        for n in 0..whole.lines().count() {
            let cut: String = whole
                .lines()
                .enumerate()
                .filter(|(i, _)| *i != n)
                .map(|(_, l)| format!("{l}\n"))
                .collect();
            for finding in
                rdock::audit::audit(&Source::new("Dockerfile", cut), &tree, None).unwrap_or_default()
            {
                assert!(!finding.help.is_empty(), "{}", finding.title);
            }
        }
    }
}
