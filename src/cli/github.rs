//! Annotations of GitHub Actions: a line of output that the site shows at its place in the change.

use crate::diagnostic::{Diagnostic, Severity};

/// `::error file=…,line=…,title=…::…`
pub fn annotation(
    level: &str,
    file: Option<&str>,
    line: Option<usize>,
    title: &str,
    message: &str,
) -> String {
    let mut fields = Vec::new();
    fields.extend(file.map(|f| format!("file={}", property(f))));
    fields.extend(line.map(|l| format!("line={l}")));
    fields.push(format!("title={}", property(title)));
    format!("::{level} {}::{}\n", fields.join(","), data(message))
}

pub fn diagnostic(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let at = diagnostic.at.as_ref();
    let title = format!("{} {}", diagnostic.rule.id, diagnostic.rule.name);
    let mut message = diagnostic.title.clone();
    for help in &diagnostic.help {
        message += &format!("\n{help}");
    }
    annotation(
        level,
        at.map(|a| a.file()),
        at.and_then(|a| a.line()),
        &title,
        &message,
    )
}

/// Escapes as the runner reads them.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_an_annotation() {
        assert_eq!(
            annotation("error", Some("a,b:c"), Some(3), "50%", "x\n::set-env::y"),
            "::error file=a%2Cb%3Ac,line=3,title=50%25::x%0A::set-env::y\n"
        );
    }
}
