//! The server's life: it takes the log up, answers, and ends when it is asked to, behind what it was doing.

use crate::accounts::Accounts;
use crate::app::App;
use crate::buckets::SharedBuckets;
use crate::config::Settings;
use crate::connections::{self, Terms, Tls};
use crate::data::Data;
use crate::error::{Error, Result};
use crate::hot::Hot;
use crate::ledger::{Ledger, unix_now};
use crate::limits::Limits;
use crate::logs;
use crate::message as words;
use crate::objects::Staging;
use crate::oidc::Provider;
use crate::packages::Packages;
use crate::privacy::Privacy;
use crate::quick::shortcut;
use crate::router::{metrics_router, router};
use crate::tasks;
use crate::web_assets::WebAssets;
use crate::webhooks::Webhooks;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// How long a batch that is under way may take once the server is asked to end.
const DRAIN: Duration = Duration::from_secs(30);

/// Handles that are kept for files, the database and others than clients.
const SPARE_HANDLES: usize = 512;

/// Connections at the address of the figures at most.
const FIGURES: usize = 64;

/// Where it listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addresses {
    pub(crate) registry: SocketAddr,
    pub(crate) is_encrypted: bool,
    pub(crate) metrics: Option<SocketAddr>,
}

/// Serves until the process is asked to end. `started` is told where.
pub(crate) fn serve(data: Data, settings: Settings, started: impl FnOnce(Addresses)) -> Result<()> {
    let (listen, patience) = (settings.listen, settings.idle_timeout.duration());
    let delay = settings.shutdown_delay.duration();
    logs::start(&settings);
    let terms = terms(&settings)?;
    let web = WebAssets::read(settings.web_assets.as_deref())?;
    let id = data.registry()?;
    let registry = id.to_string();
    let runtime = runtime()?;
    let database = runtime.block_on(data.open_database())?;
    let shared = data.share_in(database.clone(), &runtime)?;
    let is_shared = shared.is_some();
    let packages = Packages::new(database.clone());
    let webhooks = Webhooks::new(database.clone());
    let limits = Limits::new(settings.clone(), SharedBuckets::of(&database));
    let accounts = Accounts::new(database);
    let (ledger, mut thread) = Ledger::start(data.clone(), shared)?;
    let staging = data.staging()?;
    let ending = ledger.ending();
    let open = runtime.block_on(accounts.expire_uploads(unix_now()))?;
    if !is_shared {
        runtime.block_on(accounts.reopen_uploads())?;
        // Among replicas, one that begins does not know what the others are doing: `gc` removes what is old.
        clear_staging(&staging, &open)?;
    }
    let metrics = settings.metrics;
    let provider = Provider::open(&settings)?;
    let (files, is_ending) = (data.public()?, AtomicBool::new(false));
    let privacy = Privacy::of(&files)?;
    let app = App {
        files,
        hot: Hot::default(),
        staging,
        accounts,
        packages,
        ledger,
        registry,
        privacy,
        patience,
        is_ending,
        provider,
        limits,
        web,
        trust_root: OnceLock::new(),
        settings,
    };
    let app = Arc::new(app);
    let (packages, files, of) = (app.packages.clone(), app.files.clone(), id.clone());
    tasks::keep(runtime.handle(), move || packages.clone().follow(files.clone(), of.clone()));
    let (files, any) = (app.files.clone(), app.settings.webhook_targets.any());
    tasks::keep(runtime.handle(), move || webhooks.clone().run(files.clone(), id.clone(), any));
    let served = runtime.block_on(async move {
        // Before the address is printed: its reader may send a signal at once.
        let asked = asked_to_end()?;
        reload_when_asked(terms.tls.clone())?;
        let (listener, registry) = bind(listen).await?;
        let metrics = match metrics {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let is_encrypted = terms.tls.is_some();
        let addresses = Addresses { registry, is_encrypted, metrics: metrics.as_ref().map(|(_, address)| *address) };
        tracing::info!(address = %registry, metrics = addresses.metrics.map(tracing::field::display), "serving");
        started(addresses);
        // The figures are served until the last request is over.
        let router = router(Arc::clone(&app));
        let terms = Terms { shortcut: Some(shortcut(Arc::clone(&app))), ..terms };
        let figures = metrics.map(|(listener, _)| {
            let terms = Terms::plain(patience, FIGURES);
            connections::serve(listener, metrics_router(Arc::clone(&app)), terms, std::future::pending())
        });
        let figures = figures.map(tokio::spawn);
        let ended = async {
            asked.await;
            tracing::info!("asked to end");
            app.is_ending.store(true, Ordering::Relaxed);
            tokio::time::sleep(delay).await;
        };
        connections::serve(listener, router, terms, ended).await;
        if let Some(figures) = figures {
            figures.abort();
        }
        tracing::info!("ended");
        Ok(())
    });
    // Requests are over; the batch that is under way is finished by its thread.
    if let (Some(ending), Some(thread)) = (ending, thread.take_if(|_| is_shared)) {
        ending.store(true, Ordering::Release);
        // The database has to respond to it meanwhile.
        let ended = runtime.spawn_blocking(move || _ = thread.join());
        let _ = runtime.block_on(async { tokio::time::timeout(DRAIN, ended).await });
    }
    runtime.shutdown_timeout(DRAIN);
    let _ = thread.map(JoinHandle::join);
    served
}

/// How connections are served.
fn terms(settings: &Settings) -> Result<Terms> {
    let tls = match (&settings.tls_cert, &settings.tls_key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(Arc::new(Tls::read(certificate, key)?)),
        _ => return Err(Error::new(Code::Config, words::tls_half())),
    };
    let wanted = usize::try_from(settings.max_connections.get()).unwrap_or(usize::MAX);
    let most = handles().map_or(wanted, |handles| wanted.min(handles.saturating_sub(SPARE_HANDLES).max(16)));
    if most < wanted {
        tracing::warn!(wanted, most, "the system allows fewer open files than max-connections needs");
    }
    let (patience, proxies) = (settings.idle_timeout.duration(), settings.trusted_proxies.clone());
    Ok(Terms { patience, most, proxies, tls, shortcut: None })
}

/// Handles that the process may have: as many as it can be given.
fn handles() -> Option<usize> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
        let allowed = if raised.is_ok() { maximum } else { current };
        allowed.map(|allowed| usize::try_from(allowed).unwrap_or(usize::MAX))
    }
    #[cfg(not(unix))]
    None
}

