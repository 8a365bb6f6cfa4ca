//! The frameworks as data, in the order in which they are looked for: those that build on Vite come
//! before Vite.

use crate::lang::node::config::{self, Config};
use crate::lang::node::own;
use crate::lang::node::product::{self, Look, Product};
use crate::lang::node::scripts;
use crate::lang::node::sites;
use crate::lang::node::tools;
use crate::lang::node::workspace::in_dir;
use crate::manifest::package_json::PackageJson;
use crate::tree::Tree;

pub struct Framework {
    pub id: &'static str,
    /// As people write it.
    pub name: &'static str,
    /// One of these dependencies tells it.
    pub packages: &'static [&'static str],
    /// Names of its config file, without the extension.
    pub configs: &'static [&'static str],
    /// Builds it where package.json has no build script.
    pub build: &'static str,
    /// ENV of the build.
    pub env: &'static [(&'static str, &'static str)],
    /// The oldest Node.js that a major version of the first package runs on: `(16, 20)`. Newest first.
    pub needs: &'static [(u64, u64)],
    /// A folder under the package that the build may keep between two runs.
    pub cache: Option<&'static str>,
    /// What the build makes.
    pub product: fn(&Look) -> Product,
    /// A program that serves it is part of the project, not of the framework: a start script that runs
    /// a file of the project outranks the product.
    pub yields_to_server: bool,
}

const NONE: &[(&str, &str)] = &[];

