//! What a program's source says of its port, its address, its environment and the files it reads.

use crate::lang::node::configured;
use crate::lang::node::files;
use crate::lang::node::places::Module;
use crate::lang::node::ports::{
    address_variable, closing, environment, is_host, is_port, last_name, made, number, port_after, property,
    variable,
};
use crate::lang::node::writes::{self, Write};
use crate::manifest::javascript::{self, Kind, Token};
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Default)]
pub struct Scan {
    pub port: Option<Sourced<u16>>,
    /// Environment variable that the port is read from.
    pub port_variable: Option<Sourced<String>>,
    pub host_variable: Option<String>,
    /// A call that listens on 127.0.0.1 or localhost.
    pub loopback: Option<Location>,
    /// A call of `.listen({ port })` that names no address.
    pub no_host: Option<Location>,
    /// It listens at all.
    pub listens: Option<Location>,
    /// Public variables of a front end: `NEXT_PUBLIC_X`, `VITE_X`.
    pub public: BTreeSet<String>,
    /// `Bun.serve`, `bun:sqlite` and their kin.
    pub bun: Option<Location>,
    /// First parts of the paths in string literals.
    pub names: BTreeSet<String>,
    pub writes: Vec<Write>,
}

const PUBLIC: &[&str] = &[
    "NEXT_PUBLIC_",
    "VITE_",
    "REACT_APP_",
    "VUE_APP_",
    "NUXT_PUBLIC_",
    "GATSBY_",
    "PUBLIC_",
    "EXPO_PUBLIC_",
];

/// Is it a variable that ends up in the browser, by its name?
pub fn is_public(name: &str) -> bool {
    PUBLIC.iter().any(|p| name.starts_with(p))
}

/// Reads the package in `dir`; `entry`, where known, before all others.
pub fn scan(tree: &Tree, dir: &str, entry: Option<&str>) -> Scan {
    let mut scan = Scan::default();
    let mut best: Option<(usize, Sourced<u16>)> = None;
    let mut modules = Vec::new();
    let mut all = files::of(tree, dir);
    if let Some(entry) = entry.filter(|e| tree.has(e)) {
        all.retain(|f| *f != entry);
        all.insert(0, entry);
    }
    for file in &all {
        let Some(source) = tree.text(file) else { continue };
        let tokens = javascript::tokens(&source.text);
        one(&source, &tokens, &mut scan, &mut best);
        modules.push(Module { source, tokens });
    }
    scan.writes = writes::find(&modules, dir);
    scan.port = best.map(|(_, port)| port);
    if scan.port.is_none() && scan.listens.is_some() {
        scan.port = configured::module_port(tree, &all);
    }
    if scan.port.is_none() {
        scan.port = configured::example_port(tree, dir);
    }
    scan
}

