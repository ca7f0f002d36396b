//! What the elements of a page are given, where the operator has set a folder of scripts: the trust root to check
//! against, and their words in the language of the page.

use super::frame::Visit;
use super::words;
use crate::problem::Refusal;
use crate::reads::unreadable;
use serde_json::json;
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::registry::layout;

/// The digest of the registry's first trust root; none where the site has no scripts.
///
/// # Errors
/// 503 where it cannot be read.
pub(crate) async fn trust_root(visit: &Visit) -> Result<Option<String>, Refusal> {
    if visit.app.web.script().is_none() {
        return Ok(None);
    }
    if let Some(known) = visit.app.trust_root.get() {
        return Ok(Some(known.clone()));
    }
    let read = visit.app.blocking(|app| app.files.read(&layout::trust_root(1), limits::ENVELOPE_LEN as u64));
    let found = read.await.map_err(unreadable)?.map(|bytes| Digest::of(&bytes).to_string());
    // It never changes.
    Ok(found.map(|digest| visit.app.trust_root.get_or_init(|| digest).clone()))
}

/// Titles, sentences and labels of a card about a package of this namespace.
pub(crate) fn of_card(namespace: &str) -> String {
    json!({
        "checking": [words::checking_title(), words::checking_sentence()],
        "verified": [words::verified_title(), words::verified_sentence(namespace)],
        "unsigned": [words::unsigned_title(), words::live_unsigned_sentence()],
        "untrusted": [words::untrusted_title(namespace), words::untrusted_sentence(namespace)],
        "tampered": [words::tampered_title(namespace), words::tampered_sentence()],
        "refused": [words::refused_title(), words::refused_sentence()],
        "unchecked": [words::not_checked_title(), words::not_checked_sentence()],
        "steps": {
            "passed": words::step_passed(),
            "failed": words::step_failed(),
            "not-asked": words::step_not_asked(),
            "not-reached": words::step_not_reached(),
        },
        "all_steps": words::all_steps(),
        "check_all": words::check_all(),
        "will_refuse": words::will_refuse(),
        "withdrawn": words::withdrawn(),
        "limit": words::limit_of_verdict(),
        "signed": words::evidence_signed(),
        "received": words::evidence_received(),
        "reason": words::evidence_reason(),
        "files": words::evidence_files(),
    })
    .to_string()
}

/// What is said beside the name of a file that was checked.
pub(crate) fn of_files() -> String {
    json!({
        "file_verified": words::file_verified(),
        "file_differs": words::file_differs(),
        "file_unchecked": words::file_unchecked(),
    })
    .to_string()
}

/// What is said around a resolution.
pub(crate) fn of_resolve() -> String {
    json!({
        "label": words::fit_label(),
        "resolve": words::fit_resolve(),
        "drop": words::fit_drop(),
        "resolving": words::fit_resolving(),
        // The number takes the place of the braces.
        "fits": [words::fit_yes_one(), words::fit_yes("{}")],
        "fits_not": words::fit_no(),
        "package": words::package_label(),
        "version": words::version(),
        "log": words::part_log(),
        "withheld": words::fit_withheld(),
        "lock": words::fit_lock(),
        "unchecked": words::not_checked_title(),
    })
    .to_string()
}

/// Titles and sentences of the card about the log.
pub(crate) fn of_log() -> String {
    json!({
        "log_first": [words::log_first_title(), words::log_first_sentence()],
        "log_goes_on": [words::log_goes_on_title(), words::log_goes_on_sentence()],
        "log_split": [words::log_split_title(), words::log_split_sentence()],
        "unchecked": [words::not_checked_title(), words::not_checked_sentence()],
        "reason": words::evidence_reason(),
    })
    .to_string()
}
