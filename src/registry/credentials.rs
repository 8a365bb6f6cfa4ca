//! Who a person is at a registry: Docker's config.json and its credential helpers.

use super::reference::HUB;
use crate::process;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// What to show at a registry. Never printed.
#[derive(Clone, PartialEq)]
pub enum Credentials {
    Password {
        user: String,
        password: String,
    },
    /// A refresh token of the registry's own login service.
    Identity(String),
}

impl Credentials {
    /// For `Authorization: Basic`.
    pub fn basic(user: &str, password: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
    }
}

/// Docker's config.json; an absent or broken one knows nobody.
pub struct DockerConfig {
    config: Value,
}

impl DockerConfig {
    pub fn read() -> Self {
        let folder = match std::env::var_os("DOCKER_CONFIG") {
            Some(folder) if !folder.is_empty() => Some(PathBuf::from(folder)),
            _ => std::env::home_dir().map(|home| home.join(".docker")),
        };
        let text = folder.and_then(|f| std::fs::read_to_string(f.join("config.json")).ok());
        let config = text.and_then(|t| serde_json::from_str(&t).ok());
        Self {
            config: config.unwrap_or(Value::Null),
        }
    }

    /// For a registry's host, as an image's name says it.
    ///
    /// # Errors
    /// A helper is configured and fails, in words. The caller may go on as nobody.
    pub fn find(&self, host: &str) -> Result<Option<Credentials>, String> {
        let names: &[&str] = if host == HUB { HUB_NAMES } else { &[host] };
        let helper = names
            .iter()
            .find_map(|name| self.config["credHelpers"][name].as_str())
            .or_else(|| self.config["credsStore"].as_str())
            .filter(|helper| !helper.is_empty());
        let asked = match helper {
            Some(helper) => ask(helper, names[0]),
            None => Ok(None),
        };
        match (asked, self.own(names)) {
            (Ok(Some(found)), _) => Ok(Some(found)),
            (_, Some(own)) => Ok(Some(own)),
            (asked, None) => asked,
        }
    }

    fn own(&self, names: &[&str]) -> Option<Credentials> {
        let auths = self.config["auths"].as_object()?;
        let found = auths.iter().find(|(key, _)| names.contains(&bare(key)));
        let (_, entry) = found.or_else(|| auths.iter().find(|(key, _)| names.contains(&key.as_str())))?;
        if let Some(token) = entry["identitytoken"].as_str().filter(|t| !t.is_empty()) {
            return Some(Credentials::Identity(token.into()));
        }
        let pair = |user: &str, password: &str| Credentials::Password {
            user: user.into(),
            password: password.into(),
        };
        if let Some(auth) = entry["auth"].as_str().filter(|a| !a.is_empty()) {
            let text = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
            let (user, password) = text.split_once(':')?;
            return Some(pair(user, password.trim_end_matches('\0')));
        }
        Some(pair(entry["username"].as_str()?, entry["password"].as_str()?))
    }
}

/// Docker Hub's names in config.json; the first is the one that helpers know.
const HUB_NAMES: &[&str] = &[
    "https://index.docker.io/v1/",
    "index.docker.io",
    "docker.io",
    "registry-1.docker.io",
];

/// `https://host/v1/` as `host`.
fn bare(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// How long a helper may take. None of them waits for a person.
const PATIENCE: Duration = Duration::from_secs(30);

/// The protocol of docker-credential-helpers: the server on standard input, JSON on standard output.
fn ask(helper: &str, server: &str) -> Result<Option<Credentials>, String> {
    let good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !helper.chars().all(good) {
        return Err(format!("`{helper}` is no credential helper's name"));
    }
    let program = format!("docker-credential-{helper}");
    let said = process::told(&program, &["get"], &[], server, PATIENCE)?;
    if !said.success {
        // Helpers tell their errors on standard output. This is what each says where there is no login.
        let why = format!("{}{}", said.stdout, said.stderr);
        return if why.contains("credentials not found") {
            Ok(None)
        } else {
            Err(format!("{program}: {}", why.trim()))
        };
    }
    let answer: Value =
        serde_json::from_str(&said.stdout).map_err(|_| format!("{program} did not answer with JSON"))?;
    let text = |key: &str| answer[key].as_str().unwrap_or_default().to_string();
    let (user, password) = (text("Username"), text("Secret"));
    Ok(match (user.as_str(), password.is_empty()) {
        (_, true) => None,
        ("<token>", false) => Some(Credentials::Identity(password)),
        _ => Some(Credentials::Password { user, password }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> DockerConfig {
        DockerConfig {
            config: serde_json::from_str(text).unwrap(),
        }
    }

    #[test]
    fn a_login_is_found_by_each_form_of_its_key() {
        for key in ["r.io:5000", "https://r.io:5000", "https://r.io:5000/v1/"] {
            let config = config(&format!(r#"{{"auths":{{"{key}":{{"auth":"dTpwOnE="}}}}}}"#));
            let found = config.find("r.io:5000").unwrap();
            let want = Credentials::Password {
                user: "u".into(),
                password: "p:q".into(),
            };
            assert!(found == Some(want), "{key}");
            assert!(config.find("other.io").unwrap().is_none());
        }
    }

    #[test]
    fn docker_hub_has_its_own_key() {
        let config = config(r#"{"auths":{"https://index.docker.io/v1/":{"identitytoken":"t"}}}"#);
        assert!(config.find(HUB).unwrap() == Some(Credentials::Identity("t".into())));
    }

    #[test]
    fn a_helper_that_is_missing_is_told_and_is_no_login() {
        let config = config(r#"{"credsStore":"no-such-helper-here"}"#);
        assert!(
            config
                .find("r.io")
                .is_err_and(|e| e.contains("docker-credential-no-such"))
        );
    }
}
