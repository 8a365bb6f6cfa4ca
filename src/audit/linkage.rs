//! Rules on what a built program needs from the image that it runs on: a libc, and CA roots.

use super::base::Base;
use super::view::{View, copied};
use crate::catalog::Libc;
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::{Command, Instruction};
use crate::paths;

/// A dynamically linked program that a stage builds and the last stage copies.
struct Dynamic<'a> {
    copy: &'a Instruction,
    libc: Libc,
    builder: &'a Base,
    go: bool,
}

/// Every program in the last stage that certainly asks for a libc.
fn dynamic<'a>(view: &'a View<'a>) -> Vec<Dynamic<'a>> {
    let mut found = Vec::new();
    for (_, _, i) in view.shipped() {
        let Some(copied) = copied(i) else { continue };
        let Some(stage) = copied.from.and_then(|f| view.file.stage(f)) else {
            continue;
        };
        let Some(builder) = view.base(stage) else { continue };
        let text: String = view
            .chain(stage)
            .map(|(_, _, i)| all_text(i))
            .collect::<Vec<_>>()
            .join("\n");
        let runs = view.runs(stage);
        for source in &copied.sources {
            let go = builder.is("golang") && go_program(view, &runs, &source.text, &text, builder);
            let rust =
                builder.is("rust") && rust_program(view, &runs, &source.text, &text) && !builder.alpine();
            let libc = builder.libc.filter(|l| *l != Libc::None);
            if let (true, Some(libc)) = (go || rust, libc) {
                found.push(Dynamic {
                    copy: i,
                    libc,
                    builder,
                    go,
                });
            }
        }
    }
    found
}

fn all_text(i: &Instruction) -> String {
    let flags: Vec<&str> = i.flags.iter().map(|(_, v)| v.as_str()).collect();
    let docs: Vec<&str> = i.heredocs.iter().map(|h| h.text.as_str()).collect();
    format!("{} {} {} {}", i.keyword, flags.join(" "), i.text, docs.join(" "))
}

/// Is the copied path the output of a `go build` with cgo on, of code that needs it?
fn go_program(view: &View, runs: &[(&Instruction, Command)], path: &str, text: &str, builder: &Base) -> bool {
    let quiet = [
        "CGO_ENABLED=0",
        "CGO_ENABLED 0",
        "CGO_ENABLED",
        "-static",
        "netgo",
        "musl",
        "goreleaser",
        "xx-go",
    ];
    let on = text.contains("CGO_ENABLED=1") || text.contains("CGO_ENABLED 1");
    if quiet
        .iter()
        .any(|q| text.contains(q) && !(on && q.starts_with("CGO")))
        || text.contains("CGO_ENABLED=0")
    {
        return false;
    }
    // Without a C compiler Go builds without cgo; golang's Alpine images have none.
    if builder.alpine()
        && !["gcc", "build-base", "g++", "clang"]
            .iter()
            .any(|c| text.contains(c))
    {
        return false;
    }
    let outputs = runs
        .iter()
        .filter(|(_, c)| c.program() == "go" && c.args().first().is_some_and(|a| a == "build"));
    let named = outputs.filter_map(|(_, c)| {
        let at = c.args().iter().position(|a| a == "-o");
        at.and_then(|n| c.args().get(n + 1).cloned()).or_else(|| {
            c.args()
                .iter()
                .find_map(|a| a.strip_prefix("-o=").map(str::to_string))
        })
    });
    let mut named = named.filter(|o| !o.contains('$'));
    let made = named.any(|o| paths::base(&o) == paths::base(path) && !path.ends_with('/'));
    made && view.context.is_some() && go_needs_libc(view)
}

/// Do the module's own sources import what goes through libc where cgo is on?
fn go_needs_libc(view: &View) -> bool {
    let Some(context) = view.context.as_deref() else {
        return false;
    };
    let dirs: Vec<String> = vec![context.to_string()];
    dirs.iter()
        .flat_map(|d| view.tree.under(d))
        .filter(|f| f.ends_with(".go") && !f.ends_with("_test.go"))
        .take(400)
        .any(|f| {
            view.tree.text(f).is_some_and(|t| {
                t.text.contains("\nimport ")
                    && ["\"net/http\"", "\"net\"", "\"os/user\"", "import \"C\""]
                        .iter()
                        .any(|i| t.text.contains(i))
                    && t.text.contains("package main")
            })
        })
}

