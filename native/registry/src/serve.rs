//! The server's life: it takes the log up, answers, and ends when it is asked to, behind what it was doing.

use crate::accounts::Accounts;
use crate::app::App;
use crate::config::Settings;
use crate::connections;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::ledger::{Ledger, unix_now};
use crate::objects::Staging;
use crate::router::router;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// How long a batch that is under way may take once the server is asked to end.
const DRAIN: Duration = Duration::from_secs(30);

/// Serves until the process is asked to end. `started` is given the address.
pub(crate) fn serve(data: Data, settings: Settings, started: impl FnOnce(SocketAddr)) -> Result<()> {
    let (listen, patience) = (settings.listen, settings.idle_timeout.duration());
    let registry = data.registry()?.to_string();
    let runtime = runtime()?;
    let database = runtime.block_on(data.open_database())?;
    let accounts = Accounts::new(database);
    let (ledger, thread) = Ledger::start(data.clone())?;
    let staging = data.staging()?;
    clear_staging(&staging, &runtime.block_on(accounts.expire_uploads(unix_now()))?)?;
    let app = App { files: data.public()?, staging, accounts, ledger, registry, patience, settings };
    let served = runtime.block_on(async {
        let refused = |error: std::io::Error| {
            Error::new(Code::Unavailable, text::storage(&listen.to_string(), &error.to_string()))
        };
        // Before the address is printed: whoever reads it may send a signal at once.
        let asked = asked_to_end()?;
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        started(listener.local_addr().map_err(refused)?);
        connections::serve(listener, router(Arc::new(app)), patience, asked).await;
        Ok(())
    });
    // Requests are over; the batch that is under way is finished by its thread.
    runtime.shutdown_timeout(DRAIN);
    let _ = thread.join();
    served
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
