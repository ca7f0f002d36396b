//! A read-only copy of another registry, under that registry's own id.
//!
//! Files are brought when a client asks for them, and kept only after they were verified as that client will verify
//! them: index files, namespaces and the log by core's client protocol, archives by the verifier that every client runs.
//! What was verified is served for as long as it is kept, whatever the upstream registry says or does.
//!
//! * `upstream`: its files over HTTP. `copy`, `archives`: what is kept on the disk.
//! * `look`, `follow`: the client protocol, about everything that clients wait for at once. `log_files`: tiles, bundles,
//!   proofs. `fetch`: a file is brought once, however many wait for it. `http`: what clients are answered.
//! * `prefetch`: what is brought before anybody asks.

mod archives;
mod ask;
mod copy;
mod fetch;
mod follow;
mod http;
mod log_files;
mod look;
mod prefetch;
mod upstream;
mod words;

use crate::connections::{self, Terms};
use crate::error::{Error, Result};
use crate::hot::Hot;
use crate::output;
use crate::serve::{asked_to_end, runtime};
use copy::LocalCopy;
use fetch::Flights;
use follow::Ask;
use log_files::LogFiles;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, mpsc};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use upstream::{Reach, Upstream};
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::{Code, Diagnose as _};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::Address;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::message::server as text;
use vitte_package_core::registry::client::Memory;
use vitte_package_core::registry::{RegistryConfig, VerifiedTrustRoot, layout};

/// For how long the checkpoint counts as the newest: as long as clients may keep it.
const FRESH: Duration = Duration::from_secs(2);
/// For how long nothing is asked about what is kept after a look failed.
const PAUSE: Duration = Duration::from_secs(5);
/// For how long something that the registry does not have counts as absent.
const ABSENT: Duration = Duration::from_secs(30);
/// How many absent files are known at most.
const ABSENT_FILES: usize = 10_000;
/// How long requests under way may take once the mirror is asked to end.
const DRAIN: Duration = Duration::from_secs(5);
/// Connections at once at most.
const CONNECTIONS: usize = 10_000;

/// What a mirror is started with.
#[derive(Debug)]
pub(crate) struct Options {
    /// The registry's address.
    pub(crate) url: String,
    /// Digest of its first trust root.
    pub(crate) pin: Digest,
    /// The folder of the copy.
    pub(crate) data: PathBuf,
    /// A token for the registry.
    pub(crate) token: Option<Token>,
    /// Bytes of archives that are kept at most, such as `10GiB`.
    pub(crate) size: Option<String>,
    /// Lists and lockfiles of what is brought at once.
    pub(crate) prefetch: Vec<PathBuf>,
    /// Whether the registry is not to be asked.
    pub(crate) is_offline: bool,
    /// Whether the registry may lead to addresses of a private network, or of this machine.
    pub(crate) allows_private: bool,
    /// How long a peer may send nothing.
    pub(crate) patience: Duration,
}

/// The registry as it was verified last.
#[derive(Clone, Debug)]
struct View {
    memory: Memory,
    trust: VerifiedTrustRoot,
    checkpoint: VerifiedCheckpoint,
}

/// A mirror.
#[derive(Debug)]
struct Mirror {
    copy: LocalCopy,
    /// Files of the copy that are asked for often.
    hot: Hot,
    upstream: Upstream,
    pin: Digest,
    view: RwLock<Option<Arc<View>>>,
    /// When the registry was looked at last, and when that failed last.
    looked: Mutex<(Option<Instant>, Option<Instant>)>,
    absent: Mutex<HashMap<String, Instant>>,
    flights: Flights,
    asks: Mutex<mpsc::Sender<Ask>>,
}

impl Mirror {
    /// Opens the copy. Gives the mirror and what it is asked.
    fn open(options: &Options) -> Result<(Arc<Self>, mpsc::Receiver<Ask>)> {
        let base = Address::parse(&options.url).map_err(|error| Error::from(error.diagnostic()))?;
        let limit = options.size.as_deref().map(archives::parse_size).transpose()?.unwrap_or(u64::MAX);
        let copy = LocalCopy::open(&options.data, limit)?;
        let shown = options.data.display().to_string();
        if let Some(known) = copy.first_trust_root().filter(|known| *known != options.pin) {
            let (known, pin) = (known.to_string(), options.pin.to_string());
            return Err(Error::new(Code::TrustRoot, words::other_registry(&shown, &known, &pin)));
        }
        let view = match copy.memory()? {
            None => None,
            Some(memory) => {
                let damaged = || Error::new(Code::Json, words::damaged(&shown));
                let trust = memory.trust.clone().ok_or_else(damaged)?;
                let note = memory.checkpoint.clone().ok_or_else(damaged)?;
                let checkpoint = VerifiedCheckpoint::reopen(&note, &trust.root().log_policy)?;
                Some(Arc::new(View { memory, trust, checkpoint: checkpoint.ok_or_else(damaged)? }))
            }
        };
        if view.is_none() && options.is_offline {
            return Err(Error::new(Code::NoFile, words::offline_empty(&shown)));
        }
        let (token, patience, is_offline) = (options.token.clone(), options.patience, options.is_offline);
        let allows_private = options.allows_private;
        let upstream = Upstream::new(Reach { base, token, patience, is_offline, allows_private })?;
        let (asks, asked) = mpsc::channel();
        let mirror = Self {
            copy,
            hot: Hot::default(),
            upstream,
            pin: options.pin,
            view: RwLock::new(view),
            looked: Mutex::default(),
            absent: Mutex::default(),
            flights: Flights::default(),
            asks: Mutex::new(asks),
        };
        Ok((Arc::new(mirror), asked))
    }