fn one(source: &Arc<Source>, tokens: &[Token], scan: &mut Scan, best: &mut Option<(usize, Sourced<u16>)>) {
    let at = |t: &Token| Location::span(source, t.span.clone());
    let mut offer = |rank: usize, port: u16, t: &Token| {
        if best.as_ref().is_none_or(|(r, _)| rank < *r) {
            *best = Some((rank, Sourced::new(port, Location::span(source, t.span.clone()))));
        }
    };
    let mut named: BTreeMap<&str, (u16, &Token)> = BTreeMap::new();
    let mut from_environment: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, token) in tokens.iter().enumerate() {
        match &token.kind {
            Kind::String(text) => {
                let first = text
                    .trim_start_matches(['.', '/'])
                    .split('/')
                    .next()
                    .unwrap_or_default();
                if !first.is_empty() && first.len() < 80 {
                    scan.names.insert(first.to_string());
                }
                // `env.int('PORT', 1337)`, and `config.get('PORT') ?? 3000`.
                if is_port(text) && *text == text.to_uppercase() && i > 0 && tokens[i - 1].is('(') {
                    scan.port_variable
                        .get_or_insert_with(|| Sourced::new(text.clone(), at(token)));
                    if let Some((port, t)) = port_after(tokens, i + 1) {
                        offer(2, port, t);
                    }
                }
                if (text == "bun" || text.starts_with("bun:")) && scan.bun.is_none() {
                    scan.bun = Some(at(token));
                }
                continue;
            }
            Kind::Template(text) => {
                if let Some(name) = address_variable(text).filter(|_| scan.port_variable.is_none())
                    && tokens.iter().any(|t| t.word() == Some("bindAsync"))
                {
                    scan.port_variable = Some(Sourced::new(name.to_string(), at(token)));
                }
            }
            Kind::Word(_) => {}
            _ => continue,
        }
        let Some(word) = token.word() else { continue };
        let after = |n: usize| tokens.get(i + n);
        if PUBLIC.iter().any(|p| word.starts_with(p) && word.len() > p.len()) && is_read(tokens, i) {
            scan.public.insert(word.to_string());
        }
        if word == "Bun" && after(1).is_some_and(|t| t.is('.')) && scan.bun.is_none() {
            scan.bun = Some(at(token));
            if after(2).and_then(Token::word) == Some("serve") && scan.listens.is_none() {
                scan.listens = Some(at(token));
            }
        }
        if let Some(name) = variable(tokens, i) {
            if is_host(name) {
                scan.host_variable.get_or_insert(name.to_string());
            }
            if is_port(name) {
                let default = port_after(tokens, i + 3);
                if scan.port_variable.is_none() || (name == "PORT" && default.is_some()) {
                    scan.port_variable = Some(Sourced::new(name.to_string(), at(token)));
                }
                if let Some((port, t)) = default {
                    offer(0, port, t);
                }
            }
        }
        // `PORT: z.coerce.number().default(3000)`, and `{ PORT = 3000 } = process.env`.
        if is_port(word) && word == word.to_uppercase() && after(1).is_some_and(|t| t.is(':') || t.is('=')) {
            let reads = tokens[i..tokens.len().min(i + 24)]
                .iter()
                .any(|t| t.word() == Some("env"));
            let value = property(tokens, i + 2);
            let default = value.iter().position(|t| t.word() == Some("default"));
            if scan.port_variable.is_none() && (reads || default.is_some()) {
                scan.port_variable = Some(Sourced::new(word.to_string(), at(token)));
            }
            let said = default.and_then(|d| port_after(value, d));
            if let Some((port, t)) = said.or_else(|| port_after(tokens, i + 2)) {
                offer(2, port, t);
            }
        }
        if after(1).is_some_and(|t| t.is('=') || t.is(':'))
            && word.to_lowercase().ends_with("port")
            && let Some(value) = after(2)
        {
            if let Some(port) = number(value) {
                named.insert(word, (port, value));
            } else if let Some(read) = environment(tokens, i + 2) {
                from_environment.insert(word, read);
            }
        }
        if let Some((port, t)) = made(tokens, i) {
            offer(2, port, t);
            scan.listens.get_or_insert(at(token));
        }
        let calls = after(1).is_some_and(|t| t.is('('));
        let method = i > 0 && tokens[i - 1].is('.');
        if calls && method && matches!(word, "listen" | "bindAsync" | "bind" | "serve")
            || calls && word == "serve"
        {
            let end = closing(tokens, i + 1);
            let arguments = &tokens[(i + 2).min(end)..end];
            let options = arguments.first().is_some_and(|t| t.is('{'));
            if word == "listen"
                && options
                && !arguments
                    .iter()
                    .any(|t| matches!(t.word(), Some("host" | "path")))
            {
                scan.no_host.get_or_insert(at(token));
            }
            if word == "listen" {
                scan.listens.get_or_insert(at(token));
            }
            if let Some(first) = arguments.first() {
                if let Some(port) = number(first).filter(|_| word == "listen") {
                    offer(1, port, first);
                }
                if let Some((port, t)) = last_name(arguments)
                    .and_then(|w| named.get(w))
                    .filter(|_| word != "bind")
                {
                    offer(1, *port, t);
                }
                // A variable of any name is the port's where its value is listened on.
                let known = last_name(arguments).and_then(|w| from_environment.get(w).copied());
                let key = arguments.iter().position(|t| t.word() == Some("port"));
                let value = if options { key.map(|k| k + 2) } else { Some(0) };
                let inline = || environment(&tokens[..end], i + 2 + value?);
                let read = known.or_else(inline);
                if word == "listen"
                    && let Some(read) = read
                    && let Some(name) = variable(tokens, read)
                {
                    if scan.port_variable.is_none() {
                        scan.port_variable = Some(Sourced::new(name.to_string(), at(&tokens[read])));
                    }
                    if let Some((port, t)) = port_after(tokens, read + 3) {
                        offer(1, port, t);
                    }
                }
            }
            for (j, argument) in arguments.iter().enumerate() {
                let text = match &argument.kind {
                    Kind::String(s) | Kind::Template(s) => s.as_str(),
                    _ => "",
                };
                if word == "bindAsync"
                    && let Some(port) = text.rsplit_once(':').and_then(|(_, p)| p.parse().ok())
                {
                    offer(1, port, argument);
                }
                if argument.word() == Some("port") && word != "bind" {
                    if let Some(port) = arguments.get(j + 2).and_then(number) {
                        offer(1, port, &arguments[j + 2]);
                    }
                    scan.listens.get_or_insert(at(token));
                }
                let address = text.split(':').next().unwrap_or_default();
                if matches!(address, "127.0.0.1" | "localhost") && j <= 12 && word != "bind" {
                    scan.loopback.get_or_insert(at(argument));
                }
            }
            if word == "bindAsync" {
                scan.listens.get_or_insert(at(token));
            }
        }
    }
    for (name, (port, token)) in named {
        let server = ["listen", "createServer", "serve", "bindAsync"];
        if tokens
            .iter()
            .any(|t| t.word().is_some_and(|w| server.contains(&w)))
            && name.to_lowercase() == "port"
        {
            offer(3, port, token);
        }
    }
}

