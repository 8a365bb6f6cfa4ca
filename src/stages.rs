//! The stages on request, whatever the language: test, dev, debug and scan, and the gate that makes the
//! image depend on some of them. A language says what its test and dev do; the rest is read off its
//! last stage.

use crate::catalog::{Base, Catalog, Family, Variant};
use crate::decision::{Because, Decision};
use crate::diagnostic::{Diagnostic, Severity, rules};
use crate::dockerfile::{Section, sections};
use crate::escape::{self, Safe};
use crate::plan::{Dev, Plan, Test, Work, os_setup};
use crate::settings::{Cache, Given, Settings, Stage};
use askama::Template;

/// The image of the scan.
const SCANNER: &str = "aquasec/trivy";

/// An empty folder in a stage that has passed. The gate copies what is in it: nothing.
const PASSED: &str = "/passed";

/// The last stage, where what ships needs another name: for the scan, which reads it. The second where a
/// front end's folder has taken the first.
pub const SHIPPED: [&str; 2] = ["app", "shipped"];

#[derive(Template)]
#[template(path = "shared/deps/Dockerfile")]
struct DepsText<'a> {
    about: Safe,
    stage: &'static str,
    work: &'a Work,
}

#[derive(Template)]
#[template(path = "shared/test/Dockerfile")]
struct TestText<'a> {
    about: Safe,
    stage: &'static str,
    work: &'a Work,
    mounts: &'a [Safe],
    command: &'a Safe,
    marker: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "shared/dev/Dockerfile")]
struct DevText<'a> {
    about: Safe,
    stage: &'static str,
    work: &'a Work,
    port: Option<u16>,
    command: Safe,
}

#[derive(Template)]
#[template(path = "shared/scan/Dockerfile")]
struct ScanText {
    from: Safe,
    mounts: Vec<Safe>,
    marker: Option<&'static str>,
}

fn rendered(template: &impl Template) -> String {
    template
        .render()
        .expect("a template of strings renders into a string")
}

/// A stage that a language cannot make: why not, and what would help.
pub fn missing(stage: Stage, why: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::warning(&rules::NO_STAGE, format!("no stage `{}`: {why}", stage.name()))
}

/// The Dockerfile with the stages that were asked for. What cannot be made is a warning, and an error
/// where the image is to depend on it.
///
/// # Errors
/// A gate that cannot be made, or a command that has no safe form.
pub fn extend(
    plan: &mut Plan,
    text: &str,
    catalog: &'static Catalog,
    settings: &Settings,
) -> Result<String, Diagnostic> {
    let asked = settings.stages();
    let all = sections(text);
    let Some(runtime) = all.last().filter(|_| !asked.is_empty()) else {
        return Ok(text.to_string());
    };
    let from = &runtime.steps[0];
    let (before, runtime_text) = (&text[..from.above], &text[from.range.end..]);
    let mut parts = vec![before.trim_end().to_string()];
    let mut decisions = Vec::new();
    let mut made = Vec::new();
    let works = |stage| asked.contains(&stage);
    let test = gated(
        settings,
        Stage::Test,
        plan.stages.test.as_ref(),
        &mut plan.warnings,
    )?;
    let dev = gated(settings, Stage::Dev, plan.stages.dev.as_ref(), &mut plan.warnings)?;

    let begins = [test.map(|t| &t.work), dev.map(|d| &d.work)];
    let shared = |w: &&Work| w.from.as_str() == DEPS;
    if let Some(work) = &plan.stages.deps
        && begins.iter().flatten().any(shared)
    {
        let about = escape::comment(&work.about);
        let text = rendered(&DepsText {
            about,
            stage: DEPS,
            work,
        });
        parts.push(text);
    }
    if let Some(test) = test {
        parts.push(test_text(test, settings));
        decisions.push(decision("test", test.command.as_str(), &test.because));
        made.push(Stage::Test);
    }
    if let Some(dev) = dev {
        parts.push(dev_text(dev, plan.port)?);
        decisions.push(decision("dev", &dev.command.join(" "), &dev.because));
        made.push(Stage::Dev);
    }
    if works(Stage::Debug) {
        let debug = debug(text, runtime, catalog)?;
        let body = format!("{}{runtime_text}", debug.text);
        parts.push(body.trim_end().to_string());
        decisions.push(decision("debug", &debug.from, &Because::rule(debug.why)));
        made.push(Stage::Debug);
    }
    let gate = settings
        .gate()
        .iter()
        .filter(|s| made.contains(s) || **s == Stage::Scan);
    let gate: Vec<Stage> = gate.copied().collect();
    if works(Stage::Scan) {
        let (last, image) = scanned(text, &all, runtime, catalog, settings, &gate)?;
        parts.extend(last);
        let why = "reads the file system of the image; it needs a network, so it is made on request alone";
        decisions.push(decision("scan", &image, &Because::rule(why)));
    } else {
        parts.push(waiting(text, runtime, &gate));
    }
    for stage in &gate {
        let because = settings.gate.as_ref().map(|g| g.because.clone());
        let because = because.unwrap_or_else(|| Because::rule("asked for"));
        decisions.push(decision("gate", stage.name(), &because));
    }
    plan.decisions.extend(decisions);
    Ok(parts.join("\n\n"))
}

