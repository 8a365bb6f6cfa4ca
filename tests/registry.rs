//! `rdock pin` against a real registry on loopback: plain, with TLS and a login, and killed in the
//! middle. Needs the programs `docker-registry` and `openssl`: `apt-get install docker-registry openssl`.

mod support;

use sha2::{Digest, Sha256};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::text;

const IMAGES: [(&str, &str); 2] = [
    ("library/golang", "1.27-trixie"),
    ("distroless/static-debian13", "nonroot"),
];

/// A registry process over a folder, ended with the value.
struct Real {
    child: Child,
    port: u16,
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Real {
    /// `more` is added to the configuration's `http` and top level.
    fn start(dir: &Path, http: &str, top: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let config = dir.join(format!("registry-{port}.yml"));
        let data = dir.join("data");
        let text = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\n\
             http:\n  addr: 127.0.0.1:{port}\n{http}{top}",
            data.display()
        );
        fs::write(&config, text).unwrap();
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| {
                panic!("docker-registry does not start ({e}): apt-get install docker-registry openssl")
            });
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "docker-registry does not listen"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child, port }
    }
}

/// One HTTP/1.1 request; the head of the answer.
fn http(port: u16, method: &str, path: &str, kind: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    text(&answer)
}

fn digest(bytes: &[u8]) -> String {
    let sum: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{sum}")
}

/// Puts an index of one empty image there and gives its digest. `note` makes it another one.
fn push(port: u16, repository: &str, tag: &str, note: &str) -> String {
    let config = br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let started = http(
        port,
        "POST",
        &format!("/v2/{repository}/blobs/uploads/"),
        "text/plain",
        b"",
    );
    let place = started
        .lines()
        .find_map(|l| l.strip_prefix("Location: "))
        .unwrap_or_else(|| panic!("no upload: {started}"));
    let path = &place[place.find("/v2/").unwrap()..];
    let put = format!("{path}&digest={}", digest(config));
    assert!(http(port, "PUT", &put, "application/octet-stream", config).contains(" 201 "));
    let oci = "application/vnd.oci.image";
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{oci}.manifest.v1+json","config":{{"mediaType":"{oci}.config.v1+json","digest":"{}","size":{}}},"layers":[]}}"#,
        digest(config),
        config.len()
    );
    let place = |name: &str| format!("/v2/{repository}/manifests/{name}");
    let one = digest(manifest.as_bytes());
    let kind = format!("{oci}.manifest.v1+json");
    let answer = http(port, "PUT", &place(&one), &kind, manifest.as_bytes());
    assert!(answer.contains(" 201 "), "{answer}");
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"{oci}.index.v1+json","manifests":[{{"mediaType":"{kind}","digest":"{one}","size":{},"platform":{{"architecture":"amd64","os":"linux"}}}}],"annotations":{{"note":"{note}"}}}}"#,
        manifest.len()
    );
    let kind = format!("{oci}.index.v1+json");
    let answer = http(port, "PUT", &place(tag), &kind, index.as_bytes());
    assert!(answer.contains(" 201 "), "{answer}");
    digest(index.as_bytes())
}

