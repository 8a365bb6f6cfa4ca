//! The runtime bases that a Rust program can have, in order of preference.

use super::builder::{self, Builder, Version};
use super::detect::Facts;
use super::native::{self, Files};
use crate::catalog::{Base, Catalog, Family, Libc, Variant};
use crate::choose::{self, Candidate};
use crate::decision::Chosen;
use crate::diagnostic::Diagnostic;
use crate::lang::Project;
use crate::settings::Runtime;

/// A base, and how the program comes to run on it.
#[derive(Clone, Debug)]
pub struct Target {
    /// `None` for scratch.
    pub base: Option<Base>,
    pub packages: Vec<String>,
    pub musl: bool,
    /// On Alpine with shared libraries.
    pub dynamic: bool,
    /// Certificates are copied in, as there is no package for them.
    pub certificates: bool,
}

/// # Errors
/// The asked runtime is impossible.
pub fn runtime(
    project: &Project,
    facts: &Facts,
    version: &Version,
) -> Result<Chosen<(Runtime, Target)>, Diagnostic> {
    let found = Found::new(project, facts, version)?;
    let mut candidates = vec![found.distroless(), found.slim(), found.alpine(), found.scratch()];
    if found.shell.is_some() {
        candidates.swap(0, 1);
    }
    if found.libc == Some(Libc::Musl) {
        candidates.retain(|c| c.runtime != Runtime::Slim);
    }
    choose::runtime(candidates, project.settings.runtime.as_ref())
}

/// What speaks for and against the bases.
struct Found<'a> {
    project: &'a Project<'a>,
    debian: Builder,
    alpine: Result<Builder, Diagnostic>,
    /// The libc that a named builder or .cargo/config.toml leaves no choice about.
    libc: Option<Libc>,
    /// Debian packages that the program links.
    libraries: Vec<String>,
    apk: Vec<String>,
    no_musl: Option<String>,
    shared: Option<String>,
    certificates: bool,
    shell: Option<String>,
}

impl<'a> Found<'a> {
    fn new(project: &'a Project<'a>, facts: &Facts, version: &Version) -> Result<Self, Diagnostic> {
        let debian = builder::builder(project, version, false)?.value;
        let alpine = builder::builder(project, version, true).map(|b| b.value);
        let given = project.settings.builder.is_some().then_some(debian.libc);
        let configured = facts.cargo_config(&["build", "target"]).and_then(|t| {
            if t.value.ends_with("-musl") {
                Some(Libc::Musl)
            } else {
                None
            }
        });
        let native = &facts.native;
        let with = |f: &native::Found| (!f.native.run.is_empty()).then_some(&f.native.name);
        Ok(Self {
            project,
            libraries: packages_of(&debian, native::union(native, |n| &n.run)),
            apk: native::union(native, |n| &n.apk_run),
            no_musl: native.iter().find_map(|f| {
                f.native
                    .musl
                    .as_ref()
                    .map(|why| format!("{}: {why}", f.native.name))
            }),
            shared: native
                .iter()
                .find(|f| !f.native.apk_run.is_empty())
                .and_then(with)
                .map(|name| format!("{name} links a shared library")),
            certificates: native.iter().any(|f| f.native.files == Some(Files::Certificates)),
            shell: facts.shell.as_ref().map(|at| format!("{at} starts a shell")),
            libc: given.or(configured),
            debian,
            alpine,
        })
    }

    /// Packages that a person asked for, or that the program cannot do without.
    fn asked(&self) -> &[String] {
        &self.project.settings.runtime_packages
    }

    fn distroless(&self) -> Candidate<Target> {
        let musl = self.libc == Some(Libc::Musl);
        let no = |why: String| Candidate::impossible(Runtime::Distroless, why);
        if !self.asked().is_empty() {
            return no("it has no package manager for the packages that are asked for".into());
        }
        let reference = match (musl, self.debian.suite.as_str()) {
            (true, _) => "gcr.io/distroless/static-debian13",
            (false, "trixie") => "gcr.io/distroless/cc-debian13",
            (false, suite) => return no(format!("there is none for {suite}, which the builder has")),
        };
        if musl && let Some(why) = self.no_musl.as_ref().or(self.shared.as_ref()) {
            return no(why.clone());
        }
        if !musl && !self.libraries.is_empty() {
            return no(format!(
                "it does not hold {} with all that it loads",
                self.libraries.join(", ")
            ));
        }
        let Some(base) = first(self.project.catalog, reference, Variant::Nonroot, None) else {
            return no("the catalogue has no such image".into());
        };
        let note = if let Some(shell) = &self.shell {
            format!("smallest, but has no shell, and {shell}")
        } else if musl {
            "certificates and time zones, and no more than a static program needs".into()
        } else {
            "glibc and the libraries that the program links, no shell, no package manager".into()
        };
        Candidate::possible(
            Runtime::Distroless,
            Target {
                base: Some(base),
                packages: Vec::new(),
                musl,
                dynamic: false,
                certificates: false,
            },
            note,
        )
    }

