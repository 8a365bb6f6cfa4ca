//! `schema`: rdock.toml as a JSON schema, made from the table of its keys.

use super::End;
use super::output::Output;
use super::sync::pretty;
use crate::config::{KEYS, Key, Kind, TABLES};
use crate::diagnostic::Diagnostic;
use crate::lang;
use crate::settings::Point;
use serde_json::{Map, Value, json};

pub fn run(out: &Output) -> Result<End, Diagnostic> {
    out.data(&pretty(&schema()));
    Ok(End::Fine)
}

pub fn schema() -> Value {
    let words = |name: &str| TABLES.iter().find(|t| t.0 == name).map_or("", |t| t.1);
    let mut defaults = properties(|key| !matches!(key.name, "path" | "skip"));
    let one_language = json!({
        "type": "object",
        "description": "For every service of this language.",
        "additionalProperties": false,
        "properties": defaults.clone(),
    });
    for language in lang::ALL {
        defaults.insert(language.id.to_string(), one_language.clone());
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rdock.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "defaults": {
                "type": "object",
                "description": words("defaults"),
                "additionalProperties": false,
                "properties": defaults,
            },
            "services": {
                "type": "object",
                "description": words("services"),
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": properties(|_| true),
                },
            },
            "mirrors": {
                "type": "object",
                "description": words("mirrors"),
                "additionalProperties": { "type": "string" },
                "examples": [{ "docker.io": "registry.example.com/hub" }],
            },
        },
    })
}

fn properties(wanted: impl Fn(&Key) -> bool) -> Map<String, Value> {
    let keys = KEYS.iter().filter(|k| wanted(k));
    keys.map(|key| (key.name.to_string(), property(key))).collect()
}

fn property(key: &Key) -> Value {
    let strings = json!({ "type": "array", "items": { "type": "string" } });
    let mut value = match key.kind {
        Kind::String if key.name == "language" => {
            let ids: Vec<&str> = lang::ALL.iter().map(|l| l.id).collect();
            json!({ "enum": ids })
        }
        Kind::String if key.name == "version" => json!({ "type": ["string", "number"] }),
        Kind::String => json!({ "type": "string" }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::BoolOrList => json!({ "anyOf": [{ "type": "boolean" }, strings] }),
        Kind::Port => json!({ "type": "integer", "minimum": 1, "maximum": 65535 }),
        Kind::Words => json!({ "anyOf": [{ "type": "string" }, strings] }),
        Kind::List => strings,
        Kind::Map => json!({
            "type": "object",
            "additionalProperties": { "type": ["string", "number", "boolean"] },
        }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Choices(words) => json!({ "type": "array", "items": { "enum": words } }),
        Kind::Lines => {
            let points: Vec<&str> = Point::ALL.iter().map(|(name, _)| *name).collect();
            json!({
                "type": "object",
                "propertyNames": { "pattern": format!("^[^.]+\\.({})$", points.join("|")) },
                "additionalProperties": { "anyOf": [{ "type": "string" }, strings] },
            })
        }
        Kind::Secrets => json!({
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "env": { "type": "string" },
                    "file": { "type": "string" },
                    "target": { "type": "string", "pattern": "^/" },
                },
                "oneOf": [{ "required": ["env"] }, { "required": ["file", "target"] }],
            },
        }),
    };
    value["description"] = json!(key.words);
    value["x-example"] = json!(key.example);
    value
}
