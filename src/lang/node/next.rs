//! Next.js: a server with the files that its build traced, or `next start` with node_modules.
//!
//! `output: 'standalone'` is the default where the build's environment has `NEXT_PRIVATE_STANDALONE`
//! (next/dist/server/config-shared.js, from 12.2 to 16). So a project whose config says nothing, or computes
//! it, gets the small image without an edit; what the config says outranks it.

use crate::escape::Safe;
use crate::lang::node::detect::Facts;
use crate::lang::node::files;
use crate::lang::node::managed::Linker;
use crate::lang::node::manager::Id;
use crate::lang::node::product::{Fallback, Look, Output, Product, Program, Start, clean, site, with_base};
use crate::lang::node::program::look;
use crate::lang::node::runners;
use crate::manifest::javascript::Token;
use crate::source::Location;

/// Packages that load modules or read files by names which only the running program knows, so that
/// tracing leaves them out. In order.
const UNTRACED: &[&str] = &[
    "@huggingface/transformers",
    "@sparticuz/chromium",
    "@tensorflow/tfjs-node",
    "@xenova/transformers",
    "libsql",
    "next-i18next",
    "onnxruntime-node",
    "oracledb",
    "sequelize",
    "tesseract.js",
];

/// The oldest line that was built and run this way.
const OLDEST: u64 = 13;

pub fn product(look: &Look) -> Product {
    let dist = clean(&look.literal("distDir").unwrap_or(".next".into()));
    let output = output(look);
    if output == Said::Export || look.build.contains("next export") {
        let dir = if output == Said::Export && dist != ".next" {
            dist
        } else {
            "out".into()
        };
        let because = look.because("output", "says `output: 'export'`");
        let base = look.literal("basePath");
        return with_base(site(dir, Fallback::Pages, "_next/static", because), base);
    }
    let public = look.has_dir("public");
    let env = vec![("HOSTNAME", "0.0.0.0"), ("NEXT_TELEMETRY_DISABLED", "1")];
    let writes = (dist == ".next").then_some(".next/cache");
    let kept = match output {
        Said::Standalone => None,
        Said::Unknown => Some("`output` is known only when it runs".into()),
        Said::Open | Said::Export => kept(look),
    };
    let Some(kept) = kept else {
        // Next.js traces from the folder of the lockfile, so the package keeps its place in there.
        let mut outputs = vec![Output {
            from: look.inside(&format!("{dist}/standalone")),
            to: String::new(),
        }];
        outputs.push(look.same(&format!("{dist}/static")));
        outputs.extend(public.then(|| look.same("public")));
        let because = match (&output, look.config.and_then(|c| c.setting("output"))) {
            (Said::Standalone, _) => "says `output: 'standalone'`",
            (_, Some(_)) => "leaves `output` open, so the build is told to make the standalone server",
            _ => "no config says `output`, so the build is told to make the standalone server",
        };
        return Product::Program(Program {
            outputs,
            modules: false,
            start: Start::File(vec!["server.js".into()]),
            cwd: look.place.to_string(),
            env,
            port: Some(3000),
            port_variable: Some("PORT"),
            writes,
            reads_config: false,
            because: look.because("output", because),
        });
    };
    let mut outputs = vec![look.same(&dist)];
    outputs.extend(public.then(|| look.same("public")));
    Product::Program(Program {
        outputs,
        modules: true,
        start: Start::Bin {
            name: "next".into(),
            file: Some("next/dist/bin/next"),
            args: vec!["start".into()],
        },
        cwd: look.place.to_string(),
        env,
        port: Some(3000),
        port_variable: Some("PORT"),
        writes,
        reads_config: true,
        because: look.because("output", &format!("has no standalone output, as {kept}")),
    })
}

/// What the config says of `output`.
#[derive(PartialEq)]
enum Said {
    Export,
    Standalone,
    /// Nothing, or nothing where the environment is that of the build.
    Open,
    Unknown,
}

