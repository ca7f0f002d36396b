use crate::render;
use crate::ui::Ui;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::delta as words;
use vitte_package::ops::delta;
use vitte_package_core::delta::{Base, PatchInfo};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::sign::Signatures;

/// Look into a delta
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package delta inspect hello-1.0.0-1.1.0.vitdelta\n  vitte package delta inspect hello-1.0.0-1.1.0.vitdelta --json"
)]
pub(crate) struct Args {
    /// The delta
    delta: PathBuf,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer {
    /// The tree it begins from.
    from: TreeDigest,
    /// The tree it leads to.
    to: TreeDigest,
    /// Bytes of the file.
    file_len: u64,
    /// The patch that gives the new list of files.
    tree: PatchRow,
    /// The patches of contents, in order.
    patches: Vec<PatchRow>,
    /// How many signatures of the newer release it has, not checked here.
    signatures: usize,
}

/// A patch.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PatchRow {
    /// 1: a zstd frame that refers to the base; 2: a difference in columns.
    method: u8,
    /// Bytes it gives.
    raw_len: u64,
    /// Bytes it has in the file.
    stored_len: u64,
    /// The digest of these.
    sha256: Digest,
    /// What it begins from, as the text of the delta says it.
    base: String,
}

impl PatchRow {
    fn of(info: &PatchInfo, base: String) -> Self {
        let PatchInfo { method, raw_len, stored_len, digest } = info;
        Self { method: method.number(), raw_len: *raw_len, stored_len: *stored_len, sha256: *digest, base }
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let prelude = delta::inspect(env, &args.delta)?;
    let text = prelude.text();
    let signatures =
        Signatures::parse(prelude.signatures()).map_err(|error| Error::from(error).in_file(&args.delta))?;
    let count = signatures.envelopes().len();
    let stored = text.patches.iter().map(|(info, _)| info.stored_len).sum();
    ui.print(words::leads(&text.from.to_string(), &text.to.to_string()));
    ui.print(words::head_patch(&render::size(text.tree.stored_len)));
    ui.print(words::patches(
        text.patches.len() as u64,
        &render::size(text.content_len()),
        &render::size(stored),
    ));
    ui.print(words::signed(count as u64));
    let row = |(info, base): &(PatchInfo, Base)| PatchRow::of(info, base.to_string());
    ui.result(&Answer {
        from: text.from,
        to: text.to,
        file_len: prelude.end_range().end,
        tree: PatchRow::of(&text.tree, "tree".to_owned()),
        patches: text.patches.iter().map(row).collect(),
        signatures: count,
    });
    Ok(Exit::Ok)
}