    fn slim(&self) -> Candidate<Target> {
        let no = |why: &str| Candidate::impossible(Runtime::Slim, why);
        if self.libc == Some(Libc::Musl) {
            return no("the builder links with musl");
        }
        let suite = Some(self.debian.suite.as_str());
        let Some(base) = first(self.project.catalog, "debian", Variant::Slim, suite) else {
            return no("the catalogue has no Debian of the builder's suite");
        };
        let mut packages = self.libraries.clone();
        packages.extend(self.asked().iter().cloned());
        if self.certificates {
            packages.push("ca-certificates".into());
        }
        let note = if !self.libraries.is_empty() {
            format!("the program links {}", self.libraries.join(", "))
        } else if !self.asked().is_empty() {
            format!("{} is asked for", self.asked().join(", "))
        } else if let Some(shell) = &self.shell {
            shell.clone()
        } else if base.tag.suite != "trixie" {
            "of the builder's suite".into()
        } else {
            "has a shell and apt, which the program does not need".into()
        };
        Candidate::possible(
            Runtime::Slim,
            Target {
                base: Some(base),
                packages,
                musl: false,
                dynamic: false,
                certificates: false,
            },
            note,
        )
    }

    fn alpine(&self) -> Candidate<Target> {
        let no = |why: String| Candidate::impossible(Runtime::Alpine, why);
        if self.libc == Some(Libc::Glibc) {
            return no("the builder links with glibc".into());
        }
        if let Some(why) = &self.no_musl {
            return no(why.clone());
        }
        let suite = match &self.alpine {
            Ok(builder) => builder.suite.clone(),
            Err(error) => return no(error.title.clone()),
        };
        let dynamic = !self.apk.is_empty();
        let mut base = first(self.project.catalog, "alpine", Variant::Alpine, Some(&suite));
        if !dynamic {
            // A static program does not care.
            base = base.or_else(|| first(self.project.catalog, "alpine", Variant::Alpine, None));
        }
        let Some(base) = base else {
            return no(format!("the catalogue has no image of {suite}"));
        };
        let mut packages = self.apk.clone();
        if dynamic {
            packages.push("libgcc".into());
        }
        packages.extend(self.asked().iter().cloned());
        Candidate::possible(
            Runtime::Alpine,
            Target {
                base: Some(base),
                packages,
                musl: true,
                dynamic,
                certificates: false,
            },
            "small and has a shell; musl's allocator is slower than glibc's",
        )
    }

    fn scratch(&self) -> Candidate<Target> {
        let no = |why: String| Candidate::impossible(Runtime::Scratch, why);
        if self.libc == Some(Libc::Glibc) {
            return no("the builder links with glibc".into());
        }
        if !self.asked().is_empty() {
            return no("it has no package manager for the packages that are asked for".into());
        }
        if let Some(why) = self.no_musl.as_ref().or(self.shared.as_ref()) {
            return no(why.clone());
        }
        if let Err(error) = &self.alpine {
            return no(error.title.clone());
        }
        Candidate::possible(
            Runtime::Scratch,
            Target {
                base: None,
                packages: Vec::new(),
                musl: true,
                dynamic: false,
                certificates: self.certificates,
            },
            "smallest; has no user database and no time zones, and musl's allocator is slower",
        )
    }
}

/// Debian 13 renamed libraries for 64-bit time; before it, they have their old names.
fn packages_of(builder: &Builder, packages: Vec<String>) -> Vec<String> {
    let renamed = builder.family == Family::Debian && builder.suite == "trixie";
    packages
        .into_iter()
        .map(|p| match p.strip_suffix("t64") {
            Some(old) if !renamed => old.to_string(),
            _ => p,
        })
        .collect()
}

/// The newest line of an image that has this variant, in this suite if one is given.
fn first(catalog: &'static Catalog, reference: &str, variant: Variant, suite: Option<&str>) -> Option<Base> {
    let image = catalog.image(reference)?;
    image.lines.iter().find_map(|line| {
        let tag = line
            .tags
            .iter()
            .find(|t| t.variant == variant && suite.is_none_or(|s| t.suite == s))?;
        catalog.base(reference, &line.version, variant, &tag.suite)
    })
}