fn output(look: &Look) -> Said {
    let Some(config) = look.config else {
        return Said::Open;
    };
    match look.literal("output").as_deref() {
        Some("export") => return Said::Export,
        Some("standalone") => return Said::Standalone,
        _ => {}
    }
    let tokens = config.tokens();
    for (i, token) in tokens.iter().enumerate() {
        let said = match token.string() {
            Some("export") => Said::Export,
            Some("standalone") => Said::Standalone,
            _ => continue,
        };
        let set = |name: &str| look.build.contains(name);
        match chosen(&tokens[..i]) {
            Some((_, Chosen::Compared)) => {}
            Some(("NODE_ENV", Chosen::Where(Some("production")))) => return said,
            Some((name, Chosen::Otherwise)) if !set(name) => return said,
            Some((name, Chosen::Otherwise)) => {
                // `cross-env BUILD_MODE=standalone next build`
                let says = |value: &str| look.build.contains(&format!("{name}={value}"));
                return match (says("standalone"), says("export")) {
                    (true, false) => Said::Standalone,
                    (false, true) => Said::Export,
                    _ => Said::Unknown,
                };
            }
            // Not set, unless the build script does.
            Some((name, Chosen::Where(_))) if name != "NODE_ENV" && !set(name) => {}
            // Told to, the build makes it where nothing else is said.
            _ if said == Said::Standalone => {}
            _ => return Said::Unknown,
        }
    }
    Said::Open
}

/// How a variable of the environment decides on the text that follows.
#[derive(Debug, PartialEq)]
enum Chosen<'a> {
    /// `process.env.A ?` or `process.env.A === "text" ?`.
    Where(Option<&'a str>),
    /// `process.env.A ??`, `process.env.A ||`.
    Otherwise,
    /// `mode !== "export"` asks for the text, and does not say it.
    Compared,
}

/// The variable that decides, and how.
fn chosen(before: &[Token]) -> Option<(&str, Chosen<'_>)> {
    if let [.., a, b] = before
        && a.is('=')
        && b.is('=')
    {
        return Some(("", Chosen::Compared));
    }
    let (last, mut condition) = before.split_last()?;
    let mut how = Chosen::Where(None);
    if let [rest @ .., same] = condition
        && same.kind == last.kind
    {
        how = Chosen::Otherwise;
        condition = rest;
    } else if let [rest @ .., equals, text] = condition
        && equals.is('=')
    {
        how = Chosen::Where(Some(text.string()?));
        condition = rest;
        while let [rest @ .., equals] = condition
            && equals.is('=')
        {
            condition = rest;
        }
    }
    let [rest @ .., process, a, env, b, name] = condition else {
        return None;
    };
    let plain = process.word() == Some("process") && a.is('.') && env.word() == Some("env") && b.is('.');
    let alone = !rest
        .last()
        .is_some_and(|t| ['!', '&', '|'].iter().any(|m| t.is(*m)));
    let decides = last.is('?') || how == Chosen::Otherwise && last.is('|');
    (decides && plain && alone).then_some((name.word()?, how))
}

/// Why the server keeps its node_modules; `None` where the build can make a standalone one.
fn kept(look: &Look) -> Option<String> {
    let says = |word: &str| look.config.is_some_and(|c| c.says(word));
    let major = look.major("next");
    let there = |name: &str| look.package.in_production(name) || look.lock.has(name);
    if major < OLDEST {
        return Some(format!("it is Next.js {major}"));
    }
    for key in ["publicRuntimeConfig", "serverRuntimeConfig"] {
        if says(key) {
            return Some(format!("`{key}` is read when the server starts"));
        }
    }
    if let Some(name) = UNTRACED.iter().find(|name| there(name)) {
        return Some(format!("tracing does not see what {name} loads"));
    }
    // The engine of another member is looked for beside that.
    if !look.place.is_empty()
        && look.package.in_production("@prisma/client")
        && look.major("@prisma/client") < 7
    {
        return Some("tracing does not see Prisma's engine in a workspace".into());
    }
    if look.plug_and_play {
        return Some("tracing does not read what Plug'n'Play keeps in archives".into());
    }
    // Up to 14 the standalone server has no other program for images than sharp, and 13 does not trace it.
    let images = || {
        let mut sources = files::of(look.tree, look.dir).into_iter();
        sources.any(|file| {
            let source = look.tree.text(file);
            source.is_some_and(|s| s.text.contains("next/image") || s.text.contains("next/legacy/image"))
        })
    };
    let sharp = major == 14 && look.package.in_production("sharp");
    if major < 15 && !sharp && images() {
        return Some(format!("Next.js {major} would serve images as they are"));
    }
    None
}

/// Does the build make the standalone server because it is told to, and not by the project's config?
fn told(facts: &Facts, outputs: &[Output]) -> bool {
    let says = facts.config.as_ref().and_then(|c| c.literal("output"));
    facts.framework.is_some_and(|f| f.id == "next")
        && says.is_none_or(|o| o.value != "standalone")
        && outputs
            .iter()
            .any(|o| o.to.is_empty() && o.from.ends_with("/standalone"))
}

/// Where the config says something of `output` that only the running program knows.
pub fn unknown(facts: &Facts) -> Option<Location> {
    let unknown = facts.framework?.id == "next" && output(&look(facts, "")) == Said::Unknown;
    facts.config.as_ref()?.computed("output").filter(|_| unknown)
}

