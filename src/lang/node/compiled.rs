//! Where a build puts a program: the compilers and bundlers as their own rules have it.

use crate::decision::Rejected;
use crate::lang::node::detect::Facts;
use crate::lang::node::program::Build;
use crate::lang::node::typescript;
use crate::lang::node::workspace::in_dir;
use crate::paths;

pub struct Compiled {
    pub build: Build,
    /// Folder of the results, from the package's; `""` where they lie among the sources.
    pub folder: String,
    pub file: String,
    pub over: Vec<Rejected>,
}

pub fn first_folder(path: &str) -> &str {
    path.split_once('/').map_or("", |(first, _)| first)
}

fn script(facts: &Facts) -> Option<Build> {
    facts.build.as_ref().map(|(name, _)| Build::Script(name))
}

/// The value of one of `flags` in the build script.
fn flag(text: &str, flags: &[&str]) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.iter().enumerate().find_map(|(i, word)| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        if !flags.contains(&name) {
            return None;
        }
        let value = if value.is_empty() {
            words.get(i + 1)?
        } else {
            value
        };
        Some(
            value
                .trim_matches(['"', '\''])
                .trim_start_matches("./")
                .trim_end_matches('/')
                .to_string(),
        )
    })
}

fn tsconfig(facts: &Facts) -> Option<String> {
    let named = flag(&facts.build_text, &["-p", "--project", "-b", "--build"])
        .filter(|_| facts.build_text.contains("tsc"))
        .and_then(|p| paths::join(facts.dir, &p))
        .map(|p| {
            if p.ends_with(".json") {
                p
            } else {
                in_dir(&p, "tsconfig.json")
            }
        });
    named
        .filter(|p| facts.tree.has(p))
        .or_else(|| Some(in_dir(facts.dir, "tsconfig.json")).filter(|p| facts.tree.has(p)))
}

/// How a start file that is not in the repository comes to be.
pub fn for_output(facts: &Facts, file: &str) -> Option<Compiled> {
    let build = match script(facts) {
        Some(build) => build,
        None => compiler(facts)?,
    };
    let mut over = Vec::new();
    let mut file = file.to_string();
    let uses_tsc = facts.build_text.split_whitespace().any(|w| w == "tsc") || matches!(build, Build::Tool(_));
    // The compiler's own rule tells where the file really is: `dist/src/index.js` for `dist/index.js`.
    if uses_tsc && let Some(config) = tsconfig(facts) {
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(s, _)| s);
        let below = stem.split_once('/').map_or(stem, |(_, rest)| rest);
        let source = [
            below.to_string(),
            format!("src/{below}"),
            format!("{below}/index"),
            format!("src/{below}/index"),
        ]
        .into_iter()
        .flat_map(|s| {
            [
                format!("{s}.ts"),
                format!("{s}.mts"),
                format!("{s}.tsx"),
                format!("{s}.cts"),
            ]
        })
        .find(|s| facts.tree.has(&in_dir(facts.dir, s)));
        if let Some(source) = source
            && let Some((out, found)) = typescript::output_of(facts.tree, facts.dir, &config, &source)
            && (out == first_folder(&file) || !file.contains('/'))
            && found.rsplit_once('.').map(|(s, _)| s) != Some(stem)
        {
            over.push(Rejected::possible(
                file.clone(),
                "the compiler puts it elsewhere, by its common root folder",
            ));
            file = found;
        }
    }
    Some(Compiled {
        build,
        folder: first_folder(&file).to_string(),
        file,
        over,
    })
}

/// The compiler, where the project has one and no script for it.
fn compiler(facts: &Facts) -> Option<Build> {
    let config = tsconfig(facts)?;
    facts.package.dependency("typescript")?;
    let name = paths::relative(&config, facts.dir);
    Some(Build::Tool(format!("tsc -p {name}")))
}

/// Where the build puts a TypeScript entry; `None` where nothing compiles it.
pub fn for_source(facts: &Facts, file: &str) -> Option<Compiled> {
    let text = facts.build_text.as_str();
    let words: Vec<&str> = text.split_whitespace().collect();
    let uses = |tool: &str| words.contains(&tool);
    let stem = paths::base(file).rsplit_once('.').map_or(file, |(s, _)| s);
    let made = |file: String| {
        Some(Compiled {
            build: script(facts)?,
            folder: first_folder(&file).to_string(),
            file,
            over: vec![],
        })
    };
    let main = facts
        .package
        .main
        .as_ref()
        .map(|m| m.value.trim_start_matches("./").to_string());
    let built_main = main.filter(|m| !facts.tree.has(&in_dir(facts.dir, m)) && m.contains('/'));
    if uses("esbuild") || uses("bun") && text.contains("bun build") {
        if let Some(file) = flag(text, &["--outfile"]) {
            return made(file);
        }
        let extension = if text.contains("--out-extension:.js=.mjs") {
            "mjs"
        } else {
            "js"
        };
        return made(format!("{}/{stem}.{extension}", flag(text, &["--outdir"])?));
    }
    if uses("tsup") || uses("tsdown") {
        let config = ["tsup.config.ts", "tsup.config.js", "tsdown.config.ts"]
            .iter()
            .find_map(|c| facts.tree.text(&in_dir(facts.dir, c)));
        let config = config.map(|s| super::config::read(&s));
        let says = |word: &str| text.contains(word) || config.as_ref().is_some_and(|c| c.says(word));
        let out = flag(text, &["-d", "--out-dir"])
            .or_else(|| Some(config.as_ref()?.literal("outDir")?.value))
            .unwrap_or("dist".into());
        // The format that the package's type makes the plain extension.
        let extension = match (facts.package.esm, says("esm"), says("cjs")) {
            (true, false, true) => "cjs",
            (false, true, false) => "mjs",
            (true, false, false) => "cjs",
            _ => "js",
        };
        return made(format!("{out}/{stem}.{extension}"));
    }
    if uses("ncc") {
        return made(format!(
            "{}/index.js",
            flag(text, &["-o", "--out"]).unwrap_or("dist".into())
        ));
    }
    if let Some(main) = built_main.clone().filter(|_| facts.build.is_some()) {
        return made(main);
    }
    if uses("swc") {
        let out = flag(text, &["-d", "--out-dir"])?;
        let path = if text.contains("strip-leading-paths") {
            file.split_once('/').map_or(file, |(_, r)| r)
        } else {
            file
        };
        return made(format!("{out}/{}", js(path)));
    }
    if uses("babel") {
        let out = flag(text, &["-d", "--out-dir"])?;
        return made(format!(
            "{out}/{}",
            js(file.split_once('/').map_or(file, |(_, r)| r))
        ));
    }
    let compiles = uses("tsc") || uses("tsc-alias") || uses("vue-tsc");
    if compiles || facts.build.is_none() {
        let config = tsconfig(facts)?;
        let (folder, file) = typescript::output_of(facts.tree, facts.dir, &config, file)?;
        let build = match script(facts) {
            Some(build) => build,
            None => compiler(facts)?,
        };
        return Some(Compiled {
            build,
            folder: if folder == "." { String::new() } else { folder },
            file,
            over: vec![],
        });
    }
    None
}

fn js(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(s, _)| s);
    format!("{stem}.js")
}
