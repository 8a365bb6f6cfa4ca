//! Which framework a package is an application of.

use crate::lang::node::framework::{Framework, SERVERS};
use crate::lang::node::frameworks::ALL;
use crate::lang::node::own;
use crate::lang::node::scripts;
use crate::lang::node::tools;
use crate::lang::node::workspace::in_dir;
use crate::manifest::package_json::PackageJson;
use crate::tree::Tree;

/// The framework of a package: the first of the table that it depends on and that has an application
/// here. In a workspace a root's dependency will do, as it is found from every member.
pub fn of(
    tree: &Tree,
    dir: &str,
    package: &PackageJson,
    root: Option<&PackageJson>,
) -> Option<&'static Framework> {
    let named = |p: &str| package.dependency(p).is_some();
    let shared = |p: &str| root.is_some_and(|r| r.dependency(p).is_some());
    let command = installs(tree, dir, package);
    // Keystone and its like bring Next.js along, and start themselves.
    let itself = |f: &Framework| f.id == "next" && tools::PORTS.iter().any(|(tool, _)| starts(package, tool));
    let direct = ALL.iter().find(|f| {
        // A server for files may be fetched when it is started: `npx serve`.
        (f.packages.iter().any(|p| named(p)) || f.id == "served")
            && !(command && BUNDLERS.contains(&f.id))
            && !itself(f)
            && applies(f, tree, dir, package)
    });
    direct.or_else(|| {
        ALL.iter().find(|f| {
            f.packages.iter().any(|p| shared(p))
                && f.config(tree, dir).is_some()
                && applies(f, tree, dir, package)
        })
    })
}

/// Does the start script begin with this program?
fn starts(package: &PackageJson, tool: &str) -> bool {
    let start = package.script("start");
    start.is_some_and(|s| s.value.split_whitespace().next() == Some(tool))
}

/// What builds anything, a part of a program too.
const BUNDLERS: &[&str] = &["vite", "parcel", "webpack", "rsbuild"];

/// Is it published for the command that it installs, and is that command's file its own source?
fn installs(tree: &Tree, dir: &str, package: &PackageJson) -> bool {
    let there = |file: &str| crate::paths::join(dir, file).is_some_and(|f| tree.has(&f));
    !package.private && own::bin(package).is_some_and(|b| there(&b.value))
}

/// A dependency alone makes no application: libraries name frameworks as peers, and Vite and webpack
/// build anything.
fn applies(framework: &Framework, tree: &Tree, dir: &str, package: &PackageJson) -> bool {
    let has = |file: &str| tree.has(&in_dir(dir, file));
    let script = |words: &[&str]| {
        package
            .scripts
            .iter()
            .any(|(_, s)| words.iter().any(|w| s.value.contains(w)))
    };
    match framework.id {
        "vite" => {
            script(&["vite build", "vp build"]) && tree.under(dir).any(|f| f.ends_with("index.html"))
                || has("index.html")
        }
        "webpack" => {
            script(&["webpack"])
                && !package
                    .dependencies
                    .iter()
                    .any(|d| SERVERS.contains(&d.name.as_str()))
                && [
                    "index.html",
                    "src/index.html",
                    "public/index.html",
                    "src/index.ejs",
                    "app/index.html",
                ]
                .iter()
                .any(|f| has(f))
        }
        "solid" => framework
            .config(tree, dir)
            .is_some_and(|c| c.setting("start").is_some()),
        "parcel" => script(&["parcel"]),
        "served" => scripts::build(package).is_some() && tools::served(package).is_some(),
        "angular" => has("angular.json"),
        "nitro" => script(&["nitro", "nitropack", "vite build"]) && framework.config(tree, dir).is_some(),
        "nest" => package.in_production("@nestjs/core"),
        "adonis" => has("adonisrc.ts") || has(".adonisrc.json"),
        "cra" => script(&["react-scripts", "craco", "react-app-rewired"]),
        "next" => {
            script(&["next build", "next start", "next dev", "next export"])
                || framework.config(tree, dir).is_some()
                || ["pages", "app", "src/pages", "src/app"]
                    .iter()
                    .any(|d| tree.has_dir(&in_dir(dir, d)))
        }
        "vitepress" | "vuepress" | "eleventy" | "hexo" | "gatsby" | "docusaurus" | "ember" | "quasar"
        | "umi" | "stencil" | "preact-cli" | "rspress" | "rsbuild" => {
            framework.config(tree, dir).is_some()
                || script(&[framework.build.split(' ').next().unwrap_or(framework.id)])
        }
        "sveltekit" => {
            tree.has_dir(&in_dir(dir, "src/routes")) || has("src/app.html") || script(&["vite build"])
        }
        _ => {
            let tool = framework.build.split(' ').next().unwrap_or_default();
            script(&[tool]) || framework.config(tree, dir).is_some()
        }
    }
}
