//! A copy of everything, made beside a server that runs.
//!
//! The order makes it consistent: first the database; then how far the index has come, and the index, so that it is at
//! least as far; then the checkpoint, and the log up to it; then the archives that were logged meanwhile. What is restored
//! is a registry whose writer was stopped, at the worst: it finishes what was begun.

use super::words;
use crate::data::{Data, derived_size};
use crate::error::{At as _, Error, Result};
use crate::objects::{Objects, make_folder, write_atomic};
use crate::paths::RegistryPath;
use crate::sequencer::{Keys, newest_trust_root};
use std::path::Path;
use tokio::runtime::Runtime;
use vitte_package_core::diagnostic::{Code, Diagnose as _};
use vitte_package_core::json::Json;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::log::tile::{
    BundleId, TileId, WIDTH, parse_bundle, parse_tile, print_entry, print_tile,
};
use vitte_package_core::registry::layout;

/// The file that says what a backup is of. It is written last: without it, a backup is not whole.
const MANIFEST: &str = "backup.json";
/// Bytes of it at most.
const MANIFEST_LEN: u64 = 64 * 1024;
/// The database in a backup.
pub(super) const DATABASE: &str = "db.sqlite";
/// The registry's files in a backup.
pub(super) const PUBLIC: &str = "public";
/// The registry's keys in a backup.
pub(super) const KEYS: &str = "keys";

/// What a backup is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backup {
    /// Id of the registry.
    pub(crate) registry: String,
    /// Leaves of its log.
    pub(crate) size: u64,
    /// Root over them, in hexadecimal digits.
    pub(crate) root: String,
    /// When it was made, in Unix seconds.
    pub(crate) time: u64,
    /// Whether the registry's keys are in it.
    pub(crate) has_keys: bool,
}

impl Backup {
    /// Reads what a folder is a backup of.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let shown = folder.display().to_string();
        let incomplete = || Error::new(Code::NoFile, words::backup_incomplete(&shown));
        let bytes =
            Objects::folder(folder.to_owned()).read(MANIFEST, MANIFEST_LEN)?.ok_or_else(incomplete)?;
        let mut object = Json::parse_object(&bytes, 1)?;
        if object.number("v")? != 1 {
            return Err(incomplete());
        }
        Ok(Self {
            registry: object.text("registry")?,
            size: object.number("size")?,
            root: object.text("root")?,
            time: object.number("time")?,
            has_keys: object.number("keys")? == 1,
        })
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let Self { registry, size, root, time, has_keys } = self;
        let keys = u8::from(*has_keys);
        let text = format!(
            "{{\"v\":1,\"registry\":\"{registry}\",\"size\":{size},\"root\":\"{root}\",\"time\":{time},\"keys\":{keys}}}\n"
        );
        write_atomic(folder, &folder.join(MANIFEST), text.as_bytes(), Some(0o600))
    }
}

/// Copies a registry into a new folder.
pub(crate) fn back_up(data: &Data, to: &Path, has_keys: bool, now: u64, runtime: &Runtime) -> Result<Backup> {
    let registry = data.registry()?;
    let folder = Objects::folder(to.to_owned());
    if !folder.is_empty()? {
        let shown = to.display().to_string();
        return Err(Error::new(Code::FolderExists, words::folder_not_empty(&shown)));
    }
    make_folder(to, Some(0o700))?;
    runtime.block_on(async { data.open_database().await?.back_up(&to.join(DATABASE), has_keys).await })?;
    let copying = Copying { from: data.public()?, to: Objects::folder(to.join(PUBLIC)) };
    copying.to.make()?;
    let derived = derived_size(&copying.from)?.unwrap_or(0);
    copying.copy(layout::DERIVED)?;
    let is_later = |path: &str| path == layout::DERIVED || path == layout::CONFIG || path.starts_with("log/");
    copying.from.each("", &mut |listed| match is_later(&listed.path) {
        true => Ok(()),
        false => copying.copy(&listed.path),
    })?;
    let trust = newest_trust_root(&copying.to, &registry)?;
    let damaged = || Error::new(Code::RegistryLayout, words::no_checkpoint());
    let note = copying.from.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?.ok_or_else(damaged)?;
    let checkpoint = VerifiedCheckpoint::open(&note, &trust.root().log_policy)?;
    copying.log(checkpoint.size())?;
    copying.archives_since(derived, checkpoint.size())?;
    copying.to.write(layout::CHECKPOINT, &note)?;
    copying.copy(layout::CONFIG)?;
    copying.to.clear_staging();
    if has_keys {
        // Without what was signed last: an older backup that is restored must not have an older log taken up by it.
        Keys::load(&data.keys())?.store(&to.join(KEYS))?;
    }
    let (size, root) = (checkpoint.size(), checkpoint.root().to_string());
    let backup = Backup { registry: registry.to_string(), size, root, time: now, has_keys };
    backup.write(to)?;
    Ok(backup)
}

