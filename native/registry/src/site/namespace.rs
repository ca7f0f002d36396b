//! A namespace: its packages, its keys and the chain of its records.

use super::frame::{Frame, Visit};
use super::view::Row;
use super::{escape, format, load, words};
use crate::problem::Refusal;
use askama::Template;
use axum::response::Response;
use vitte_package_core::api::form::Form;
use vitte_package_core::api::owners::Owned;
use vitte_package_core::api::search::SearchQuery;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::name::Namespace;
use vitte_package_core::sign::{NamespaceChain, Role};

/// Packages on a page.
const SHOWN: u64 = 50;
/// Records that are shown; all of them are in the file.
const RECORDS: usize = 100;

#[derive(Template)]
#[template(path = "namespace.html")]
struct Page {
    frame: Frame,
    name: String,
    lead: String,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
    keys: Vec<Key>,
    records: Vec<Record>,
    are_records_cut: bool,
    owners: Vec<String>,
    rules: Vec<(String, String)>,
}

struct Key {
    fingerprint: String,
    roles: String,
    packages: String,
    state: String,
    is_gone: bool,
}

struct Record {
    title: String,
    log: u64,
    signers: Vec<String>,
}

/// `GET /{namespace}`
pub(crate) async fn show(visit: &Visit, name: &Namespace) -> Result<Response, Refusal> {
    if visit.reader.patterns().is_some_and(|patterns| !patterns.touch(name)) {
        return Err(visit.missing());
    }
    let chain = load::chain(&visit.app, name).await?.filter(|chain| !chain.is_empty());
    let form = Form::parse(visit.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let cursor = form.get("cursor").map(str::to_owned);
    let query = SearchQuery { namespace: Some(name.clone()), limit: SHOWN, cursor, ..SearchQuery::default() };
    let packages = &visit.app.packages;
    let found = match visit.reader.patterns() {
        None => packages.find(&query).await,
        Some(patterns) => packages.find_for(&query, patterns).await,
    };
    let found = found.map_err(|error| match error.first() {
        fault if fault.code == Code::Json => Refusal::with_status(400, fault),
        _ => Refusal::from(error),
    })?;
    if chain.is_none() && found.items.is_empty() {
        return Err(visit.missing());
    }
    let (owners, _) = visit.app.accounts.owners(&Owned::Namespace(name.clone())).await?;
    Ok(visit.page(200, |frame| {
        let count = format::number(found.total);
        let lead = match chain.as_ref().and_then(|chain| chain.latest()) {
            None => words::packages_count(found.total, &count),
            Some(record) => {
                let keys = record.keys.len() as u64;
                let packages = words::packages_count(found.total, &count);
                format!("{packages}, {}", words::keys_count(keys, &format::number(keys)))
            }
        };
        let path = format!("/{name}");
        let title = name.to_string();
        let frame = frame.titled(&title).about(&lead);
        Page {
            frame: if query.cursor.is_some() { frame.unlisted() } else { frame },
            name: title,
            lead,
            rows: found.items.into_iter().map(|item| Row::of(item, "")).collect(),
            first: query.cursor.as_ref().map(|_| path.clone()),
            next: found
                .next
                .map(|next| format!("{path}?cursor={}", vitte_package_core::api::form::escape(&next))),
            keys: chain.as_ref().map(keys).unwrap_or_default(),
            records: chain.as_ref().map(records).unwrap_or_default(),
            are_records_cut: chain.as_ref().is_some_and(|chain| chain.len() > RECORDS),
            owners,
            rules: chain.as_ref().map(rules).unwrap_or_default(),
        }
    }))
}

/// The keys of the newest record, and those that were revoked.
fn keys(chain: &NamespaceChain) -> Vec<Key> {
    let Some(record) = chain.latest() else { return Vec::new() };
    let role = |role: &Role| match role {
        Role::Root => words::role_root(),
        Role::Release => words::role_release(),
        Role::Status => words::role_status(),
    };
    let mut keys: Vec<Key> = record
        .keys
        .iter()
        .filter(|key| record.revoked.iter().all(|revoked| revoked.key != key.key.id()))
        .map(|key| {
            let roles: Vec<_> = key.roles.iter().map(role).collect();
            let packages: Vec<_> = key.packages.iter().map(String::as_str).collect();
            let all = packages.contains(&"*");
            Key {
                fingerprint: key.key.id().short(),
                roles: roles.join(", "),
                packages: if all { words::all_packages() } else { packages.join(", ") },
                state: words::key_in_force(),
                is_gone: false,
            }
        })
        .collect();
    keys.extend(record.revoked.iter().map(|revoked| Key {
        fingerprint: revoked.key.short(),
        roles: String::new(),
        packages: String::new(),
        state: match revoked.reason.as_str() {
            "compromised" => words::key_compromised(&format::number(revoked.since)),
            _ => words::key_retired(&format::number(revoked.since)),
        },
        is_gone: true,
    }));
    keys
}

fn records(chain: &NamespaceChain) -> Vec<Record> {
    let all: Vec<_> = chain.records().collect();
    all.into_iter()
        .rev()
        .take(RECORDS)
        .map(|(log, record, envelope)| Record {
            title: match record.seq {
                0 => words::record_first(),
                seq => words::record_number(&format::number(seq)),
            },
            log,
            signers: envelope.claimed_signers().iter().map(|signer| signer.short()).collect(),
        })
        .collect()
}

fn rules(chain: &NamespaceChain) -> Vec<(String, String)> {
    let Some(record) = chain.latest() else { return Vec::new() };
    let threshold = record.threshold;
    let needed = |needed: u64| words::keys_needed(needed, &format::number(needed));
    vec![
        (words::rule_release(), needed(threshold.release)),
        (words::rule_status(), needed(threshold.status)),
        (words::rule_root(), needed(threshold.root)),
    ]
}
