//! What an install reads beside manifests: settings, patches, registries with credentials.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::install::Installer;
use crate::lang::node::rules;
use crate::manifest::doc;
use crate::paths;
use crate::plan::Secret;

impl Installer<'_> {
    /// Files and folders at the root, beside manifests, that the install reads.
    pub fn find_inputs(&self) -> Vec<String> {
        let facts = self.facts;
        let mut inputs: Vec<String> = facts
            .managed
            .manager
            .inputs
            .iter()
            .map(|i| i.to_string())
            .collect();
        let mut patched: Vec<String> = Vec::new();
        let roots = [
            Some(&*facts.package),
            facts.workspace.as_ref().and_then(|w| w.package.as_deref()),
        ];
        for package in roots.into_iter().flatten() {
            for keys in [&["pnpm", "patchedDependencies"][..], &["patchedDependencies"]] {
                let table = package
                    .node
                    .path(keys)
                    .map(doc::Node::entries)
                    .unwrap_or_default();
                patched.extend(table.iter().filter_map(|e| e.node.as_str().map(str::to_string)));
            }
            // Packed dependencies and vendored ones.
            for dependency in &package.dependencies {
                if let Some(path) = dependency.range.strip_prefix("file:")
                    && facts.workspace.is_none()
                {
                    inputs.extend(paths::join("", path).filter(|p| !p.is_empty()));
                }
            }
        }
        if let Some(source) = facts.tree.text(&facts.at_root("pnpm-workspace.yaml"))
            && let Some(node) = doc::yaml(&source).ok().and_then(|d| d.into_iter().next())
        {
            let table = node
                .get("patchedDependencies")
                .map(doc::Node::entries)
                .unwrap_or_default();
            patched.extend(table.iter().filter_map(|e| e.node.as_str().map(str::to_string)));
        }
        inputs.extend(
            patched
                .iter()
                .map(|p| paths::parent(p.trim_start_matches("./")).to_string()),
        );
        if facts
            .installed()
            .iter()
            .any(|(_, p)| p.dependency("patch-package").is_some())
        {
            inputs.push("patches".into());
        }
        inputs.retain(|i| {
            let path = facts.at_root(i);
            !i.is_empty() && (facts.tree.has(&path) || facts.tree.has_dir(&path))
        });
        inputs.sort();
        inputs.dedup();
        inputs
    }

    /// Registries that want credentials: mounted as secrets, never copied.
    pub fn registries(&mut self) -> Result<(), Diagnostic> {
        let mut variables: Vec<String> = Vec::new();
        for name in [".npmrc", ".yarnrc.yml"] {
            let path = self.facts.at_root(name);
            let Some(source) = self.facts.tree.text(&path) else {
                continue;
            };
            let mut only_auth = true;
            let mut open: Vec<String> = Vec::new();
            for line in source.text.lines() {
                let text = line.trim();
                if text.is_empty() || text.starts_with(['#', ';']) {
                    continue;
                }
                let secret = [
                    "_authToken",
                    "_auth=",
                    "_auth =",
                    "_password",
                    "npmAuthToken",
                    "npmAuthIdent",
                ]
                .iter()
                .any(|w| text.contains(w));
                let mut rest = text;
                let mut found = false;
                while let Some((_, after)) = rest.split_once("${") {
                    let (variable, tail) = after.split_once('}').unwrap_or((after, ""));
                    let variable: String = variable
                        .chars()
                        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                        .collect();
                    open.push(variable);
                    found = true;
                    rest = tail;
                }
                only_auth &= secret || text.starts_with("//");
                if secret && !found {
                    let at = crate::source::Location::of(&source, line);
                    self.warnings.push(
                        Diagnostic::warning(
                            &rules::LITERAL_TOKEN,
                            format!("{path} holds a credential as plain text"),
                        )
                        .at(at, "")
                        .help("revoke it, and write `${NPM_TOKEN}` in its place"),
                    );
                    self.inputs.retain(|i| i != name);
                    self.secret_mounts
                        .push(Safe::literal(format!("type=secret,id=npmrc,target=/root/{name}")));
                    self.secret(
                        "npmrc".into(),
                        format!("--secret id=npmrc,src=$HOME/{name}"),
                        &path,
                    );
                    open.clear();
                    break;
                }
            }
            let public = self.facts.managed.lock.hosts.is_empty()
                && !source.text.contains("registry=")
                && !source.text.contains(":registry");
            if only_auth && public && name == ".npmrc" {
                // Credentials for publishing alone: an install of public packages does without.
                self.inputs.retain(|i| i != name);
                continue;
            }
            variables.extend(open);
        }
        variables.sort();
        variables.dedup();
        for variable in variables.into_iter().filter(|v| !v.is_empty()) {
            let name = escape::name(&variable)?;
            self.secret_mounts
                .push(Safe::literal(format!("type=secret,id={name},env={name}")));
            self.secret(variable.clone(), format!("--secret id={variable}"), ".npmrc");
        }
        Ok(())
    }

    fn secret(&mut self, id: String, flag: String, file: &str) {
        self.warnings.push(
            Diagnostic::warning(
                &rules::PRIVATE_REGISTRY,
                format!("{file} asks for the secret {id}"),
            )
            .at(self.facts.tree.place(file), "")
            .help(format!("build with `{flag}`")),
        );
        self.secrets.push(Secret {
            flag,
            why: format!("{file} reads it for a registry"),
        });
    }
}
