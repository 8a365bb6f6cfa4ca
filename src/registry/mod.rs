//! Asks registries which digest a tag has, by the OCI distribution specification. The only module
//! that uses the network; only `rdock pin` calls it.

mod challenge;
mod credentials;
mod http;
mod reference;

use crate::diagnostic::{Diagnostic, rules};
use crate::pins;
use challenge::Challenge;
use credentials::{Credentials, DockerConfig};
use reference::{HUB, Reference};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use ureq::Agent;
use ureq::http::Response;

type Answer = Response<ureq::Body>;

/// Indexes first: the digest of an index holds for all platforms.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";
/// Bytes of a manifest; the specification asks registries for at least 4 MB.
const MAX_MANIFEST: u64 = 8 << 20;
const MAX_TOKEN: u64 = 1 << 20;

/// What a tag means now.
pub struct Resolved {
    pub digest: String,
    /// For several platforms; otherwise the digest holds for one alone.
    pub index: bool,
}

/// The registries that one command asks. Tokens and connections are kept for the command's time.
pub struct Registries<'a> {
    mirrors: &'a BTreeMap<String, String>,
    config: DockerConfig,
    servers: HashMap<String, Server>,
}

struct Server {
    agent: Agent,
    scheme: &'static str,
    /// The value of `Authorization` by repository.
    authorization: HashMap<String, String>,
}

impl<'a> Registries<'a> {
    pub fn new(mirrors: &'a BTreeMap<String, String>) -> Self {
        Self {
            mirrors,
            config: DockerConfig::read(),
            servers: HashMap::new(),
        }
    }

    /// The digest that an image's tag has now.
    ///
    /// # Errors
    /// The registry does not answer, refuses, or contradicts itself.
    pub fn resolve(&mut self, image: &str) -> Result<Resolved, Diagnostic> {
        let asked = Reference::parse(image)
            .ok_or_else(|| {
                failed(image, "it is no image name with a tag").help("mend `builder` in rdock.toml")
            })?
            .at_mirror(self.mirrors);
        let head = self.ask(image, &asked, "HEAD", &asked.tag)?;
        let resolved = match header(&head, "docker-content-digest") {
            Some(digest) if !pins::is_digest(digest) => {
                let why = format!(
                    "{} answers with `{digest}`, which is no SHA-256 digest",
                    asked.host
                );
                return Err(failed(image, &why).help(AGAIN));
            }
            // HEAD is not counted as a pull; the digest is checked by asking for it.
            Some(digest) => {
                let resolved = Resolved {
                    digest: digest.to_string(),
                    index: is_index(&head),
                };
                self.ask(image, &asked, "HEAD", &resolved.digest)
                    .and_then(|again| same(image, &asked, &resolved.digest, header(&again, DIGEST)))?;
                resolved
            }
            // The header is optional. The digest is the hash of the bytes.
            None => {
                let mut answer = self.ask(image, &asked, "GET", &asked.tag)?;
                let index = is_index(&answer);
                let told = header(&answer, DIGEST).map(str::to_string);
                let body = answer.body_mut().with_config().limit(MAX_MANIFEST).read_to_vec();
                let body = body.map_err(|e| unreachable(image, &asked, &e))?;
                let digest = sha256(&body);
                same(image, &asked, &digest, told.as_deref())?;
                Resolved { digest, index }
            }
        };
        Ok(resolved)
    }

