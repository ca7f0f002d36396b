//! How much a namespace may have, before anything is stored.

use crate::accounts::{Added, Allowance, Quotas, Usage};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ledger::Judged;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use vitte_package_core::api::upload::UploadRequest;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;
use vitte_package_core::name::{Namespace, PackageName};

/// How long what was just logged may take until it is counted.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// Refuses what would be more than its namespace may have. `new`: packages that do not exist yet. Gives what is to be
/// judged again where it is logged: what others add at the same time is not seen here.
pub(super) async fn check(
    app: &Arc<App>,
    request: &UploadRequest,
    judged: &Judged,
    new: &BTreeSet<PackageName>,
) -> Result<Vec<Allowance>> {
    let mut allowances = Vec::new();
    for (namespace, added) in Added::of(&judged.admitted, &request.archives, new) {
        let quotas = app.accounts.quotas(&namespace, Quotas::of_settings(&app.settings)).await?;
        let is_counted = quotas.packages.is_some() || quotas.releases.is_some() || quotas.storage.is_some();
        let (usage, counted) = match is_counted {
            true => usage(app, &namespace, judged.size).await?,
            false => (Usage::default(), judged.size),
        };
        quotas.check(&namespace, &usage, &added.usage(), added.largest)?;
        allowances.push(Allowance { namespace, quotas, usage, counted, new: added.packages });
    }
    Ok(allowances)
}

/// What a namespace has, with all that a log of this size says; and the size of the log that was counted.
async fn usage(app: &Arc<App>, namespace: &Namespace, size: u64) -> Result<(Usage, u64)> {
    let since = Instant::now();
    loop {
        let (packages, releases, storage, counted) = app.packages.usage(namespace).await?;
        if counted >= size {
            return Ok((Usage { packages, releases, storage }, counted));
        }
        if since.elapsed() >= PATIENCE {
            return Err(Error::new(Code::Unavailable, text::quota_uncounted()));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
