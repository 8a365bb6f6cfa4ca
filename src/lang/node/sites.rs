//! Frameworks and bundlers whose product is files for a browser.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::lang::node::cloudflare;
use crate::lang::node::product::{Fallback, Look, Product, beside, clean, site, with_base};
use crate::lang::node::rules;
use crate::lang::node::tools;
use crate::lang::node::workspace::in_dir;
use crate::manifest::command;
use crate::paths;

pub fn pages(dir: &str) -> Product {
    site(
        dir,
        Fallback::Pages,
        "",
        Because::rule(format!("the build writes pages into {dir}")),
    )
}

pub fn spa(dir: &str) -> Product {
    site(
        dir,
        Fallback::Application,
        "",
        Because::rule(format!("the build writes an application into {dir}")),
    )
}

/// What the start script serves.
pub fn served(look: &Look) -> Product {
    let (folder, single) = tools::served(look.package).unwrap_or(("public".into(), false));
    let fallback = if single {
        Fallback::Application
    } else {
        Fallback::Pages
    };
    let because = Because::rule(format!("the start script serves {folder}"));
    site(folder, fallback, "", because)
}

pub fn umi(look: &Look) -> Product {
    let dir = look.literal("outputPath").unwrap_or("dist".into());
    let because = Because::rule("Umi writes an application");
    with_base(
        site(dir, Fallback::Application, "", because),
        look.literal("base"),
    )
}

pub fn rspress(look: &Look) -> Product {
    let dir = look.literal("outDir").unwrap_or("doc_build".into());
    let because = Because::rule("Rspress writes static pages");
    with_base(
        site(dir, Fallback::Pages, "static", because),
        look.literal("base"),
    )
}

pub fn docusaurus(look: &Look) -> Product {
    let dir = look.flag(&["--out-dir"]).unwrap_or("build".into());
    let because = Because::rule("Docusaurus writes static pages");
    with_base(
        site(dir, Fallback::Pages, "assets", because),
        look.literal("baseUrl"),
    )
}

fn docs_root(look: &Look, command: &str) -> String {
    let words: Vec<&str> = look.build.split_whitespace().collect();
    let at = words.windows(2).position(|w| w[0] == command && w[1] == "build");
    let named = at
        .and_then(|i| words.get(i + 2))
        .filter(|w| !w.starts_with(['-', '&']));
    match named {
        Some(dir) => clean(dir),
        None if look.tree.has_dir(&in_dir(look.dir, &format!("docs/.{command}"))) => "docs".into(),
        None => String::new(),
    }
}

pub fn vitepress(look: &Look) -> Product {
    let root = docs_root(look, "vitepress");
    let dir = match look.literal("outDir") {
        Some(out) => paths::join(&root, &out).unwrap_or(out),
        None => in_dir(&root, ".vitepress/dist"),
    };
    let because = Because::rule("VitePress writes static pages");
    with_base(
        site(dir, Fallback::Pages, "assets", because),
        look.literal("base"),
    )
}

pub fn vuepress(look: &Look) -> Product {
    let dir = in_dir(&docs_root(look, "vuepress"), ".vuepress/dist");
    let because = Because::rule("VuePress writes static pages");
    with_base(
        site(dir, Fallback::Pages, "assets", because),
        look.literal("base"),
    )
}

pub fn eleventy(look: &Look) -> Product {
    let dir = look
        .flag(&["--output"])
        .or_else(|| look.literal("output"))
        .unwrap_or("_site".into());
    site(
        dir,
        Fallback::Pages,
        "",
        Because::rule("Eleventy writes static pages"),
    )
}

pub fn cra(look: &Look) -> Product {
    let dir = command::parse(look.build)
        .and_then(|c| c.env.into_iter().find(|(k, _)| k == "BUILD_PATH").map(|(_, v)| v))
        .unwrap_or("build".into());
    let homepage = look.package.node.string(&["homepage"]).map(|h| h.value);
    let because = Because::rule("react-scripts writes an application");
    with_base(site(dir, Fallback::Application, "static", because), homepage)
}

pub fn vue_cli(look: &Look) -> Product {
    let dir = look
        .flag(&["--dest"])
        .or_else(|| look.literal("outputDir"))
        .unwrap_or("dist".into());
    let because = Because::rule("vue-cli-service writes an application");
    with_base(
        site(dir, Fallback::Application, "js", because),
        look.literal("publicPath"),
    )
}

pub fn vite(look: &Look) -> Product {
    let root = look.literal("root").map(|r| clean(&r)).unwrap_or_default();
    let named = look.flag(&["--outDir"]).or_else(|| look.literal("outDir"));
    let mut dir = beside(&root, named.as_deref().unwrap_or("dist"));
    if look
        .config
        .is_some_and(|c| c.imports().contains(&cloudflare::PLUGIN))
    {
        dir += "/client";
    }
    let pages = look
        .tree
        .under(look.dir)
        .filter(|f| f.ends_with(".html") && !f.contains("/public/"))
        .count()
        > 1
        && !look
            .package
            .dependencies
            .iter()
            .any(|d| d.name.contains("router"));
    let fallback = if pages && look.config.is_some_and(|c| c.says("input")) {
        Fallback::Pages
    } else {
        Fallback::Application
    };
    let because = Because::rule(format!("Vite writes an application into {dir}"));
    let base = look.flag(&["--base"]).or_else(|| look.literal("base"));
    with_base(site(dir, fallback, "assets", because), base)
}

/// `start: true` makes the page itself, and beside it a handler where it renders on the server too.
pub fn solid(look: &Look) -> Product {
    if look.literal("ssr").as_deref() == Some("true") {
        return Product::None(
            Diagnostic::error(
                &rules::ADAPTER,
                "the build makes a handler for requests, and no start script runs a server with it",
            )
            .at(look.package.at(), "")
            .help("add a start script that runs a server, or leave `ssr` out for static files"),
        );
    }
    let because = look.because("start", "makes the page itself");
    let product = site("dist/client", Fallback::Application, "assets", because);
    with_base(product, look.literal("base"))
}

pub fn parcel(look: &Look) -> Product {
    let dir = look
        .flag(&["--dist-dir", "--out-dir", "-d"])
        .unwrap_or("dist".into());
    site(
        dir,
        Fallback::Application,
        "",
        Because::rule("Parcel writes an application"),
    )
}

pub fn webpack(look: &Look) -> Product {
    bundled(look, &["--output-path", "-o"], "webpack writes an application")
}

pub fn rollup(look: &Look) -> Product {
    bundled(look, &["--dir", "-d"], "Rollup writes pages")
}

/// Where a bundler writes: a flag of the build says it, or the configuration.
fn bundled(look: &Look, flags: &[&str], because: &str) -> Product {
    let written = ["dist", "build", "public"]
        .into_iter()
        .find(|d| look.config.is_some_and(|c| c.says(d)));
    let dir = look
        .flag(flags)
        .unwrap_or_else(|| written.unwrap_or("dist").into());
    site(dir, Fallback::Application, "", Because::rule(because))
}
