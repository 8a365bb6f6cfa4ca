//! Credentials in what is shown: a manifest's line, a value in a message. Each byte becomes a star, so
//! that places stay where they are.

use std::borrow::Cow;
use std::ops::Range;

/// Last words of a name whose value is a credential.
const NAMES: &[&str] = &[
    "_auth",
    "_authtoken",
    "_password",
    "access_key",
    "accesskey",
    "api_key",
    "apikey",
    "authtoken",
    "passwd",
    "password",
    "private_key",
    "secret",
    "secret_key",
    "secretkey",
    "token",
];

/// Shorter ones are switches and stand-ins.
const SHORTEST: usize = 4;

/// The text without the credentials in it, in as many bytes.
pub fn masked(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'=' | b':' | b'>')) {
        return text.into();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    found.extend(
        text.match_indices("://")
            .filter_map(|(at, _)| in_address(text, at + 3)),
    );
    found.extend(
        text.match_indices(['=', ':', '>'])
            .filter_map(|(at, _)| of_name(text, at)),
    );
    if found.is_empty() {
        return text.into();
    }
    let mut bytes = text.as_bytes().to_vec();
    for range in found {
        bytes[range].fill(b'*');
    }
    String::from_utf8(bytes)
        .expect("whole characters became stars")
        .into()
}

/// `https://user:PASSWORD@host` and `https://TOKEN@host`. A user without a password is a credential over
/// HTTP alone; `ssh://git@host` is none.
fn in_address(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    let ends = |c: char| c.is_whitespace() || c.is_control() || "/?#\"'`<>|,\\".contains(c);
    let user = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let user = &user[..user.rfind('@')?];
    let from = match user.find(':') {
        Some(colon) => colon + 1,
        None if text[..start].ends_with("http://") || text[..start].ends_with("https://") => 0,
        None => return None,
    };
    let value = &user[from..];
    let plain =
        value.is_empty() || value.contains(['$', '{', '%']) && !value.contains(|c: char| c.is_ascii_digit());
    (!plain && value != "git").then(|| start + from..start + user.len())
}

/// `name=VALUE`, `name: "VALUE"`, `<name>VALUE<`, where the name says that the value is secret and the
/// value is written out.
fn of_name(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text[..at].trim_end_matches([' ', '\t', '"', '\'', ']']);
    let start = before
        .char_indices()
        .rev()
        .find(|(_, c)| !(c.is_alphanumeric() || "_-.".contains(*c)))
        .map_or(0, |(at, c)| at + c.len_utf8());
    let name = before[start..].to_ascii_lowercase().replace(['-', '.'], "_");
    if !NAMES.iter().any(|n| name.ends_with(n)) {
        return None;
    }
    let rest = text[at + 1..].trim_start_matches([' ', '\t']);
    let quoted = rest.starts_with(['"', '\'']);
    let value = rest.trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| c.is_whitespace() || c.is_control() || "\"'<,;".contains(c));
    let value = &value[..end.unwrap_or(value.len())];
    let written = value.len() >= SHORTEST
        && !value.starts_with(['$', '{', '%', '/'])
        && !value.contains(['(', '[', '`', '$']);
    // Without quotes, a word is as likely a type or another name.
    let literal = quoted || name.starts_with('_') || value.contains(|c: char| c.is_ascii_digit());
    let offset = value.as_ptr() as usize - text.as_ptr() as usize;
    (written && literal).then(|| offset..offset + value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_becomes_stars_of_its_length() {
        for (text, want) in [
            ("//h/:_authToken=abc12345", "//h/:_authToken=********"),
            ("git+https://u:pä55@h/x", "git+https://u:*****@h/x"),
            ("https://ghp_1234@github.com/a", "https://********@github.com/a"),
            ("postgres://u:p@ss1@h/d", "postgres://u:*****@h/d"),
            ("token = \"abcdef\"", "token = \"******\""),
            ("ENV API_TOKEN=abc123 B=1", "ENV API_TOKEN=****** B=1"),
            ("<password>hunter22</password>", "<password>********</password>"),
            ("\"password\": \"hunter\",", "\"password\": \"******\","),
        ] {
            assert_eq!(masked(text), want);
        }
    }

    #[test]
    fn what_is_no_credential_stays() {
        for text in [
            "ssh://git@github.com/a/b",
            "https://example.com/@acme/x",
            "https://${USER}:${PASSWORD}@h/",
            "//h/:_authToken=${NPM_TOKEN}",
            "SECRET_KEY = os.environ[\"SECRET_KEY\"]",
            "password: String",
            "--mount=type=secret,id=api_token,env=API_TOKEN",
            "token: /run/secrets/token1",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
