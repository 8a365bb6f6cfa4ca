//! A program on a pseudo-terminal, with the screen that a person would see.
#![allow(dead_code)]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

pub const ENTER: &str = "\r";
pub const ESCAPE: &str = "\x1b";
pub const CTRL_C: &str = "\x03";
pub const DOWN: &str = "\x1b[B";
pub const SPACE: &str = " ";

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Terminal {
    screen: vt100::Parser,
    /// Every byte, for looking at colours.
    pub bytes: Vec<u8>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    _master: Box<dyn MasterPty + Send>,
}

fn side(length: u16) -> std::num::NonZero<u16> {
    length.try_into().expect("a terminal has a size")
}

impl Terminal {
    /// Starts a program in a folder. Variables of the environment that decide about colours are
    /// taken out first.
    pub fn start(
        program: &str,
        args: &[&str],
        dir: &Path,
        (columns, rows): (u16, u16),
        env: &[(&str, &str)],
    ) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(dir);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "COLORTERM"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n) = reader.read(&mut buffer) {
                if n == 0 || send.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            screen: vt100::Parser::new(side(rows), side(columns), 5000),
            bytes: Vec::new(),
            child,
            keys: pair.master.take_writer().unwrap(),
            output,
            _master: pair.master,
        }
    }

    /// Types. An Escape needs a moment after it, or it would begin a sequence with the next key.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self
    }

    /// Waits until the screen shows a text below what it showed at the last `clear`.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        while !self.text().contains(text) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => panic!("never saw `{text}` on:\n{}", self.text()),
            }
        }
        self
    }

    /// Waits until one of the texts shows, or until the program has ended: `None`.
    #[track_caller]
    pub fn sees_one(&mut self, texts: &[&'static str]) -> Option<&'static str> {
        let end = Instant::now() + PATIENCE;
        loop {
            let screen = self.text();
            if let Some(text) = texts.iter().find(|t| screen.contains(**t)) {
                return Some(text);
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(_) => panic!("saw none of {texts:?} on:\n{screen}"),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.bytes.extend(bytes);
    }

    /// Forgets what is on the screen, as if it had scrolled away.
    pub fn forget(&mut self) -> &mut Self {
        self.screen.process(b"\x1b[2J\x1b[H");
        self
    }

    /// The rows of the screen, without spaces at their ends.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    pub fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// The exit code, after all output was taken.
    #[track_caller]
    pub fn ends(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(_) => panic!("never ended:\n{}", self.text()),
            }
        }
        self.child.wait().unwrap().exit_code()
    }
}
