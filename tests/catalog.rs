//! The catalogue keeps its word, and the command that renews it reproduces it from a sample of the
//! two public lists.

#[path = "../examples/catalog/lists.rs"]
mod lists;
#[path = "../examples/catalog/overlay.rs"]
mod overlay;
#[path = "../examples/catalog/renew.rs"]
mod renew;
#[path = "../examples/catalog/shape.rs"]
mod shape;
#[path = "../examples/catalog/support.rs"]
mod support;
#[path = "../examples/catalog/write.rs"]
mod write;

use overlay::Overlay;
use rdock::catalog::{Base, Catalog, Family, Image, Libc, Line, Variant, catalog};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn lines() -> impl Iterator<Item = (&'static Image, &'static Line)> {
    catalog()
        .images
        .iter()
        .flat_map(|i| i.lines.iter().map(move |l| (i, l)))
}

/// Every tag, found again by what FROM says.
fn bases() -> Vec<Base> {
    let froms = lines().flat_map(|(i, l)| l.tags.iter().map(|t| format!("{}:{}", i.reference, t.tag)));
    froms
        .map(|from| {
            catalog()
                .lookup(&from)
                .unwrap_or_else(|| panic!("{from} has no known suite"))
        })
        .collect()
}

#[test]
fn every_tag_is_unique_in_its_image_and_stands_on_a_known_suite() {
    let froms: BTreeSet<String> = bases().iter().map(Base::from).collect();
    assert_eq!(froms.len(), lines().map(|(_, l)| l.tags.len()).sum::<usize>());
    let suites: BTreeSet<&str> = catalog().systems.iter().map(|o| o.suite.as_str()).collect();
    assert_eq!(suites.len(), catalog().systems.len());
}

#[test]
fn images_are_sorted_and_lines_are_newest_first() {
    assert!(
        catalog()
            .images
            .iter()
            .is_sorted_by(|a, b| a.reference < b.reference)
    );
    for image in catalog().images.iter() {
        let newer = |a: &Line, b: &Line| shape::numbers(&a.version) > shape::numbers(&b.version);
        assert!(image.lines.is_sorted_by(newer), "{}", image.reference);
    }
}

#[test]
fn the_first_tag_of_a_variant_and_family_is_on_the_newest_suite() {
    let rank = |suite: &str| catalog().systems.iter().position(|o| o.suite == suite);
    for (image, line) in lines() {
        for pair in line.tags.windows(2).filter(|p| p[0].variant == p[1].variant) {
            let family = |i: usize| catalog().os(&pair[i].suite).unwrap().family;
            let sorted = family(0) != family(1) || rank(&pair[0].suite) < rank(&pair[1].suite);
            assert!(
                sorted,
                "{}:{} before {}",
                image.reference, pair[0].tag, pair[1].tag
            );
        }
    }
}

#[test]
fn dates_are_written_as_dates() {
    let dates = lines().flat_map(|(_, l)| [&l.released, &l.eol]);
    for date in dates
        .chain(catalog().systems.iter().map(|o| &o.eol))
        .chain([&catalog().as_of])
    {
        let digits = date
            .split('-')
            .map(|part| part.parse::<u16>().map_or(0, |_| part.len()));
        assert!(date.is_empty() || digits.eq([4, 2, 2]), "{date}");
    }
}

#[test]
fn a_line_past_its_end_is_never_chosen() {
    for image in catalog().images.iter() {
        for lts in [false, true] {
            let line = rdock::choose::newest_line(catalog(), &image.reference, lts, |_| true);
            let line = line.unwrap_or_else(|| panic!("{} has no supported line", image.reference));
            assert!(
                line.eol.is_empty() || line.eol > catalog().as_of,
                "{} {}",
                image.reference,
                line.version
            );
        }
    }
}

#[test]
fn a_supported_line_has_only_supported_suites() {
    for base in bases().iter().filter(|b| catalog().supported(b.line)) {
        assert!(
            base.os.eol.is_empty() || base.os.eol > catalog().as_of,
            "{}",
            base.from()
        );
    }
}

