//! An image's name taken apart, by the distribution specification and Docker's short forms.

use crate::escape::{is_host, is_repository, is_tag};
use std::collections::BTreeMap;

/// Where an image is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Host and perhaps port: `docker.io`, `registry.example.com:5000`.
    pub host: String,
    /// `library/golang`.
    pub repository: String,
    pub tag: String,
}

impl Reference {
    /// `golang:1.27` is `docker.io/library/golang:1.27`. `None` for what the specification does not
    /// allow, and for a name with a digest.
    pub fn parse(image: &str) -> Option<Self> {
        let (name, tag) = match image.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (image, "latest"),
        };
        let (host, repository) = match name.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => {
                (host, rest.to_string())
            }
            Some(_) => (HUB, name.to_string()),
            None => (HUB, format!("library/{name}")),
        };
        let host = if host == "index.docker.io" { HUB } else { host };
        let repository = match (host, repository.contains('/')) {
            (HUB, false) => format!("library/{repository}"),
            _ => repository,
        };
        let good = is_host(host) && is_repository(&repository) && is_tag(tag);
        good.then(|| Self {
            host: host.to_string(),
            repository,
            tag: tag.to_string(),
        })
    }

    /// The same image at the mirror that rdock.toml names for the longest part of its name.
    pub fn at_mirror(self, mirrors: &BTreeMap<String, String>) -> Self {
        let full = format!("{}/{}", self.host, self.repository);
        let under = |key: &str| full.strip_prefix(key).filter(|rest| rest.starts_with('/'));
        let best = mirrors
            .iter()
            .filter(|(key, _)| under(key).is_some())
            .max_by_key(|(key, _)| key.len());
        let Some((key, mirror)) = best else {
            return self;
        };
        let rest = under(key).expect("filtered");
        let (host, prefix) = mirror.split_once('/').unwrap_or((mirror, ""));
        Self {
            host: host.to_string(),
            repository: format!("{prefix}{rest}").trim_start_matches('/').to_string(),
            tag: self.tag,
        }
    }

    /// Where the registry's interface is.
    pub fn server(&self) -> &str {
        if self.host == HUB {
            "registry-1.docker.io"
        } else {
            &self.host
        }
    }

    /// On this machine, where Docker too does without TLS.
    pub fn is_loopback(&self) -> bool {
        let name = self.host.rsplit_once(':').map_or(self.host.as_str(), |(n, _)| n);
        name == "localhost" || name.starts_with("127.") || name == "[::1]"
    }
}

pub const HUB: &str = "docker.io";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(image: &str, want: &str) {
        let reference = Reference::parse(image).unwrap();
        assert_eq!(
            format!("{} {} {}", reference.host, reference.repository, reference.tag),
            want
        );
    }

    #[test]
    fn short_names_are_docker_hubs() {
        check("golang:1.27", "docker.io library/golang 1.27");
        check("golang", "docker.io library/golang latest");
        check("oven/bun:1.3", "docker.io oven/bun 1.3");
        check("docker.io/golang:1", "docker.io library/golang 1");
        check("localhost/a", "localhost a latest");
        check("localhost:5000/a/b:c", "localhost:5000 a/b c");
        check(
            "gcr.io/distroless/cc-debian13:nonroot",
            "gcr.io distroless/cc-debian13 nonroot",
        );
    }

    #[test]
    fn what_would_change_the_address_is_no_name() {
        for image in [
            "a b",
            "a?x:1",
            "A",
            "a/../b",
            "a:",
            "a:b?c",
            "a@sha256:1",
            "",
            "-a",
            "a//b",
        ] {
            assert_eq!(Reference::parse(image), None, "{image}");
        }
    }

    #[test]
    fn the_longest_mirror_wins() {
        let mirrors = [
            ("docker.io", "m.example.com/hub"),
            ("docker.io/library", "127.0.0.1:5000"),
        ];
        let mirrors = mirrors.map(|(k, v)| (k.to_string(), v.to_string())).into();
        let at = |image: &str| Reference::parse(image).unwrap().at_mirror(&mirrors);
        let golang = at("golang:1");
        assert_eq!(
            (golang.host.as_str(), golang.repository.as_str()),
            ("127.0.0.1:5000", "golang")
        );
        assert_eq!(at("oven/bun:1").repository, "hub/oven/bun");
        assert_eq!(at("gcr.io/a:1").host, "gcr.io");
    }
}
