//! The port that a program listens on, and the address, as its calls say.

use super::apps::App;
use super::facts::Facts;
use super::source::{Argument, Call, Module};
use crate::diagnostic::{self, Diagnostic};
use crate::source::{Location, Sourced};

/// The calls that start a server inside of a script.
pub fn running_calls(module: &Module) -> impl Iterator<Item = &Call> {
    module.calls.iter().filter(|c| {
        let last = c.callee.rsplit('.').next().unwrap_or("");
        let dotted = c.callee.contains('.');
        dotted
            && matches!(
                last,
                "run" | "run_app" | "listen" | "launch" | "serve" | "start_server" | "run_server"
            )
            || matches!(
                last,
                "HTTPServer"
                    | "ThreadingHTTPServer"
                    | "TCPServer"
                    | "WSGIServer"
                    | "make_server"
                    | "run_simple"
                    | "add_insecure_port"
                    | "add_secure_port"
                    | "serve"
                    | "serve_forever"
            )
    })
}

/// `run` of something that runs other things.
pub fn is_launcher(callee: &str) -> bool {
    matches!(
        callee,
        "asyncio.run" | "subprocess.run" | "anyio.run" | "trio.run" | "uvloop.run"
    )
}

/// Does it take the address without a name for it?
fn takes_address(callee: &str) -> bool {
    matches!(
        callee.rsplit('.').next().unwrap_or(""),
        "listen"
            | "HTTPServer"
            | "ThreadingHTTPServer"
            | "TCPServer"
            | "WSGIServer"
            | "make_server"
            | "add_insecure_port"
            | "add_secure_port"
            | "run_simple"
    )
}

/// A port in a call that starts a server, or the default of the variable PORT.
pub fn named_port(module: &Module) -> Option<Sourced<u16>> {
    let number = |text: &str| -> Option<u16> {
        let digits = text.rsplit(':').next().unwrap_or(text);
        digits.parse().ok().filter(|p| *p > 0)
    };
    let in_calls = running_calls(module).find_map(|call| {
        let argument = call.keyword("port").or(call.keyword("server_port")).or_else(|| {
            let positional = takes_address(&call.callee);
            let usable = |a: &&Argument| a.literals.iter().any(|l| number(l).is_some());
            call.arguments.iter().filter(|_| positional).find(usable)
        })?;
        let from_name = argument
            .value
            .as_deref()
            .filter(|_| !argument.is_string)
            .and_then(|name| module.value_of(name))
            .and_then(|v| number_in(&v.at, &v.name));
        let port = from_name.or_else(|| argument.literals.iter().rev().find_map(|l| number(l)))?;
        Some(Sourced::new(port, argument.at.clone()))
    });
    in_calls.or_else(|| {
        let call = port_variable(module)?;
        let default = call.positional(1)?;
        let port = default.literals.iter().find_map(|l| number(l))?;
        Some(Sourced::new(port, call.at.clone()))
    })
}

/// The number in `PORT = 8000` or `port = int(os.getenv("PORT", 8000))`.
fn number_in(at: &Location, name: &str) -> Option<u16> {
    let text = &at.source().text[at.range()?.start..];
    let line = text.lines().next()?.strip_prefix(name)?;
    line.split(|c: char| !c.is_ascii_digit())
        .rev()
        .find_map(|d| d.parse().ok().filter(|p| *p > 0))
}

fn port_variable(module: &Module) -> Option<&Call> {
    module.calls.iter().find(|c| {
        (c.callee.ends_with("getenv") || c.callee.ends_with("environ.get") || c.callee.ends_with("environ"))
            && c.positional(0).and_then(|a| a.value.as_deref()) == Some("PORT")
    })
}

pub fn reads_port(module: &Module, facts: &Facts) -> bool {
    port_variable(module).is_some() || facts.modules.iter().any(|m| port_variable(m).is_some())
}

/// Where the call that starts the server takes its port from the command line or from a table of
/// settings: `add_argument("--port", default=9000)`, `"PORT": "9000"`.
fn default_port(module: &Module) -> Option<Sourced<u16>> {
    running_calls(module).find(|c| takes_address(&c.callee) || c.keyword("port").is_some())?;
    let number = |text: &str| text.parse::<u16>().ok().filter(|p| *p > 0);
    let option = module.calls.iter().find_map(|call| {
        let names = call.arguments.iter().filter(|a| a.name.is_none());
        // argparse, click, and tornado.options.
        let defines = call.callee.rsplit('.').next() == Some("define");
        let is_port = names
            .flat_map(|a| &a.literals)
            .any(|l| l == "--port" || defines && l == "port");
        let default = call.keyword("default").filter(|_| is_port)?;
        let port = default.literals.iter().find_map(|l| number(l))?;
        Some(Sourced::new(port, default.at.clone()))
    });
    option.or_else(|| {
        let pairs = module.strings.windows(2).filter(|pair| pair[0].0 == "PORT");
        let mut ports = pairs.filter_map(|pair| Some(Sourced::new(number(&pair[1].0)?, pair[1].1.clone())));
        ports.next()
    })
}

