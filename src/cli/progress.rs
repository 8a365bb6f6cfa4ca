//! A line on a terminal that says how far a long run is: after one second, never in a log.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Before this nobody wonders.
const PATIENCE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(100);

/// Shown until it is dropped.
pub struct Progress {
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    done: AtomicUsize,
    total: AtomicUsize,
    over: Mutex<bool>,
    wake: Condvar,
}

impl Progress {
    pub fn start(quiet: bool) -> Self {
        let state = Arc::new(State::default());
        let shown = !quiet && std::io::stderr().is_terminal();
        let thread = shown.then(|| {
            let state = state.clone();
            std::thread::spawn(move || show(&state))
        });
        Self { state, thread }
    }

    /// So many services are to be done.
    pub fn expect(&self, total: usize) {
        self.state.total.store(total, Ordering::Relaxed);
    }

    pub fn one_more(&self) {
        self.state.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        *self.state.over.lock().expect("no holder panics") = true;
        self.state.wake.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn show(state: &State) {
    let mut wait = PATIENCE;
    let mut written = false;
    let mut over = state.over.lock().expect("no holder panics");
    loop {
        (over, _) = state
            .wake
            .wait_timeout_while(over, wait, |over| !*over)
            .expect("no holder panics");
        if *over {
            break;
        }
        let words = words(
            state.done.load(Ordering::Relaxed),
            state.total.load(Ordering::Relaxed),
        );
        let _ = write!(std::io::stderr(), "\r\x1b[2K{words}");
        written = true;
        wait = STEP;
    }
    if written {
        let _ = write!(std::io::stderr(), "\r\x1b[2K");
    }
}

fn words(done: usize, total: usize) -> String {
    match total {
        0 => "reading the repository …".into(),
        total => format!("{done} of {total} services …"),
    }
}
