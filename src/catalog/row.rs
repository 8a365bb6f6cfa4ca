//! A tag as a row of words: `24-trixie-slim slim trixie amd64,arm64 82.5MB`.

use super::{Tag, Variant};
use std::fmt;

const VARIANTS: [(Variant, &str); 7] = [
    (Variant::Full, "full"),
    (Variant::Slim, "slim"),
    (Variant::Alpine, "alpine"),
    (Variant::Jdk, "jdk"),
    (Variant::Jre, "jre"),
    (Variant::Nonroot, "nonroot"),
    (Variant::Debug, "debug"),
];

impl TryFrom<String> for Tag {
    type Error = String;

    fn try_from(row: String) -> Result<Self, String> {
        let wrong =
            || format!("`{row}` is no row of tag, variant, suite, architectures and maybe a size in MB");
        let words: Vec<&str> = row.split_whitespace().collect();
        let (tag, variant, suite, arch, size) = match words[..] {
            [tag, variant, suite, arch] => (tag, variant, suite, arch, None),
            [tag, variant, suite, arch, size] => (tag, variant, suite, arch, Some(size)),
            _ => return Err(wrong()),
        };
        let number = |s: &str| {
            s.strip_suffix("MB")
                .and_then(|n| n.parse().ok())
                .ok_or_else(wrong)
        };
        Ok(Self {
            tag: tag.into(),
            suite: suite.into(),
            variant: Variant::named(variant).ok_or_else(wrong)?,
            arch: arch.split(',').map(String::from).collect(),
            size_mb: size.map(number).transpose()?,
        })
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let arch = self.arch.join(",");
        write!(f, "{} {} {} {arch}", self.tag, self.variant.name(), self.suite)?;
        self.size_mb.map_or(Ok(()), |mb| write!(f, " {mb:.1}MB"))
    }
}

impl TryFrom<String> for Variant {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name).ok_or_else(|| format!("`{name}` is no variant"))
    }
}

impl Variant {
    pub fn named(name: &str) -> Option<Self> {
        VARIANTS.iter().find(|(_, n)| *n == name).map(|(v, _)| *v)
    }

    pub fn name(self) -> &'static str {
        VARIANTS
            .iter()
            .find(|(v, _)| *v == self)
            .expect("all are listed")
            .1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_reads_as_it_was_written() {
        for row in [
            "1.27-trixie full trixie amd64,arm64,arm/v7 312.3MB",
            "nonroot nonroot debian13 amd64",
        ] {
            assert_eq!(Tag::try_from(row.to_string()).unwrap().to_string(), row);
        }
    }

    #[test]
    fn a_row_with_a_word_missing_or_unknown_is_an_error() {
        for row in [
            "",
            "24 slim trixie",
            "24 thin trixie amd64",
            "24 slim trixie amd64 82",
            "a slim b c 1MB d",
        ] {
            assert!(Tag::try_from(row.to_string()).is_err(), "{row}");
        }
    }
}