/// Is the public variable's name at `at` one that is read? SvelteKit's and Astro's prefix is a common
/// word (`PUBLIC_KEY`), so of theirs it must be seen: `env.PUBLIC_X`, `{ PUBLIC_X } from "$env/…"`.
fn is_read(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| &tokens[i]) else {
        return false;
    };
    let common = tokens[at].word().is_some_and(|w| w.starts_with("PUBLIC_"));
    let is_env = |t: &Token| {
        let text = t.string().unwrap_or_default();
        t.word() == Some("env") || text.starts_with("$env/") || text.starts_with("astro:env")
    };
    if before.is('.') {
        return !common || at >= 2 && is_env(&tokens[at - 2]);
    }
    if !before.is('{') && !before.is(',') {
        return false;
    }
    let rest = tokens[at..].iter().skip_while(|t| !t.is('}'));
    !common || rest.take(6).any(is_env)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_variable_is_one_that_is_read_from_the_environment() {
        let found = |text: &str| {
            let tree = Tree::from_pairs([("a.js", text)]);
            scan(&tree, "", None).public.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(found("fetch(import.meta.env.PUBLIC_API)"), ["PUBLIC_API"]);
        assert_eq!(
            found("import { PUBLIC_A, PUBLIC_B as b } from '$env/static/public'"),
            ["PUBLIC_A", "PUBLIC_B"]
        );
        assert_eq!(found("const { VITE_A } = settings"), ["VITE_A"]);
        assert!(found("const o = { PUBLIC_KEY }; x.PUBLIC_KEY").is_empty());
    }

    #[track_caller]
    fn check(text: &str, port: Option<u16>, variable: Option<&str>, loopback: bool) {
        let tree = Tree::from_pairs([("server.js", text)]);
        let found = scan(&tree, "", None);
        assert_eq!(found.port.map(|p| p.value), port, "{text}");
        assert_eq!(
            found.port_variable.map(|v| v.value).as_deref(),
            variable,
            "{text}"
        );
        assert_eq!(found.loopback.is_some(), loopback, "{text}");
    }

    #[test]
    fn the_usual_ways_to_say_a_port_are_read() {
        check(
            "app.listen(process.env.PORT || 3001)",
            Some(3001),
            Some("PORT"),
            false,
        );
        check(
            "const port = normalizePort(process.env.PORT ?? '4000'); app.listen(port)",
            Some(4000),
            Some("PORT"),
            false,
        );
        check(
            "const port = parseInt(process.env.PORT, 10) || 5000",
            Some(5000),
            Some("PORT"),
            false,
        );
        check(
            "const PORT = 8080;\napp.listen(PORT, () => {})",
            Some(8080),
            None,
            false,
        );
        check(
            "const port = process.env.CART_SERVER_PORT || '8081'; app.listen(port, () => {})",
            Some(8081),
            Some("CART_SERVER_PORT"),
            false,
        );
        check(
            "this.config.port = args.port || Number(process.env.SHOP_PORT) || 5001; s.listen(this.config.port, this.config.hostname)",
            Some(5001),
            Some("SHOP_PORT"),
            false,
        );
        check("const io = new Server(8080);", Some(8080), None, false);
        check("new WebSocketServer({ noServer: true })", None, None, false);
        check("Hapi.server({ host: h, port: 4100 })", Some(4100), None, false);
        check(
            "s.listen({ host: process.env.CART_IP, port: process.env.CART_PORT || 7000 })",
            Some(7000),
            Some("CART_PORT"),
            false,
        );
        check(
            "const dbPort = process.env.DB_PORT || 5432; connect(dbPort)",
            None,
            None,
            false,
        );
        check("app.listen(3000, '127.0.0.1')", Some(3000), None, true);
        check(
            "await app.listen({ port: 3000, host: 'localhost' })",
            Some(3000),
            None,
            true,
        );
        check("Bun.serve({ port: 5005, fetch() {} })", Some(5005), None, false);
        check(
            "z.object({ HOST: z.string().default('localhost'), PORT: z.coerce.number().int().positive().default(8080), MAX: z.number().default(1000) })",
            Some(8080),
            Some("PORT"),
            false,
        );
        check(
            "module.exports = ({ env }) => ({ port: env.int('PORT', 1337), other: env.int('DB_PORT', 5432) })",
            Some(1337),
            Some("PORT"),
            false,
        );
        check(
            "await app.listen(config.get<number>('PORT') ?? 3005)",
            Some(3005),
            Some("PORT"),
            false,
        );
        check("config.get('DB_PORT', 5432)", None, None, false);
        check(
            "cleanEnv(process.env, { PORT: port({ default: 3002, desc: 'x' }) })",
            Some(3002),
            Some("PORT"),
            false,
        );
        check("server.bindAsync(`[::]:${PORT}`, c)", None, None, false);
        check(
            "const address = `0.0.0.0:${process.env['CART_PORT']}`; server.bindAsync(address, c)",
            None,
            Some("CART_PORT"),
            false,
        );
        check("server.bindAsync('0.0.0.0:50051', c)", Some(50051), None, false);
        check(
            "const env = z.object({ PORT: z.coerce.number().default(3333) }).parse(process.env)",
            Some(3333),
            Some("PORT"),
            false,
        );
        check("mongoose.connect('mongodb://localhost:27017')", None, None, false);
    }
}
