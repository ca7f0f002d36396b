//! `namespace`: who may release in a namespace.

pub(crate) mod create;
pub(crate) mod owners;
pub(crate) mod revoke;
pub(crate) mod rotate;
pub(crate) mod show;

use crate::argument::RegistryArg;
use crate::commands::asking::Asking;
use crate::commands::given_token::TokenArgs;
use crate::ui::Ui;
use serde::Serialize;
use std::collections::BTreeSet;
use vitte_package::config::Config;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::{KeyStore, Signer};
use vitte_package::message::registry as words;
use vitte_package::ops::namespace::{self, NamespaceChange};
use vitte_package::registry::read::location::Location;
use vitte_package::registry::write::{self, RegistryWriter};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::name::Namespace;
use vitte_package_core::sign::namespace::{NamespaceKey, Revocation, RevocationReason, Thresholds};
use vitte_package_core::sign::{KeyId, NamespaceRecord, Role};

/// Who may release in a namespace
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package namespace show roussov --registry reg\n  vitte package namespace owners roussov --registry reg"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Create(create::Args),
    Show(show::Args),
    Owners(owners::Args),
    Rotate(rotate::Args),
    Revoke(revoke::Args),
}

/// Namespace, registry and signers of a change.
#[derive(Debug, clap::Args)]
struct At {
    /// The namespace
    namespace: String,
    #[command(flatten)]
    registry: RegistryArg,
    /// A key to sign with: its name, or the path of a PEM file; may be given several times
    #[arg(long, value_name = "NAME|PATH")]
    key: Vec<String>,
    #[command(flatten)]
    token: TokenArgs,
}

/// A record of a namespace: the answer of the commands that write one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Record<'a> {
    /// The namespace.
    namespace: &'a Namespace,
    /// The record's number, from 0.
    seq: u64,
    /// Its entry in the log.
    log: u64,
    /// The keys that count.
    keys: Vec<KeyRow<'a>>,
    /// How many of them must sign.
    threshold: Thresholds,
    /// Keys that count no more.
    revoked: Vec<RevokedRow>,
}

/// A key that counts.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct KeyRow<'a> {
    /// Its id.
    key_id: KeyId,
    /// What it may do.
    roles: &'a BTreeSet<Role>,
    /// The packages it may do it to, without the namespace; `*` for all.
    packages: &'a BTreeSet<String>,
}

/// A key that counts no more.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RevokedRow {
    /// Its id.
    key_id: KeyId,
    /// The first log entry at which it does not count.
    since: u64,
    /// Why.
    reason: RevocationReason,
}

impl<'a> Record<'a> {
    fn of(record: &'a NamespaceRecord, log: u64) -> Self {
        let key = |key: &'a NamespaceKey| KeyRow {
            key_id: key.key.id(),
            roles: &key.roles,
            packages: &key.packages,
        };
        let revoked = |revocation: &Revocation| RevokedRow {
            key_id: revocation.key,
            since: revocation.since,
            reason: revocation.reason,
        };
        Self {
            namespace: &record.namespace,
            seq: record.seq,
            log,
            keys: record.keys.iter().map(key).collect(),
            threshold: record.threshold,
            revoked: record.revoked.iter().map(revoked).collect(),
        }
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Create(args) => create::run(args, env, ui),
        Action::Show(args) => show::run(args, env, ui),
        Action::Owners(args) => owners::run(args, env, ui),
        Action::Rotate(args) => rotate::run(args, env, ui),
        Action::Revoke(args) => revoke::run(args, env, ui),
    }
}

/// Finds the id of a key, by what a user calls it.
type Find<'a> = dyn Fn(&str) -> Result<KeyId, Error> + 'a;

/// The id of a key: given whole, or meant by the fingerprint of a key of the namespace, or by the name or fingerprint of
/// one of the user's own.
fn key_id(text: &str, of_namespace: &[KeyId], at: &At, env: &Env) -> Result<KeyId, Error> {
    if let Ok(id) = KeyId::parse(text) {
        return Ok(id);
    }
    if let Some(id) = of_namespace.iter().find(|id| id.short() == text) {
        return Ok(*id);
    }
    let own = KeyStore::open(env)?.choose(text).map(|key| key.public.id());
    own.map_err(|error| error.help(words::owners_help(&at.namespace)))
}

fn apply(
    at: &At,
    change: impl FnOnce(&Find<'_>) -> Result<NamespaceChange, Error>,
    env: &Env,
    ui: &mut Ui,
) -> Result<Exit, Error> {
    let (namespace, location, signers) = resolve(at, env, ui)?;
    let env = &at.token.apply(env, &location, ui)?;
    let mut writer = writer(env, &location, ui)?;
    let chain = writer.chain(&namespace)?;
    let keys = chain.latest().into_iter().flat_map(|record| record.keys.iter());
    let keys: Vec<_> = keys.map(|key| key.key.id()).collect();
    let change = change(&|text| key_id(text, &keys, at, env))?;
    namespace::check(&mut *writer, &namespace, &change)?;
    if !ui.confirm(&words::confirm_keys(&at.namespace), "--yes")? {
        return Ok(ui.declined());
    }
    let secrets: Vec<_> = signers.iter().map(|signer| &signer.secret).collect();
    let changes = in_words(&change);
    let logged = namespace::change(&mut *writer, &namespace, change, &secrets, ui.reporter())?;
    ui.success(words::keys_updated(namespace.as_str(), &changes, logged.log));
    ui.result(&Record::of(&logged.record, logged.log));
    Ok(Exit::Ok)
}

/// The registry to write to, with what an earlier writer was stopped at finished.
fn writer<'a>(env: &'a Env, location: &Location, ui: &mut Ui) -> Result<Box<dyn RegistryWriter + 'a>, Error> {
    let mut writer = write::open(env, location)?;
    writer.recover(ui.reporter())?;
    Ok(writer)
}

fn resolve(at: &At, env: &Env, ui: &mut Ui) -> Result<(Namespace, Location, Vec<Signer>), Error> {
    let namespace = Namespace::parse(&at.namespace)?;
    let location = location(&at.registry, env)?;
    let store = KeyStore::open(env)?;
    let mut signers = Vec::new();
    if at.key.is_empty() {
        signers.push(store.signer(None, env, &mut Asking { env, ui })?);
    }
    for key in &at.key {
        signers.push(store.signer(Some(key), env, &mut Asking { env, ui })?);
    }
    Ok((namespace, location, signers))
}

fn location(registry: &RegistryArg, env: &Env) -> Result<Location, Error> {
    let given = Config::load(env, None)?.registry_or_known(env, registry.registry.as_deref())?;
    Location::parse(&given, env)
}

/// A change of keys, as a list of what was added, removed and revoked.
fn in_words(change: &NamespaceChange) -> String {
    let mut all = Vec::new();
    for key in &change.add {
        let roles = key.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
        all.push(words::key_change_added(&key.key.id().short(), &roles));
    }
    all.extend(change.remove.iter().map(|key| words::key_change_removed(&key.short())));
    all.extend(change.revoke.iter().map(|one| words::key_change_revoked(&one.key.short(), one.since)));
    for (role, count) in [(Role::Root, change.root_threshold), (Role::Release, change.release_threshold)] {
        all.extend(count.map(|count| words::key_change_threshold(role.as_str(), count)));
    }
    all.join("; ")
}
