//! What is known of a framework, and the libraries that serve without one.

use crate::lang::node::config::{self, Config};
use crate::lang::node::product::{Look, Product};
use crate::lang::node::workspace::in_dir;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_are_in_order() {
        assert!(SERVERS.is_sorted());
    }
}