/// What ships under a name of its own, the scan that reads it, and the runtime that may wait for the
/// scan; and the scanner's image.
fn scanned(
    text: &str,
    all: &[Section],
    runtime: &Section,
    catalog: &'static Catalog,
    settings: &Settings,
    gate: &[Stage],
) -> Result<([String; 3], String), Diagnostic> {
    let free = |name: &&str| all.iter().all(|s| s.name != *name);
    let shipped = SHIPPED.into_iter().find(free).unwrap_or(SHIPPED[1]);
    let from = &runtime.steps[0];
    let whole = &text[from.above..];
    let about = whole.strip_prefix("# runtime ").unwrap_or(whole);
    let own = &text[from.range.clone()];
    let line = own.trim_end();
    let line = line.strip_suffix(&runtime.name).unwrap_or(line);
    let app = format!("# {shipped} {about}").replacen(own, &format!("{line}{shipped}\n"), 1);
    let (scan, image) = scan_text(catalog, settings, shipped)?;
    let lines: String = gate.iter().map(|s| format!("\n{}", copy(*s))).collect();
    let about = match gate.is_empty() {
        true => "is what the scan reads".to_string(),
        false => format!("is made only where {}", listed(gate)),
    };
    let last = format!("# runtime {about}\nFROM {shipped} AS runtime{lines}");
    Ok(([app.trim_end().to_string(), scan, last], image))
}

/// The runtime, which waits for its gates last of all.
fn waiting(text: &str, runtime: &Section, gate: &[Stage]) -> String {
    let above = runtime.steps[0].above;
    let (head, tail) = text[above..].split_at(metadata(runtime) - above);
    let lines: String = gate.iter().map(|s| format!("{}\n", copy(*s))).collect();
    let note = match gate.is_empty() {
        true => String::new(),
        false => format!(
            "# An empty folder: the image is made only where {}.\n",
            listed(gate)
        ),
    };
    format!("{head}{note}{lines}{tail}").trim_end().to_string()
}

/// The stage with the dependencies of tests and development.
pub const DEPS: &str = "dev-deps";

fn decision(topic: &'static str, value: &str, because: &Because) -> Decision {
    Decision {
        topic,
        value: value.to_string(),
        because: because.clone(),
        over: Vec::new(),
    }
}

/// What the language says of a stage. What it cannot make is told; under a gate it is an error.
fn gated<'a, T>(
    settings: &Settings,
    stage: Stage,
    said: Option<&'a Result<T, Diagnostic>>,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Option<&'a T>, Diagnostic> {
    match said.filter(|_| settings.stages().contains(&stage)) {
        None => Ok(None),
        Some(Ok(work)) => Ok(Some(work)),
        Some(Err(why)) => match settings.gate.as_ref().filter(|g| g.value.contains(&stage)) {
            Some(Given { because, .. }) => {
                let mut error = why.clone();
                error.severity = Severity::Error;
                Err(match &because.at {
                    Some(at) if error.at.is_none() => error.at(at.clone(), "the image is to depend on it"),
                    _ => error,
                })
            }
            None => {
                warnings.push(why.clone());
                Ok(None)
            }
        },
    }
}

