//! Where a server keeps its data: the default of what is named after such a folder, or the home folder.

use super::hints::DEFAULTS;
use super::ports;
use super::syntax::Token;
use crate::paths;

/// Words of names that say that data is kept there.
const KEEPS: &[&str] = &[
    "data", "datadir", "storage", "store", "upload", "uploads", "workdir",
];
/// Words that say that a folder is meant.
const FOLDER: &[&str] = &["dir", "directory", "folder", "home", "path", "root"];
/// Names that mean a folder by themselves.
const ALONE: &[&str] = &["data", "datadir", "storage", "uploads"];
/// Below these the system has its own, or what is there does not stay.
const SYSTEM: &[&str] = &[
    "bin", "dev", "etc", "home", "lib", "proc", "root", "run", "sbin", "sys", "tmp", "usr", "var/log",
    "var/run",
];

/// The folder that the text at `i` is, where it is the default of a flag or variable (`"data-dir", "./data"`), of a
/// tag (`default:"./data" env:"DATA_DIR"`) or given to a name (`config.Data = "/var/opt/app"`). A database by an
/// absolute path is kept in its folder.
pub fn folder(tokens: &[(usize, Token)], i: usize, text: &str, call: Option<&str>) -> Option<String> {
    if let [.., (_, Token::Word(field)), (_, Token::Word(_))] = &tokens[..i]
        && let Some(default) = ports::default(text)
    {
        let mut said = ports::words(field);
        said.extend(ports::keys(text));
        return keeps(&said).then(|| plain(default)).flatten();
    }
    let given = match &tokens[..i] {
        // `node.Data = "p"` is no folder.
        [.., (_, Token::Word(name)), (_, Token::Punct('='))] => {
            keeps(&ports::words(name)) && text.contains('/')
        }
        _ if call.is_some_and(|c| DEFAULTS.contains(&c)) => {
            tokens[i.saturating_sub(4)..i].iter().any(|(_, t)| match t {
                Token::Text(name) => keeps(&ports::words(name)),
                _ => false,
            })
        }
        // `fallbackTo(p.DataDir, "./data")`
        _ if call.is_some_and(defaults) => super::flags::opening(tokens, i).is_some_and(|open| {
            let mut before = tokens[open..i].iter().rev().filter_map(|(_, t)| match t {
                Token::Word(name) => Some(ports::words(name)),
                _ => None,
            });
            before.next().is_some_and(|said| keeps(&said))
        }),
        _ => false,
    };
    let default = call.is_some_and(|c| DEFAULTS.contains(&c));
    if default && text.starts_with('/') && text.ends_with(".db") {
        return plain(paths::parent(text));
    }
    given.then(|| plain(text)).flatten()
}

/// Is the text joined to a folder of data or of a user, so that nothing of the project is there:
/// `filepath.Join(dataDir, "config.json")`?
pub fn joined(tokens: &[(usize, Token)], i: usize, call: Option<&str>) -> bool {
    const OF_USERS: &[&str] = &["cache", "data", "home", "temp", "tmp", "user"];
    let Some(open) = super::flags::opening(tokens, i).filter(|_| call == Some("Join")) else {
        return false;
    };
    tokens[open..i].iter().any(|(_, t)| match t {
        Token::Word(name) => ports::words(name).iter().any(|w| OF_USERS.contains(&w.as_str())),
        _ => false,
    })
}

/// Does a function of this name give a default?
fn defaults(call: &str) -> bool {
    let call = call.to_ascii_lowercase();
    ["default", "fallback", "orelse"]
        .iter()
        .any(|word| call.contains(word))
}

fn keeps(said: &[String]) -> bool {
    let has = |list: &[&str]| said.iter().any(|w| list.contains(&w.as_str()));
    match said {
        [one] => ALONE.contains(&one.as_str()),
        _ => has(KEEPS) && has(FOLDER) && !has(&["static", "template", "templates", "public"]),
    }
}

/// A folder that a container can have as a volume: below the working folder, or outside of the system's own.
fn plain(text: &str) -> Option<String> {
    let good = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let text = text.trim_end_matches('/');
    let text = text.strip_prefix("./").unwrap_or(text);
    let relative = text.trim_start_matches('/');
    let system = text.starts_with('/') && SYSTEM.iter().any(|s| paths::is_under(relative, s));
    let dots = text.split('/').any(|part| part.starts_with('.'));
    (text.chars().all(good) && !relative.is_empty() && relative.len() + 1 >= text.len() && !system && !dots)
        .then(|| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::go::syntax::tokens;

    #[test]
    fn what_is_joined_to_a_folder_of_data_is_none_of_the_project() {
        for (text, expected) in [
            ("filepath.Join(*p.DataDir, \"config.json\"", true),
            ("filepath.Join(root, \"config.json\"", false),
            ("open(dataDir, \"config.json\"", false),
        ] {
            let tokens = tokens(text);
            let call = if text.contains("Join") { "Join" } else { "open" };
            assert_eq!(joined(&tokens, tokens.len() - 1, Some(call)), expected, "{text}");
        }
    }

    #[test]
    fn the_folder_of_data_is_found_by_its_name() {
        for (text, call, expected) in [
            (
                "flag.String(\"data-dir\", \"./data/\"",
                Some("String"),
                Some("data"),
            ),
            (
                "viper.SetDefault(\"storage.path\", \"store\"",
                Some("SetDefault"),
                Some("store"),
            ),
            (
                "flag.String(\"db\", \"/srv/app/x.db\"",
                Some("String"),
                Some("/srv/app"),
            ),
            ("config.Data = \"/var/opt/app\"", None, Some("/var/opt/app")),
            ("config.Data = \"/etc/app\"", None, None),
            ("config.Data = \"../x\"", None, None),
            ("config.Data = \"a b\"", None, None),
            (
                "DefaultPointer(p.DataDir, \"./data\"",
                Some("DefaultPointer"),
                Some("data"),
            ),
            ("DefaultPointer(p.Name, \"./data\"", Some("DefaultPointer"), None),
            ("join(p.DataDir, \"./data\"", Some("join"), None),
            ("node.Data = \"p\"", None, None),
            ("config.Database = \"app\"", None, None),
            ("flag.String(\"static-dir\", \"static\"", Some("String"), None),
            ("flag.String(\"data\", \"\"", Some("String"), None),
            (
                "Path string `env:\"DATA_PATH\" default:\"./data\"`",
                None,
                Some("data"),
            ),
            ("Path string `env:\"DATA_PATH\"`", None, None),
        ] {
            let tokens = tokens(text);
            let i = tokens.len() - 1;
            let Token::Text(last) = &tokens[i].1 else {
                panic!("{text} ends in a text");
            };
            assert_eq!(folder(&tokens, i, last, call).as_deref(), expected, "{text}");
        }
    }
}
