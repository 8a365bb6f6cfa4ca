//! What a registry asks for with `WWW-Authenticate`.

/// One challenge: its scheme in lower case and its parameters.
#[derive(Debug, Default, PartialEq)]
pub struct Challenge {
    pub scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The challenges of one header. What is not well-formed is left out.
    pub fn parse(header: &str) -> Vec<Challenge> {
        let mut found: Vec<Challenge> = Vec::new();
        for part in split(header) {
            let (key, value) = match part.split_once('=') {
                Some((key, value)) => (key.trim(), Some(value.trim().trim_matches('"'))),
                None => (part.as_str(), None),
            };
            // `Bearer realm="…"`: a scheme stands before the first parameter.
            let key = match key.split_once(char::is_whitespace) {
                Some((scheme, key)) => {
                    found.push(named(scheme));
                    key.trim()
                }
                None if value.is_none() => {
                    found.push(named(key));
                    continue;
                }
                None => key,
            };
            if let (Some(challenge), Some(value)) = (found.last_mut(), value) {
                let value = value.replace("\\\"", "\"").replace("\\\\", "\\");
                challenge.parameters.push((key.to_lowercase(), value));
            }
        }
        found
    }
}

fn named(scheme: &str) -> Challenge {
    Challenge {
        scheme: scheme.to_lowercase(),
        parameters: Vec::new(),
    }
}

/// At commas outside of quotes.
fn split(header: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in header.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("never empty").push(c);
    }
    let parts = parts.iter().map(|p| p.trim().to_string());
    parts.filter(|p| !p.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_has_its_parameters() {
        let header = r#"Bearer realm="https://a/token?x=1",service="r, s", scope="repository:a:pull,push", Basic realm=x"#;
        let found = Challenge::parse(header);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].scheme, "bearer");
        assert_eq!(found[0].get("realm"), Some("https://a/token?x=1"));
        assert_eq!(found[0].get("service"), Some("r, s"));
        assert_eq!(found[0].get("scope"), Some("repository:a:pull,push"));
        assert_eq!(found[1].get("realm"), Some("x"));
    }

    #[test]
    fn nonsense_is_no_challenge_and_no_panic() {
        for header in ["", ",", "=", "\"", "Bearer", "Bearer ,=,x", "a=b"] {
            assert!(Challenge::parse(header).iter().all(|c| c.get("realm").is_none()));
        }
    }
}