fn test_text(test: &Test, settings: &Settings) -> String {
    let gate = settings.gate().contains(&Stage::Test);
    rendered(&TestText {
        about: escape::comment(&format!("runs the tests: {}", test.because.worded())),
        stage: "test",
        work: &test.work,
        mounts: &test.mounts,
        command: &test.command,
        marker: gate.then_some(PASSED),
    })
}

fn dev_text(dev: &Dev, port: Option<u16>) -> Result<String, Diagnostic> {
    Ok(rendered(&DevText {
        about: escape::comment(&format!("{}: {}", dev.work.about, dev.because.worded())),
        stage: "dev",
        work: &dev.work,
        port,
        command: escape::exec(&dev.command)?,
    }))
}

struct Debug {
    /// Comment, FROM, and a RUN that adds tools.
    text: String,
    from: String,
    why: String,
}

/// The runtime's beginning with a shell: the debug tag of distroless, a partner of `scratch`, the JDK of a
/// JRE; what has a shell gets tools.
fn debug(text: &str, runtime: &Section, catalog: &'static Catalog) -> Result<Debug, Diagnostic> {
    let line = text[runtime.steps[0].range.clone()].trim_end();
    let mut words = line.split_whitespace().skip(1);
    let image = words.find(|w| !w.starts_with("--")).unwrap_or("scratch");
    let base = catalog.lookup(image);
    let same = |base: &Base, variant| {
        let version = base.line.version.as_str();
        catalog.base(&base.image.reference, version, variant, &base.tag.suite)
    };
    let mut tools = None;
    let (from, why) = match base {
        _ if image == "scratch" => {
            let alpine = catalog.supported_lines("alpine").first().copied();
            let alpine = alpine.and_then(|l| Some(("alpine", l.tags.first()?)));
            let (name, tag) = alpine.ok_or_else(|| not_known("alpine"))?;
            (
                format!("{name}:{}", tag.tag),
                "a static program runs on Alpine as on nothing, and there is a shell",
            )
        }
        Some(base) if base.os.family == Family::Distroless => {
            let from = same(&base, Variant::Debug).map_or(image.to_string(), |b| b.from());
            (from, "the same image with busybox")
        }
        Some(base) if base.tag.variant == Variant::Jre && same(&base, Variant::Jdk).is_some() => {
            let from = same(&base, Variant::Jdk).map_or(image.to_string(), |b| b.from());
            (from, "the JDK of the same version has jcmd, jstack and a shell")
        }
        Some(base) if matches!(base.os.family, Family::Debian | Family::Ubuntu) => {
            let names = ["curl", "less", "procps"].map(String::from);
            tools = os_setup(base.os.family, &names, None)?;
            (
                image.to_string(),
                "the image has a shell; curl, less and ps come with it",
            )
        }
        _ => (image.to_string(), "the image has a shell"),
    };
    let tools = tools.map_or(String::new(), |t| format!("{t}\n"));
    let platform = line.split_whitespace().find(|w| w.starts_with("--"));
    let platform = platform.map_or(String::new(), |p| format!("{p} "));
    Ok(Debug {
        text: format!("# debug is the runtime with a shell: {why}\nFROM {platform}{from} AS debug\n{tools}"),
        from,
        why: why.into(),
    })
}

/// The scan, and its image.
fn scan_text(
    catalog: &'static Catalog,
    settings: &Settings,
    shipped: &str,
) -> Result<(String, String), Diagnostic> {
    let line = catalog.supported_lines(SCANNER).first().copied();
    let tag = line
        .and_then(|l| l.tags.first())
        .ok_or_else(|| not_known(SCANNER))?;
    let image = format!("{SCANNER}:{}", tag.tag);
    let mut mounts = vec![Safe::literal(format!("type=bind,from={shipped},target=/scan"))];
    if settings.cache() == Cache::Mount {
        mounts.push(Safe::literal("type=cache,target=/root/.cache/trivy"));
    }
    let gate = settings.gate().contains(&Stage::Scan);
    let text = rendered(&ScanText {
        from: Safe::literal(image.clone()),
        mounts,
        marker: gate.then_some(PASSED),
    });
    Ok((text, image))
}

/// No tag is made up: one that floats would be another image tomorrow.
fn not_known(image: &str) -> Diagnostic {
    let title = format!("the catalogue has no supported tag of {image}");
    Diagnostic::error(&rules::NO_VERSION, title)
}