/// A Go service whose registries are all at `mirror`.
fn project(name: &str, mirror: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("registry").join(name);
    let _ = fs::remove_dir_all(&dir);
    for folder in ["repo/.git", "docker", "data"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    point(&dir, mirror);
    let write = |file: &str, text: &str| fs::write(dir.join("repo").join(file), text).unwrap();
    write("go.mod", "module acme.dev/api\n\ngo 1.27\n");
    write("main.go", "package main\n\nfunc main() {}\n");
    assert_eq!(rdock(&dir, &["init", "--yes"]).status.code(), Some(0));
    dir
}

fn point(dir: &Path, mirror: &str) {
    let text = format!("[mirrors]\n\"docker.io\" = \"{mirror}\"\n\"gcr.io\" = \"{mirror}\"\n");
    fs::write(dir.join("repo/rdock.toml"), text).unwrap();
}

fn rdock(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rdock"))
        .current_dir(dir.join("repo"))
        .env("NO_COLOR", "1")
        .env("DOCKER_CONFIG", dir.join("docker"))
        .env("SSL_CERT_FILE", dir.join("ca.crt"))
        .args(args)
        .output()
        .expect("rdock starts")
}

#[track_caller]
fn ends(done: &Output, code: i32, says: &[&str]) {
    let all = text(&done.stdout) + &text(&done.stderr);
    assert_eq!(done.status.code(), Some(code), "{all}");
    for words in says {
        assert!(all.contains(words), "no {words:?} in:\n{all}");
    }
}

fn lock(dir: &Path) -> String {
    fs::read_to_string(dir.join("repo/rdock.lock")).unwrap_or_default()
}

#[test]
fn digests_of_indexes_are_pinned_and_a_move_is_seen() {
    let dir = project("plain", "127.0.0.1:1");
    let real = Real::start(&dir, "", "");
    point(&dir, &format!("127.0.0.1:{}", real.port));
    ends(
        &rdock(&dir, &["pin"]),
        2,
        &["has no `distroless/static-debian13:nonroot`"],
    );
    assert_eq!(lock(&dir), "");
    let digests = IMAGES.map(|(repository, tag)| push(real.port, repository, tag, "first"));
    ends(&rdock(&dir, &["pin"]), 0, &[&digests[0], &digests[1]]);
    ends(&rdock(&dir, &["pin", "--check"]), 0, &[]);
    let dockerfile = fs::read_to_string(dir.join("repo/Dockerfile")).unwrap();
    assert!(dockerfile.contains(&format!("golang:1.27-trixie@{} AS", digests[0])));
    let moved = push(real.port, "library/golang", "1.27-trixie", "second");
    ends(&rdock(&dir, &["pin", "--check"]), 1, &[&digests[0], &moved]);
    ends(&rdock(&dir, &["pin", "--update"]), 0, &[&moved]);
    ends(&rdock(&dir, &["pin", "--check"]), 0, &[]);
    ends(&rdock(&dir, &["check"]), 0, &[]);
}

fn openssl(dir: &Path, line: &str) {
    let args = shlex::split(line).unwrap();
    let done = Command::new("openssl").current_dir(dir).args(args).output();
    let done = done.unwrap_or_else(|e| panic!("openssl does not start ({e}): apt-get install openssl"));
    assert!(done.status.success(), "openssl {line}:\n{}", text(&done.stderr));
}

#[test]
fn tls_is_verified_and_a_login_is_needed() {
    let dir = project("tls", "127.0.0.1:1");
    let plain = Real::start(&dir, "", "");
    let digests = IMAGES.map(|(repository, tag)| push(plain.port, repository, tag, "first"));
    drop(plain);
    openssl(
        &dir,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=test-ca",
    );
    openssl(
        &dir,
        "req -newkey rsa:2048 -nodes -keyout own.key -out own.csr -subj /CN=localhost",
    );
    fs::write(dir.join("own.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    openssl(
        &dir,
        "x509 -req -in own.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out own.crt -days 2 -extfile own.ext",
    );
    // user:password, hashed with bcrypt.
    fs::write(
        dir.join("htpasswd"),
        "user:$2a$05$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu\n",
    )
    .unwrap();
    let at = |file: &str| dir.join(file).display().to_string();
    let http = format!(
        "  tls:\n    certificate: {}\n    key: {}\n",
        at("own.crt"),
        at("own.key")
    );
    let auth = format!(
        "auth:\n  htpasswd:\n    realm: test\n    path: {}\n",
        at("htpasswd")
    );
    let real = Real::start(&dir, &http, &auth);
    let host = format!("localhost:{}", real.port);
    point(&dir, &host);
    ends(
        &rdock(&dir, &["pin"]),
        2,
        &["refuses it without another login", &host],
    );
    let config = |login: &str| {
        let text = format!(r#"{{"auths":{{"{host}":{{"auth":"{login}"}}}}}}"#);
        fs::write(dir.join("docker/config.json"), text).unwrap();
    };
    // user:wrong, then user:password.
    config("dXNlcjp3cm9uZw==");
    ends(&rdock(&dir, &["pin"]), 2, &["refuses it without another login"]);
    config("dXNlcjpwYXNzd29yZA==");
    ends(&rdock(&dir, &["pin"]), 0, &[&digests[0], &digests[1]]);

    // A certificate that nobody vouches for is no registry.
    let pinned = lock(&dir);
    openssl(
        &dir,
        "req -x509 -newkey rsa:2048 -nodes -keyout other.key -out ca.crt -days 2 -subj /CN=other",
    );
    ends(&rdock(&dir, &["pin", "--update"]), 2, &["certificate"]);
    assert_eq!(lock(&dir), pinned);
}

/// Passes connections on, and kills the registry when a request holds `word`.
fn killing_proxy(real: Real, word: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = real.port;
    let real = Arc::new(Mutex::new(Some(real)));
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else {
                continue;
            };
            let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Both);
            });
            let real = real.clone();
            std::thread::spawn(move || requests(client, server, word, &real));
        }
    });
    port
}

fn requests(mut client: TcpStream, mut server: TcpStream, word: &str, real: &Mutex<Option<Real>>) {
    let mut bytes = [0; 8192];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        if text(&bytes[..count]).contains(word) {
            real.lock().unwrap().take();
        }
        if server.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

#[test]
fn a_registry_that_dies_in_the_middle_leaves_the_lock_untouched() {
    let dir = project("killed", "127.0.0.1:1");
    let real = Real::start(&dir, "", "");
    for (repository, tag) in IMAGES {
        push(real.port, repository, tag, "first");
    }
    point(&dir, &format!("127.0.0.1:{}", real.port));
    ends(&rdock(&dir, &["pin"]), 0, &[]);
    let pinned = lock(&dir);
    for (repository, tag) in IMAGES {
        push(real.port, repository, tag, "second");
    }
    let port = killing_proxy(real, "/library/golang/");
    point(&dir, &format!("127.0.0.1:{port}"));
    let done = rdock(&dir, &["pin", "--update"]);
    ends(
        &done,
        2,
        &[
            "golang:1.27-trixie has no digest",
            "the connection",
            "rdock.lock is as it was",
        ],
    );
    assert!(
        text(&done.stdout).contains("distroless/static"),
        "the first image was answered"
    );
    assert_eq!(lock(&dir), pinned);
}
