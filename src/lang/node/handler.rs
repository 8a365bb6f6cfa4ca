//! Files that export a handler for requests and listen nowhere: Bun serves such a file itself, and for
//! Node.js srvx listens in its place.

use crate::lang::node::detect::Facts;
use crate::lang::node::program::{Modules, Program, Run};
use crate::lang::node::tanstack;
use crate::lang::node::workspace::in_dir;
use crate::manifest::javascript::{self, Token};

/// Classes whose instances answer by `fetch`.
const CLASSES: &[&str] = &["Elysia", "H3", "Hono", "OpenAPIHono"];

/// Modules that make a handler for another platform of one.
const ELSEWHERE: &[&str] = &[
    "hono/aws-lambda",
    "hono/cloudflare-pages",
    "hono/cloudflare-workers",
    "hono/lambda-edge",
    "hono/netlify",
    "hono/vercel",
];

/// Does this file of the package export a handler, while nothing listens?
fn exports(facts: &Facts, file: &str) -> bool {
    let Some(source) = facts.tree.text(&in_dir(facts.dir, file)) else {
        return false;
    };
    let tokens = javascript::tokens(&source.text);
    let pair = |a: &str, b: &[&str]| {
        tokens
            .windows(2)
            .any(|w| w[0].word() == Some(a) && w[1].word().is_some_and(|x| b.contains(&x)))
    };
    let serves = tokens
        .windows(2)
        .any(|w| matches!(w[0].word(), Some("serve" | "listen")) && w[1].is('('));
    let default = tokens
        .windows(2)
        .position(|w| w[0].word() == Some("export") && w[1].word() == Some("default"));
    let named = default.and_then(|i| tokens.get(i + 2)).and_then(Token::word);
    facts.scan.listens.is_none()
        && !serves
        && named.is_some_and(|n| n != "async" && n != "function")
        && pair("new", CLASSES)
        && !javascript::imports(&tokens).iter().any(|i| ELSEWHERE.contains(i))
}

/// The program with what listens for its handler.
pub fn served(facts: &Facts, file: &str, mut program: Program) -> Program {
    if !exports(facts, file) {
        return program;
    }
    let there = facts.package.dependency(tanstack::SRVX).is_some();
    match &program.run {
        Run::Bun { .. } => {}
        Run::Node { flags, file, args } if flags.is_empty() && args.is_empty() => {
            if facts.workspace.is_some() && !there {
                return program;
            }
            program.run = Run::Bin {
                name: tanstack::SRVX.into(),
                file: Some(tanstack::FILE),
                args: vec!["--prod".into(), file.clone()],
            };
            program.modules = match facts.package.in_production(tanstack::SRVX) {
                false if there => Modules::All,
                _ => Modules::Production,
            };
        }
        _ => return program,
    }
    program.port = Some(3000);
    program.port_variable = Some("PORT");
    program
}