/// Is the copied path the output of a plain `cargo build` for the host, on a glibc builder?
fn rust_program(view: &View, runs: &[(&Instruction, Command)], path: &str, text: &str) -> bool {
    let other = [
        "musl",
        "crt-static",
        "--target",
        "CARGO_BUILD_TARGET",
        "zigbuild",
        "cross ",
        "RUSTFLAGS",
    ];
    let builds = runs
        .iter()
        .any(|(_, c)| c.program() == "cargo" && c.args().iter().any(|a| a == "build" || a == "install"));
    let configured = [".cargo/config.toml", ".cargo/config"]
        .iter()
        .any(|f| view.read(f).is_some());
    let program = path.contains("target/release/") || path.contains("/cargo/bin/") && !path.ends_with("bin/");
    builds && program && !configured && !other.iter().any(|o| text.contains(o))
}

pub fn libc(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let Some(runtime) = view.runtime() else {
        return Vec::new();
    };
    let shipped: String = view
        .shipped()
        .map(|(_, _, i)| all_text(i))
        .collect::<Vec<_>>()
        .join("\n");
    let helped = ["gcompat", "libc6-compat", "glibc", "ld-linux", "/lib64"]
        .iter()
        .any(|h| shipped.contains(h));
    let mut found = Vec::new();
    for program in dynamic(view) {
        if program.libc == Libc::Glibc && runtime.alpine() && !helped {
            let help = match program.go {
                true => {
                    "build it without cgo (`ENV CGO_ENABLED=0` in the build stage), or run it on a Debian base"
                }
                false => "build for musl (`rust:…-alpine…` as the builder), or run it on a Debian base",
            };
            found.push(
                Diagnostic::error(
                    rule,
                    format!(
                        "built with glibc on {}, run with musl on {}",
                        program.builder.name, runtime.name
                    ),
                )
                .at(
                    program.copy.at.clone(),
                    "the program does not start: its loader is not there",
                )
                .help(help),
            );
        } else if let Some((built, has)) = too_new(&program, runtime) {
            found.push(
                Diagnostic::error(rule, format!("built with glibc {built}, run with glibc {has}"))
                    .at(
                        program.copy.at.clone(),
                        format!(
                            "may end at the start with `version GLIBC_{built} not found` or an older one"
                        ),
                    )
                    .help("take the same Debian suite in both stages"),
            );
        }
    }
    found.extend(packages(rule, view, runtime, helped));
    found
}

/// Between these versions symbols moved that every such program asks for.
fn too_new(program: &Dynamic, runtime: &Base) -> Option<(String, String)> {
    let number = |v: &str| {
        v.split_once('.')
            .and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)))
    };
    let version = |base: &Base| {
        base.os
            .filter(|o| o.libc == Libc::Glibc)
            .map(|o| o.libc_version.clone())
    };
    let (built, has) = (version(program.builder)?, version(runtime)?);
    let (b, h) = (number(&built)?, number(&has)?);
    let steps: &[(u32, u32)] = if program.go {
        &[(2, 34)]
    } else {
        &[(2, 34), (2, 39)]
    };
    steps.iter().any(|s| b >= *s && h < *s).then_some((built, has))
}

/// Packages whose binary part is chosen for one libc when they are installed.
const NODE_NATIVE: &[&str] = &["sharp", "better-sqlite3", "sqlite3"];
const PYTHON_NATIVE: &[&str] = &[
    "numpy",
    "pandas",
    "psycopg2-binary",
    "cryptography",
    "pydantic",
    "lxml",
    "pillow",
    "grpcio",
    "orjson",
    "scipy",
    "uvloop",
];

fn packages(rule: &'static Rule, view: &View, runtime: &Base, helped: bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, _, i) in view.shipped() {
        let Some(copied) = copied(i) else { continue };
        let Some(stage) = copied.from.and_then(|f| view.file.stage(f)) else {
            continue;
        };
        let Some(builder) = view.base(stage) else { continue };
        let (Some(a), Some(b)) = (builder.libc, runtime.libc) else {
            continue;
        };
        let differ = matches!((a, b), (Libc::Glibc, Libc::Musl) | (Libc::Musl, Libc::Glibc));
        if !differ || helped {
            continue;
        }
        let of = |part: &str| {
            copied
                .sources
                .iter()
                .any(|s| s.text.trim_end_matches('/').contains(part))
        };
        let native = if of("node_modules")
            && view
                .installs()
                .iter()
                .any(|i| view.file.chain(stage).contains(&i.stage))
        {
            let json = view.json("package.json");
            let deps = json.as_ref().and_then(|j| j.get("dependencies"));
            NODE_NATIVE
                .iter()
                .find(|n| deps.and_then(|d| d.get(**n)).is_some())
        } else if (of("site-packages") || of("venv") || of("/root/.local"))
            && builder.is("python")
            && runtime.is("python")
        {
            let text = view
                .read("requirements.txt")
                .map(|t| t.text.to_lowercase())
                .unwrap_or_default();
            let names: Vec<&str> = text
                .lines()
                .filter_map(|l| l.split(['=', '<', '>', '~', '!', '[', ' ', ';', '#']).next())
                .collect();
            PYTHON_NATIVE.iter().find(|n| names.contains(n))
        } else {
            None
        };
        if let Some(native) = native {
            let word = |l: Libc| if l == Libc::Musl { "musl" } else { "glibc" };
            found.push(
                Diagnostic::error(
                    rule,
                    format!("{native} is installed for {} and run with {}", word(a), word(b)),
                )
                .at(i.at.clone(), format!("loading {native} fails"))
                .help("take the same kind of base (Debian or Alpine) in both stages"),
            );
        }
    }
    found
}