pub static ALL: &[Framework] = &[
    Framework {
        id: "next",
        name: "Next.js",
        packages: &["next"],
        configs: &["next.config"],
        build: "next build",
        env: &[("NEXT_TELEMETRY_DISABLED", "1")],
        needs: &[(16, 20), (15, 18)],
        cache: Some(".next/cache"),
        product: product::next,
        yields_to_server: true,
    },
    Framework {
        id: "nuxt",
        name: "Nuxt",
        packages: &["nuxt", "nuxt-nightly", "nuxt3"],
        configs: &["nuxt.config"],
        build: "nuxt build",
        env: &[("NUXT_TELEMETRY_DISABLED", "1")],
        needs: &[(4, 20)],
        cache: None,
        product: product::nuxt,
        yields_to_server: false,
    },
    Framework {
        id: "react-router",
        name: "React Router",
        packages: &["@react-router/dev"],
        configs: &["react-router.config"],
        build: "react-router build",
        env: NONE,
        needs: &[(8, 22), (7, 20)],
        cache: None,
        product: product::react_router,
        yields_to_server: true,
    },
    Framework {
        id: "remix",
        name: "Remix",
        packages: &["@remix-run/dev"],
        configs: &["remix.config", "vite.config"],
        build: "remix vite:build",
        env: NONE,
        needs: &[],
        cache: None,
        product: product::remix,
        yields_to_server: true,
    },
    Framework {
        id: "sveltekit",
        name: "SvelteKit",
        packages: &["@sveltejs/kit"],
        configs: &["svelte.config", "vite.config"],
        build: "vite build",
        env: NONE,
        needs: &[],
        cache: None,
        product: super::svelte::product,
        yields_to_server: true,
    },
    Framework {
        id: "astro",
        name: "Astro",
        packages: &["astro"],
        configs: &["astro.config"],
        build: "astro build",
        env: &[("ASTRO_TELEMETRY_DISABLED", "1")],
        needs: &[(6, 22), (5, 18)],
        cache: None,
        product: super::astro::product,
        yields_to_server: true,
    },
    Framework {
        id: "tanstack-start",
        name: "TanStack Start",
        packages: &[
            "@tanstack/react-start",
            "@tanstack/solid-start",
            "@tanstack/start",
        ],
        configs: &["vite.config", "rsbuild.config", "app.config"],
        build: "vite build",
        env: NONE,
        needs: &[],
        cache: None,
        product: super::tanstack::product,
        yields_to_server: true,
    },
    Framework {
        id: "solid-start",
        name: "SolidStart",
        packages: &["@solidjs/start"],
        configs: &["app.config", "vite.config"],
        build: "vinxi build",
        env: NONE,
        needs: &[],
        cache: None,
        product: product::nitro,
        yields_to_server: false,
    },
    Framework {
        id: "solid",
        name: "Solid",
        packages: &["@solidjs/vite-plugin"],
        configs: &["vite.config"],
        build: "vite build",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::solid,
        yields_to_server: true,
    },
    Framework {
        id: "analog",
        name: "Analog",
        packages: &["@analogjs/platform"],
        configs: &["vite.config"],
        build: "vite build",
        env: NONE,
        needs: &[],
        cache: None,
        product: product::analog,
        yields_to_server: false,
    },
    Framework {
        id: "nitro",
        name: "Nitro",
        packages: &["nitro", "nitropack"],
        configs: &["nitro.config", "vite.config"],
        build: "nitro build",
        env: NONE,
        needs: &[],
        cache: None,
        product: product::nitro,
        yields_to_server: false,
    },
    Framework {
        id: "angular",
        name: "Angular",
        packages: &["@angular/core"],
        configs: &[],
        build: "ng build",
        env: &[("NG_CLI_ANALYTICS", "false")],
        needs: &[(22, 22), (20, 20)],
        cache: None,
        product: super::angular::angular,
        yields_to_server: false,
    },
    Framework {
        id: "gatsby",
        name: "Gatsby",
        packages: &["gatsby"],
        configs: &["gatsby-config"],
        build: "gatsby build",
        env: &[("GATSBY_TELEMETRY_DISABLED", "1")],
        needs: &[],
        cache: None,
        product: |_| sites::pages("public"),
        yields_to_server: false,
    },
    Framework {
        id: "docusaurus",
        name: "Docusaurus",
        packages: &["@docusaurus/core"],
        configs: &["docusaurus.config"],
        build: "docusaurus build",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::docusaurus,
        yields_to_server: false,
    },
    Framework {
        id: "vitepress",
        name: "VitePress",
        packages: &["vitepress"],
        configs: &[".vitepress/config", "docs/.vitepress/config"],
        build: "vitepress build",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::vitepress,
        yields_to_server: true,
    },
    Framework {
        id: "vuepress",
        name: "VuePress",
        packages: &["vuepress"],
        configs: &[".vuepress/config", "docs/.vuepress/config"],
        build: "vuepress build",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::vuepress,
        yields_to_server: true,
    },
    Framework {
        id: "eleventy",
        name: "Eleventy",
        packages: &["@11ty/eleventy"],
        configs: &[".eleventy", "eleventy.config"],
        build: "eleventy",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::eleventy,
        yields_to_server: true,
    },
    Framework {
        id: "hexo",
        name: "Hexo",
        packages: &["hexo"],
        configs: &["_config"],
        build: "hexo generate",
        env: NONE,
        needs: &[],
        cache: None,
        product: |_| sites::pages("public"),
        yields_to_server: true,
    },
    Framework {
        id: "cra",
        name: "Create React App",
        packages: &["react-scripts", "@craco/craco", "react-app-rewired"],
        configs: &["craco.config"],
        build: "react-scripts build",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::cra,
        yields_to_server: true,
    },
    Framework {
        id: "vue-cli",
        name: "Vue CLI",
        packages: &["@vue/cli-service"],
        configs: &["vue.config"],
        build: "vue-cli-service build",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::vue_cli,
        yields_to_server: true,
    },
    Framework {
        id: "quasar",
        name: "Quasar",
        packages: &["@quasar/app-vite", "@quasar/app-webpack"],
        configs: &["quasar.config"],
        build: "quasar build",
        env: NONE,
        needs: &[],
        cache: None,
        product: |_| sites::spa("dist/spa"),
        yields_to_server: true,
    },
    Framework {
        id: "umi",
        name: "Umi",
        packages: &["umi", "@umijs/max"],
        configs: &[".umirc", "config/config"],
        build: "umi build",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::umi,
        yields_to_server: true,
    },
    Framework {
        id: "stencil",
        name: "Stencil",
        packages: &["@stencil/core"],
        configs: &["stencil.config"],
        build: "stencil build",
        env: NONE,
        needs: &[],
        cache: None,
        product: |_| sites::spa("www"),
        yields_to_server: true,
    },
    Framework {
        id: "preact-cli",
        name: "Preact CLI",
        packages: &["preact-cli"],
        configs: &["preact.config"],
        build: "preact build",
        env: NONE,
        needs: &[],
        cache: None,
        product: |_| sites::spa("build"),
        yields_to_server: true,
    },
    Framework {
        id: "rspress",
        name: "Rspress",
        packages: &["@rspress/core", "rspress"],
        configs: &["rspress.config"],
        build: "rspress build",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::rspress,
        yields_to_server: true,
    },
    Framework {
        id: "rsbuild",
        name: "Rsbuild",
        packages: &["@rsbuild/core"],
        configs: &["rsbuild.config"],
        build: "rsbuild build",
        env: NONE,
        needs: &[],
        cache: None,
        product: |_| sites::spa("dist"),
        yields_to_server: true,
    },
    Framework {
        id: "ember",
        name: "Ember",
        packages: &["ember-cli"],
        configs: &["ember-cli-build"],
        build: "ember build --environment=production",
        env: NONE,
        needs: &[],
        cache: None,
        product: |_| sites::spa("dist"),
        yields_to_server: true,
    },
    Framework {
        id: "nest",
        name: "NestJS",
        packages: &["@nestjs/core"],
        configs: &[],
        build: "nest build",
        env: NONE,
        needs: &[(11, 20)],
        cache: None,
        product: product::nest,
        yields_to_server: true,
    },
    Framework {
        id: "adonis",
        name: "AdonisJS",
        packages: &["@adonisjs/core"],
        configs: &["adonisrc"],
        build: "node ace build",
        env: NONE,
        needs: &[(7, 24), (6, 20)],
        cache: None,
        product: product::adonis,
        yields_to_server: false,
    },
    Framework {
        id: "vite",
        name: "Vite",
        packages: &["vite", "rolldown-vite", "vite-plus"],
        configs: &["vite.config"],
        build: "vite build",
        env: NONE,
        needs: &[(7, 20)],
        cache: None,
        product: sites::vite,
        yields_to_server: true,
    },
    Framework {
        id: "parcel",
        name: "Parcel",
        packages: &["parcel", "parcel-bundler"],
        configs: &[],
        build: "parcel build index.html",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::parcel,
        yields_to_server: true,
    },
    Framework {
        id: "webpack",
        name: "webpack",
        packages: &["webpack"],
        configs: &["webpack.config", "webpack.prod", "config/webpack.config"],
        build: "webpack --mode=production",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::webpack,
        yields_to_server: true,
    },
    // No framework: a build whose result a start script hands to a server for files.
    Framework {
        id: "served",
        name: "Static site",
        packages: &["serve", "sirv-cli", "http-server", "live-server", "superstatic"],
        configs: &[],
        build: "build",
        env: NONE,
        needs: &[],
        cache: None,
        product: sites::served,
        yields_to_server: true,
    },
];

