//! Whatever a project calls itself, its names gain no instruction and no expansion in the output.

use proptest::prelude::*;
use rdock::config::Config;
use rdock::discover::discover;
use rdock::manifest::{command, doc, gomod};
use rdock::settings::Settings;
use rdock::source::Source;
use rdock::tree::Tree;
use rdock::{escape, pipeline};

/// Text rich in what is special to a shell, to JSON and to a Dockerfile.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        proptest::collection::vec(
            prop_oneof![
                Just("$(touch x)"),
                Just("`id`"),
                Just("${HOME}"),
                Just("$PATH"),
                Just("\n"),
                Just("\r"),
                Just("\\"),
                Just("\""),
                Just("'"),
                Just("RUN evil"),
                Just("#"),
                Just("<<EOF"),
                Just(" && "),
                Just("*"),
                Just("\u{2028}"),
                Just("\u{0}"),
                Just("a"),
                Just("é"),
                Just("/"),
                Just(".."),
                Just(",source=/"),
            ],
            0..8
        )
        .prop_map(|parts| parts.concat()),
    ]
}

/// What the words of a shell are after quoting, as `sh` itself splits them.
fn unquoted(line: &str) -> Option<Vec<String>> {
    shlex::split(line)
}

proptest! {
    #[test]
    fn a_shell_word_is_one_word_and_comes_back_as_it_was(value in nasty()) {
        if let Ok(safe) = escape::shell(&value) {
            prop_assert_eq!(unquoted(safe.as_str()), Some(vec![value]));
            prop_assert!(!safe.as_str().contains('\n'));
        }
    }

    #[test]
    fn an_exec_form_is_json_on_one_line(words in proptest::collection::vec(nasty(), 1..4)) {
        if let Ok(safe) = escape::exec(&words) {
            prop_assert!(!safe.as_str().contains(['\n', '\r']));
            let back: Vec<String> = serde_json::from_str(safe.as_str()).unwrap();
            prop_assert_eq!(back, words);
        }
    }

    #[test]
    fn a_path_has_no_space_no_quote_and_no_bare_dollar(value in nasty()) {
        for safe in [escape::path(&value), escape::mount(&value)].into_iter().flatten() {
            let text = safe.as_str();
            prop_assert!(!text.contains(['\n', '\r', ' ', '"', '\'', '`']));
            prop_assert!(!text.replace("\\$", "").contains('$'));
        }
    }

    #[test]
    fn a_quoted_value_ends_where_it_should(value in nasty()) {
        if let Ok(safe) = escape::quoted(&value) {
            let text = safe.as_str();
            prop_assert!(!text.contains(['\n', '\r']));
            if let Some(inner) = text.strip_prefix('"') {
                let inner = inner.strip_suffix('"').unwrap().replace("\\\\", "").replace("\\\"", "").replace("\\$", "");
                prop_assert!(!inner.contains(['"', '$']));
            }
        }
    }

    #[test]
    fn a_comment_is_one_line(value in nasty()) {
        let breaks = ['\n', '\r', '\u{2028}'];
        prop_assert!(!escape::comment(&value).as_str().contains(breaks));
    }

    #[test]
    fn an_image_name_follows_the_specification(value in nasty()) {
        let name = escape::image_name(&value);
        prop_assert!(name.starts_with(|c: char| c.is_ascii_alphanumeric()));
        prop_assert!(name.ends_with(|c: char| c.is_ascii_alphanumeric()));
        prop_assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c)));
    }

    #[test]
    fn no_parser_panics(text in nasty()) {
        let source = Source::new("f", text.clone());
        let _ = (doc::toml(&source).is_ok(), doc::json(&source).is_ok(), doc::yaml(&source).is_ok());
        let _ = (gomod::parse(&source).is_ok(), command::parse(&text), command::procfile(&source));
    }

    #[test]
    fn names_of_a_project_gain_no_instruction(module in nasty(), folder in nasty(), file in nasty()) {
        let gomod = format!("module {module:?}\n\ngo 1.26\n");
        let folder = folder.replace(['/', '\0'], "");
        let main = format!("cmd/{folder}/main.go");
        let code = format!("package main\nimport \"net/http\"\nvar f = http.Dir({file:?})\nfunc main() {{ http.ListenAndServe(\":8080\", nil) }}\n");
        let data = format!("{}/data.txt", file.trim_matches('/'));
        let tree = Tree::from_pairs([("go.mod", gomod.as_str()), (main.as_str(), code.as_str()), (data.as_str(), "x")]);
        let config = Config::default();
        let found = discover(&tree, &config, "", None);
        for outcome in pipeline::run(&tree, &config, &found, &Settings::default()) {
            let Ok(done) = outcome.result else { continue };
            let dockerfile = &done.files[0].text;
            let words: Vec<&str> = dockerfile
                .lines()
                .filter(|l| !l.starts_with(['#', ' ']) && !l.is_empty())
                .map(|l| l.split(' ').next().unwrap())
                .collect();
            let known = ["FROM", "WORKDIR", "ENV", "RUN", "ARG", "COPY", "USER", "EXPOSE", "ENTRYPOINT", "VOLUME", "CMD"];
            prop_assert!(words.iter().all(|w| known.contains(w)), "{}", dockerfile);
            prop_assert!(!dockerfile.lines().any(|l| l.trim_start().starts_with("RUN evil")), "{}", dockerfile);
        }
    }
}