fn copy(stage: Stage) -> String {
    format!("COPY --from={} {PASSED}/ /", stage.name())
}

fn listed(gate: &[Stage]) -> String {
    let names: Vec<&str> = gate.iter().map(|s| s.name()).collect();
    match names.as_slice() {
        [one] => format!("{one} passes"),
        more => format!("{} pass", more.join(" and ")),
    }
}

/// Where the instructions begin that make no layer, at the end of a stage: what waits for other stages
/// belongs there, so that nothing waits with it.
fn metadata(stage: &Section) -> usize {
    let layered = stage
        .steps
        .iter()
        .rposition(|s| matches!(s.name.as_str(), "FROM" | "RUN" | "COPY" | "ADD" | "WORKDIR"));
    let last = &stage.steps[layered.unwrap_or(0)];
    last.range.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::catalog;
    use crate::plan::Stages;

    const FILE: &str = "# app is a front end\nFROM node:24 AS app\nRUN x\n\n# runtime holds it\nFROM scratch AS runtime\nCOPY --from=app /x /x\nENV A=b\nUSER 1:1\nCMD [\"/x\"]";

    struct Nothing;

    impl crate::plan::View for Nothing {
        fn text(&self) -> String {
            String::new()
        }
    }

    fn plan(stages: Stages) -> Plan {
        Plan {
            name: String::new(),
            title: String::new(),
            entry: String::new(),
            dir: String::new(),
            context: String::new(),
            port: None,
            decisions: Vec::new(),
            warnings: Vec::new(),
            secrets: Vec::new(),
            dockerfile: Box::new(Nothing),
            ignore: Vec::new(),
            reads: Vec::new(),
            front_ends: Vec::new(),
            stages,
        }
    }

    fn asked(stages: &[Stage], gate: &[Stage]) -> Settings {
        let given = |list: &[Stage]| {
            Some(Given {
                value: list.to_vec(),
                because: Because::rule("asked for"),
            })
        };
        Settings {
            stages: given(stages),
            gate: given(gate),
            ..Settings::default()
        }
    }

    fn made(stages: Stages, settings: &Settings) -> Result<String, Diagnostic> {
        extend(&mut plan(stages), FILE, catalog(), settings)
    }

    fn test() -> Stages {
        Stages {
            test: Some(Ok(Test {
                work: Work::on("app"),
                mounts: Vec::new(),
                command: Safe::literal("go test"),
                because: Because::rule("it says so"),
            })),
            ..Stages::default()
        }
    }

    #[test]
    fn without_being_asked_nothing_changes() {
        assert_eq!(made(test(), &Settings::default()).unwrap(), FILE);
    }

    #[test]
    fn a_gate_stands_before_the_metadata_and_makes_its_stage() {
        let text = made(test(), &asked(&[], &[Stage::Test])).unwrap();
        let end = "COPY --from=app /x /x\n# An empty folder: the image is made only where test passes.\nCOPY --from=test /passed/ /\nENV A=b\nUSER 1:1\nCMD [\"/x\"]";
        assert!(text.ends_with(end), "{text}");
        assert!(text.contains("RUN go test \\\n    && mkdir /passed"), "{text}");
    }

    #[test]
    fn what_ships_is_not_called_as_a_front_end_is() {
        let text = made(Stages::default(), &asked(&[Stage::Scan], &[])).unwrap();
        assert!(text.contains("FROM scratch AS shipped\n"), "{text}");
        assert!(text.contains("from=shipped,target=/scan"), "{text}");
        assert!(text.ends_with("FROM shipped AS runtime"), "{text}");
    }

    #[test]
    fn what_cannot_be_made_is_a_warning_and_under_a_gate_an_error() {
        let none = || Stages {
            test: Some(Err(missing(Stage::Test, "there is none"))),
            ..Stages::default()
        };
        let mut plan = plan(none());
        let text = extend(&mut plan, FILE, catalog(), &asked(&[Stage::Test], &[])).unwrap();
        assert_eq!(text, FILE);
        assert_eq!(plan.warnings[0].title, "no stage `test`: there is none");
        let error = made(none(), &asked(&[], &[Stage::Test])).unwrap_err();
        assert_eq!(error.severity, Severity::Error);
    }
}