    /// One request for a manifest, with a login where the registry wants one.
    fn ask(
        &mut self,
        image: &str,
        asked: &Reference,
        method: &str,
        what: &str,
    ) -> Result<Answer, Diagnostic> {
        let server = self.server(asked);
        let answer = match server.request(asked, method, what) {
            // Docker too tries loopback without TLS after it tried with.
            Err(e) if asked.is_loopback() && server.scheme == "https" && http::may_be_plain(&e) => {
                server.scheme = "http";
                server.request(asked, method, what)
            }
            answer => answer,
        };
        let answer = answer.map_err(|e| unreachable(image, asked, &e))?;
        if answer.status() != 401 {
            return good(image, asked, answer, None);
        }
        let (login, trouble) = match self.config.find(&asked.host) {
            Ok(login) => (login, None),
            Err(trouble) => (None, Some(trouble)),
        };
        let authorization = self.authorize(image, asked, &answer, login.as_ref(), trouble.as_deref())?;
        let server = self.server(asked);
        server
            .authorization
            .insert(asked.repository.clone(), authorization);
        let answer = server.request(asked, method, what);
        good(
            image,
            asked,
            answer.map_err(|e| unreachable(image, asked, &e))?,
            trouble.as_deref(),
        )
    }

    fn server(&mut self, asked: &Reference) -> &mut Server {
        self.servers.entry(asked.host.clone()).or_insert_with(|| Server {
            agent: http::agent(&asked.host, asked.is_loopback()),
            scheme: "https",
            authorization: HashMap::new(),
        })
    }

    /// The value of `Authorization` that answers the challenge.
    fn authorize(
        &mut self,
        image: &str,
        asked: &Reference,
        answer: &Answer,
        login: Option<&Credentials>,
        trouble: Option<&str>,
    ) -> Result<String, Diagnostic> {
        let headers = answer.headers().get_all("www-authenticate");
        let challenges: Vec<Challenge> = headers
            .iter()
            .filter_map(|h| h.to_str().ok())
            .flat_map(Challenge::parse)
            .collect();
        let named = |scheme: &str| challenges.iter().find(|c| c.scheme == scheme);
        if let Some(bearer) = named("bearer") {
            return self.token(image, asked, bearer, login, trouble);
        }
        match (named("basic"), login) {
            (Some(_), Some(Credentials::Password { user, password })) => {
                Ok(Credentials::basic(user, password))
            }
            _ => Err(refused(image, asked, trouble)),
        }
    }

    /// The token authentication of the specification: a token for pulling this one repository.
    fn token(
        &mut self,
        image: &str,
        asked: &Reference,
        challenge: &Challenge,
        login: Option<&Credentials>,
        trouble: Option<&str>,
    ) -> Result<String, Diagnostic> {
        let scope = format!("repository:{}:pull", asked.repository);
        let scope = challenge.get("scope").unwrap_or(&scope);
        let service = challenge.get("service").unwrap_or_default();
        let realm = challenge.get("realm").unwrap_or_default();
        let server = self.server(asked);
        let plain = realm.starts_with("http://") && server.scheme == "http";
        if !plain && !realm.starts_with("https://") {
            let why = format!(
                "{} sends its logins to `{realm}`, which is not encrypted",
                asked.host
            );
            return Err(failed(image, &why).help("ask the registry's operator for an https address"));
        }
        let sent = match login {
            Some(Credentials::Identity(token)) => server.agent.post(realm).send_form([
                ("grant_type", "refresh_token"),
                ("service", service),
                ("client_id", "rdock"),
                ("scope", scope),
                ("refresh_token", token),
            ]),
            Some(Credentials::Password { user, password }) => server
                .agent
                .get(realm)
                .header("authorization", Credentials::basic(user, password))
                .query("service", service)
                .query("scope", scope)
                .call(),
            None => server
                .agent
                .get(realm)
                .query("service", service)
                .query("scope", scope)
                .call(),
        };
        let mut answer = sent.map_err(|e| unreachable(image, asked, &e))?;
        if matches!(answer.status().as_u16(), 400 | 401 | 403) {
            return Err(refused(image, asked, trouble));
        }
        if !answer.status().is_success() {
            return good(image, asked, answer, trouble).map(|_| String::new());
        }
        let text = answer.body_mut().with_config().limit(MAX_TOKEN).read_to_string();
        let text = text.map_err(|e| unreachable(image, asked, &e))?;
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let token = json["token"].as_str().or(json["access_token"].as_str());
        match token {
            Some(token) => Ok(format!("Bearer {token}")),
            None => Err(failed(image, &format!("the login of {} gave no token", asked.host)).help(AGAIN)),
        }
    }
}