/// The port that a script listens on, if it does.
pub fn served_port(module: &Module) -> Option<Sourced<u16>> {
    let own = named_port(module)
        .filter(|_| running_calls(module).next().is_some() || port_variable(module).is_some());
    if own.is_some() {
        return own;
    }
    if let Some(port) = default_port(module) {
        return Some(port);
    }
    // The default of a framework whose call names none.
    let call = running_calls(module).find(|c| {
        let last = c.callee.rsplit('.').next().unwrap_or("");
        matches!(
            last,
            "run_app" | "HTTPServer" | "make_server" | "run" | "serve" | "run_server"
        ) && !is_launcher(&c.callee)
    })?;
    let default = |dist: &str| -> Option<u16> {
        let known = [
            ("aiohttp", 8080),
            ("flask", 5000),
            ("quart", 5000),
            ("bottle", 8080),
            ("sanic", 8000),
            ("uvicorn", 8000),
            ("dash", 8050),
            ("nicegui", 8080),
            ("waitress", 8080),
            ("robyn", 8080),
            ("fasthtml", 5001),
        ];
        known.iter().find(|(d, _)| *d == dist).map(|(_, p)| *p)
    };
    let port = module
        .imports
        .iter()
        .find_map(|i| default(i.split('.').next().unwrap_or(i)))?;
    Some(Sourced::new(port, call.at.clone()))
}

/// A server of the script that binds loopback in so many words.
pub fn loopback(module: &Module) -> Option<Diagnostic> {
    running_calls(module).find_map(|call| {
        let by_name = call
            .keyword("host")
            .or(call.keyword("address"))
            .or(call.keyword("server_name"));
        let host = by_name.or_else(|| {
            let listens = call.callee.rsplit('.').next() == Some("listen");
            call.positional(usize::from(listens))
                .filter(|_| takes_address(&call.callee))
        })?;
        let said = host
            .literals
            .iter()
            .find(|l| l.starts_with("127.0.0.1") || l.starts_with("localhost"))?;
        Some(loopback_warning(&host.at, said))
    })
}

/// The option of a server's command line that is loopback where it is not given:
/// `add_argument("--host", default="127.0.0.1")`. With subcommands it is not known which has it.
pub fn loopback_option(module: &Module) -> Option<Sourced<String>> {
    running_calls(module).find(|c| !is_launcher(&c.callee))?;
    let last = |c: &Call| c.callee.rsplit('.').next().unwrap_or("").to_string();
    let nested = |c: &Call| matches!(last(c).as_str(), "add_subparsers" | "group" | "add_typer");
    if module.calls.iter().any(nested) {
        return None;
    }
    let options = module
        .calls
        .iter()
        .filter(|c| matches!(last(c).as_str(), "add_argument" | "option"));
    options.into_iter().find_map(|call| {
        let names = call.arguments.iter().filter(|a| a.name.is_none() && a.is_string);
        let known = ["--address", "--bind", "--host", "--hostname", "--ip", "--listen"];
        let name = names
            .filter_map(|a| a.value.as_deref())
            .find(|n| known.contains(n))?;
        let default = call.keyword("default")?;
        let value = default.value.as_deref()?;
        let constant = || Some(module.value_of(value)?.strings.first()?.clone());
        let said = match default.is_string {
            true => value.to_string(),
            false => constant()?,
        };
        matches!(said.as_str(), "127.0.0.1" | "localhost")
            .then(|| Sourced::new(name.to_string(), default.at.clone()))
    })
}

/// Where an application's own file names the port: `uvicorn.run(app, port=9000)`.
pub fn port_of_app(facts: &Facts, app: &App) -> Option<Sourced<u16>> {
    let module = facts.modules.iter().find(|m| m.path == app.path)?;
    named_port(module)
}

pub fn loopback_warning(at: &Location, host: &str) -> Diagnostic {
    Diagnostic::warning(
        &diagnostic::rules::LOOPBACK,
        format!("the program listens on {host} only"),
    )
    .at(at.clone(), "not reachable from outside of the container")
    .help("bind 0.0.0.0, or read the address from the environment")
}
