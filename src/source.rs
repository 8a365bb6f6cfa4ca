//! Text with a name, and places in it. Every fact that rdock reads carries one of these, so that
//! a reason or an error can always say where it comes from.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A file's text as it was read: UTF-8, without a byte order mark.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// Path from the repository root, `/`-separated on every host.
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            text: text.into(),
        })
    }
}

/// A place in a [`Source`]: a byte range of its text, or the file as a whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    source: Arc<Source>,
    span: Option<Range<usize>>,
}

impl Location {
    pub fn whole(source: &Arc<Source>) -> Self {
        Self {
            source: source.clone(),
            span: None,
        }
    }

    /// `span` is in bytes; it is cut to the text's length, so a parser's end-of-file position is fine.
    pub fn span(source: &Arc<Source>, span: Range<usize>) -> Self {
        let mut start = span.start.min(source.text.len());
        while !source.text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = span.end.clamp(start, source.text.len());
        while !source.text.is_char_boundary(end) {
            end += 1;
        }
        Self {
            source: source.clone(),
            span: Some(start..end),
        }
    }

    /// The place of `part`, which must be a slice of the source's own text; otherwise the whole file.
    pub fn of(source: &Arc<Source>, part: &str) -> Self {
        let base = source.text.as_ptr() as usize;
        let at = part.as_ptr() as usize;
        match at.checked_sub(base) {
            Some(start) if start + part.len() <= source.text.len() => {
                Self::span(source, start..start + part.len())
            }
            _ => Self::whole(source),
        }
    }

    pub fn file(&self) -> &str {
        &self.source.path
    }

    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    pub fn range(&self) -> Option<Range<usize>> {
        self.span.clone()
    }

    /// 1-based; `None` when the place is the whole file.
    pub fn line(&self) -> Option<usize> {
        let span = self.span.as_ref()?;
        Some(self.source.text[..span.start].matches('\n').count() + 1)
    }
}

/// `go.mod:3`, or `go.sum` for a whole file.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.line() {
            Some(line) => write!(f, "{}:{line}", self.file()),
            None => f.write_str(self.file()),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A value and the place that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub at: Location,
}

impl<T> Sourced<T> {
    pub fn new(value: T, at: Location) -> Self {
        Self { value, at }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced {
            value: f(self.value),
            at: self.at,
        }
    }
}
