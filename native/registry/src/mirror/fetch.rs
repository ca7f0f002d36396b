//! Bringing a file: once, however many clients wait for it, and to the end, even if all of them have gone.

use super::follow::{Ask, Found, Subject, is_passing};
use super::look::Proven;
use super::{LogFiles, Mirror, words};
use crate::error::{At as _, Error, Result};
use crate::examine::examine;
use crate::paths::RegistryPath;
use crate::tasks::{caught, waiting};
use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot, watch};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;
use vitte_package_core::registry::layout;

/// How long a client waits for the registry when there is a copy that it can have.
const WAIT: Duration = Duration::from_secs(3);
/// Tiles, proofs and archives that are fetched at once.
const FETCHES: usize = 32;

type Outcome = Option<Result<()>>;

/// Files that are being brought, by path.
#[derive(Debug)]
pub(super) struct Flights {
    under_way: Mutex<HashMap<String, watch::Receiver<Outcome>>>,
    room: Arc<Semaphore>,
}

impl Default for Flights {
    fn default() -> Self {
        Self { under_way: Mutex::default(), room: Arc::new(Semaphore::new(FETCHES)) }
    }
}

/// Makes sure that a file is in the copy if the registry has it. Without an error it is there, or is absent.
pub(super) async fn ensure(mirror: &Arc<Mirror>, path: &str) -> Result<()> {
    let kept = mirror.copy.holds(path);
    let named = RegistryPath::parse(path);
    match named {
        RegistryPath::Config | RegistryPath::Other => Ok(()),
        RegistryPath::Checkpoint | RegistryPath::Index(_) | RegistryPath::Namespace(_)
            if mirror.is_fresh() && (kept || mirror.is_absent(path)) =>
        {
            Ok(())
        }
        RegistryPath::Checkpoint | RegistryPath::Index(_) | RegistryPath::Namespace(_) if kept => {
            // Nobody is to have an index file from before a checkpoint that he gets a moment later.
            let looking = join(mirror, layout::CHECKPOINT, RegistryPath::Checkpoint);
            let _ = tokio::time::timeout(WAIT, looking).await;
            Ok(())
        }
        RegistryPath::TrustRoot(_) if kept || mirror.is_fresh() => Ok(()),
        RegistryPath::TrustRoot(_) => {
            let _ = join(mirror, layout::CHECKPOINT, RegistryPath::Checkpoint).await;
            Ok(())
        }
        RegistryPath::Archive(_) if kept => {
            mirror.copy.archives.used(path);
            Ok(())
        }
        _ if kept => Ok(()),
        named => join(mirror, path, named).await,
    }
}

/// Waits for a file that is being brought, or begins to bring it.
async fn join(mirror: &Arc<Mirror>, path: &str, named: RegistryPath) -> Result<()> {
    let flights = &mirror.flights;
    let mut arrival = {
        let mut under_way = flights.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        match under_way.get(path) {
            Some(arrival) => arrival.clone(),
            None => {
                let (landed, arrival) = watch::channel(None);
                under_way.insert(path.to_owned(), arrival.clone());
                let (mirror, path) = (Arc::clone(mirror), path.to_owned());
                tokio::spawn(async move {
                    // A later request for it must not wait for one that ended.
                    let outcome = caught(bring(&mirror, &path, named)).await;
                    let outcome = outcome.unwrap_or_else(|_| Err(Error::fault()));
                    let flights = &mirror.flights;
                    flights.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&path);
                    let _ = landed.send(Some(outcome));
                });
                arrival
            }
        }
    };
    let landed = arrival.wait_for(Option::is_some).await;
    landed.map_err(|_| gone())?.clone().unwrap_or_else(|| Err(gone()))
}

fn gone() -> Error {
    Error::new(Code::Unavailable, text::shutting_down())
}

async fn bring(mirror: &Arc<Mirror>, path: &str, named: RegistryPath) -> Result<()> {
    let subject = match named {
        RegistryPath::Checkpoint => Subject::Log,
        RegistryPath::Index(package) => Subject::Index(package),
        RegistryPath::Namespace(namespace) => Subject::Namespace(namespace),
        RegistryPath::Archive(package) => Subject::Archive(package, path.to_owned()),
        named => {
            let path = path.to_owned();
            return blocking(mirror, move |mirror| bring_log_file(mirror, &path, &named)).await;
        }
    };
    let found = ask(mirror, subject)?.await.map_err(|_| gone())??;
    match found {
        Found::Kept | Found::Absent => Ok(()),
        Found::Proven(proven) => {
            let path = path.to_owned();
            blocking(mirror, move |mirror| bring_archive(mirror, &path, &proven)).await
        }
    }
}

/// Does what waits for the registry on a thread that may.
async fn blocking(
    mirror: &Arc<Mirror>,
    work: impl FnOnce(&Mirror) -> Result<()> + Send + 'static,
) -> Result<()> {
    let room = Arc::clone(&mirror.flights.room).acquire_owned().await.map_err(|_| gone())?;
    let mirror = Arc::clone(mirror);
    let done = waiting(move || {
        let _room = room;
        work(&mirror)
    });
    done.await
}

fn ask(mirror: &Mirror, subject: Subject) -> Result<oneshot::Receiver<Result<Found>>> {
    let (reply, answer) = oneshot::channel();
    let asks = mirror.asks.lock().unwrap_or_else(PoisonError::into_inner);
    asks.send(Ask { subject, reply }).map_err(|_| gone())?;
    Ok(answer)
}

/// Looks at the registry now, from a thread that may wait.
pub(super) fn look_now(mirror: &Mirror) -> Result<()> {
    find_now(mirror, Subject::Log).map(|_| ())
}

/// Finds something out now, from a thread that may wait.
pub(super) fn find_now(mirror: &Mirror, subject: Subject) -> Result<Found> {
    ask(mirror, subject)?.blocking_recv().map_err(|_| gone())?
}

/// Brings a tile, a bundle or a proof.
pub(super) fn bring_log_file(mirror: &Mirror, path: &str, named: &RegistryPath) -> Result<()> {
    let view = mirror.view().ok_or_else(gone)?;
    let files = LogFiles { copy: &mirror.copy, upstream: &mirror.upstream, checkpoint: &view.checkpoint };
    let brought = match named {
        RegistryPath::Tile(id) => files.bring_tile(*id),
        RegistryPath::Bundle(id) => files.bring_bundle(*id),
        RegistryPath::Proof => match files.bring_proof(path, &view.trust.root().log_policy) {
            // It may be missing: clients take the entry from the log then.
            Err(error) if is_passing(&error) => Ok(false),
            brought => brought,
        },
        _ => Ok(false),
    };
    brought.map(|_| ())
}

/// Fetches an archive, verifies it as every client does, and puts it in its place.
pub(super) fn bring_archive(mirror: &Mirror, path: &str, proven: &Proven) -> Result<()> {
    let Proven { release, entry } = proven;
    let staged = mirror.copy.staged()?;
    let kept = (|| {
        let Some((len, digest)) = mirror.upstream.download(path, entry.size, &staged)? else { return Ok(()) };
        if len != entry.size || digest != entry.file {
            return Err(Error::new(Code::FileDigest, words::archive_differs(path)));
        }
        let opened = File::open(&staged).at(&staged)?;
        examine(Box::new(opened), &release.artifact, release.expectation.clone(), release.trust())?;
        mirror.copy.archives.place(&staged, path, len)
    })();
    let _ = std::fs::remove_file(&staged);
    kept
}