#[test]
fn builders_and_runtimes_that_are_used_together_fit_in_libc() {
    let fits = |built: &Base, run: &Base| {
        built.os.libc == run.os.libc
            && shape::numbers(&built.os.libc_version) <= shape::numbers(&run.os.libc_version)
    };
    let bases = bases();
    let runtimes: Vec<&Base> = bases.iter().filter(|b| catalog().supported(b.line)).collect();
    let find = |reference: &str, suite: &str| {
        let found = runtimes
            .iter()
            .find(|b| b.image.reference == reference && b.os.suite == suite);
        **found.unwrap_or_else(|| panic!("no {reference} on {suite}"))
    };
    for built in bases
        .iter()
        .filter(|b| matches!(b.tag.variant, Variant::Full | Variant::Slim))
    {
        if built.os.family == Family::Debian && built.image.reference != "debian" {
            for runtime in ["cc", "base", "base-nossl"] {
                let run = find(&format!("gcr.io/distroless/{runtime}-debian13"), "debian13");
                assert!(fits(built, &run), "{} on {}", built.from(), run.from());
            }
            let run = find("debian", "trixie");
            assert!(fits(built, &run), "{} on {}", built.from(), run.from());
        }
    }
    for built in runtimes.iter().filter(|b| b.os.libc == Libc::Musl) {
        assert!(fits(built, &find("alpine", &built.os.suite)), "{}", built.from());
    }
    // A runtime image made by jlink carries the libc of its JDK's suite.
    for built in runtimes
        .iter()
        .filter(|b| b.tag.variant == Variant::Jdk && b.os.libc == Libc::Glibc)
    {
        let run = find("gcr.io/distroless/java-base-debian13", "debian13");
        assert!(fits(built, &run), "{}", built.from());
    }
}

#[test]
fn a_tag_says_its_suite_unless_its_publisher_has_no_such_tag() {
    let silent = [
        "aquasec/trivy",
        "ghcr.io/astral-sh/uv",
        "gradle",
        "maven",
        "oven/bun",
        "ubuntu",
    ];
    for base in bases()
        .iter()
        .filter(|b| !silent.contains(&b.image.reference.as_str()))
    {
        let number = base
            .os
            .suite
            .trim_start_matches("alpine")
            .trim_end_matches("-static");
        assert!(base.from().contains(number), "{}", base.from());
    }
}

#[test]
fn every_tag_runs_on_amd64_and_no_floating_tag_is_known() {
    for base in bases() {
        assert_eq!(
            base.tag.arch.first().map(String::as_str),
            Some("amd64"),
            "{}",
            base.from()
        );
        assert!(!base.tag.tag.contains("latest"), "{}", base.from());
    }
}

#[test]
fn a_line_older_than_todays_suites_is_found_on_its_own() {
    let base = catalog()
        .newest_base("node", "16", Variant::Slim, Family::Debian)
        .unwrap();
    assert_eq!(base.from(), "node:16-bookworm-slim");
    assert!(!catalog().supported(base.line));
}

