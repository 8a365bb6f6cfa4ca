//! Config files in JavaScript, read without running them: literals are known, the rest is not.

use crate::manifest::javascript::{self, Setting, Token};
use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

pub struct Config {
    pub source: Arc<Source>,
    tokens: Vec<Token>,
}

pub fn read(source: &Arc<Source>) -> Config {
    Config {
        tokens: javascript::tokens(&source.text),
        source: source.clone(),
    }
}

impl Config {
    /// What a property is set to, wherever in the file it stands.
    pub fn setting(&self, key: &str) -> Option<Sourced<Setting>> {
        let (setting, span) = javascript::property(&self.tokens, key)?;
        Some(Sourced::new(setting, Location::span(&self.source, span)))
    }

    /// A property that is a literal.
    pub fn literal(&self, key: &str) -> Option<Sourced<String>> {
        match self.setting(key)? {
            Sourced {
                value: Setting::Literal(text),
                at,
            } => Some(Sourced::new(text, at)),
            _ => None,
        }
    }

    /// Is a property there whose value is not known?
    pub fn computed(&self, key: &str) -> Option<Location> {
        self.setting(key)
            .filter(|s| s.value == Setting::Computed)
            .map(|s| s.at)
    }

    pub fn imports(&self) -> Vec<&str> {
        javascript::imports(&self.tokens)
    }

    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    pub fn says(&self, word: &str) -> bool {
        self.tokens
            .iter()
            .any(|t| t.word() == Some(word) || t.string() == Some(word))
    }
}
