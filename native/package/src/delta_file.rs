//! A delta, and the files that come of it and of an older package.
//!
//! Nothing that a delta gives is trusted here: the caller compares the files with the new list of files, as if
//! they had come in an archive.

use crate::builder::{Input, InputSource};
use crate::error::{Error, IoAction, IoContext};
use crate::message::delta as text;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use vitte_package_codec::delta::NativePrefixDecoder;
use vitte_package_core::delta::{DeltaPlan, DeltaPrelude, Piece, PreludeReading};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::tree::Tree;

/// A delta, its prelude read.
#[derive(Debug)]
pub struct DeltaFile {
    bytes: Bytes,
    prelude: DeltaPrelude,
}

#[derive(Debug)]
enum Bytes {
    File { path: PathBuf, file: File },
    Memory(Vec<u8>),
}

impl DeltaFile {
    /// Opens a delta on disk.
    ///
    /// # Errors
    /// `io`, `delta`, and the errors of a damaged file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut file = File::open(path).on(IoAction::Read, path)?;
        let len = file.metadata().on(IoAction::Read, path)?.len();
        let mut bytes = Vec::new();
        let prelude = loop {
            match DeltaPrelude::read(&bytes, len)? {
                PreludeReading::Read(prelude) => break *prelude,
                PreludeReading::Needs(needed) => {
                    let known = bytes.len();
                    bytes.resize(needed.max(known + 1), 0);
                    file.read_exact(&mut bytes[known..]).on(IoAction::Read, path)?;
                }
            }
        };
        Self { bytes: Bytes::File { path: path.to_owned(), file }, prelude }.with_its_end()
    }

    /// Takes a delta that is in memory.
    ///
    /// # Errors
    /// `delta`, and the errors of a damaged file.
    pub fn of(bytes: Vec<u8>) -> Result<Self, Error> {
        match DeltaPrelude::read(&bytes, bytes.len() as u64)? {
            PreludeReading::Read(prelude) => {
                Self { bytes: Bytes::Memory(bytes), prelude: *prelude }.with_its_end()
            }
            // All bytes there are were given.
            PreludeReading::Needs(_) => Err(Diagnostic::new(Code::Truncated, text::ends_early()).into()),
        }
    }

    fn with_its_end(mut self) -> Result<Self, Error> {
        let end = self.read(self.prelude.end_range())?;
        self.prelude.check_end(&end)?;
        Ok(self)
    }

    /// All but the patches.
    pub fn prelude(&self) -> &DeltaPrelude {
        &self.prelude
    }

    /// Makes the new list of files of the old one. It is the one that the delta names.
    ///
    /// # Errors
    /// `delta` when `old` is another tree than it begins from, `frame-digest`, `tree-digest`; `io`.
    pub fn new_tree(&mut self, old: &Tree) -> Result<Tree, Error> {
        let stored = self.read(self.prelude.tree_range())?;
        Ok(self.prelude.new_tree(old, &stored, &mut NativePrefixDecoder::new())?)
    }

    /// Makes the new files of the old ones. Those that changed are written into `folder`, which is made; the others stay
    /// where they are. None of them is compared with `tree`.
    ///
    /// # Errors
    /// `delta`, `limit`, `frame-digest`; `section` when the new list has files in sections that a delta does not carry;
    /// `io`, `no-space`.
    pub fn rebuild(&mut self, old: &OldFiles<'_>, tree: &Tree, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let plan = DeltaPlan::new(&self.prelude, old.tree, tree)?;
        let places = places_of(tree, &plan, old, folder)?;
        let mut decoder = NativePrefixDecoder::new();
        let ranges = self.prelude.patch_ranges().collect::<Vec<_>>();
        for (patch, range) in ranges.into_iter().enumerate() {
            let mut base = Vec::new();
            plan.base(patch).iter().try_for_each(|piece| old.append(piece, &mut base))?;
            let stored = self.read(range)?;
            let bytes = plan.apply(&self.prelude, patch, &stored, &base, &mut decoder)?;
            drop((base, stored));
            let mut rest = &bytes[..];
            for piece in plan.pieces(patch) {
                let (part, behind) = rest.split_at((piece.range.end - piece.range.start) as usize);
                append_to(&places[piece.entry], part)?;
                rest = behind;
            }
        }
        Ok(places)
    }

    /// The bytes at a place, which the prelude has compared with its limits.
    fn read(&mut self, range: Range<u64>) -> Result<Vec<u8>, Error> {
        match &mut self.bytes {
            Bytes::File { path, file } => read_range(file, path, range),
            Bytes::Memory(bytes) => {
                let part = bytes.get(range.start as usize..range.end as usize);
                part.map(<[u8]>::to_vec)
                    .ok_or_else(|| Diagnostic::new(Code::Truncated, text::ends_early()).into())
            }
        }
    }
}

fn read_range(file: &mut File, path: &Path, range: Range<u64>) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.seek(SeekFrom::Start(range.start))
        .and_then(|_| file.read_exact(&mut bytes))
        .on(IoAction::Read, path)?;
    Ok(bytes)
}

/// The files of a package, in a folder.
#[derive(Clone, Copy, Debug)]
pub struct OldFiles<'a> {
    /// Its list of files.
    pub tree: &'a Tree,
    /// The folder they are in, each at its path.
    pub folder: &'a Path,
}

impl OldFiles<'_> {
    fn place(&self, entry: usize) -> PathBuf {
        self.folder.join(self.tree.entries().get(entry).map_or("", |file| file.path().as_str()))
    }

    /// Appends a part of a file.
    ///
    /// # Errors
    /// `io`, also when the file is shorter than the list says.
    pub fn append(&self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), Error> {
        let path = self.place(piece.entry);
        let mut file = File::open(&path).on(IoAction::Read, &path)?;
        out.extend_from_slice(&read_range(&mut file, &path, piece.range.clone())?);
        Ok(())
    }
}

/// Where each file of the new tree lies or will lie: an old file that is reused, or an empty one to be filled.
fn places_of(
    tree: &Tree,
    plan: &DeltaPlan,
    old: &OldFiles<'_>,
    folder: &Path,
) -> Result<Vec<PathBuf>, Error> {
    crate::fs::create_private_folder(folder)?;
    let mut places: Vec<_> = (0..tree.file_count()).map(|number| folder.join(number.to_string())).collect();
    for &(new, old_entry) in plan.pool().reused() {
        places[new] = old.place(old_entry);
    }
    for section in tree.sections() {
        for (number, file) in section.range().zip(section.entries()) {
            if section.name().is_deferred() && file.size() > 0 {
                let message = text::section_not_carried(section.name().as_str());
                return Err(Diagnostic::new(Code::Section, message).into());
            }
            let place = &places[number];
            if place.starts_with(folder) {
                File::create_new(place).on(IoAction::Write, place)?;
            }
        }
    }
    Ok(places)
}

fn append_to(place: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = File::options().append(true).open(place).on(IoAction::Write, place)?;
    file.write_all(bytes).on(IoAction::Write, place)
}

/// The files of a tree, in the order of it, as what an archive is made of.
pub fn inputs_of(tree: &Tree, places: Vec<PathBuf>) -> Vec<Input> {
    let files = tree.sections().flat_map(|section| section.entries().iter().map(move |file| (section, file)));
    let inputs = files.zip(places).map(|((section, file), place)| Input {
        path: file.path().clone(),
        section: section.name().clone(),
        mode: file.mode(),
        source: InputSource::File(place),
    });
    inputs.collect()
}
