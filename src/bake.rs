//! docker-bake.hcl: every service as a target, so that `docker buildx bake` builds them all in parallel.
//! <https://docs.docker.com/build/bake/reference/>

use crate::catalog::Catalog;
use crate::drift;
use crate::paths;
use crate::plan::Plan;
use crate::platforms;
use crate::render::{self, File};
use std::collections::BTreeSet;

/// The file's name, at the repository root.
pub const FILE: &str = "docker-bake.hcl";

/// What one service's target says.
pub struct Target {
    /// The service's name; also the image's.
    image: String,
    context: String,
    /// From the context, as bake reads it.
    dockerfile: String,
    /// Of the two that PLATFORMS may name, those that an image lacks.
    only: Option<&'static str>,
    /// Those of rdock.toml, where PLATFORMS names none.
    platforms: Vec<String>,
    /// `--secret` and `--ssh` with what follows.
    flags: Vec<String>,
}

impl Target {
    pub fn new(catalog: &'static Catalog, plan: &Plan, text: &str, platforms: &[String]) -> Self {
        Self {
            image: plan.name.clone(),
            context: paths::shown(&plan.context).to_string(),
            dockerfile: paths::relative(&render::dockerfile_path(plan), &plan.context).to_string(),
            only: only_platform(catalog, text).filter(|_| platforms.is_empty()),
            platforms: platforms.to_vec(),
            flags: plan.secrets.iter().map(|s| s.flag.clone()).collect(),
        }
    }
}

/// `linux/amd64` or `linux/arm64` where a base image is not had for the other one.
fn only_platform(catalog: &'static Catalog, text: &str) -> Option<&'static str> {
    let all_have = |arch: &str| platforms::has(catalog, text, arch);
    match (all_have("amd64"), all_have("arm64")) {
        (true, false) => Some("linux/amd64"),
        (false, true) => Some("linux/arm64"),
        _ => None,
    }
}

/// The file for these services, in their order.
pub fn file(targets: &[&Target]) -> File {
    let names = names(targets);
    let mut variables = BTreeSet::new();
    let mut blocks = String::new();
    for (target, name) in targets.iter().zip(&names) {
        blocks += &block(target, name, &mut variables);
    }
    let list: String = names.iter().map(|n| format!("    {},\n", quoted(n))).collect();
    let variables: String = variables
        .iter()
        .map(|v| format!("\n# From the environment.\nvariable \"{v}\" {{\n  default = \"\"\n}}\n"))
        .collect();
    let text = format!(
        "{}\n# Build everything from the repository root:\n#   docker buildx bake\n{HEAD}{variables}\ngroup \"default\" {{\n  targets = [\n{list}  ]\n}}\n{blocks}",
        drift::UNSIGNED
    );
    File {
        path: FILE.into(),
        text: drift::sign(&text),
    }
}

const HEAD: &str = r#"
# Before each image's name: "registry.example.com/acme/".
variable "REGISTRY" {
  default = ""
}

variable "TAG" {
  default = "latest"
}

# "linux/amd64,linux/arm64"; empty means the builder's own.
variable "PLATFORMS" {
  default = ""
}
"#;

fn block(target: &Target, name: &str, variables: &mut BTreeSet<String>) -> String {
    let mut text = format!("\ntarget {} {{\n", quoted(name));
    text += &format!("  context    = {}\n", quoted(&target.context));
    text += &format!("  dockerfile = {}\n", quoted(&target.dockerfile));
    text += &format!("  tags       = [\"${{REGISTRY}}{}:${{TAG}}\"]\n", target.image);
    text += &match target.only {
        Some(platform) => format!("  platforms  = [{}]\n", quoted(platform)),
        None => {
            let own: Vec<String> = target.platforms.iter().map(|p| quoted(p)).collect();
            let own = own.join(", ");
            format!("  platforms  = PLATFORMS == \"\" ? [{own}] : split(\",\", PLATFORMS)\n")
        }
    };
    for (flag, key) in [("--secret ", "secret"), ("--ssh ", "ssh    ")] {
        let values: Vec<String> = target
            .flags
            .iter()
            .filter_map(|f| f.strip_prefix(flag))
            .map(|value| expanded(value, variables))
            .collect();
        if !values.is_empty() {
            text += &format!("  {key:10} = [{}]\n", values.join(", "));
        }
    }
    text + "}\n"
}

/// Names of targets have no dot; two services that then have one name are told apart by a number.
fn names(targets: &[&Target]) -> Vec<String> {
    let mut taken = BTreeSet::from(["default".to_string()]);
    let mut names = Vec::new();
    for target in targets {
        let plain = target.image.replace('.', "-");
        let mut name = plain.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{plain}-{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// A string of HCL in which nothing is expanded.
fn quoted(text: &str) -> String {
    crate::escape::json(text)
        .replace("${", "$${")
        .replace("%{", "%%{")
}

/// A shell's `$HOME` and `~/` as variables of the file.
fn expanded(value: &str, variables: &mut BTreeSet<String>) -> String {
    let value = value.replace("=~/", "=$HOME/");
    let mut out = String::new();
    let mut rest = value.as_str();
    while let Some(at) = rest.find('$') {
        out += &rest[..at];
        let after = rest[at + 1..].trim_start_matches('{');
        let end = after
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        if name.is_empty() {
            out += "$$";
        } else {
            variables.insert(name.to_string());
            out += &format!("${{{name}}}");
        }
        rest = if rest[at + 1..].starts_with('{') {
            tail.strip_prefix('}').unwrap_or(tail)
        } else {
            tail
        };
    }
    out += rest;
    let json = serde_json::to_string(&out).expect("a string is JSON");
    json.replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(image: &str) -> Target {
        Target {
            image: image.into(),
            context: ".".into(),
            dockerfile: "a/Dockerfile".into(),
            only: None,
            platforms: Vec::new(),
            flags: vec![
                "--secret id=netrc,src=$HOME/.netrc".into(),
                "--ssh default".into(),
            ],
        }
    }

    #[test]
    fn every_target_has_a_name_of_its_own() {
        let names = names(&[&target("a.b"), &target("a-b"), &target("default")]);
        assert_eq!(names, ["a-b", "a-b-2", "default-2"]);
    }

    #[test]
    fn secrets_take_their_files_from_the_environment() {
        let text = file(&[&target("a")]).text;
        assert!(
            text.contains(r#"secret     = ["id=netrc,src=${HOME}/.netrc"]"#),
            "{text}"
        );
        assert!(text.contains(r#"ssh        = ["default"]"#));
        assert!(text.contains(r#"variable "HOME""#));
    }

    #[test]
    fn platforms_of_the_settings_hold_unless_the_variable_says_otherwise() {
        let mut target = target("a");
        target.platforms = vec!["linux/amd64".into(), "linux/arm64".into()];
        let text = file(&[&target]).text;
        let line = r#"platforms  = PLATFORMS == "" ? ["linux/amd64", "linux/arm64"] : split(",", PLATFORMS)"#;
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn a_path_is_never_a_template() {
        assert_eq!(quoted("a${b}%{c}\""), r#""a$${b}%%{c}\"""#);
    }
}
