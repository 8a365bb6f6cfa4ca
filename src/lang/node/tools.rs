//! The tools that start scripts name, as data.

use crate::lang::node::scripts::{self, chain};
use crate::manifest::command;
use crate::manifest::package_json::PackageJson;

/// Tools that run a source file during development.
pub const RUNNERS: &[&str] = &[
    "nodemon",
    "ts-node",
    "ts-node-dev",
    "ts-node-esm",
    "tsnd",
    "tsx",
    "babel-node",
    "vite-node",
    "esrun",
    "jiti",
    "node-dev",
];

/// Tools that serve files or development builds; the words that follow where only some do.
pub const SERVERS: &[(&str, &[&str])] = &[
    ("serve", &[]),
    ("http-server", &[]),
    ("live-server", &[]),
    ("sirv", &[]),
    ("lite-server", &[]),
    ("static-server", &[]),
    ("superstatic", &[]),
    ("local-web-server", &[]),
    ("browser-sync", &[]),
    ("es-dev-server", &[]),
    ("wds", &[]),
    ("web-dev-server", &[]),
    ("vite", &[]),
    ("vp", &[]),
    ("webpack", &[]),
    ("webpack-dev-server", &[]),
    ("parcel", &[]),
    ("react-scripts", &[]),
    ("craco", &[]),
    ("react-app-rewired", &[]),
    ("vue-cli-service", &[]),
    ("ng", &[]),
    ("nx", &[]),
    ("turbo", &[]),
    ("lerna", &[]),
    ("concurrently", &[]),
    ("npm-run-all", &[]),
    ("run-p", &[]),
    ("run-s", &[]),
    ("expo", &[]),
    ("react-native", &[]),
    ("electron", &[]),
    ("electron-builder", &[]),
    ("electron-forge", &[]),
    ("electron-vite", &[]),
    ("electronmon", &[]),
    ("neu", &[]),
    ("nw", &[]),
    ("tauri", &[]),
    ("storybook", &[]),
    ("start-storybook", &[]),
    ("gatsby", &[]),
    ("docusaurus", &[]),
    ("vitepress", &[]),
    ("vuepress", &[]),
    ("eleventy", &[]),
    ("hexo", &[]),
    ("ember", &[]),
    ("quasar", &[]),
    ("rsbuild", &[]),
    ("astro", &[]),
    ("nest", &[]),
    ("wrangler", &[]),
    ("vercel", &[]),
    ("netlify", &[]),
    ("firebase", &[]),
    ("docker", &[]),
    ("docker-compose", &[]),
    ("echo", &[]),
    ("exit", &[]),
    ("gulp", &[]),
    ("grunt", &[]),
    ("make", &[]),
    ("tsc", &[]),
    ("svelte-kit", &[]),
    ("vinxi", &["dev"]),
    ("next", &["dev"]),
    ("nuxt", &["dev", "preview"]),
    ("nuxi", &[]),
    ("nitro", &["dev", "preview"]),
    ("remix", &[]),
    ("react-router", &[]),
    ("brunch", &[]),
    ("docusaurus-start", &[]),
    ("gridsome", &[]),
    ("polymer", &[]),
    ("preact", &[]),
    ("rspress", &[]),
    ("sapper", &[]),
    ("snowpack", &[]),
    ("stencil", &[]),
    ("umi", &[]),
    ("max", &[]),
];

/// Words that ask any tool for its development server.
pub const DEVELOPMENT: &[&str] = &["dev", "develop", "watch", "--dev", "--watch", "start:dev"];

/// Programs that serve a folder of files, and nothing else.
pub const FILE_SERVERS: &[&str] = &["serve", "sirv", "http-server", "live-server", "superstatic"];

/// Ports that programs of dependencies listen on where `PORT` says nothing else.
pub const PORTS: &[(&str, u16)] = &[
    ("directus", 8055),
    ("keystone", 3000),
    ("medusa", 9000),
    ("strapi", 1337),
];

/// Ports of libraries that listen without being told where.
pub const LIBRARY_PORTS: &[(&str, u16)] = &[
    ("@apollo/server", 4000),
    ("apollo-server", 4000),
    ("parse-server", 1337),
    ("probot", 3000),
];

/// What the build of a dependency's program makes in a folder of its own, whole, to be started there.
pub const SHIPS: &[(&str, &str)] = &[("medusa", ".medusa/server")];

/// Programs that make files for the program out of its sources.
pub const COMPILERS: &[&str] = &[
    "babel",
    "esbuild",
    "grunt",
    "gulp",
    "less",
    "lessc",
    "node-sass",
    "parcel",
    "postcss",
    "rollup",
    "sass",
    "stylus",
    "swc",
    "tailwindcss",
    "webpack",
];

/// Folders of the project that a dependency's program writes to.
pub const WRITES: &[(&str, &[&str])] = &[("strapi", &[".tmp", "public/uploads"])];

/// The folder that a start script serves with a server for files, and whether any path is the page's.
pub fn served(package: &PackageJson) -> Option<(String, bool)> {
    ["start:prod", "start", "serve", "preview"]
        .iter()
        .find_map(|name| {
            let text = scripts::expand(package, name);
            let parsed = command::parse(chain(&text).last()?)?;
            let words = parsed.words.iter().map(String::as_str);
            let mut words = words.skip_while(|w| matches!(*w, "npx" | "bunx" | "--yes" | "-y"));
            FILE_SERVERS.contains(&words.next()?).then_some(())?;
            let args: Vec<&str> = words.collect();
            let single = args.iter().any(|a| matches!(*a, "-s" | "--single"));
            let folder = args.iter().enumerate().find(|(i, a)| {
                let value = i.checked_sub(1).map_or("", |i| args[i]);
                !a.starts_with(['-', '$'])
                    && !matches!(value, "-l" | "-p" | "--listen" | "--port" | "-a" | "-c")
            });
            let folder = folder?.1.trim_start_matches("./").trim_end_matches('/');
            (!folder.is_empty() && folder != ".").then(|| (folder.to_string(), single))
        })
}
