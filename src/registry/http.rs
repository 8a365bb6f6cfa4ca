//! HTTP with time limits, the system's roots, and the proxies of the environment.

use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy};

const CONNECT: Duration = Duration::from_secs(10);
/// One request with its redirects.
const WHOLE: Duration = Duration::from_secs(30);

/// Where systems keep the roots that they trust. SSL_CERT_FILE comes before these; Mozilla's, compiled
/// in, come after.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// A client for one registry.
pub fn agent(host: &str, loopback: bool) -> Agent {
    let proxy = if loopback { None } else { Proxy::try_from_env() };
    Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("rdock/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(WHOLE))
        .max_redirects(5)
        .proxy(proxy)
        .tls_config(TlsConfig::builder().root_certs(roots(host)).build())
        .build()
        .new_agent()
}

/// The system's roots, and what Docker is told to trust for this host in certs.d.
fn roots(host: &str) -> RootCerts {
    let own = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let bundles = own.into_iter().chain(BUNDLES.iter().map(PathBuf::from));
    let mut found = bundles
        .map(|path| certificates(&path))
        .find(|c| !c.is_empty())
        .unwrap_or_default();
    let entries = std::fs::read_dir(Path::new("/etc/docker/certs.d").join(host));
    let paths = entries.into_iter().flatten().flatten().map(|e| e.path());
    for path in paths.filter(|p| p.extension().is_some_and(|e| e == "crt")) {
        found.extend(certificates(&path));
    }
    if found.is_empty() {
        RootCerts::WebPki
    } else {
        RootCerts::new_with_certs(&found)
    }
}

fn certificates(path: &Path) -> Vec<Certificate<'static>> {
    let text = std::fs::read(path).unwrap_or_default();
    let items = parse_pem(&text).filter_map(Result::ok);
    items
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect()
}

/// A failure before there was an answer, in words.
pub fn in_words(error: &ureq::Error) -> String {
    use ureq::Error as E;
    match error {
        E::Timeout(_) => format!("no answer within {} s", WHOLE.as_secs()),
        E::HostNotFound => "the host name is unknown".into(),
        E::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the connection ended in the middle of the answer".into()
        }
        E::Io(e) => format!("the connection failed: {e}"),
        E::Protocol(_) => "the connection ended, or what came is not HTTP".into(),
        E::Rustls(e) => format!("TLS: {e}"),
        other => other.to_string(),
    }
}

/// May the other side be one that does not speak TLS? One whose certificate is bad does.
pub fn may_be_plain(error: &ureq::Error) -> bool {
    let timed_out = matches!(error, ureq::Error::Timeout(_));
    !timed_out && !error.to_string().contains("certificate")
}
