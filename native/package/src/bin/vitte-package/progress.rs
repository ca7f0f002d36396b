//! Progress as it is shown: bars on a terminal, a line now and then in CI, events for programs, or nothing.

use crate::answer::Event;
use crate::render;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use vitte_package::message::ui;
use vitte_package::report::{Reporter, Task};
use vitte_package::terminal::redact;
use vitte_package_core::diagnostic::Diagnostic;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Not at all.
    Never,
    /// Bars that are gone at the end.
    Bars,
    /// A line every 30 s, so that the job is not taken for dead.
    Lines,
    /// One JSON event a line.
    Events,
}

/// How often a line is written in [`Mode::Lines`].
const EVERY: Duration = Duration::from_secs(30);
/// Bars appear after this long, unless they were asked for: what is quick does not flicker.
const PATIENCE: Duration = Duration::from_millis(200);

#[derive(Debug)]
struct Running {
    done: u64,
    total: Option<u64>,
    began: Instant,
    said: Instant,
    bar: Option<ProgressBar>,
}

/// What an operation reports to.
#[derive(Debug)]
pub(crate) struct Progress {
    mode: Mode,
    /// How long a job runs before its bar appears.
    patience: Duration,
    verbose: bool,
    quiet: bool,
    bars: MultiProgress,
    running: Mutex<BTreeMap<Task, Running>>,
    warnings: Mutex<Vec<Diagnostic>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Progress {
    /// `requested`: whether the user asked for progress, so that bars appear at once.
    pub(crate) fn new(mode: Mode, requested: bool, verbosity: i8) -> Self {
        Self {
            mode,
            patience: if requested { Duration::ZERO } else { PATIENCE },
            verbose: verbosity > 0,
            quiet: verbosity < 0,
            bars: MultiProgress::new(),
            running: Mutex::default(),
            warnings: Mutex::default(),
        }
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    /// Writes to stderr without disturbing the bars. In [`Mode::Events`] nothing but events goes there.
    pub(crate) fn talk(&self, text: &str) {
        if self.mode != Mode::Events {
            self.bars.suspend(|| {
                let _ = anstream::stderr().write_all(text.as_bytes());
            });
        }
    }

    /// Writes an event, in [`Mode::Events`].
    pub(crate) fn event(&self, event: Event<'_>) {
        if self.mode == Mode::Events
            && let Ok(event) = serde_json::to_value(event)
        {
            let _ = writeln!(std::io::stderr(), "{}", render::escape_json(&event.to_string()));
        }
    }

    /// Tells why nothing seems to happen: as talk unless it is to be silent, and as an event.
    pub(crate) fn notice(&self, text: &str, silent: bool) {
        if !silent {
            self.talk(&format!("{}\n", render::escape(text)));
        }
        self.event(Event::Decided { text: &redact(text) });
    }

    /// The warnings so far.
    pub(crate) fn take_warnings(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut lock(&self.warnings))
    }

    fn bar(&self, task: Task, total: Option<u64>, began: Instant) -> ProgressBar {
        let bar = self.bars.add(match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::new_spinner(),
        });
        // The bar takes the room that is left: no line is wider than the terminal.
        let form = match total {
            Some(_) => "{msg:>14.14} [{wide_bar}] {done}/{size} {rate:>10}",
            None => "{msg:>14.14} {spinner} {done}",
        };
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(
                style
                    .progress_chars("=> ")
                    .with_key("done", |state: &ProgressState, out: &mut dyn Write| {
                        _ = out.write_str(&render::size(state.pos()));
                    })
                    .with_key("size", |state: &ProgressState, out: &mut dyn Write| {
                        _ = out.write_str(&render::size(state.len().unwrap_or_default()));
                    })
                    .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
                        _ = out.write_str(&rate(state.pos(), state.elapsed()));
                    }),
            );
        }
        bar.set_message(task.words());
        // Since the task began, not since it is shown: what was done before would count as done at once.
        bar.with_elapsed(began.elapsed())
    }
}

/// Bytes a second since the task began, as they are shown; nothing before that can be told.
fn rate(bytes: u64, elapsed: Duration) -> String {
    if elapsed < PATIENCE {
        return String::new();
    }
    // Rounded towards zero, which is what is wanted.
    format!("{}/s", render::size((bytes as f64 / elapsed.as_secs_f64()) as u64))
}

impl Reporter for Progress {
    fn started(&self, task: Task, total: Option<u64>) {
        let now = Instant::now();
        lock(&self.running).insert(task, Running { done: 0, total, began: now, said: now, bar: None });
        self.event(Event::Started { task: task.as_str(), total });
    }

    fn advanced(&self, task: Task, bytes: u64) {
        let mut tasks = lock(&self.running);
        let Some(running) = tasks.get_mut(&task) else { return };
        running.done = running.done.saturating_add(bytes);
        match self.mode {
            Mode::Never => {}
            Mode::Bars => {
                if running.bar.is_none() && running.began.elapsed() >= self.patience {
                    running.bar = Some(self.bar(task, running.total, running.began));
                }
                if let Some(bar) = &running.bar {
                    bar.set_position(running.done);
                }
            }
            Mode::Lines | Mode::Events => {
                let every = if self.mode == Mode::Lines { EVERY } else { PATIENCE };
                if running.said.elapsed() < every {
                    return;
                }
                running.said = Instant::now();
                let (done, total) = (running.done, running.total);
                drop(tasks);
                if self.mode == Mode::Lines {
                    let (words, done) = (task.words(), render::size(done));
                    let line = match total {
                        Some(total) => ui::still_running_of(&words, &done, &render::size(total)),
                        None => ui::still_running(&words, &done),
                    };
                    self.talk(&format!("{line}\n"));
                } else {
                    self.event(Event::Advanced { task: task.as_str(), done, total });
                }
            }
        }
    }

    fn finished(&self, task: Task) {
        let Some(running) = lock(&self.running).remove(&task) else { return };
        if let Some(bar) = running.bar {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
        self.event(Event::Finished { task: task.as_str(), done: running.done });
    }

    fn decided(&self, text: String) {
        if self.verbose {
            self.talk(&format!("{}\n", render::escape(&text)));
            self.event(Event::Decided { text: &redact(&text) });
        }
    }

    fn warned(&self, warning: Diagnostic) {
        if !self.quiet {
            self.talk(&render::warning(&warning));
        }
        self.event(Event::Warning { code: warning.code, text: &redact(&warning.message) });
        lock(&self.warnings).push(warning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_whole_task() {
        assert_eq!(rate(10 << 20, Duration::from_secs(10)), "1.0 MiB/s");
        assert_eq!(rate(0, Duration::from_secs(3)), "0 B/s");
        // 64 MiB that were there at once are no rate.
        assert_eq!(rate(64 << 20, Duration::from_millis(1)), "");
        let longest = rate(1023 * 1024, Duration::from_secs(1));
        assert!(longest.len() <= 10, "{longest}");
    }
}
