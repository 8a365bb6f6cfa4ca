//! The only place that starts a program: one found on PATH, in a neutral folder, with a time limit.
//! Nothing of a scanned project is ever run.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How much of a program's output is read.
const MOST: u64 = 64 << 20;

/// What a program said.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Is there such a program on PATH?
pub fn is_there(program: &str) -> bool {
    found(program).is_some()
}

/// The program's file. A part of PATH that is relative, such as `.`, would find one of the project.
fn found(program: &str) -> Option<PathBuf> {
    found_in(program, &std::env::var_os("PATH")?)
}

/// Folders whose programs are never started: the repositories that are looked at.
static REFUSED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// From now on, no program of this folder is started, though PATH leads there, as that of a virtual
/// environment does.
pub fn never_from(folder: &Path) {
    REFUSED
        .lock()
        .expect("no holder panics")
        .push(folder.to_path_buf());
}

fn found_in(program: &str, path: &OsStr) -> Option<PathBuf> {
    let refused = REFUSED.lock().expect("no holder panics").clone();
    let own = |dir: &Path| {
        let real = dir.canonicalize();
        real.is_ok_and(|real| refused.iter().any(|folder| real.starts_with(folder)))
    };
    let path: Vec<PathBuf> = std::env::split_paths(path)
        .filter(|dir| dir.is_absolute() && !own(dir))
        .collect();
    let path = std::env::join_paths(path).ok()?;
    which::which_in_global(program, Some(path)).ok()?.next()
}

/// Runs a program without input and waits no longer than `limit`.
///
/// # Errors
/// In words: the program is not on PATH, does not start, or takes too long.
pub fn run(program: &str, args: &[&str], env: &[(String, String)], limit: Duration) -> Result<Said, String> {
    told(program, args, env, "", limit)
}

/// [`run`] with `input` on standard input. The folder is the system's temporary one, so that no file of
/// the project that is looked at takes effect.
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
    let path = found(program).ok_or_else(|| format!("{program} is not on PATH"))?;
    let failed = |e: std::io::Error| format!("{program}: {e}");
    let stdin = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    let mut child = Command::new(path)
        .args(args)
        .envs(env.iter().map(|(name, value)| (name, value)))
        .current_dir(std::env::temp_dir())
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    // A program that reads nothing closes the pipe; that is no fault.
    let _ = child
        .stdin
        .take()
        .map(|mut stdin| stdin.write_all(input.as_bytes()));
    let stdout = child.stdout.take().map(read);
    let stderr = child.stderr.take().map(read);
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None if begun.elapsed() < limit => std::thread::sleep(Duration::from_millis(5)),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{program} did not end within {} s", limit.as_secs()));
            }
        }
    };
    Ok(Said {
        success: status.success(),
        stdout: text(stdout),
        stderr: text(stderr),
    })
}

/// Reads beside the program, which would stop at a full pipe. Not joined: a grandchild may hold the
/// pipe open after its parent has ended.
fn read(from: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.take(MOST).read_to_end(&mut bytes);
        let _ = send.send(bytes);
    });
    receive
}

fn text(from: Option<Receiver<Vec<u8>>>) -> String {
    let bytes = from.and_then(|r| r.recv_timeout(Duration::from_secs(5)).ok());
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_beside_the_project_is_not_found() {
        assert!(found_in("sh", OsStr::new(".:../bin")).is_none());
        assert_eq!(found_in("sh", OsStr::new(".:/bin")), Some("/bin/sh".into()));
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let begun = Instant::now();
        let said = run("sleep", &["60"], &[], Duration::from_millis(100));
        assert!(said.is_err() && begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_program_runs_away_from_the_project_and_its_output_is_kept() {
        let said = run("pwd", &[], &[], Duration::from_secs(10)).unwrap();
        assert!(said.success);
        assert_ne!(
            said.stdout.trim(),
            std::env::current_dir().unwrap().to_string_lossy()
        );
    }

    #[test]
    fn a_program_reads_its_input_and_its_errors_are_kept() {
        let limit = Duration::from_secs(10);
        assert_eq!(told("cat", &[], &[], "word", limit).unwrap().stdout, "word");
        let said = run("cat", &["/nowhere"], &[], limit).unwrap();
        assert!(!said.success && said.stderr.contains("/nowhere"));
        assert!(
            run("no-such-program", &[], &[], limit)
                .unwrap_err()
                .contains("not on PATH")
        );
    }
}
