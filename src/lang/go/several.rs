//! A module of several services: `cmd/orders`, `cmd/payments` and `cmd/web`, of which none is the module's own.

use super::choose;
use super::module::{Module, Package};
use super::syntax::{self, Token};
use crate::paths;
use crate::tree::Tree;

/// The programs of the module that are services of their own: where nothing says which of them the module is
/// for, those that stay and serve. Empty where the module has one program, and tools beside it.
pub fn services<'m>(tree: &Tree, module: &Module, own: &[&'m Package]) -> Vec<&'m Package> {
    if own.len() < 2 || choose::preferred(tree, module, own, module.short_name()).is_some() {
        return Vec::new();
    }
    let mut serving: Vec<(&Package, Stays)> = own
        .iter()
        .filter(|p| !is_tool(paths::base(&p.dir)))
        .filter_map(|p| Some((*p, stays(module, p)?)))
        .collect();
    let answering = serving.iter().filter(|(_, how)| *how == Stays::Answers).count();
    let usual = serving
        .iter()
        .filter(|(p, _)| choose::SERVICE_NAMES.contains(&paths::base(&p.dir)))
        .count();
    // Two are asked about, and `cmd/api` beside workers is the module's own service.
    let several = serving.len() > 2 && (answering > 2 || answering == 2 && usual != 1);
    if !several {
        serving.clear();
    }
    serving.into_iter().map(|(p, _)| p).collect()
}

/// How a program goes on.
#[derive(PartialEq)]
enum Stays {
    /// It waits for connections.
    Answers,
    /// It works until it is told to stop.
    Works,
}

fn stays(module: &Module, program: &Package) -> Option<Stays> {
    let linked = choose::reachable(module, &[], &program.dir);
    if choose::listens(&linked) || linked.iter().any(|p| opens(p)) {
        return Some(Stays::Answers);
    }
    let waits = |p: &Package| says(p, "os/signal", &["Notify", "NotifyContext"]);
    linked.iter().any(|p| waits(p)).then_some(Stays::Works)
}

/// Does the package listen, or make a server of gRPC?
fn opens(package: &Package) -> bool {
    says(package, "net", &["Listen"]) || says(package, "google.golang.org/grpc", &["NewServer"])
}

/// Does a file of the package that imports `import` use one of these names?
fn says(package: &Package, import: &str, names: &[&str]) -> bool {
    let imports = |f: &super::syntax::GoFile| f.imports.iter().any(|i| i.value == import);
    package.files.iter().filter(|f| imports(f)).any(|file| {
        let words = syntax::tokens(&file.source.text);
        words
            .iter()
            .any(|(_, t)| matches!(t, Token::Word(w) if names.contains(w)))
    })
}

/// What programs are called that a person starts for a task.
const TOOLS: &[&str] = &[
    "bench",
    "cli",
    "client",
    "debug",
    "example",
    "gen",
    "generate",
    "generator",
    "migrate",
    "migration",
    "migrations",
    "migrator",
    "seed",
    "seeder",
    "test",
];

/// `orders-cli`, `ordersctl`
const TOOL_ENDINGS: &[&str] = &[
    "-cli", "-client", "-gen", "-migrate", "-seed", "-tool", "_cli", "_client", "ctl",
];

fn is_tool(name: &str) -> bool {
    TOOLS.contains(&name) || TOOL_ENDINGS.iter().any(|e| name.ends_with(e))
}