/// Libraries whose presence says that a package serves requests itself.
pub const SERVERS: &[&str] = &[
    "@adonisjs/core",
    "@apollo/server",
    "@feathersjs/express",
    "@grpc/grpc-js",
    "@hapi/hapi",
    "@hono/node-server",
    "@nestjs/core",
    "@tinyhttp/app",
    "apollo-server",
    "apollo-server-express",
    "colyseus",
    "elysia",
    "express",
    "fastify",
    "graphql-yoga",
    "grpc",
    "h3",
    "hono",
    "http-proxy",
    "json-server",
    "koa",
    "micro",
    "moleculer-web",
    "parse-server",
    "polka",
    "restify",
    "sails",
    "socket.io",
    "ws",
];

const EXTENSIONS: &[&str] = &["ts", "mts", "cts", "js", "mjs", "cjs"];

impl Framework {
    /// The config file of the package in `dir`.
    pub fn config(&self, tree: &Tree, dir: &str) -> Option<Config> {
        self.configs
            .iter()
            .flat_map(|name| {
                EXTENSIONS
                    .iter()
                    .map(move |e| in_dir(dir, &format!("{name}.{e}")))
            })
            .find_map(|path| tree.text(&path))
            .map(|source| config::read(&source))
    }
}

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
    let direct = ALL.iter().find(|f| {
        // A server for files may be fetched when it is started: `npx serve`.
        (f.packages.iter().any(|p| named(p)) || f.id == "served")
            && !(command && BUNDLERS.contains(&f.id))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_every_framework_can_be_told() {
        for (i, framework) in ALL.iter().enumerate() {
            assert!(!framework.packages.is_empty(), "{}", framework.id);
            assert!(ALL[..i].iter().all(|f| f.id != framework.id), "{}", framework.id);
        }
        assert!(SERVERS.is_sorted());
    }
}