/// Reads the certificate again whenever the process is told to. One that is not right leaves the old one in use.
fn reload_when_asked(tls: Option<Arc<Tls>>) -> Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut asked = signal(SignalKind::hangup()).map_err(|error| Error::storage("signals", &error))?;
        tokio::spawn(async move {
            while asked.recv().await.is_some() {
                let Some(tls) = tls.clone() else { continue };
                match tokio::task::spawn_blocking(move || tls.reload()).await {
                    Ok(Ok(())) => tracing::info!("certificate read again"),
                    Ok(Err(error)) => {
                        tracing::error!(reason = error.first().message, "the old certificate stays in use");
                    }
                    Err(_) => {}
                }
            }
        });
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let refused = |error: std::io::Error| {
        Error::new(Code::Unavailable, text::storage(&address.to_string(), &error.to_string()))
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

/// The threads that requests are answered on.
pub(crate) fn runtime() -> Result<Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Error::storage("its threads", &error))
}

/// Ends when the process is asked to end.
pub(crate) fn asked_to_end() -> Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| Error::storage("signals", &error));
        let (mut terminate, mut interrupt) =
            (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async { _ = tokio::signal::ctrl_c().await })
}

/// Removes archives of uploads that nobody can go on with.
fn clear_staging(staging: &Staging, open: &[String]) -> Result<()> {
    staging.each(&mut |id| {
        if !open.iter().any(|one| one == id) {
            staging.remove(id);
        }
        Ok(())
    })
}
