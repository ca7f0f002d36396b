//! New namespaces: free, reserved, or held for the operator to decide.

use crate::accounts::{Accounts, KnownNamespaces};
use crate::app::App;
use crate::config::SimilarNames;
use crate::error::Result;
use crate::ledger::unix_now;
use crate::rights::Grant;
use std::sync::Arc;
use vitte_package_core::api::upload::UploadRequest;
use vitte_package_core::registry::layout;
use vitte_package_core::sign::NamespaceRecord;

/// Refuses a new namespace that is reserved or looks like another. The latter is put on the operator's list, also by a
/// dry run: clients ask for one before they send anything.
pub(super) async fn check(app: &Arc<App>, grant: &Grant, request: &UploadRequest) -> Result<()> {
    for envelope in &request.submission.namespaces {
        let record = NamespaceRecord::unverified(envelope)?;
        let (name, path) = (record.namespace.clone(), layout::namespace(&record.namespace));
        let is_there = app.blocking(move |app| app.files.find(&path)).await?.is_some();
        if record.seq > 0 || is_there {
            continue;
        }
        let rule = app.accounts.namespace_rule(name.as_str()).await?;
        let all = app
            .blocking(|app| {
                let mut names = Vec::new();
                app.files.each("ns", &mut |listed| {
                    let name = listed.path.strip_prefix("ns/").and_then(|name| name.strip_suffix(".jsonl"));
                    names.extend(name.map(str::to_owned));
                    Ok(())
                })?;
                Ok(names)
            })
            .await?;
        let much_used = app.packages.much_used_namespaces().await?;
        let known = match app.settings.similar_names {
            SimilarNames::Deny => KnownNamespaces { all, much_used },
            SimilarNames::Allow => KnownNamespaces::default(),
        };
        if let Err((error, resembles)) = Accounts::check_namespace(&name, rule.as_ref(), &known) {
            if let Some(resembles) = resembles {
                app.accounts.hold_namespace(&name, &resembles, &grant.user, unix_now()).await?;
            }
            return Err(error);
        }
    }
    Ok(())
}
