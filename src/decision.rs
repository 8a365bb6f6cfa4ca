//! A choice, its reason and its losers. `explain`, the comments in the Dockerfile, the wizard and
//! the JSON output are readers of these values; nothing else puts a reason into words.

use crate::source::Location;

/// Why: a clause that follows the place, as in "go.mod:3 says `go 1.25`". Without a place it
/// stands alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Because {
    pub at: Option<Location>,
    pub text: String,
}

impl Because {
    pub fn at(at: &Location, text: impl Into<String>) -> Self {
        Self {
            at: Some(at.clone()),
            text: text.into(),
        }
    }

    pub fn rule(text: impl Into<String>) -> Self {
        Self {
            at: None,
            text: text.into(),
        }
    }

    /// With file and line, for `explain`.
    pub fn located(&self) -> String {
        match &self.at {
            Some(at) => format!("{at} {}", self.text),
            None => self.text.clone(),
        }
    }

    /// With the file alone, for comments in the Dockerfile: line numbers drift.
    pub fn worded(&self) -> String {
        match &self.at {
            Some(at) => format!("{} {}", at.file(), self.text),
            None => self.text.clone(),
        }
    }
}

/// What was not chosen, and why not.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    pub value: String,
    pub why: String,
    /// False when it could not work at all; true when it was merely not preferred.
    pub possible: bool,
}

impl Rejected {
    pub fn possible(value: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            why: why.into(),
            possible: true,
        }
    }

    pub fn impossible(value: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            why: why.into(),
            possible: false,
        }
    }
}

/// A value with its reason and what it was chosen over.
#[derive(Clone, Debug)]
pub struct Chosen<T> {
    pub value: T,
    pub because: Because,
    pub over: Vec<Rejected>,
}

impl<T> Chosen<T> {
    pub fn new(value: T, because: Because) -> Self {
        Self {
            value,
            because,
            over: Vec::new(),
        }
    }

    pub fn over(mut self, over: Vec<Rejected>) -> Self {
        self.over = over;
        self
    }

    /// The same choice in the tool's own words, under `topic`, for `explain`.
    pub fn decision(&self, topic: &'static str, value: impl Into<String>) -> Decision {
        Decision {
            topic,
            value: value.into(),
            because: self.because.clone(),
            over: self.over.clone(),
        }
    }
}

/// A [`Chosen`] whose value was put into words.
#[derive(Clone, Debug)]
pub struct Decision {
    /// `builder`, `runtime`, `port`, `start`, …: one word, the same in every language.
    pub topic: &'static str,
    pub value: String,
    pub because: Because,
    pub over: Vec<Rejected>,
}