/// The comment above the build that is told so.
pub fn note(facts: &Facts, outputs: &[Output]) -> Option<Safe> {
    told(facts, outputs).then(|| {
        Safe::literal(
            "# makes the standalone server, as `output: 'standalone'` in the config of Next.js would",
        )
    })
}

/// The same step with what tells it so.
pub fn tell(facts: &Facts, outputs: &[Output], step: Safe) -> Safe {
    match told(facts, outputs) {
        true => Safe::literal(format!("NEXT_PRIVATE_STANDALONE=true {step}")),
        false => step,
    }
}

/// The step that takes the compiler out of the production dependencies: 300 MB, as it is there for both
/// libcs. `next start` loads it for a config in TypeScript alone.
pub fn without_compiler(facts: &Facts) -> Option<Safe> {
    let config = facts.config.as_ref();
    if facts.framework.is_none_or(|f| f.id != "next")
        || config.is_some_and(|c| runners::is_source(&c.source.path))
    {
        return None;
    }
    match facts.managed.manager.id {
        Id::Pnpm => Some(Safe::literal("rm -rf node_modules/.pnpm/@next+swc-*")),
        Id::Berry if facts.managed.linker == Linker::Pnp => None,
        _ => Some(Safe::literal("rm -rf node_modules/@next/swc-*")),
    }
}

/// Turborepo 2 hides variables from a task that its turbo.json does not name.
pub fn turbo_flag(facts: &Facts, outputs: &[Output]) -> &'static str {
    let old = facts
        .managed
        .lock
        .newest("turbo")
        .is_some_and(|v| v.starts_with("1."));
    match told(facts, outputs) && !old {
        true => " --env-mode=loose",
        false => "",
    }
}

/// The port and the other settings that `next start` takes as flags, as variables of server.js.
pub fn variables(args: &[String]) -> Vec<(String, String)> {
    const FLAGS: &[(&str, &str)] = &[
        ("-p", "PORT"),
        ("--port", "PORT"),
        ("--keepAliveTimeout", "KEEP_ALIVE_TIMEOUT"),
    ];
    let value = |i: usize, word: &String| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let (_, variable) = FLAGS.iter().find(|(flag, _)| *flag == name)?;
        let value = match value {
            "" => args.get(i + 1)?.as_str(),
            value => value,
        };
        let number = !value.is_empty() && value.chars().all(|c| c.is_ascii_digit());
        number.then(|| (variable.to_string(), value.to_string()))
    };
    args.iter()
        .enumerate()
        .filter_map(|(i, word)| value(i, word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packages_are_in_order() {
        assert!(UNTRACED.is_sorted());
    }

    #[test]
    fn what_the_environment_chooses_is_known_where_it_is_compared_to_a_text() {
        let check = |text: &str, expected: Option<(&str, Chosen)>| {
            let tokens = crate::manifest::javascript::tokens(text);
            assert_eq!(chosen(&tokens), expected, "{text}");
        };
        check(
            "const output = process.env.EXPORT ?",
            Some(("EXPORT", Chosen::Where(None))),
        );
        check(
            "{ output: process.env.NODE_ENV === 'production' ?",
            Some(("NODE_ENV", Chosen::Where(Some("production")))),
        );
        check(
            "{ output: process.env.A == 'b' ?",
            Some(("A", Chosen::Where(Some("b")))),
        );
        check("mode = process.env.A ??", Some(("A", Chosen::Otherwise)));
        check("mode = process.env.A ||", Some(("A", Chosen::Otherwise)));
        check("if (mode !==", Some(("", Chosen::Compared)));
        check("{ output: !process.env.EXPORT ?", None);
        check("{ output: process.env.NODE_ENV !== 'production' ?", None);
        check("{ output: isMobile ?", None);
        check("", None);
    }

    #[test]
    fn flags_of_next_start_become_variables_of_its_server() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let args: Vec<String> = text.split(' ').map(str::to_string).collect();
            let expected: Vec<(String, String)> = expected
                .iter()
                .map(|(k, v)| (k.to_string(), v.to_string()))
                .collect();
            assert_eq!(variables(&args), expected, "{text}");
        };
        check("start", &[]);
        check("start -p 4000 -H 0.0.0.0", &[("PORT", "4000")]);
        check(
            "start --port=80 --keepAliveTimeout 70000",
            &[("PORT", "80"), ("KEEP_ALIVE_TIMEOUT", "70000")],
        );
        check("start -p $PORT", &[]);
    }
}
