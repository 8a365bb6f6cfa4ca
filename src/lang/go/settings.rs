//! Files of settings that libraries find by a name of their own: those of
//! [viper](https://pkg.go.dev/github.com/spf13/viper#SetConfigName), and a `.env` that the program insists on.

use super::module::{Module, at};
use super::named::Constants;
use super::syntax::Token;
use crate::manifest::dotenv;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::BTreeSet;

/// Endings that viper knows.
const ENDINGS: &[&str] = &["yaml", "yml", "json", "toml", "env", "ini", "properties", "props"];

/// Calls that end the program.
const ENDS: &[&str] = &[
    "Exit", "Fatal", "Fatalf", "Fatalln", "Fatalw", "Panic", "Panicf", "Panicln", "panic",
];

/// `viper.SetConfigName("app")` with `AddConfigPath(".")`: the committed files of that name, as `opens` has them.
pub fn named(
    tree: &Tree,
    module: &Module,
    package: &str,
    constants: &Constants,
    tokens: &[(usize, Token)],
    found: &mut BTreeSet<(String, String)>,
) {
    let calls = |name: &'static str| {
        (0..tokens.len()).filter(move |i| {
            tokens[*i].1 == Token::Word(name) && matches!(tokens.get(i + 1), Some((_, Token::Punct('('))))
        })
    };
    let text = |i: usize| match &tokens.get(i)?.1 {
        Token::Text(text) => Some(text.clone()),
        _ => constants.path(package, tokens, i),
    };
    // A folder that is only known when the program runs is most often the one that it is started in.
    let folders: BTreeSet<String> = calls("AddConfigPath")
        .map(|i| text(i + 2).unwrap_or_default())
        .filter_map(|folder| paths::join("", folder.trim_start_matches("./")))
        .collect();
    for name in calls("SetConfigName").filter_map(|i| text(i + 2)) {
        if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
            continue;
        }
        for folder in &folders {
            for end in ENDINGS {
                let said = at(folder, &format!("{name}.{end}"));
                let path = at(&module.dir, &said);
                if tree.has(&path) {
                    found.insert((path, said));
                }
            }
        }
    }
}

/// A `.env` without which the program ends: `if err := godotenv.Load(); err != nil { log.Fatal(err) }`. Its variables
/// come from the environment in a container, so that an empty one serves.
pub fn insisted(tokens: &[(usize, Token)], place: &dyn Fn(usize) -> Location) -> Option<Sourced<String>> {
    for i in 0..tokens.len() {
        let (Token::Word("Load" | "Overload" | "SetConfigFile" | "ReadConfig"), Some((_, Token::Punct('(')))) =
            (&tokens[i].1, tokens.get(i + 1))
        else {
            continue;
        };
        let of_dotenv =
            i >= 2 && tokens[i - 2].1 == Token::Word("godotenv") && tokens[i - 1].1 == Token::Punct('.');
        let name = match &tokens.get(i + 2)?.1 {
            Token::Punct(')') if of_dotenv => ".env",
            Token::Text(text) => text.trim_start_matches("./"),
            _ => continue,
        };
        if name == ".env" && ends(&tokens[i..]) {
            return Some(Sourced::new(name.to_string(), place(i)));
        }
    }
    None
}

/// Does the next block end the program, or give its error to the caller?
fn ends(tokens: &[(usize, Token)]) -> bool {
    /// So near is the block that looks at the error.
    const NEAR: usize = 40;
    let Some(open) = tokens
        .iter()
        .take(NEAR)
        .position(|(_, t)| *t == Token::Punct('{'))
    else {
        return false;
    };
    let tested = tokens[..open].iter().any(|(_, t)| *t == Token::Word("nil"));
    let block = &tokens[open..super::shape::closing(tokens, open)];
    let mut returns = false;
    tested
        && block.iter().any(|(_, t)| match t {
            Token::Word("return") => {
                returns = true;
                false
            }
            Token::Word("err") => returns,
            Token::Word(word) => ENDS.contains(word),
            _ => false,
        })
}

/// Folders that the files of settings name: `MIGRATION_URL=file://db/migration`.
pub fn folders(tree: &Tree, module: &Module, opens: &BTreeSet<(String, String)>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for source in opens.iter().filter_map(|(path, _)| tree.text(path)) {
        for line in source.text.lines().take(2_000) {
            let Some((_, rest)) = line.split_once("file://") else {
                continue;
            };
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"._-/".contains(c));
            let said = rest[..end.unwrap_or(rest.len())]
                .trim_start_matches("./")
                .trim_end_matches('/');
            let path = at(&module.dir, said);
            if !said.is_empty()
                && !said.starts_with(['/', '.'])
                && !said.contains("..")
                && tree.has_dir(&path)
            {
                found.push((path, said.to_string()));
            }
        }
    }
    found
}

