//! Records the session that the README shows, on a real pseudo-terminal, as an SVG. The test fails
//! when the picture is not what rdock shows now; `UPDATE_DOCS=1 cargo test --test session` draws it.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use support::home;
use terminal::{DOWN, ENTER, Terminal};

const SIZE: (u16, u16) = (112, 60);

#[test]
fn the_recorded_session_is_what_rdock_shows() {
    let project = home().join("golden/go/cmd-layout/in");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("session/greeter");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join(".git")).unwrap();
    for (name, bytes) in support::files(&project) {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    let mut terminal = Terminal::start(env!("CARGO_BIN_EXE_rdock"), &["init"], &root, SIZE, &[]);
    terminal
        .sees("Base image")
        .sees("Ctrl-C stops")
        .press(DOWN)
        .sees("> slim");
    let question = drawing(&terminal);
    terminal.press("\x1b[A").sees("> distroless").press(ENTER);
    terminal
        .sees("Image of the build?")
        .sees("Ctrl-C stops")
        .press(ENTER);
    terminal.sees("(Y/n)").press(ENTER);
    assert_eq!(terminal.ends(), 0, "{}", terminal.text());
    let written = drawing(&terminal);
    let svg = svg(&[("rdock init", question), ("", written)]);
    let path = home().join("docs/session.svg");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &svg).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == svg,
        "docs/session.svg is not current; `UPDATE_DOCS=1 cargo test --test session` draws it"
    );
}

/// A row of the screen as runs of one style: class names and text.
type Row = Vec<(String, String)>;

fn drawing(terminal: &Terminal) -> Vec<Row> {
    let screen = terminal.screen();
    let mut rows: Vec<Row> = (0..SIZE.1).map(|row| runs(screen, row)).collect();
    while rows
        .last()
        .is_some_and(|r| r.iter().all(|(_, t)| t.trim().is_empty()))
    {
        rows.pop();
    }
    rows
}

fn runs(screen: &vt100::Screen, row: u16) -> Row {
    let mut runs: Row = Vec::new();
    for column in 0..SIZE.0 {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        let mut class = match cell.fgcolor() {
            vt100::Color::Idx(i) => format!("c{}", i % 8),
            _ => String::new(),
        };
        if cell.bold() {
            class += " b";
        }
        if cell.dim() {
            class += " d";
        }
        let text = if cell.contents().is_empty() {
            " "
        } else {
            cell.contents()
        };
        match runs.last_mut() {
            Some((last, run)) if last == class.trim() => run.push_str(text),
            _ => runs.push((class.trim().to_string(), text.to_string())),
        }
    }
    if let Some((_, last)) = runs.last_mut() {
        last.truncate(last.trim_end().len());
    }
    runs
}

const STYLE: &str = "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d8dee9;white-space:pre}\
.b{font-weight:bold}.d{opacity:.6}.c1{fill:#e06c75}.c2{fill:#98c379}.c3{fill:#e5c07b}.c4{fill:#61afef}.c5{fill:#c678dd}.c6{fill:#56b6c2}";

/// The frames one below the other, each under the command that was typed.
fn svg(frames: &[(&str, Vec<Row>)]) -> String {
    let line = 18;
    let mut body = String::new();
    let mut y = 12;
    for (i, (command, rows)) in frames.iter().enumerate() {
        if i > 0 {
            writeln!(body, "<path d=\"M0 {}h{}\" stroke=\"#4c566a\"/>", y + 4, width()).unwrap();
            y += 8;
        }
        if !command.is_empty() {
            y += line;
            writeln!(
                body,
                "<text x=\"16\" y=\"{y}\"><tspan class=\"c2\">$ </tspan>{command}</text>"
            )
            .unwrap();
        }
        for row in rows {
            y += line;
            let spans: String = row
                .iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(class, text)| span(class, text))
                .collect();
            if !spans.is_empty() {
                writeln!(body, "<text x=\"16\" y=\"{y}\">{spans}</text>").unwrap();
            }
        }
        y += 8;
    }
    let height = y + 12;
    let width = width();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<style>{STYLE}</style>\n<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#21252b\"/>\n{body}</svg>\n"
    )
}

fn width() -> u16 {
    SIZE.0 * 8 + 32
}

fn span(class: &str, text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    if class.is_empty() {
        text
    } else {
        format!("<tspan class=\"{class}\">{text}</tspan>")
    }
}
