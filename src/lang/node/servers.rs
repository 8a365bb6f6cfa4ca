//! Frameworks whose product is a program: what their build makes, and how that is started.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::lang::node::cloudflare;
use crate::lang::node::presets;
use crate::lang::node::product::{Fallback, Look, Output, Product, Program, Start, clean, site};
use crate::lang::node::rules;
use crate::lang::node::workspace::in_dir;
use crate::manifest::doc::{self, Node};

pub fn bundle(look: &Look, dir: &str, file: &str, port: u16, because: Because) -> Product {
    Product::Program(Program {
        outputs: vec![look.same(dir)],
        modules: false,
        start: Start::File(vec![file.to_string()]),
        cwd: look.place.to_string(),
        env: vec![("HOST", "0.0.0.0")],
        port: Some(port),
        port_variable: Some("PORT"),
        writes: None,
        reads_config: false,
        because,
    })
}

pub fn nuxt(look: &Look) -> Product {
    let generated = look.build.contains("generate");
    if look.major("nuxt") < 3 {
        if generated || look.literal("target").as_deref() == Some("static") && look.start.is_empty() {
            return site(
                "dist",
                Fallback::Pages,
                "_nuxt",
                Because::rule("`nuxt generate` writes pages into dist"),
            );
        }
        let mut outputs = vec![look.same(".nuxt")];
        outputs.extend(look.has_dir("static").then(|| look.same("static")));
        return Product::Program(Program {
            outputs,
            modules: true,
            start: Start::Bin {
                name: "nuxt".into(),
                file: Some("nuxt/bin/nuxt.js"),
                args: vec!["start".into()],
            },
            cwd: look.place.to_string(),
            env: vec![("NUXT_HOST", "0.0.0.0"), ("HOST", "0.0.0.0")],
            port: Some(3000),
            port_variable: Some("PORT"),
            writes: None,
            reads_config: true,
            because: Because::rule("Nuxt 2 serves .nuxt with its own server"),
        });
    }
    if generated || matches!(look.literal("preset").as_deref(), Some("static" | "github-pages")) {
        return site(
            ".output/public",
            Fallback::Pages,
            "_nuxt",
            Because::rule("`nuxt generate` writes pages"),
        );
    }
    bundle(
        look,
        ".output",
        ".output/server/index.mjs",
        3000,
        Because::rule("Nitro bundles the server into .output"),
    )
}

pub fn nitro(look: &Look) -> Product {
    bundle(
        look,
        ".output",
        ".output/server/index.mjs",
        3000,
        Because::rule("Nitro bundles the server into .output"),
    )
}

pub fn analog(look: &Look) -> Product {
    let file = "dist/analog/server/index.mjs";
    bundle(
        look,
        "dist/analog",
        file,
        3000,
        Because::rule("Nitro bundles the server into dist/analog"),
    )
}

fn serve(
    look: &Look,
    name: &str,
    package: &str,
    file: Option<&'static str>,
    dir: &str,
    args: Vec<String>,
) -> Product {
    let mut outputs = vec![look.same(dir)];
    outputs.extend(look.has_dir("public").then(|| look.same("public")));
    if look.package.dependency(package).is_none() {
        if let Some(error) = cloudflare::application(look) {
            return Product::None(error);
        }
        if !presets::on_node(look) {
            return Product::None(
                Diagnostic::error(
                    &rules::ADAPTER,
                    format!("{package} is not installed, and no start script runs a server"),
                )
                .at(look.package.at(), "")
                .help(format!(
                    "add {package} to the dependencies, or a start script that runs a server"
                )),
            );
        }
    }
    Product::Program(Program {
        outputs,
        modules: true,
        start: Start::Bin {
            name: name.into(),
            file,
            args,
        },
        cwd: look.place.to_string(),
        env: vec![],
        port: Some(3000),
        port_variable: Some("PORT"),
        writes: None,
        reads_config: false,
        because: Because::rule(format!("{package} serves the build")),
    })
}

