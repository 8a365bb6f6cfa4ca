//! What a finished Dockerfile says that Compose needs: stages, volumes, and whether its last image has a
//! program that can ask for a health page.

/// The names of the stages.
pub fn stages(dockerfile: &str) -> Vec<String> {
    let froms = dockerfile.lines().filter(|l| l.starts_with("FROM "));
    let names = froms.filter_map(|line| line.rsplit_once(" AS ").map(|(_, name)| name.trim().to_string()));
    names.collect()
}

/// The folders of `VOLUME ["…"]`.
pub fn volumes(dockerfile: &str) -> Vec<String> {
    let lines = dockerfile.lines().filter_map(|l| l.strip_prefix("VOLUME "));
    let lists = lines.filter_map(|list| serde_json::from_str::<Vec<String>>(list.trim()).ok());
    lists.flatten().collect()
}

/// The image of the runtime stage.
fn runtime(dockerfile: &str) -> Option<&str> {
    let mut froms = dockerfile.lines().filter(|l| l.starts_with("FROM "));
    let runtime = froms
        .clone()
        .find(|l| l.ends_with(" AS runtime"))
        .or(froms.next_back())?;
    runtime.split_whitespace().skip(1).find(|w| !w.starts_with("--"))
}

/// Programs in runtime images that can ask for a page: how the image begins or what it holds, the words
/// before the script, and the script, with `{url}`.
const PROBES: &[(&str, &[&str], &str)] = &[
    ("gcr.io/distroless/nodejs", &["/nodejs/bin/node", "-e"], FETCH),
    ("node:", &["node", "-e"], FETCH),
    ("oven/bun:", &["bun", "-e"], FETCH),
    ("gcr.io/distroless/python3", &["python3", "-c"], URLOPEN),
    ("python:", &["python", "-c"], URLOPEN),
    ("alpine:", &["wget", "-q", "-O", "/dev/null"], "{url}"),
    (
        "nginxinc/nginx-unprivileged:",
        &["wget", "-q", "-O", "/dev/null"],
        "{url}",
    ),
];

const FETCH: &str = "fetch('{url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))";
const URLOPEN: &str = "import urllib.request; urllib.request.urlopen('{url}', timeout=4)";

/// The test of a health check. `None` where the image checks itself, where nothing in it can ask, or
/// where the code has no page for it.
pub fn health(dockerfile: &str, port: Option<u16>, path: Option<&str>) -> Option<Vec<String>> {
    if dockerfile.lines().any(|l| l.starts_with("HEALTHCHECK ")) {
        return None;
    }
    let image = runtime(dockerfile)?;
    let (start, words, script) = PROBES.iter().find(|(start, ..)| image.starts_with(start))?;
    let files = start.starts_with("nginx").then_some("/");
    let url = format!("http://127.0.0.1:{}{}", port?, path.or(files)?);
    let words = ["CMD"].iter().chain(*words).map(|w| w.to_string());
    Some(words.chain([script.replace("{url}", &url)]).collect())
}

/// How `docker build` is given a secret.
pub enum Passed {
    Secret {
        id: String,
        from: &'static str,
        value: String,
    },
    Ssh(String),
}

/// `--secret id=netrc,src=$HOME/.netrc` or `--ssh default`.
pub fn secret(flag: &str) -> Option<Passed> {
    let (name, value) = flag.split_once([' ', '='])?;
    match name {
        "--ssh" => Some(Passed::Ssh(value.to_string())),
        "--secret" => {
            let field = |keys: &[&str]| {
                let mut pairs = value.split(',').filter_map(|f| f.split_once('='));
                pairs.find(|(k, _)| keys.contains(k)).map(|(_, v)| v.to_string())
            };
            let id = field(&["id"])?;
            Some(match (field(&["src", "source"]), field(&["env"])) {
                (Some(file), _) => Passed::Secret {
                    id,
                    from: "file",
                    value: file.replace("$HOME", "${HOME}").replace('"', ""),
                },
                (None, variable) => Passed::Secret {
                    from: "environment",
                    value: variable.unwrap_or_else(|| id.clone()),
                    id,
                },
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_health_check_needs_a_page_and_a_program_that_asks() {
        let node = "FROM node:24-trixie-slim@sha256:1 AS runtime\nVOLUME [\"/data\"]\n";
        assert_eq!(health(node, Some(80), Some("/up")).unwrap()[1], "node");
        assert_eq!(health(node, Some(80), None), None);
        assert_eq!(health(node, None, Some("/up")), None);
        assert_eq!(health("FROM scratch AS runtime\n", Some(80), Some("/up")), None);
        assert_eq!(
            health("FROM nginxinc/nginx-unprivileged:1 AS runtime\n", Some(80), None).unwrap()[5],
            "http://127.0.0.1:80/"
        );
        assert_eq!(volumes(node), ["/data"]);
        assert_eq!(stages(node), ["runtime"]);
    }

    #[test]
    fn secrets_are_passed_as_docker_build_gets_them() {
        for (flag, want) in [
            ("--secret id=netrc,src=$HOME/.netrc", "netrc file ${HOME}/.netrc"),
            ("--secret id=npm,env=NPM_TOKEN", "npm environment NPM_TOKEN"),
            ("--secret=id=x", "x environment x"),
        ] {
            let Some(Passed::Secret { id, from, value }) = secret(flag) else {
                panic!("{flag}");
            };
            assert_eq!(format!("{id} {from} {value}"), want);
        }
        assert!(matches!(secret("--ssh default"), Some(Passed::Ssh(id)) if id == "default"));
    }
}