impl Server {
    fn request(&self, asked: &Reference, method: &str, what: &str) -> Result<Answer, ureq::Error> {
        let address = format!(
            "{}://{}/v2/{}/manifests/{what}",
            self.scheme,
            asked.server(),
            asked.repository
        );
        let request = match method {
            "HEAD" => self.agent.head(address),
            _ => self.agent.get(address),
        };
        let request = request.header("accept", ACCEPT);
        match self.authorization.get(&asked.repository) {
            Some(value) => request.header("authorization", value).call(),
            None => request.call(),
        }
    }
}

const DIGEST: &str = "docker-content-digest";
const AGAIN: &str = "run `rdock pin` again; rdock.lock is as it was";

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers().get(name)?.to_str().ok()
}

fn is_index(answer: &Answer) -> bool {
    header(answer, "content-type").is_some_and(|t| t.contains("index") || t.contains("manifest.list"))
}

fn sha256(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    let digits: String = digits.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{digits}")
}

/// A digest must be confirmed by the content that has it.
fn same(image: &str, asked: &Reference, digest: &str, told: Option<&str>) -> Result<(), Diagnostic> {
    match told {
        Some(told) if told != digest => Err(failed(
            image,
            &format!("{} says `{told}` for the content of `{digest}`", asked.host),
        )
        .help("do not trust this registry or proxy; rdock.lock is as it was")),
        _ => Ok(()),
    }
}

/// The answer where it is a success, or what its status means.
fn good(image: &str, asked: &Reference, answer: Answer, trouble: Option<&str>) -> Result<Answer, Diagnostic> {
    let host = &asked.host;
    let status = answer.status().as_u16();
    let error = match status {
        200 => return Ok(answer),
        401 | 403 => refused(image, asked, trouble),
        404 => failed(
            image,
            &format!("{host} has no `{}:{}`", asked.repository, asked.tag),
        )
        .help("check the tag, or whether the image needs a login"),
        429 => {
            let wait = header(&answer, "retry-after").filter(|w| w.chars().all(|c| c.is_ascii_digit()));
            let wait = wait.map_or("later".to_string(), |seconds| format!("in {seconds} seconds"));
            let error = failed(image, &format!("{host} takes no more requests for now (429)"));
            let error = error.help(format!("try again {wait}; rdock.lock is as it was"));
            error.help(format!("`{}` may raise the limit", login(host)))
        }
        500.. => failed(image, &format!("{host} is out of order ({status})")).help(AGAIN),
        _ => failed(image, &format!("{host} answers with status {status}")).help(AGAIN),
    };
    Err(error)
}

fn failed(image: &str, why: &str) -> Diagnostic {
    Diagnostic::error(&rules::REGISTRY, format!("{image} has no digest: {why}"))
}

fn refused(image: &str, asked: &Reference, trouble: Option<&str>) -> Diagnostic {
    let host = &asked.host;
    let error = failed(image, &format!("{host} refuses it without another login"));
    let error = match trouble {
        Some(trouble) => error.help(format!("the credential helper failed: {trouble}")),
        None => error,
    };
    error.help(format!(
        "`{}`, or check the name: registries also refuse what does not exist",
        login(host)
    ))
}

fn login(host: &str) -> String {
    if host == HUB {
        "docker login".into()
    } else {
        format!("docker login {host}")
    }
}

fn unreachable(image: &str, asked: &Reference, error: &ureq::Error) -> Diagnostic {
    failed(image, &format!("{}: {}", asked.server(), http::in_words(error)))
        .help(AGAIN)
        .help("where the registry is reached through another one, say so under `[mirrors]` in rdock.toml")
}
