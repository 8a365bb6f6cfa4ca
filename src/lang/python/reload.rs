//! The start command in the form that watches its source.

use crate::paths;

/// Servers that reload when told so: the program, and the flag.
const RELOADS: &[(&str, &str)] = &[
    ("chainlit", "--watch"),
    ("gunicorn", "--reload"),
    ("hypercorn", "--reload"),
    ("litestar", "--reload"),
    ("sanic", "--reload"),
    ("uvicorn", "--reload"),
];

/// The start command in the form that watches its source, and whether there is one.
pub fn reload(words: &[String], framework: &str, entry: &str, port: Option<u16>) -> (Vec<String>, bool) {
    let all = |words: &[&str]| -> Vec<String> { words.iter().map(|w| w.to_string()).collect() };
    let port = port.unwrap_or(8000).to_string();
    let program = words.first().map_or("", |w| paths::base(w));
    let asgi = matches!(program, "uvicorn" | "hypercorn" | "fastapi");
    if framework == "Django" && !asgi {
        return (
            all(&["python", "manage.py", "runserver", &format!("0.0.0.0:{port}")]),
            true,
        );
    }
    if framework == "Flask" && program != "python" && entry.contains(':') {
        let app = entry.trim_end_matches("()");
        let words = [
            "flask", "--app", app, "run", "--debug", "--host", "0.0.0.0", "--port", &port,
        ];
        return (all(&words), true);
    }
    let mut words = words.to_vec();
    match program {
        "streamlit" => return (words, true),
        "fastapi" => {
            if let Some(word) = words.iter_mut().find(|w| *w == "run") {
                *word = "dev".into();
            }
            return (words, true);
        }
        "flask" => {
            words.push("--debug".into());
            return (words, true);
        }
        _ => {}
    }
    match RELOADS.iter().find(|(name, _)| *name == program) {
        Some((_, flag)) => {
            // A reloader has one worker.
            if let Some(at) = words.iter().position(|w| w == "--workers" || w == "-w") {
                words.drain(at..(at + 2).min(words.len()));
            }
            words.push(flag.to_string());
            (words, true)
        }
        None => (words, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reloaded(words: &str, framework: &str, entry: &str) -> String {
        let words: Vec<String> = words.split(' ').map(String::from).collect();
        reload(&words, framework, entry, Some(80)).0.join(" ")
    }

    #[test]
    fn a_server_reloads_in_its_own_way() {
        assert_eq!(
            reloaded("uvicorn a:b --workers 4", "FastAPI", "a:b"),
            "uvicorn a:b --reload"
        );
        assert_eq!(
            reloaded("gunicorn a.wsgi", "Django", "a.wsgi"),
            "python manage.py runserver 0.0.0.0:80"
        );
        assert_eq!(
            reloaded("waitress-serve a:make()", "Flask", "a:make()"),
            "flask --app a:make run --debug --host 0.0.0.0 --port 80"
        );
        assert_eq!(reloaded("python main.py", "", "main.py"), "python main.py");
    }
}
