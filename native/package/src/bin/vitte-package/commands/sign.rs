use super::completions;
use crate::commands::asking::Asking;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::KeyStore;
use vitte_package::message::signing as words;
use vitte_package::ops::sign;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::sign::{Added, KeyId, RegistryId};
use vitte_package_core::target::Target;
use vitte_package_core::verify::Release;

/// Sign a package file
///
/// Adds a signature to the file; what is in it already stays. Identity and content do not change. `publish` signs
/// by itself: this is for files that are handed on without a registry, and for several signers.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package sign target/hello-1.0.0.vitmod\n  vitte package sign target/hello-1.0.0.vitmod --key laptop --registry registry.example/"
)]
pub(crate) struct Args {
    /// The `.vitpkg` or `.vitmod`
    file: PathBuf,
    /// The key: its name, fingerprint or id, or the path of a PEM file; without it, VITTE_SIGNING_KEY or the only key there is
    #[arg(long, value_name = "NAME|PATH", add = ArgValueCompleter::new(completions::keys))]
    key: Option<String>,
    /// Id of the registry it is signed for: a signature counts there and nowhere else
    #[arg(long, value_name = "ID", default_value = "local/")]
    registry: String,
    /// The target of a `.vitpkg` whose file name does not tell
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The file.
    file: &'a str,
    #[serde(flatten)]
    release: Release,
    /// Its identity.
    tree: TreeDigest,
    /// Id of the key that signed.
    key_id: KeyId,
    /// Where the key came from: its name, the path of a file, or a variable.
    signer: &'a str,
    /// Whether the signature was not there before.
    changed: bool,
    /// How many signatures the file has.
    signatures: usize,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let registry = RegistryId::parse(&args.registry)?;
    let target = args.target.as_deref().map(Target::parse).transpose()?;
    let store = KeyStore::open(env)?;
    let signer = store.signer(args.key.as_deref(), env, &mut Asking { env, ui })?;
    let signed = sign::sign(env, &args.file, &signer, registry, target)?;
    let (statement, key) = (&signed.statement, signer.secret.id());
    let subject = statement.subject();
    let file = args.file.display().to_string();
    ui.success(match signed.added {
        Added::New => words::signed(&file, &subject, statement.registry.as_str(), &key.short()),
        Added::Present => words::signed_already(&file, &subject, statement.registry.as_str(), &key.short()),
    });
    ui.result(&Answer {
        file: &file,
        release: statement.into(),
        tree: statement.tree,
        key_id: key,
        signer: &signer.origin,
        changed: signed.added == Added::New,
        signatures: signed.envelopes,
    });
    Ok(Exit::Ok)
}