/// The lists as folders under tests/catalog, with a few words changed.
struct Sample(&'static [(&'static str, &'static str)]);

impl Sample {
    fn read(&self, path: &str) -> Result<String, String> {
        let text = fs::read_to_string(home().join("tests/catalog").join(path));
        let text = text.map_err(|e| format!("{path}: {e}"))?;
        Ok(self
            .0
            .iter()
            .fold(text, |text, (from, to)| text.replace(from, to)))
    }
}

impl renew::Lists for Sample {
    fn library(&self, image: &str) -> Result<String, String> {
        self.read(&format!("official-images/library/{image}"))
    }

    fn product(&self, name: &str) -> Result<String, String> {
        self.read(&format!("endoflife.date/products/{name}.md"))
    }
}

const SAMPLED: [&str; 6] = ["alpine", "debian", "eclipse-temurin", "golang", "gradle", "node"];

/// The overlay without the images that the sample has no list for.
fn sampled_overlay() -> Overlay {
    let text = fs::read_to_string(home().join("src/catalog/overlay.toml")).unwrap();
    let mut overlay: Overlay = toml::from_str(&text).unwrap();
    overlay.listed.retain(|i| SAMPLED.contains(&i.reference.as_str()));
    overlay.fixed.retain(|i| SAMPLED.contains(&i.reference.as_str()));
    overlay
}

fn sampled_catalog() -> Catalog {
    let images = catalog()
        .images
        .iter()
        .filter(|i| SAMPLED.contains(&i.reference.as_str()));
    Catalog {
        as_of: catalog().as_of.clone(),
        systems: catalog().systems.clone(),
        images: images.cloned().collect(),
    }
}

fn nothing() -> Catalog {
    Catalog {
        as_of: String::new(),
        systems: Vec::new(),
        images: Vec::new().into(),
    }
}

#[test]
fn the_committed_file_is_what_the_command_writes() {
    let committed = fs::read_to_string(home().join("src/catalog/images.toml")).unwrap();
    assert_eq!(write::text(catalog()), committed.replace("\r\n", "\n"));
}

#[test]
fn a_renewal_from_the_sample_reproduces_the_committed_lines() {
    let (renewed, _) = renew::renew(&sampled_overlay(), catalog(), &Sample(&[])).unwrap();
    assert_eq!(write::text(&renewed), write::text(&sampled_catalog()));
}

#[test]
fn the_listed_lines_come_from_the_lists_and_not_from_the_catalogue_so_far() {
    let (renewed, _) = renew::renew(&sampled_overlay(), &nothing(), &Sample(&[])).unwrap();
    let expected = [
        ("eclipse-temurin", "25"),
        ("golang", "1.27"),
        ("gradle", "9-jdk25 8-jdk8"),
        ("node", "26"),
    ];
    for (reference, versions) in expected {
        let image = renewed.images.iter().find(|i| i.reference == reference).unwrap();
        let found: Vec<&str> = image.lines.iter().map(|l| l.version.as_str()).collect();
        assert_eq!(found.join(" "), versions, "{reference}");
        for line in &image.lines {
            let committed = catalog()
                .image(reference)
                .unwrap()
                .lines
                .iter()
                .find(|l| l.version == line.version);
            assert_eq!(Some(line), committed, "{reference}");
        }
    }
}

#[test]
fn a_new_release_moves_the_line_and_what_is_no_longer_listed_stays() {
    let sample = Sample(&[("1.27", "1.28")]);
    let (renewed, _) = renew::renew(&sampled_overlay(), catalog(), &sample).unwrap();
    let golang = renewed.images.iter().find(|i| i.reference == "golang").unwrap();
    let versions: Vec<&str> = golang.lines.iter().map(|l| l.version.as_str()).take(3).collect();
    assert_eq!(versions, ["1.28", "1.27", "1.26"]);
    assert_eq!(golang.lines[0].patch, "1.28.0");
    assert_eq!(
        golang.lines[1].tags,
        catalog().image("golang").unwrap().lines[0].tags
    );
}

#[test]
fn a_distribution_that_the_overlay_does_not_know_is_reported() {
    let sample = Sample(&[(
        "\"3.24\"",
        "\"3.25\"\n    releaseDate: 2026-11-01\n  - releaseCycle: \"3.24\"",
    )]);
    let (_, notes) = renew::renew(&sampled_overlay(), catalog(), &sample).unwrap();
    let note = "alpine-linux 3.25 is out and has no [[os]] in overlay.toml";
    assert!(notes.iter().any(|n| n == note), "{notes:?}");
}

#[test]
fn a_cycle_that_endoflife_does_not_know_is_an_error_that_names_it() {
    let sample = Sample(&[("\"1.27\"", "\"1.27-rc\"")]);
    let error = renew::renew(&sampled_overlay(), &nothing(), &sample).err();
    assert_eq!(error.as_deref(), Some("go.md has no cycle 1.27"));
}
