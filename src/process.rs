//! The only starter of programs: found on PATH, given their input, never run in the scanned tree.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take. None of those that rdock starts waits for a person.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a program with `input` on its standard input and gives its standard output.
///
/// # Errors
/// In words: not on PATH, not started, too slow, or ended with an error (then what it said).
pub fn ask(program: &str, args: &[&str], input: &str) -> Result<String, String> {
    let path = which::which(program).map_err(|_| format!("{program} is not on PATH"))?;
    let failed = |e: std::io::Error| format!("{program}: {e}");
    let mut child = Command::new(path)
        .args(args)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    // A program that reads nothing closes the pipe; that is no fault.
    let _ = child
        .stdin
        .take()
        .map(|mut stdin| stdin.write_all(input.as_bytes()));
    let mut stdout = child.stdout.take().expect("piped");
    let mut stderr = child.stderr.take().expect("piped");
    let out = std::thread::spawn(move || read(&mut stdout));
    let err = std::thread::spawn(move || read(&mut stderr));
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None if start.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!(
                    "{program} did not answer within {} s",
                    PATIENCE.as_secs()
                ));
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let out = out.join().unwrap_or_default();
    let err = err.join().unwrap_or_default();
    if status.success() {
        Ok(out)
    } else {
        // Credential helpers tell their errors on standard output.
        let said = if err.trim().is_empty() { out } else { err };
        Err(format!("{program}: {}", said.trim()))
    }
}

fn read(from: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
