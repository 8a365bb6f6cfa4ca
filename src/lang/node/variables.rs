//! Variables in a start command, which no shell expands in a container.

/// Programs that read PORT themselves.
const READ_PORT: &[&str] = &["next", "nuxt", "react-router-serve", "remix-serve", "strapi"];

/// Arguments as they are without a shell that expands variables: a default takes its variable's place,
/// a port without one is 3000, and a flag whose value is not known is left to the program's own default.
pub fn expand(program: &str, args: Vec<String>, env: &mut Vec<(String, String)>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for arg in args {
        // Words with spaces were quoted, and are meant as they are.
        let Some((before, rest)) = arg.split_once('$').filter(|_| !arg.contains(' ')) else {
            out.push(arg);
            continue;
        };
        let inside = rest.strip_prefix('{').and_then(|r| r.strip_suffix('}'));
        let name_end = |t: &str| {
            t.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(t.len())
        };
        let (name, after) = inside.unwrap_or(rest).split_at(name_end(inside.unwrap_or(rest)));
        let default = inside
            .and_then(|_| after.strip_prefix(":-").or_else(|| after.strip_prefix('-')))
            .filter(|d| !d.contains('$'));
        let port = name == "PORT";
        let own = port && READ_PORT.contains(&program);
        if let (true, Some(default)) = (own, default) {
            env.push(("PORT".into(), default.into()));
        }
        let value = match default {
            _ if own => None,
            None if port => Some("3000"),
            other => other,
        };
        let whole = inside.is_some() || after.is_empty();
        match value {
            Some(value) if whole => out.push(format!("{before}{value}")),
            _ => {
                let flag = before.is_empty() && out.last().is_some_and(|l| l.starts_with('-'));
                out.truncate(out.len() - usize::from(flag));
            }
        }
    }
    out
}

/// What stands for a whole value that has a default: `3001` of `${PORT:-3001}`.
pub fn default(value: &str) -> Option<String> {
    let inside = value.strip_prefix("${")?.strip_suffix('}')?;
    let at = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let default = inside[at..]
        .strip_prefix(":-")
        .or_else(|| inside[at..].strip_prefix('-'))?;
    (!default.is_empty() && !default.contains(['$', '}'])).then(|| default.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_a_default_is_its_default() {
        assert_eq!(default("${PORT:-3001}").as_deref(), Some("3001"));
        assert_eq!(default("${PORT-3001}").as_deref(), Some("3001"));
        assert_eq!(default("${PORT}"), None);
        assert_eq!(default("${A:-${B}}"), None);
    }

    #[test]
    fn variables_are_not_left_to_a_shell_that_is_not_there() {
        let args = |program: &str, text: &str| {
            let mut env = Vec::new();
            let words = text.split(' ').map(String::from).collect();
            let args = expand(program, words, &mut env).join(" ");
            (args, env.pop().map(|(_, v)| v))
        };
        let some = |text: &str| Some(text.to_string());
        assert_eq!(args("next", "start -p $PORT"), ("start".into(), None));
        assert_eq!(
            args("next", "start --port ${PORT:-8080} -H 0.0.0.0"),
            ("start -H 0.0.0.0".into(), some("8080"))
        );
        assert_eq!(args("node", "--port=${PORT-80} x"), ("--port=80 x".into(), None));
        assert_eq!(args("node", "--port $PORT"), ("--port 3000".into(), None));
        assert_eq!(args("node", "--host $HOST --quiet"), ("--quiet".into(), None));
        assert_eq!(args("node", "--name=$NAME a"), ("a".into(), None));
    }
}
