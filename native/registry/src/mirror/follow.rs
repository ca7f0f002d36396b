//! The one thread that looks at the registry: whatever clients wait for when it begins is brought by one look.

use super::look::{Look, Proven, Recent, Seen, Wanted, threads};
use super::{LogFiles, Mirror};
use crate::error::{Error, Result};
use crate::output;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::log::tile::WIDTH;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::layout;

/// What one look may be about at most.
const TOGETHER: usize = 1000;
/// How long the log waits for files that the registry gives in an older state; then it goes on without them.
const STUCK: Duration = Duration::from_secs(10 * 60);

/// What a client waits for.
#[derive(Debug)]
pub(super) enum Subject {
    /// The newest checkpoint.
    Log,
    Index(PackageName),
    Namespace(Namespace),
    /// An archive's proof, by its path.
    Archive(PackageName, String),
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// It is in the copy.
    Kept,
    Absent,
    Proven(Proven),
}

/// A request to the thread.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) subject: Subject,
    pub(super) reply: oneshot::Sender<Result<Found>>,
}

/// Starts the thread. It ends when nobody can ask any more.
pub(super) fn start(mirror: Arc<Mirror>, asks: mpsc::Receiver<Ask>) -> Result<JoinHandle<()>> {
    let thread = std::thread::Builder::new().name("mirror".to_owned());
    let thread = thread.spawn(move || {
        let begin =
            || Follower { recent: recent(&mirror), mirror: Arc::clone(&mirror), stuck: None, reported: None };
        let mut follower = begin();
        while let Ok(first) = asks.recv() {
            let more = asks.try_iter().take(TOGETHER - 1);
            let asked: Vec<Ask> = std::iter::once(first).chain(more).collect();
            // A fault of the program is that of those who asked for this look.
            if catch_unwind(AssertUnwindSafe(|| follower.look(asked))).is_err() {
                follower = begin();
            }
        }
    });
    thread.map_err(|error| Error::storage("its threads", &error))
}

/// What the newest entries of the log are about, as far as the copy has them.
fn recent(mirror: &Mirror) -> Recent {
    let Some(view) = mirror.view() else { return Recent::new() };
    let files = LogFiles { copy: &mirror.copy, upstream: &mirror.upstream, checkpoint: &view.checkpoint };
    threads(&files, view.checkpoint.size().saturating_sub(WIDTH)).unwrap_or_default()
}

struct Follower {
    mirror: Arc<Mirror>,
    recent: Recent,
    /// Since when the log does not go on.
    stuck: Option<Instant>,
    /// The last fault that was told: it is not told again and again.
    reported: Option<Error>,
}

impl Follower {
    fn look(&mut self, asked: Vec<Ask>) {
        let mut wanted = Wanted { give_up_stuck: self.is_stuck_for_long(), ..Wanted::default() };
        for ask in &asked {
            match &ask.subject {
                Subject::Log => {}
                Subject::Index(package) => _ = wanted.packages.insert(package.clone()),
                Subject::Namespace(namespace) => _ = wanted.namespaces.insert(namespace.clone()),
                Subject::Archive(package, path) => {
                    wanted.archives.insert(path.clone(), package.clone());
                }
            }
        }
        let view = self.mirror.view();
        let looked = Look::new(&self.mirror, view.as_deref(), &mut self.recent).run(&wanted);
        let seen = match looked {
            Ok((view, seen)) => {
                self.note_stuck(&seen);
                if !self.mirror.shows(&view) {
                    let (registry, size) = (view.trust.root().registry.to_string(), view.checkpoint.size());
                    output::note(&super::words::copied(&registry, size));
                }
                self.mirror.show(view);
                Ok(seen)
            }
            Err(error) => {
                self.mirror.failed();
                self.tell(&error);
                Err(error)
            }
        };
        for Ask { subject, reply } in asked {
            let found = match &seen {
                Ok(seen) => self.found(&subject, seen),
                Err(error) => Err(error.clone()),
            };
            // Who asked may be gone.
            let _ = reply.send(found);
        }
    }

    fn found(&self, subject: &Subject, seen: &Seen) -> Result<Found> {
        let path = match subject {
            Subject::Log => return Ok(Found::Kept),
            Subject::Index(package) => layout::index(package),
            Subject::Namespace(namespace) => layout::namespace(namespace),
            Subject::Archive(_, path) => {
                return match seen.releases.get(path) {
                    Some(Ok(Some(proven))) => Ok(Found::Proven(proven.clone())),
                    Some(Err(error)) => Err(error.clone()),
                    Some(Ok(None)) | None => Ok(Found::Absent),
                };
            }
        };
        match seen.missing.get(&path) {
            None => Ok(Found::Kept),
            Some(None) => {
                self.mirror.note_absent(&path);
                Ok(Found::Absent)
            }
            Some(Some(error)) => Err(error.clone()),
        }
    }

    fn is_stuck_for_long(&self) -> bool {
        self.stuck.is_some_and(|since| since.elapsed() > STUCK)
    }

    fn note_stuck(&mut self, seen: &Seen) {
        match &seen.stuck {
            Some(error) => {
                self.stuck.get_or_insert_with(Instant::now);
                self.tell(error);
            }
            None => (self.stuck, self.reported) = (None, None),
        }
    }

    fn tell(&mut self, error: &Error) {
        if self.reported.as_ref() != Some(error) {
            output::error(error);
            self.reported = Some(error.clone());
        }
        if error.first().code.exit() == vitte_package_core::diagnostic::Exit::Verification {
            // Where its files are may have been part of the lie.
            self.mirror.upstream.distrust_config();
        }
    }
}

/// Whether a failure leaves open what the registry has.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(error.first().code, Code::Unavailable | Code::Timeout | Code::Truncated | Code::Transport)
}
