//! Whether the program keeps something in the home of its user.

use crate::lang::python::discover::is_for_work;
use crate::lang::python::facts::Facts;
use crate::lang::python::reach;
use crate::lang::python::source::Call;
use crate::lang::python::start::Start;
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;

/// Where the program's own files ask for the home folder: `Path.home()`, `expanduser("~/.name")`,
/// `os.environ["HOME"]`, platformdirs.
pub fn asks_for_home(tree: &Tree, facts: &Facts, start: &Start) -> Option<Location> {
    let mut asking = facts
        .modules
        .iter()
        .filter(|m| !is_for_work(paths::relative(&m.path, &facts.dir)))
        .filter_map(|m| Some((m, m.calls.iter().find(|c| asks(c))?)))
        .peekable();
    asking.peek()?;
    let reached = reach::reached(tree, facts, start);
    asking
        .find(|(m, _)| reach::is_part(&reached, m))
        .map(|(_, call)| call.at.clone())
}

fn asks(call: &Call) -> bool {
    let tilde = || {
        let path = call.positional(0).filter(|a| a.is_string);
        path.and_then(|a| a.value.as_deref())
            .is_some_and(|p| p.starts_with('~'))
    };
    let (module, name) = call.callee.rsplit_once('.').unwrap_or(("", &call.callee));
    match name {
        "expanduser" => tilde(),
        "Path" => call.then.as_deref() == Some("expanduser") && tilde(),
        "get" | "getenv" | "environ" => {
            let variable = call.positional(0).filter(|a| a.is_string);
            call.callee.starts_with("os.") && variable.and_then(|a| a.value.as_deref()) == Some("HOME")
        }
        "home" => module.rsplit('.').next() == Some("Path"),
        _ => {
            let dirs = ["appdirs", "platformdirs"].contains(&module.split('.').next().unwrap_or(""));
            dirs && (name.starts_with("user_") || name.ends_with("Dirs"))
        }
    }
}
