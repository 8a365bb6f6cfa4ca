//! The only place that starts programs: found on PATH, run in a neutral folder, ended after a time.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program said before it ended or its time was up.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// It ended in time, with code 0.
    pub ok: bool,
    pub out: String,
}

/// How much of a program's output is read.
const MOST: u64 = 1 << 20;

/// The program of this name on PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    which::which(name).ok()
}

/// Runs a program away from any project, without input. `None` where it cannot be started.
pub fn run(program: &Path, args: &[&str], limit: Duration) -> Option<Ran> {
    let mut child = Command::new(program)
        .args(args)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let pipe = child.stdout.take()?;
    let (send, receive) = std::sync::mpsc::channel();
    // Not joined: a grandchild may hold the pipe open after its parent was ended.
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.take(MOST).read_to_end(&mut bytes);
        let _ = send.send(bytes);
    });
    let end = Instant::now() + limit;
    let ok = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status.success(),
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(10)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                break false;
            }
        }
    };
    let bytes = receive
        .recv_timeout(Duration::from_millis(500))
        .unwrap_or_default();
    Some(Ran {
        ok,
        out: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_hangs_is_ended() {
        let sleep = find("sleep").unwrap();
        let start = Instant::now();
        let ran = run(&sleep, &["60"], Duration::from_millis(100)).unwrap();
        assert!(!ran.ok && start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_program_runs_away_from_the_project_and_its_output_is_kept() {
        let ran = run(&find("pwd").unwrap(), &[], Duration::from_secs(10)).unwrap();
        assert!(ran.ok);
        assert_ne!(ran.out.trim(), std::env::current_dir().unwrap().to_string_lossy());
    }
}
