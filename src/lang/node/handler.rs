//! Files that export a handler for requests and listen nowhere: Bun serves such a file itself, and for
//! Node.js srvx listens in its place.

use crate::diagnostic::Diagnostic;
use crate::lang::node::detect::Facts;
use crate::lang::node::program::{Modules, Program, Run};
use crate::lang::node::rules;
use crate::lang::node::tanstack;
use crate::lang::node::workspace::in_dir;
use crate::manifest::javascript::{self, Token};
use crate::source::Location;

/// Classes whose instances answer by `fetch`.
const CLASSES: &[&str] = &["Elysia", "H3", "Hono", "OpenAPIHono"];

/// Its applications are functions of a request and a response, which srvx calls as well.
const EXPRESS: &str = "express";

/// Modules that make a handler for another platform of one.
const ELSEWHERE: &[&str] = &[
    "hono/aws-lambda",
    "hono/cloudflare-pages",
    "hono/cloudflare-workers",
    "hono/lambda-edge",
    "hono/netlify",
    "hono/vercel",
];

/// The class of the handler that this file of the package exports, while nothing listens.
fn exports(facts: &Facts, file: &str) -> Option<(&'static str, Location)> {
    let source = facts.tree.text(&in_dir(facts.dir, file))?;
    let tokens = javascript::tokens(&source.text);
    let imports = javascript::imports(&tokens);
    let class = tokens.windows(2).find_map(|w| {
        if w[0].word() == Some(EXPRESS) && w[1].is('(') && imports.contains(&EXPRESS) {
            return Some(EXPRESS);
        }
        let name = w[1].word().filter(|_| w[0].word() == Some("new"))?;
        CLASSES.iter().copied().find(|c| *c == name)
    })?;
    let serves = tokens
        .windows(2)
        .any(|w| matches!(w[0].word(), Some("serve" | "listen")) && w[1].is('('));
    let default = tokens
        .windows(2)
        .position(|w| w[0].word() == Some("export") && w[1].word() == Some("default"));
    let named = default.and_then(|i| tokens.get(i + 2)).and_then(Token::word);
    let handler = facts.scan.listens.is_none()
        && !serves
        && named.is_some_and(|n| n != "async" && n != "function")
        && !imports.iter().any(|i| ELSEWHERE.contains(i));
    handler.then(|| (class, Location::whole(&source)))
}

/// The program with what listens for its handler.
pub fn served(facts: &Facts, file: &str, mut program: Program) -> Program {
    let Some((class, at)) = exports(facts, file) else {
        return program;
    };
    let there = facts.package.dependency(tanstack::SRVX).is_some();
    match &program.run {
        // Bun takes what has `stop` for a server that runs already.
        Run::Bun { .. } if class == "Elysia" => {
            program.warnings.push(
                Diagnostic::warning(&rules::NO_START, "nothing listens for the exported application")
                    .at(at, "Bun serves no Elysia by itself")
                    .help("add `app.listen(process.env.PORT ?? 3000)`"),
            );
            return program;
        }
        Run::Bun { .. } if class == EXPRESS => return program,
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
