//! `rdock pin` against a registry that says and does what each test needs. The real registry of
//! tests/registry.rs is asked with `cargo test --test registry`.

#[path = "support/registry.rs"]
mod fake;
mod support;

use fake::{Registry, Reply, Request, manifest, status};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::text;

const GOLANG: &str = "golang:1.27-trixie";
const STATIC: &str = "distroless/static-debian13:nonroot";

/// A Go service whose images are asked for at `registry`, without a Docker login.
fn project(name: &str, registry: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pin").join(name);
    let _ = fs::remove_dir_all(&dir);
    for folder in ["repo/.git", "docker", "bin"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    let write = |file: &str, text: &str| fs::write(dir.join("repo").join(file), text).unwrap();
    write("go.mod", "module acme.dev/api\n\ngo 1.27\n");
    write("main.go", "package main\n\nfunc main() {}\n");
    write(
        "rdock.toml",
        &format!("[mirrors]\n\"docker.io\" = \"{registry}/hub\"\n\"gcr.io\" = \"{registry}/google\"\n"),
    );
    assert_eq!(run(&dir, &["init", "--yes"]).status.code(), Some(0));
    dir
}

fn run(dir: &Path, args: &[&str]) -> Output {
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new(env!("CARGO_BIN_EXE_rdock"))
        .current_dir(dir.join("repo"))
        .env("NO_COLOR", "1")
        .env("DOCKER_CONFIG", dir.join("docker"))
        .env("PATH", format!("{}:{path}", dir.join("bin").display()))
        .env("SOURCE_DATE_EPOCH", "1795219200")
        .args(args)
        .output()
        .expect("rdock starts")
}

fn read(dir: &Path, file: &str) -> String {
    fs::read_to_string(dir.join("repo").join(file)).unwrap_or_default()
}

fn digest(digit: char) -> String {
    format!("sha256:{}", String::from(digit).repeat(64))
}

/// The same digest for every image, by tag and by digest.
fn always(digit: char) -> impl Fn(&Request) -> Reply {
    move |_| manifest(Some(&digest(digit)), "")
}

#[track_caller]
fn ends(done: &Output, code: i32, says: &[&str]) {
    let all = text(&done.stdout) + &text(&done.stderr);
    assert_eq!(done.status.code(), Some(code), "{all}");
    for words in says {
        assert!(all.contains(words), "no {words:?} in:\n{all}");
    }
}

/// The command fails, and both lock and Dockerfile are as they were.
#[track_caller]
fn fails(dir: &Path, says: &[&str]) {
    let before = (read(dir, "rdock.lock"), read(dir, "Dockerfile"));
    ends(&run(dir, &["pin"]), 2, says);
    assert_eq!((read(dir, "rdock.lock"), read(dir, "Dockerfile")), before);
}

#[test]
fn json_says_what_each_image_was_and_is() {
    let registry = Registry::start(always('a'));
    let dir = project("json", &registry.address);
    let document = |args: &[&str], code: i32| -> serde_json::Value {
        let done = run(&dir, args);
        ends(&done, code, &[]);
        serde_json::from_slice(&done.stdout).expect("JSON and nothing else on standard output")
    };
    let said = document(&["pin", "--format", "json"], 0);
    let image = &said["images"][0];
    assert_eq!(image["image"], format!("{}/google/{STATIC}", registry.address));
    assert_eq!(
        (&image["state"], &image["digest"]),
        (&"new".into(), &digest('a').into())
    );
    assert_eq!(
        said["wrote"],
        serde_json::json!(["rdock.lock", "Dockerfile", ".dockerignore"])
    );
    let lock = read(&dir, "rdock.lock").replacen(&digest('a'), &digest('b'), 1);
    fs::write(dir.join("repo/rdock.lock"), lock).unwrap();
    let said = document(&["pin", "--check", "--format", "json"], 1);
    let states: Vec<&str> = said["images"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|i| i["state"].as_str())
        .collect();
    assert_eq!(states, ["moved", "same"]);
    assert_eq!(said["images"][0]["locked"], digest('b'));
}

#[test]
fn images_are_pinned_and_all_else_works_without_the_registry() {
    let registry = Registry::start(always('a'));
    let dir = project("pinned", &registry.address);
    ends(&run(&dir, &["pin"]), 0, &[GOLANG, STATIC]);
    let lock = read(&dir, "rdock.lock");
    let (a, at) = (digest('a'), &registry.address);
    assert!(
        lock.ends_with(&format!(
            "\n[[pin]]\nimage = \"{at}/google/{STATIC}\"\ndigest = \"{a}\"\ndate = \"2026-11-21\"\n\
             \n[[pin]]\nimage = \"{at}/hub/library/{GOLANG}\"\ndigest = \"{a}\"\ndate = \"2026-11-21\"\n"
        )),
        "{lock}"
    );
    let dockerfile = read(&dir, "Dockerfile");
    for image in [GOLANG, STATIC] {
        assert!(dockerfile.contains(&format!("{image}@{a} AS ")), "{dockerfile}");
    }
    let seen = registry.seen();
    assert!(seen.iter().all(|r| r.method == "HEAD"), "{seen:?}");
    assert_eq!(
        seen[0].path,
        "/v2/google/distroless/static-debian13/manifests/nonroot"
    );
    assert_eq!(seen[2].path, "/v2/hub/library/golang/manifests/1.27-trixie");
    assert!(seen[0].headers["accept"].starts_with("application/vnd.oci.image.index.v1+json"));

    fs::remove_file(dir.join("repo/Dockerfile")).unwrap();
    ends(&run(&dir, &["generate"]), 0, &[]);
    ends(&run(&dir, &["check"]), 0, &[]);
    assert_eq!(read(&dir, "Dockerfile"), dockerfile);
    assert_eq!(registry.seen().len(), seen.len(), "only `pin` asks");
    ends(&run(&dir, &["pin"]), 0, &["up to date"]);
    assert_eq!(
        registry.seen().len(),
        seen.len(),
        "what is pinned is not asked for"
    );
}

#[test]
fn a_tag_that_moved_is_told_and_taken_on_update() {
    let round = Arc::new(AtomicUsize::new(0));
    let now = round.clone();
    let registry = Registry::start(move |request: &Request| {
        // golang moves, the runtime stays.
        let moved = now.load(Ordering::SeqCst) > 0 && request.path.contains("golang");
        manifest(Some(&digest(if moved { 'b' } else { 'a' })), "")
    });
    let dir = project("moved", &registry.address);
    ends(&run(&dir, &["pin", "--check"]), 1, &["is not in rdock.lock"]);
    ends(&run(&dir, &["pin"]), 0, &[]);
    ends(&run(&dir, &["pin", "--check"]), 0, &[]);
    round.store(1, Ordering::SeqCst);
    let lock = read(&dir, "rdock.lock");
    let told = format!("{GOLANG}  {} (2026-11-21) → {}", digest('a'), digest('b'));
    let check = run(&dir, &["pin", "--check"]);
    ends(&check, 1, &[&told]);
    assert!(!text(&check.stdout).contains(STATIC));
    assert_eq!(read(&dir, "rdock.lock"), lock);
    ends(
        &run(
            &dir,
            &[
                "pin",
                "--update",
                &format!("{}/google/distroless/static-debian13", registry.address),
            ],
        ),
        0,
        &["has not moved"],
    );
    assert_eq!(read(&dir, "rdock.lock"), lock);
    ends(
        &run(&dir, &["pin", "--update", "nginx"]),
        2,
        &["the images are", GOLANG],
    );
    ends(&run(&dir, &["pin", "--update"]), 0, &[]);
    assert!(read(&dir, "Dockerfile").contains(&format!("{GOLANG}@{}", digest('b'))));
    assert!(read(&dir, "Dockerfile").contains(&format!("{STATIC}@{}", digest('a'))));
}

/// Wants the token `let-me-in`, which /token gives to those that `knows` likes.
fn with_token(knows: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Registry {
    Registry::start(move |request| {
        let host = &request.headers["host"];
        if request.path.starts_with("/token") {
            if !knows(request) {
                return status(401, &[]);
            }
            return Reply::Answer(200, vec![], r#"{"token":"let-me-in","expires_in":60}"#.into());
        }
        match request.headers.get("authorization").map(String::as_str) {
            Some("Bearer let-me-in") => manifest(Some(&digest('c')), ""),
            _ => {
                let challenge = format!("Bearer realm=\"http://{host}/token\",service=\"the service\"");
                status(401, &[("WWW-Authenticate", &challenge)])
            }
        }
    })
}

#[test]
fn a_token_is_fetched_for_pulling_one_repository() {
    let registry = with_token(|_| true);
    let dir = project("token", &registry.address);
    ends(&run(&dir, &["pin"]), 0, &[]);
    let seen = registry.seen();
    let tokens: Vec<&str> = seen
        .iter()
        .filter(|r| r.path.starts_with("/token"))
        .map(|r| r.path.as_str())
        .collect();
    assert_eq!(tokens.len(), 2, "one token a repository");
    assert!(tokens[1].contains("service=the%20service") || tokens[1].contains("service=the+service"));
    assert!(
        tokens[1].contains("scope=repository") && tokens[1].contains("golang"),
        "{tokens:?}"
    );
}

#[test]
fn the_login_of_docker_goes_to_the_token_service() {
    // dTpw is u:p.
    let registry = with_token(|r| r.headers.get("authorization").map(String::as_str) == Some("Basic dTpw"));
    let dir = project("login", &registry.address);
    fails(&dir, &["refuses it without another login", "docker login"]);
    let config = format!(r#"{{"auths":{{"{}":{{"auth":"dTpw"}}}}}}"#, registry.address);
    fs::write(dir.join("docker/config.json"), config).unwrap();
    ends(&run(&dir, &["pin"]), 0, &[]);
}

#[test]
fn an_identity_token_is_exchanged() {
    let registry = with_token(|r| r.method == "POST" && r.body.contains("refresh_token=secret"));
    let dir = project("identity", &registry.address);
    let config = format!(
        r#"{{"auths":{{"{}":{{"identitytoken":"secret"}}}}}}"#,
        registry.address
    );
    fs::write(dir.join("docker/config.json"), config).unwrap();
    ends(&run(&dir, &["pin"]), 0, &[]);
}

#[cfg(unix)]
#[test]
fn a_credential_helper_is_asked_for_its_registry() {
    use std::os::unix::fs::PermissionsExt;
    let registry =
        Registry::start(
            |request| match request.headers.get("authorization").map(String::as_str) {
                Some("Basic dTpw") => manifest(Some(&digest('d')), ""),
                _ => status(401, &[("WWW-Authenticate", "Basic realm=\"r\"")]),
            },
        );
    let dir = project("helper", &registry.address);
    let config = format!(r#"{{"credHelpers":{{"{}":"acme"}}}}"#, registry.address);
    fs::write(dir.join("docker/config.json"), config).unwrap();
    fails(&dir, &["the credential helper failed: docker-credential-acme"]);
    let helper = dir.join("bin/docker-credential-acme");
    let script = format!(
        "#!/bin/sh\nread server\n[ \"$1 $server\" = \"get {}\" ] || exit 1\n\
         echo '{{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"p\"}}'\n",
        registry.address
    );
    fs::write(&helper, script).unwrap();
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    ends(&run(&dir, &["pin"]), 0, &[]);
}

#[test]
fn a_registry_on_loopback_may_do_without_tls() {
    let registry = Registry::start(always('e'));
    let dir = project("plain", &registry.address);
    ends(&run(&dir, &["pin"]), 0, &[]);
}

#[test]
fn a_rate_limit_says_when_to_come_back() {
    let registry = Registry::start(|_| status(429, &[("Retry-After", "120")]));
    let dir = project("limit", &registry.address);
    fails(&dir, &["takes no more requests", "in 120 seconds"]);
}

#[test]
fn a_tag_that_is_not_there_is_told() {
    let registry = Registry::start(|_| status(404, &[]));
    let dir = project("absent", &registry.address);
    fails(&dir, &["has no `google/distroless/static-debian13:nonroot`"]);
}

#[test]
fn a_registry_out_of_order_is_told() {
    let registry = Registry::start(|_| status(503, &[]));
    let dir = project("order", &registry.address);
    fails(&dir, &["out of order (503)"]);
}

#[test]
fn a_digest_that_the_content_does_not_have_is_refused() {
    let registry = Registry::start(|request| {
        let by_digest = request.path.contains("sha256:");
        manifest(Some(&digest(if by_digest { '1' } else { '2' })), "")
    });
    let dir = project("contradiction", &registry.address);
    fails(&dir, &["do not trust this registry"]);

    let registry = Registry::start(|_| manifest(Some("sha256:zz"), ""));
    let dir = project("nonsense", &registry.address);
    fails(&dir, &["no SHA-256 digest"]);

    let registry = Registry::start(|request| {
        let told = digest('3');
        manifest((request.method == "GET").then_some(told.as_str()), "{}")
    });
    let dir = project("bytes", &registry.address);
    fails(&dir, &["do not trust this registry"]);
}

#[test]
fn without_a_digest_in_the_answer_the_bytes_give_it() {
    let registry = Registry::start(|_| manifest(None, "{}"));
    let dir = project("hashed", &registry.address);
    ends(&run(&dir, &["pin"]), 0, &[]);
    let hash = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    assert!(read(&dir, "rdock.lock").contains(hash));
}

#[test]
fn a_connection_that_is_cut_leaves_the_lock_untouched() {
    let registry = Registry::start(|request| {
        if request.path.contains("golang") {
            Reply::Cut
        } else {
            manifest(Some(&digest('a')), "")
        }
    });
    let dir = project("cut", &registry.address);
    fails(&dir, &[GOLANG, "the connection ended"]);
    assert_eq!(read(&dir, "rdock.lock"), "", "one answer of two is no lock");
}

#[test]
fn nobody_there_is_told() {
    let dir = project("nobody", "127.0.0.1:1");
    fails(&dir, &["the connection failed", "[mirrors]"]);
}

#[test]
fn a_password_is_never_printed() {
    let registry = with_token(|_| false);
    let dir = project("unsaid", &registry.address);
    let config = format!(
        r#"{{"auths":{{"{}":{{"auth":"dTpzZWNyZXQ="}}}}}}"#,
        registry.address
    );
    fs::write(dir.join("docker/config.json"), config).unwrap();
    let done = run(&dir, &["pin"]);
    ends(&done, 2, &["refuses"]);
    let all = text(&done.stdout) + &text(&done.stderr);
    assert!(!all.contains("secret") && !all.contains("dTpz"), "{all}");
}

#[test]
fn a_file_edited_by_hand_is_not_overwritten() {
    let registry = Registry::start(always('a'));
    let dir = project("edited", &registry.address);
    let edited = read(&dir, "Dockerfile") + "EXPOSE 1\n";
    fs::write(dir.join("repo/Dockerfile"), &edited).unwrap();
    ends(&run(&dir, &["pin"]), 2, &["was edited by hand"]);
    assert_eq!(read(&dir, "Dockerfile"), edited);
}

#[test]
fn a_new_image_is_a_warning_until_it_is_pinned() {
    let registry = Registry::start(always('a'));
    let dir = project("new", &registry.address);
    ends(&run(&dir, &["pin"]), 0, &[]);
    let changed = run(&dir, &["init", "--yes", "--runtime", "alpine"]);
    ends(
        &changed,
        0,
        &["alpine:3.", "is not in rdock.lock", "run `rdock pin`"],
    );
    ends(&run(&dir, &["pin"]), 0, &[]);
    let lock = read(&dir, "rdock.lock");
    assert!(
        lock.contains("/library/alpine:3.") && !lock.contains(STATIC),
        "{lock}"
    );
    fs::write(dir.join("repo/rdock.lock"), "[[pin]]\nimage = 1\n").unwrap();
    ends(&run(&dir, &["check"]), 2, &["rdock.lock:1"]);
}

#[test]
fn compose_yaml_is_pinned_too() {
    let registry = Registry::start(always('a'));
    let dir = project("compose", &registry.address);
    fs::write(
        dir.join("repo/.env.example"),
        "REDIS_URL=redis://localhost:6379\n",
    )
    .unwrap();
    ends(
        &run(&dir, &["init", "--yes", "--compose"]),
        0,
        &["wrote compose.yaml"],
    );
    ends(&run(&dir, &["pin"]), 0, &["redis:8-trixie"]);
    let pinned = format!("image: redis:8-trixie@{}", digest('a'));
    let text = read(&dir, "compose.yaml");
    assert!(text.contains(&pinned), "{text}");
    ends(&run(&dir, &["compose"]), 0, &["up to date"]);
    ends(&run(&dir, &["pin"]), 0, &["rdock.lock is up to date"]);
    ends(&run(&dir, &["pin", "--check"]), 0, &[]);
}