/// From one place to another.
pub(super) struct Copying {
    pub(super) from: Objects,
    pub(super) to: Objects,
}

impl Copying {
    /// Copies a file that may be gone.
    pub(super) fn copy(&self, path: &str) -> Result<()> {
        // However long it is: a registry has what its own limits let in.
        match self.from.read(path, u64::MAX)? {
            Some(bytes) => self.to.write(path, &bytes),
            None => Ok(()),
        }
    }

    /// Copies the tiles and bundles of a log of so many leaves.
    fn log(&self, size: u64) -> Result<()> {
        self.from.each("log/tile", &mut |listed| {
            let is_of_it = match RegistryPath::parse(&listed.path) {
                RegistryPath::Tile(id) => TileId::at(id.level(), id.index(), size) == Some(id),
                RegistryPath::Bundle(id) => BundleId::at(id.index(), size) == Some(id),
                _ => false,
            };
            if is_of_it { self.copy(&listed.path) } else { Ok(()) }
        })?;
        // What was partial may have been completed meanwhile.
        for id in TileId::right_edge(size) {
            if self.to.find(&layout::tile(id))?.is_none() {
                let whole = self.whole(&layout::tile(id.full()), layout::TILE_LEN)?;
                let hashes = parse_tile(id, &whole).map_err(|error| Error::from(error.diagnostic()))?;
                self.to.write(&layout::tile(id), &print_tile(&hashes))?;
            }
        }
        if let Some(id) = BundleId::at(size / WIDTH, size)
            && self.to.find(&layout::bundle(id))?.is_none()
        {
            let whole = self.whole(&layout::bundle(id.full()), layout::BUNDLE_LEN)?;
            let mut bytes = Vec::new();
            for entry in parse_bundle(id, &whole).map_err(|error| Error::from(error.diagnostic()))? {
                print_entry(&mut bytes, entry).map_err(|error| Error::from(error.diagnostic()))?;
            }
            self.to.write(&layout::bundle(id), &bytes)?;
        }
        Ok(())
    }

    fn whole(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        let missing = || Error::new(Code::RegistryLayout, words::log_file_missing(path));
        self.from.read(path, limit)?.ok_or_else(missing)
    }

    /// Copies the archives of the leaves from `first` up to, without, `size`: they were put in their places after the
    /// archives were listed, perhaps.
    fn archives_since(&self, first: u64, size: u64) -> Result<()> {
        for index in first / WIDTH..size.div_ceil(WIDTH) {
            let Some(id) = BundleId::at(index, size) else { continue };
            let missing = || Error::new(Code::RegistryLayout, words::log_file_missing(&layout::bundle(id)));
            let bytes = self.to.read(&layout::bundle(id), layout::BUNDLE_LEN)?.ok_or_else(missing)?;
            let entries = parse_bundle(id, &bytes).map_err(|error| Error::from(error.diagnostic()))?;
            for (entry, place) in entries.iter().zip(id.first()..) {
                let leaf = Leaf::parse(entry).map_err(|error| Error::from(error.diagnostic()))?;
                if let Subject::Release { artifact, .. } = leaf.subject
                    && place >= first
                    && self.to.find(&layout::archive(&artifact))?.is_none()
                {
                    self.copy(&layout::archive(&artifact))?;
                }
            }
        }
        Ok(())
    }
}

/// Copies a file of this machine that nobody else may read.
pub(super) fn copy_private(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    write_atomic(folder, to, &std::fs::read(from).at(from)?, Some(0o600))
}
