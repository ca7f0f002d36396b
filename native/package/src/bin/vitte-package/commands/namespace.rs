use crate::argument::RegistryArg;
use crate::commands::asking::Asking;
use crate::ui::Ui;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use vitte_package::config::Config;
use vitte_package::dependencies::RegistryChoice;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::{KeyStore, Signer, read_public_pem};
use vitte_package::message::registry as words;
use vitte_package::ops::namespace::{self, NamespaceChange};
use vitte_package::registry::directory::Directory;
use vitte_package::registry::location::Location;
use vitte_package::registry::write::RegistryWriter as _;
use vitte_package::registry::write::directory::DirectoryWriter;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
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
    /// Begin a namespace; the signer owns it
    #[command(before_help = "Examples:\n  vitte package namespace create demo --registry reg")]
    Create {
        #[command(flatten)]
        at: At,
    },
    /// Show the records of a namespace, each proved to be in the log
    #[command(before_help = "Examples:\n  vitte package namespace show demo --registry reg")]
    Show {
        /// The namespace
        namespace: String,
        #[command(flatten)]
        registry: RegistryArg,
    },
    /// List the keys that count now
    #[command(before_help = "Examples:\n  vitte package namespace owners demo --registry reg")]
    Owners {
        /// The namespace
        namespace: String,
        #[command(flatten)]
        registry: RegistryArg,
    },
    /// Add and remove keys, change thresholds
    #[command(
        before_help = "Examples:\n  vitte package namespace rotate demo --registry reg --add ci.pub --role release\n  vitte package namespace rotate demo --registry reg --add new.pub --role root --role release --role status --remove KEYID --key old --key new"
    )]
    Rotate {
        #[command(flatten)]
        at: At,
        /// The public key to add, as PEM; its roles are those of `--role`
        #[arg(long, value_name = "FILE")]
        add: Vec<PathBuf>,
        /// A role of the added keys: root, release or status
        #[arg(long, value_name = "ROLE")]
        role: Vec<String>,
        /// Packages the added keys may sign for, without the namespace; without it, all
        #[arg(long, value_name = "NAME")]
        package: Vec<String>,
        /// Id of a key to take out
        #[arg(long, value_name = "KEYID")]
        remove: Vec<String>,
        /// How many root keys must sign the next record
        #[arg(long, value_name = "N")]
        root_threshold: Option<u64>,
        /// How many release keys must sign a release
        #[arg(long, value_name = "N")]
        release_threshold: Option<u64>,
    },
    /// Make a key count for nothing from a log entry on
    #[command(
        before_help = "Examples:\n  vitte package namespace revoke demo KEYID --since 4711 --reason compromised --registry reg"
    )]
    Revoke {
        #[command(flatten)]
        at: At,
        /// Id of the key
        key_id: String,
        /// The first log entry at which it does not count; may lie in the past
        #[arg(long, value_name = "LOG")]
        since: u64,
        /// compromised or retired
        #[arg(long, value_name = "REASON", default_value = "compromised")]
        reason: String,
    },
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
}

/// The answer of `namespace show` and `namespace owners`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Records<'a> {
    /// Id of the registry.
    registry: String,
    /// The namespace.
    namespace: &'a str,
    /// Its records, the oldest first; the last one counts.
    records: Vec<Record<'a>>,
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
        Action::Show { namespace, registry } => show(&namespace, &registry, env, ui, Shown::Records),
        Action::Owners { namespace, registry } => show(&namespace, &registry, env, ui, Shown::Keys),
        Action::Create { at } => {
            let (namespace, folder, signers) = resolve(&at, env, ui)?;
            let Some(signer) = signers.first() else { return Ok(Exit::Usage) };
            let mut writer = writer(env, folder, ui)?;
            let logged = namespace::create(&mut writer, &namespace, &signer.secret, ui.reporter())?;
            let key = signer.secret.public().id().short();
            ui.done(words::namespace_created(namespace.as_str(), &key, logged.log));
            ui.answer(&Record::of(&logged.record, logged.log));
            Ok(Exit::Ok)
        }
        Action::Rotate { at, add, role, package, remove, root_threshold, release_threshold } => {
            let roles = role.iter().map(|word| parse_role(word)).collect::<Result<Vec<_>, _>>()?;
            let changes = !add.is_empty() || !remove.is_empty();
            if !changes && root_threshold.is_none() && release_threshold.is_none() {
                return Err(Diagnostic::new(Code::Usage, words::rotate_nothing()).into());
            }
            if !add.is_empty() && roles.is_empty() {
                return Err(Diagnostic::new(Code::Usage, words::role_needed()).into());
            }
            let packages = if package.is_empty() { vec!["*".to_owned()] } else { package };
            let key = |file: &PathBuf| -> Result<NamespaceKey, Error> {
                Ok(NamespaceKey {
                    key: read_public_pem(&env.resolve(file))?,
                    roles: roles.iter().copied().collect(),
                    packages: packages.iter().cloned().collect(),
                })
            };
            let change = NamespaceChange {
                add: add.iter().map(key).collect::<Result<_, _>>()?,
                remove: remove.iter().map(|id| key_id(id, &at)).collect::<Result<_, _>>()?,
                revoke: Vec::new(),
                root_threshold,
                release_threshold,
            };
            apply(&at, change, env, ui)
        }
        Action::Revoke { at, key_id, since, reason } => {
            let Some(reason) = RevocationReason::parse(&reason) else {
                return Err(Diagnostic::new(Code::Usage, words::revocation_reason(&reason)).into());
            };
            let revoke = vec![Revocation { key: self::key_id(&key_id, &at)?, since, reason }];
            apply(&at, NamespaceChange { revoke, ..NamespaceChange::default() }, env, ui)
        }
    }
}

