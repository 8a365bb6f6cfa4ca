//! Keeps what flags decided in rdock.toml, with the file's comments and order, so that `generate` and
//! `check` repeat it.

use super::write;
use crate::config;
use crate::diagnostic::{Diagnostic, rules};
use crate::discover::Service;
use crate::drift;
use crate::render::File;
use crate::settings::Settings;
use std::path::Path;
use toml_edit::{Array, DocumentMut, Item, Table, value};

/// rdock.toml with the given settings under `[services.NAME]`; `None` where nothing has to be written.
///
/// # Errors
/// rdock.toml is broken or cannot be written.
pub fn recorded(root: &Path, service: &Service, flags: &Settings) -> Result<Option<File>, Diagnostic> {
    if entries(flags).is_empty() {
        return Ok(None);
    }
    let mut file = File {
        path: config::FILE.into(),
        text: String::new(),
    };
    let old = drift::unix(&write::existing(root, &file)?.unwrap_or_default());
    file.text = merged(&old, service, flags)?;
    Ok((file.text != old).then_some(file))
}

/// rdock.toml's text with the settings in it.
///
/// # Errors
/// The old text is no TOML, or has something else in the service's place.
pub fn merged(old: &str, service: &Service, flags: &Settings) -> Result<String, Diagnostic> {
    let entries = entries(flags);
    if entries.is_empty() {
        return Ok(old.to_string());
    }
    let broken = |why: String| {
        Diagnostic::error(&rules::MALFORMED, format!("{}: {why}", config::FILE))
            .help("mend the file, then run again")
    };
    let mut document: DocumentMut = old
        .parse()
        .map_err(|e: toml_edit::TomlError| broken(e.to_string()))?;
    let services = document.entry("services").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let services = services
        .as_table_like_mut()
        .ok_or_else(|| broken("`services` is no table".into()))?;
    let own = services
        .entry(&service.name)
        .or_insert_with(|| Item::Table(Table::new()));
    let own = own
        .as_table_like_mut()
        .ok_or_else(|| broken(format!("`services.{}` is no table", service.name)))?;
    if !own.contains_key("path") {
        own.insert("path", value(crate::paths::shown(&service.claim.dir)));
    }
    for (key, item) in entries {
        own.insert(key, item);
    }
    Ok(document.to_string())
}

/// What a flag can decide, as rdock.toml says it.
fn entries(flags: &Settings) -> Vec<(&'static str, Item)> {
    let mut entries = Vec::new();
    let mut add = |key, item: Option<Item>| entries.extend(item.map(|i| (key, i)));
    add("language", flags.language.as_ref().map(|g| value(&g.value)));
    add("runtime", flags.runtime.as_ref().map(|g| value(g.value.name())));
    add("builder", flags.builder.as_ref().map(|g| value(&g.value)));
    add("version", flags.version.as_ref().map(|g| value(&g.value)));
    add("main", flags.main.as_ref().map(|g| value(&g.value)));
    add(
        "command",
        flags
            .command
            .as_ref()
            .map(|g| value(g.value.iter().collect::<Array>())),
    );
    add("port", flags.port.as_ref().map(|g| value(i64::from(g.value))));
    add("cache", flags.cache.as_ref().map(|g| value(g.value.name())));
    add(
        "stages",
        flags
            .stages
            .as_ref()
            .map(|g| value(g.value.iter().map(|s| s.name()).collect::<Array>())),
    );
    entries
}
