//! A conda environment: rdock builds none, and says what a requirements.txt for the same would hold.

use super::rules;
use crate::diagnostic::Diagnostic;
use crate::manifest::doc::{self, Node};
use crate::tree::Tree;

/// What is no distribution on PyPI: programs and libraries of conda's own.
const NOT_ON_PYPI: &[&str] = &[
    "_libgcc_mutex",
    "_openmp_mutex",
    "c-compiler",
    "compilers",
    "conda",
    "cuda-toolkit",
    "cudatoolkit",
    "cudnn",
    "cxx-compiler",
    "ffmpeg",
    "gcc",
    "git",
    "mamba",
    "mkl",
    "nodejs",
    "pip",
    "python",
    "pytorch-cuda",
    "r-base",
];

/// Conda's name and PyPI's, where they differ.
const NAMES: &[(&str, &str)] = &[
    ("matplotlib-base", "matplotlib"),
    ("opencv", "opencv-python-headless"),
    ("pytables", "tables"),
    ("pytorch", "torch"),
];

pub fn error(tree: &Tree, path: &str) -> Diagnostic {
    let error = Diagnostic::error(&rules::CONDA, format!("{path} is a conda environment"));
    let source = tree.text(path);
    let documents = source.and_then(|s| doc::yaml(&s).ok()).unwrap_or_default();
    let listed = documents.first().and_then(|d| d.get("dependencies"));
    let at = listed.map_or_else(|| tree.place(path), |d| d.at.clone());
    let lines: Vec<String> = listed
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .flat_map(|item| match item.get("pip") {
            Some(pip) => pip.strings().into_iter().map(|s| s.value).collect(),
            None => item
                .as_str()
                .and_then(requirement)
                .into_iter()
                .collect::<Vec<_>>(),
        })
        .collect();
    let shown: Vec<String> = lines.iter().take(20).map(|l| format!("`{l}`")).collect();
    let more = match lines.len().saturating_sub(20) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    error.at(at, "").help(match shown.is_empty() {
        true => "list the packages in a requirements.txt".to_string(),
        false => format!(
            "write a requirements.txt with the lines {}{more}",
            shown.join(", ")
        ),
    })
}

/// `conda-forge::numpy=1.26` as pip writes it.
fn requirement(text: &str) -> Option<String> {
    let text = text.rsplit("::").next()?.replace(' ', "");
    let end = text.find(['=', '<', '>', '!', '~', '[']).unwrap_or(text.len());
    let (name, version) = text.split_at(end);
    if name.is_empty() || NOT_ON_PYPI.contains(&name) {
        return None;
    }
    let name = NAMES
        .iter()
        .find(|(conda, _)| *conda == name)
        .map_or(name, |n| n.1);
    let version = match version.strip_prefix('=').filter(|v| !v.starts_with('=')) {
        // `=1.26` is any 1.26, and `=1.26.4=build` that build.
        Some(exact) => {
            let number = exact.split('=').next().unwrap_or(exact);
            let full = number.matches('.').count() >= 2 || number.ends_with('*');
            format!("=={number}{}", if full { "" } else { ".*" })
        }
        None => version.to_string(),
    };
    Some(format!("{name}{version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_of_conda_is_written_as_pip_does() {
        let of = |text| requirement(text).unwrap_or_default();
        assert_eq!(of("numpy=1.26"), "numpy==1.26.*");
        assert_eq!(of("conda-forge::pandas=2.2.3=py312_0"), "pandas==2.2.3");
        assert_eq!(of("pytorch >=2.4"), "torch>=2.4");
        assert_eq!(of("scipy==1.14.0"), "scipy==1.14.0");
        assert_eq!(of("python=3.12"), "");
    }
}