    /// The registry as it was verified last.
    fn view(&self) -> Option<Arc<View>> {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether clients see this already.
    fn shows(&self, view: &View) -> bool {
        self.view().is_some_and(|known| known.checkpoint.size() == view.checkpoint.size())
    }

    /// Has clients see this from now on.
    fn show(&self, view: View) {
        if !self.shows(&view) {
            self.absent().clear();
        }
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(view));
        self.looked().0 = Some(Instant::now());
    }

    /// A look failed.
    fn failed(&self) {
        self.looked().1 = Some(Instant::now());
    }

    fn looked(&self) -> std::sync::MutexGuard<'_, (Option<Instant>, Option<Instant>)> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what is kept may be served without asking.
    fn is_fresh(&self) -> bool {
        let within = |time: Option<Instant>, span| time.is_some_and(|time| time.elapsed() < span);
        let (looked, failed) = *self.looked();
        within(looked, FRESH) || within(failed, PAUSE) || self.upstream.is_out_of_reach()
    }

    fn absent(&self) -> std::sync::MutexGuard<'_, HashMap<String, Instant>> {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_absent(&self, path: &str) {
        let mut absent = self.absent();
        if absent.len() >= ABSENT_FILES {
            absent.clear();
        }
        absent.insert(path.to_owned(), Instant::now());
    }

    fn is_absent(&self, path: &str) -> bool {
        self.absent().get(path).is_some_and(|since| since.elapsed() < ABSENT)
    }
}

/// Brings what is wanted at once. Gives how many archives could not be brought.
pub(crate) fn prefetch(options: &Options) -> Result<u64> {
    with_mirror(options, |mirror| prefetch::run(mirror, &options.prefetch))
}

/// That a prefetch did not bring everything.
pub(crate) fn incomplete(failed: u64) -> String {
    words::incomplete(failed)
}

/// Serves the copy until the process is asked to end; `started` is given the address.
pub(crate) fn serve(options: &Options, listen: SocketAddr, started: impl FnOnce(SocketAddr)) -> Result<()> {
    with_mirror(options, |mirror| {
        if !options.prefetch.is_empty() {
            prefetch::run(mirror, &options.prefetch)?;
        }
        let runtime = runtime()?;
        let served = runtime.block_on(async {
            let refused = |error: std::io::Error| {
                Error::new(Code::Unavailable, text::storage(&listen.to_string(), &error.to_string()))
            };
            let asked = asked_to_end()?;
            let listener = TcpListener::bind(listen).await.map_err(refused)?;
            started(listener.local_addr().map_err(refused)?);
            let terms = Terms::plain(options.patience, CONNECTIONS);
            connections::serve(listener, http::router(Arc::clone(mirror)), terms, asked).await;
            Ok(())
        });
        runtime.shutdown_timeout(DRAIN);
        served
    })
}

/// Opens the mirror, looks at the registry for the first time, and does something with it.
fn with_mirror<T>(options: &Options, work: impl FnOnce(&Arc<Mirror>) -> Result<T>) -> Result<T> {
    let (mirror, asked) = Mirror::open(options)?;
    follow::start(Arc::clone(&mirror), asked)?;
    match fetch::look_now(&mirror) {
        // What was verified before is served.
        Err(error) if mirror.view().is_none() => return Err(error),
        _ => {}
    }
    let Some(view) = mirror.view() else {
        return Err(Error::new(Code::RegistryLayout, words::absent()));
    };
    // A hint without authority: relative addresses, and the API that the mirror has.
    let config = RegistryConfig::directory(view.trust.root().registry.clone()).to_bytes();
    mirror.copy.put(layout::CONFIG, &config)?;
    if options.is_offline {
        output::note(&words::copied(view.trust.root().registry.as_str(), view.checkpoint.size()));
    }
    work(&mirror)
}
