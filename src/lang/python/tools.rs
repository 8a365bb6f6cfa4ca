//! The tools that install: what each needs that the project does not say. A table.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Requirement files; also a project whose dependencies only its own build tells.
    Pip,
    Uv,
    /// `[project]` without a lock, and pylock.toml: uv's `pip install -r`.
    Project,
    Poetry,
    Pdm,
    Pipenv,
}

/// What every tool of the table has in common.
pub struct ToolRow {
    pub tool: Tool,
    pub name: &'static str,
    /// The lockfile beside the manifest.
    pub lock: &'static str,
    /// The version that is installed where the project names none.
    pub version: &'static str,
    /// What its own dependencies must be held to for that version to work.
    pub with: &'static str,
    /// The newest for each line of Python that no longer gets that one.
    pub older: &'static [(u64, &'static str)],
}

/// In the order of precedence: a lock outranks everything else.
pub const TOOLS: &[ToolRow] = &[
    ToolRow {
        tool: Tool::Uv,
        name: "uv",
        lock: "uv.lock",
        version: "",
        with: "",
        older: &[],
    },
    ToolRow {
        tool: Tool::Poetry,
        name: "Poetry",
        lock: "poetry.lock",
        version: "2.5.1",
        with: "",
        older: &[(8, "1.8.5"), (9, "2.2.1")],
    },
    ToolRow {
        tool: Tool::Pdm,
        name: "PDM",
        lock: "pdm.lock",
        version: "2.29.3",
        with: " 'hishel[httpx]<2' 'unearth<0.18'",
        older: &[(8, "2.20.1"), (9, "2.26.9")],
    },
    ToolRow {
        tool: Tool::Pipenv,
        name: "Pipenv",
        lock: "Pipfile.lock",
        version: "2026.10.3",
        with: "",
        older: &[(8, "2024.4.1"), (9, "2025.0.4")],
    },
    ToolRow {
        tool: Tool::Project,
        name: "uv pip",
        lock: "pylock.toml",
        version: "",
        with: "",
        older: &[],
    },
    ToolRow {
        tool: Tool::Pip,
        name: "pip",
        lock: "",
        version: "",
        with: "",
        older: &[],
    },
];
