//! How much a namespace may have, before anything is stored.

use crate::accounts::{Quotas, Usage};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ledger::Judged;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use vitte_package_core::api::upload::UploadRequest;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::ReleaseState;
use vitte_package_core::version::Version;

/// How long what was just logged may take until it is counted.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// What a submission adds to a namespace.
#[derive(Debug, Default)]
struct Added<'a> {
    packages: BTreeSet<&'a PackageName>,
    releases: BTreeSet<(&'a PackageName, &'a Version)>,
    storage: u64,
    largest: u64,
}

/// Refuses what would be more than its namespace may have. `new`: packages that do not exist yet.
pub(super) async fn check(
    app: &Arc<App>,
    request: &UploadRequest,
    judged: &Judged,
    new: &BTreeSet<PackageName>,
) -> Result<()> {
    let mut namespaces: BTreeMap<Namespace, Added<'_>> = BTreeMap::new();
    for release in judged.admitted.releases.iter().filter(|release| release.state == ReleaseState::New) {
        let (package, version) = (&release.artifact.package, &release.artifact.version);
        let added = namespaces.entry(package.namespace_or_none()).or_default();
        let size = request.archives.get(&release.artifact).map_or(0, |facts| facts.size);
        added.packages.extend(new.contains(package).then_some(package));
        added.releases.insert((package, version));
        added.storage = added.storage.saturating_add(size);
        added.largest = added.largest.max(size);
    }
    for (namespace, added) in namespaces {
        let quotas = app.accounts.quotas(&namespace, Quotas::of_settings(&app.settings)).await?;
        let is_counted = quotas.packages.is_some() || quotas.releases.is_some() || quotas.storage.is_some();
        let usage = if is_counted { usage(app, &namespace, judged.size).await? } else { Usage::default() };
        let more = Usage {
            packages: added.packages.len() as u64,
            releases: added.releases.len() as u64,
            storage: added.storage,
        };
        quotas.check(&namespace, &usage, &more, added.largest)?;
    }
    Ok(())
}

/// What a namespace has, with all that a log of this size says.
async fn usage(app: &Arc<App>, namespace: &Namespace, size: u64) -> Result<Usage> {
    let since = Instant::now();
    loop {
        if let Some((packages, releases, storage)) = app.packages.usage(namespace, size).await? {
            return Ok(Usage { packages, releases, storage });
        }
        if since.elapsed() >= PATIENCE {
            return Err(Error::new(Code::Unavailable, text::quota_uncounted()));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