/// The variable that the program reads its port from, with the port that the sample of `.env` gives to it
/// (`SERVER_PORT=8080`). Without one, the only one that it reads.
pub fn variable(
    tree: &Tree,
    module: &Module,
    read: &[Sourced<String>],
) -> (Option<Sourced<String>>, Option<Sourced<u16>>) {
    let samples = dotenv::SAMPLES
        .iter()
        .filter_map(|name| tree.text(&at(&module.dir, name)));
    for source in samples {
        let sampled = dotenv::variables(&source).find_map(|(name, value)| {
            let port: u16 = value.value.parse().ok().filter(|p| *p >= 80)?;
            let variable = read.iter().find(|v| v.value == name)?;
            Some((variable.clone(), Sourced::new(port, value.at)))
        });
        if let Some((variable, port)) = sampled {
            return (Some(variable), Some(port));
        }
    }
    let only = |first: &&Sourced<String>| read.iter().all(|v| v.value == first.value);
    (read.first().filter(only).cloned(), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::go::module::Package;
    use crate::lang::go::syntax;
    use crate::source::Source;

    #[test]
    fn an_env_file_is_insisted_on_where_the_program_ends_without_it() {
        for (text, expected) in [
            (
                "err := godotenv.Load(); if err != nil { log.Fatal(\"no .env\") }",
                true,
            ),
            (
                "if err := godotenv.Load(\"./.env\"); err != nil { return nil, err }",
                true,
            ),
            (
                "viper.SetConfigFile(\".env\")\nif err := viper.ReadInConfig(); err != nil { panic(err) }",
                true,
            ),
            (
                "if err := godotenv.Load(); err != nil { log.Println(\"no .env\") }",
                false,
            ),
            ("godotenv.Load()\nif debug { panic(1) }", false),
            ("_ = godotenv.Load()", false),
            ("if err := cache.Load(); err != nil { log.Fatal(err) }", false),
            ("godotenv.Load(", false),
        ] {
            let tokens = syntax::tokens(text);
            let place = |_| Location::whole(&Source::new("main.go", ""));
            assert_eq!(insisted(&tokens, &place).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn the_files_of_a_name_that_viper_looks_for_are_found() {
        let source = "package main\nfunc load(path string) { viper.AddConfigPath(path)\n\
                      viper.AddConfigPath(\"./config\")\nviper.SetConfigName(\"app\") }";
        let tree = Tree::from_pairs([
            ("go.mod", "module acme.dev/x\n"),
            ("main.go", source),
            ("app.env", "A=1\n"),
            ("config/app.yaml", "a: 1\n"),
            ("config/app.go", "package config\n"),
            ("other/app.yaml", "a: 1\n"),
        ]);
        let module = Module::read(&tree, "").unwrap().unwrap();
        let packages: Vec<&Package> = module.packages.values().collect();
        let constants = Constants::read(&packages);
        let mut found = BTreeSet::new();
        named(
            &tree,
            &module,
            "main",
            &constants,
            &syntax::tokens(source),
            &mut found,
        );
        let names: Vec<&str> = found.iter().map(|(_, said)| said.as_str()).collect();
        assert_eq!(names, ["app.env", "config/app.yaml"]);
    }

    #[test]
    fn the_port_comes_from_the_sample_of_the_environment() {
        let tree = Tree::from_pairs([
            ("go.mod", "module acme.dev/x\n"),
            (".env.example", "DB_PORT=5432\nHTTP_PORT=\"8081\" # own\n"),
        ]);
        let module = Module::read(&tree, "").unwrap().unwrap();
        let read = |names: &[&str]| -> Vec<Sourced<String>> {
            let named = |n: &&str| Sourced::new(n.to_string(), Location::whole(&Source::new("main.go", "")));
            names.iter().map(named).collect()
        };
        let check = |names: &[&str]| {
            let (variable, port) = variable(&tree, &module, &read(names));
            (variable.map(|v| v.value), port.map(|p| p.value))
        };
        assert_eq!(
            check(&["APP_PORT", "HTTP_PORT"]),
            (Some("HTTP_PORT".into()), Some(8081))
        );
        assert_eq!(check(&["APP_PORT", "APP_PORT"]), (Some("APP_PORT".into()), None));
        assert_eq!(check(&["APP_PORT", "API_PORT"]), (None, None));
        assert_eq!(check(&[]), (None, None));
    }

    #[test]
    fn folders_that_settings_name_are_found() {
        let tree = Tree::from_pairs([
            ("go.mod", "module acme.dev/x\n"),
            (
                "app.env",
                "MIGRATION_URL=file://db/migration\nOTHER=file:///etc\nB=file://../x\n",
            ),
            ("db/migration/1.up.sql", ""),
        ]);
        let module = Module::read(&tree, "").unwrap().unwrap();
        let opens = BTreeSet::from([("app.env".to_string(), "app.env".to_string())]);
        let found = folders(&tree, &module, &opens);
        assert_eq!(found, [("db/migration".to_string(), "db/migration".to_string())]);
    }
}