pub fn dynamic_on_static(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let Some(runtime) = view.runtime().filter(|r| r.libc == Some(Libc::None)) else {
        return Vec::new();
    };
    let shipped: String = view
        .shipped()
        .map(|(_, _, i)| all_text(i))
        .collect::<Vec<_>>()
        .join("\n");
    if shipped.contains("/lib") {
        return Vec::new();
    }
    let programs = dynamic(view).into_iter();
    programs
        .map(|p| {
            let help = match p.go {
                true => "build it without cgo: `ENV CGO_ENABLED=0` in the build stage",
                false => "build for musl, or take `gcr.io/distroless/cc-debian13:nonroot`, which has glibc",
            };
            Diagnostic::error(rule, format!("a dynamically linked program on {}", runtime.name))
                .at(
                    p.copy.at.clone(),
                    "it does not start: there is no libc in the image",
                )
                .help(help)
        })
        .collect()
}

pub fn ca_roots(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let Some(runtime) = view.runtime() else {
        return Vec::new();
    };
    let bare = runtime.is("scratch")
        || runtime.is("busybox")
        || matches!(runtime.name.as_str(), "debian" | "ubuntu");
    if !bare || !view.deployed {
        return Vec::new();
    }
    let shipped: String = view
        .shipped()
        .map(|(_, _, i)| all_text(i))
        .collect::<Vec<_>>()
        .join("\n");
    // curl, git and the like bring the roots as a recommended package.
    let brings = [
        "ca-cert",
        "/etc/ssl",
        "/certs",
        "cacert",
        "curl",
        "wget",
        "git",
        "/etc/",
        "COPY  / /",
    ];
    if brings.iter().any(|b| shipped.contains(b))
        || view
            .shipped()
            .any(|(_, _, i)| i.keyword == "ADD" || i.text.contains("$"))
    {
        return Vec::new();
    }
    let copies: Vec<_> = view.shipped().filter_map(|(_, _, i)| copied(i)).collect();
    let builders: Vec<usize> = copies.iter().filter_map(|c| view.file.stage(c.from?)).collect();
    let go = builders.iter().any(|b| {
        view.base(*b).is_some_and(|b| b.is("golang"))
            && view
                .runs(*b)
                .iter()
                .any(|(_, c)| c.program() == "go" && c.args().first().is_some_and(|a| a == "build"))
    });
    let Some(context) = view.context.as_deref().filter(|_| go) else {
        return Vec::new();
    };
    let sources = view.tree.under(context).filter(|f| {
        f.ends_with(".go") && !f.ends_with("_test.go") && !f.split('/').any(crate::lang::is_no_service)
    });
    let mut place = None;
    for file in sources.take(2000) {
        let Some(text) = view.tree.text(file) else {
            continue;
        };
        if text.text.contains("x509roots/fallback") || text.text.contains("gocertifi") {
            return Vec::new();
        }
        let call = [
            "http.Get(\"https://",
            "http.Post(\"https://",
            "http.NewRequest(\"GET\", \"https://",
            "http.NewRequest(http.MethodGet, \"https://",
        ];
        if place.is_none() {
            let line = text
                .text
                .lines()
                .position(|l| call.iter().any(|c| l.contains(c)) && !l.trim_start().starts_with("//"));
            place = line.map(|n| format!("{file}:{}", n + 1));
        }
    }
    let Some(place) = place else { return Vec::new() };
    let from = view.file.stages[view.shipped[0]].from.at.clone();
    vec![
        Diagnostic::error(rule, format!("{place} calls https, and {} has no CA roots", runtime.name))
            .at(from, "the call fails with `certificate signed by unknown authority`")
            .help(match runtime.is("scratch") {
                true => "`COPY --from=<build stage> /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/`, or `FROM gcr.io/distroless/static-debian13:nonroot`",
                false => "`RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*`",
            }),
    ]
}