pub fn react_router(look: &Look) -> Product {
    let dir = clean(&look.literal("buildDirectory").unwrap_or("build".into()));
    if look.literal("ssr").as_deref() == Some("false") {
        let because = look.because("ssr", "says `ssr: false`");
        return site(format!("{dir}/client"), Fallback::Application, "assets", because);
    }
    let args = vec![format!("{dir}/server/index.js")];
    serve(
        look,
        "react-router-serve",
        "@react-router/serve",
        None,
        &dir,
        args,
    )
}

pub fn remix(look: &Look) -> Product {
    let vite = look.build.contains("vite:build") || look.build.contains("vite build");
    if vite && look.literal("ssr").as_deref() == Some("false") {
        let because = look.because("ssr", "says `ssr: false`");
        return site("build/client", Fallback::Application, "assets", because);
    }
    let file = Some("@remix-run/serve/dist/cli.js");
    let args = vec![
        if vite {
            "build/server/index.js"
        } else {
            "build/index.js"
        }
        .to_string(),
    ];
    serve(look, "remix-serve", "@remix-run/serve", file, "build", args)
}

/// `node ace build` writes a project of its own into build: compiled files, assets, package.json.
pub fn adonis(look: &Look) -> Product {
    let named = look.start.split_whitespace().find(|w| w.ends_with("server.js"));
    let usual = if look.major("@adonisjs/core") >= 6 {
        "bin/server.js"
    } else {
        "server.js"
    };
    let sqlite = ["better-sqlite3", "sqlite3"]
        .iter()
        .any(|p| look.package.in_production(p));
    Product::Program(Program {
        outputs: vec![Output {
            from: look.inside("build"),
            to: look.place.to_string(),
        }],
        modules: true,
        start: Start::File(vec![named.map_or(usual.into(), clean)]),
        cwd: look.place.to_string(),
        env: vec![("HOST", "0.0.0.0")],
        port: Some(3333),
        port_variable: Some("PORT"),
        writes: sqlite.then_some("tmp"),
        reads_config: false,
        because: Because::rule("`node ace build` makes a project of its own in build"),
    })
}

pub fn nest(look: &Look) -> Product {
    let cli = look
        .tree
        .text(&in_dir(look.dir, "nest-cli.json"))
        .and_then(|s| doc::json(&s).ok());
    let text = |keys: &[&str]| {
        cli.as_ref()
            .and_then(|c| c.path(keys))
            .and_then(Node::as_str)
            .map(str::to_string)
    };
    let source = clean(&text(&["sourceRoot"]).unwrap_or("src".into()));
    let entry = text(&["entryFile"]).unwrap_or("main".into());
    let monorepo = cli
        .as_ref()
        .and_then(|c| c.get("monorepo"))
        .and_then(Node::as_bool)
        == Some(true);
    let webpack = cli
        .as_ref()
        .and_then(|c| c.path(&["compilerOptions", "webpack"]))
        .and_then(Node::as_bool)
        == Some(true);
    let root = text(&["root"]).map(|r| clean(&r)).unwrap_or_default();
    let (out, file) = if monorepo && !root.is_empty() {
        ("dist".to_string(), format!("dist/{root}/{entry}.js"))
    } else if webpack {
        ("dist".into(), format!("dist/{entry}.js"))
    } else {
        super::typescript::output(look.tree, look.dir, &format!("{source}/{entry}.ts"), true)
            .unwrap_or(("dist".into(), format!("dist/{entry}.js")))
    };
    Product::Program(Program {
        outputs: vec![look.same(&out)],
        modules: true,
        start: Start::File(vec![file]),
        cwd: look.place.to_string(),
        env: vec![],
        port: None,
        port_variable: None,
        writes: None,
        reads_config: false,
        because: Because::rule("`nest build` compiles it"),
    })
}
