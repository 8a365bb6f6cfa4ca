//! The only place that starts a program: one found on PATH, in a folder of its own, with a time
//! limit. Nothing of a scanned project is ever run.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program said.
pub struct Said {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Is there such a program on PATH?
pub fn is_there(program: &str) -> bool {
    which::which_global(program).is_ok()
}

/// Runs `program` and waits no longer than `limit`. The folder is the system's temporary one, so
/// that no file of the project that is looked at takes effect.
///
/// # Errors
/// The program is not there, does not start, or takes too long.
pub fn run(program: &str, args: &[&str], env: &[(String, String)], limit: Duration) -> Result<Said, String> {
    told(program, args, env, "", limit)
}

/// [`run`] with `input` on standard input.
///
/// # Errors
/// As there.
pub fn told(
    program: &str,
    args: &[&str],
    env: &[(String, String)],
    input: &str,
    limit: Duration,
) -> Result<Said, String> {
    let path = which::which_global(program).map_err(|e| format!("{program}: {e}"))?;
    let mut command = Command::new(path);
    command
        .args(args)
        .current_dir(std::env::temp_dir())
        .stdin(if input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in env {
        command.env(name, value);
    }
    let mut child = command.spawn().map_err(|e| format!("{program}: {e}"))?;
    // A program that reads nothing closes the pipe; that is no fault.
    let _ = child
        .stdin
        .take()
        .map(|mut stdin| stdin.write_all(input.as_bytes()));
    let read = |stream: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut stream) = stream {
                let _ = stream.read_to_end(&mut bytes);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let stdout = read(child.stdout.take().map(|s| Box::new(s) as Box<dyn Read + Send>));
    let stderr = read(child.stderr.take().map(|s| Box::new(s) as Box<dyn Read + Send>));
    let start = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if start.elapsed() < limit => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{program} took longer than {} seconds", limit.as_secs()));
            }
            Err(e) => return Err(format!("{program}: {e}")),
        }
    };
    Ok(Said {
        success: status.success(),
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}