/// A key id; a text that is none is answered with where they stand.
fn key_id(text: &str, at: &At) -> Result<KeyId, Error> {
    KeyId::parse(text).map_err(|error| Error::from(error).help(words::owners_help(&at.namespace)))
}

fn apply(at: &At, change: NamespaceChange, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (namespace, folder, signers) = resolve(at, env, ui)?;
    let mut writer = writer(env, folder, ui)?;
    namespace::check(&mut writer, &namespace, &change)?;
    if !ui.confirm(&words::confirm_keys(&at.namespace), "--yes")? {
        return Ok(ui.declined());
    }
    let secrets: Vec<_> = signers.iter().map(|signer| &signer.secret).collect();
    let changes = in_words(&change);
    let logged = namespace::change(&mut writer, &namespace, change, &secrets, ui.reporter())?;
    ui.done(words::keys_updated(namespace.as_str(), &changes, logged.log));
    ui.answer(&Record::of(&logged.record, logged.log));
    Ok(Exit::Ok)
}

/// The registry in a folder, with what an earlier writer was stopped at finished.
fn writer<'a>(env: &'a Env, folder: PathBuf, ui: &mut Ui) -> Result<DirectoryWriter<'a>, Error> {
    let mut writer = DirectoryWriter::open(env, Directory::new(folder))?;
    writer.recover(ui.reporter())?;
    Ok(writer)
}

fn resolve(at: &At, env: &Env, ui: &mut Ui) -> Result<(Namespace, PathBuf, Vec<Signer>), Error> {
    let namespace = Namespace::parse(&at.namespace)?;
    let folder = location(&at.registry, env)?.directory()?;
    let store = KeyStore::open(env)?;
    let mut signers = Vec::new();
    if at.key.is_empty() {
        signers.push(store.signer(None, env, &mut Asking { env, ui })?);
    }
    for key in &at.key {
        signers.push(store.signer(Some(key), env, &mut Asking { env, ui })?);
    }
    Ok((namespace, folder, signers))
}

fn location(registry: &RegistryArg, env: &Env) -> Result<Location, Error> {
    let given = Config::load(env, None)?.registry_or_known(env, registry.registry.as_deref())?;
    Location::parse(&given, env)
}

fn parse_role(word: &str) -> Result<Role, Error> {
    Role::parse(word).ok_or_else(|| Diagnostic::new(Code::Usage, words::role_unknown(word)).into())
}

/// How much of a namespace is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Records,
    Keys,
}

fn show(name: &str, registry: &RegistryArg, env: &Env, ui: &mut Ui, shown: Shown) -> Result<Exit, Error> {
    let namespace = Namespace::parse(name)?;
    let mut client = RegistryChoice::of(env, registry.registry.as_deref(), Some(&namespace))?.open(env)?;
    let id = client.id().to_string();
    let chain = client.namespace(&namespace)?.clone();
    let Some(latest) = chain.latest() else {
        return Err(Diagnostic::new(Code::NotFound, words::namespace_missing(name, &id)).into());
    };
    client.commit()?;
    if shown == Shown::Records {
        for (index, record, _) in chain.records() {
            ui.line(words::record(record.seq, index, record.keys.len() as u64));
        }
    }
    for key in &latest.keys {
        let roles = key.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
        let packages = key.packages.iter().cloned().collect::<Vec<_>>().join(", ");
        ui.line(words::namespace_key(&key.key.id().to_string(), &roles, &packages));
    }
    for revocation in &latest.revoked {
        ui.line(words::namespace_revoked(
            &revocation.key.to_string(),
            revocation.since,
            revocation.reason.as_str(),
        ));
    }
    let records = chain.records().map(|(log, record, _)| Record::of(record, log)).collect();
    ui.answer(&Records { registry: id, namespace: name, records });
    Ok(Exit::Ok)
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
