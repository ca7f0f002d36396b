//! Deltas as files: making one of two packages, applying one to the older, and looking into one.

use crate::builder::{Built, Input, InputSource, Options as BuildOptions, Plan};
use crate::env::Env;
use crate::error::{Error, IoAction, IoContext};
use crate::extract::{self, Accept, Destination, Permissions, UnpackRequest};
use crate::fs::{Access, TempDir};
use crate::message::delta as text;
use crate::package_file::PackageFile;
use crate::report::Reporter;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use vitte_package_codec::delta::{DeltaSources, NativePrefixDecoder, make_delta};
use vitte_package_core::archive::ArchiveKind;
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::delta::{DeltaError, DeltaPlan, DeltaPrelude, DeltaText, Piece, PreludeReading};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Hasher;
use vitte_package_core::name::PackageName;
use vitte_package_core::tree::Tree;
use vitte_package_core::verify::{Expectation, Sections, Trust, VerifyError};
use vitte_package_core::version::Version;

/// A delta that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The file.
    pub file: PathBuf,
    /// The package.
    pub package: PackageName,
    /// The version it begins from.
    pub from: Version,
    /// The version it leads to.
    pub to: Version,
    /// What it says of itself.
    pub text: DeltaText,
    /// Its bytes.
    pub len: u64,
    /// Bytes of the newer package.
    pub full_len: u64,
}

/// Makes the delta from one package file to another. Without `out` it is named after them and put into the current
/// folder. The contents of both are checked against their lists of files; who made them is not asked.
///
/// # Errors
/// What is wrong with one of the packages; `usage` when they are of two packages, or have the same files; `limit` when
/// more than 256 MiB changed; `io`.
pub fn make(
    env: &Env,
    old: &Path,
    new: &Path,
    out: Option<&Path>,
    reporter: &dyn Reporter,
) -> Result<Made, Error> {
    let mut old_file = PackageFile::open(&env.resolve(old))?;
    let mut new_file = PackageFile::open(&env.resolve(new))?;
    let (before, after) = (old_file.manifest()?, new_file.manifest()?);
    if before.name() != after.name() {
        let message = text::two_packages(before.name().as_str(), after.name().as_str());
        return Err(Diagnostic::new(Code::Usage, message).into());
    }
    if old_file.toc().tree().digest() == new_file.toc().tree().digest() {
        return Err(Diagnostic::new(Code::Usage, text::same_files()).into());
    }
    let folder = TempDir::new_in(&std::env::temp_dir())?;
    let mut sources = Unpacked {
        old: Contents::unpack(env, &old_file, &folder.path().join("old"), reporter)?,
        new: Contents::unpack(env, &new_file, &folder.path().join("new"), reporter)?,
    };
    let made = make_delta(
        old_file.toc().tree(),
        new_file.toc().tree(),
        new_file.signatures_payload(),
        &mut sources,
    )?;
    let name = format!("{}-{}-{}.vitdelta", after.name().base(), before.version(), after.version());
    let file = env.resolve(out.unwrap_or(Path::new(&name)));
    crate::fs::write_atomic(&file, &made.bytes, Access::Shared)?;
    Ok(Made {
        file,
        package: after.name().clone(),
        from: before.version().clone(),
        to: after.version().clone(),
        text: made.text,
        len: made.bytes.len() as u64,
        full_len: new_file.file_len(),
    })
}

/// Makes the newer package of the older one and a delta. It has the identity and the signatures of the package that was
/// published; how it is compressed may differ.
///
/// # Errors
/// What is wrong with the older package or the delta: nothing is written then; `section` when the newer package has
/// sections that a delta does not carry; `io`.
pub fn apply(
    env: &Env,
    old: &Path,
    delta: &Path,
    out: &Path,
    reporter: &dyn Reporter,
) -> Result<Built, Error> {
    let old_file = PackageFile::open(&env.resolve(old))?;
    let ArchiveKind::Artifact(kind) = old_file.head().kind() else {
        return Err(Error::from(DeltaError::NotADelta).in_file(old));
    };
    let in_delta = |error: Error| error.in_file(delta);
    let mut opened = OpenDelta::open(&env.resolve(delta)).map_err(in_delta)?;
    let old_tree = old_file.toc().tree();
    let mut decoder = NativePrefixDecoder::new();
    let stored = opened.read(opened.prelude.tree_range())?;
    let tree =
        opened.prelude.new_tree(old_tree, &stored, &mut decoder).map_err(|error| in_delta(error.into()))?;
    let plan = DeltaPlan::new(&opened.prelude, old_tree, &tree).map_err(|error| in_delta(error.into()))?;

    let folder = TempDir::new_in(&std::env::temp_dir())?;
    let contents = Contents::unpack(env, &old_file, &folder.path().join("old"), reporter)?;
    let places = places_of(&tree, &plan, &contents, &folder.path().join("new"))?;
    let ranges = opened.prelude.patch_ranges().collect::<Vec<_>>();
    for (patch, range) in ranges.into_iter().enumerate() {
        let mut base = Vec::new();
        plan.base(patch).iter().try_for_each(|piece| contents.append(piece, &mut base))?;
        let stored = opened.read(range)?;
        let bytes = plan.apply(&opened.prelude, patch, &stored, &base, &mut decoder);
        let bytes = bytes.map_err(|error| in_delta(error.into()))?;
        drop(base);
        let mut rest = &bytes[..];
        for piece in plan.pieces(patch) {
            let (part, behind) = rest.split_at((piece.range.end - piece.range.start) as usize);
            append_to(&places[piece.entry], part)?;
            rest = behind;
        }
    }
    check(&tree, &places).map_err(in_delta)?;
    let inputs = inputs_of(&tree, places);
    let options = BuildOptions { kind, codec: Codec::Zstd, profile: Profile::Build, jobs: env.jobs()? };
    let signatures = opened.prelude.signatures().to_vec();
    Plan::new(inputs)?.write(&env.resolve(out), options, reporter, |_| Ok(signatures))
}

/// Reads what a delta says of itself.
///
/// # Errors
/// `io`, `delta`, and the errors of a damaged file.
pub fn inspect(env: &Env, delta: &Path) -> Result<DeltaPrelude, Error> {
    let opened = OpenDelta::open(&env.resolve(delta)).map_err(|error| error.in_file(delta))?;
    Ok(opened.prelude)
}

/// A delta on disk, its prelude read.
struct OpenDelta {
    path: PathBuf,
    file: File,
    prelude: DeltaPrelude,
}

impl OpenDelta {
    fn open(path: &Path) -> Result<Self, Error> {
        let mut file = File::open(path).on(IoAction::Read, path)?;
        let len = file.metadata().on(IoAction::Read, path)?.len();
        let mut bytes = Vec::new();
        loop {
            match DeltaPrelude::read(&bytes, len)? {
                PreludeReading::Read(prelude) => {
                    return Ok(Self { path: path.to_owned(), file, prelude: *prelude });
                }
                PreludeReading::Needs(needed) => {
                    let known = bytes.len();
                    bytes.resize(needed.max(known + 1), 0);
                    file.read_exact(&mut bytes[known..]).on(IoAction::Read, path)?;
                }
            }
        }
    }

    /// The bytes at a place, which the prelude has compared with its limits.
    fn read(&mut self, range: Range<u64>) -> Result<Vec<u8>, Error> {
        read_range(&mut self.file, &self.path, range)
    }
}

fn read_range(file: &mut File, path: &Path, range: Range<u64>) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.seek(SeekFrom::Start(range.start))
        .and_then(|_| file.read_exact(&mut bytes))
        .on(IoAction::Read, path)?;
    Ok(bytes)
}

/// The files of a package, checked and unpacked.
struct Contents {
    folder: PathBuf,
    paths: Vec<String>,
}

impl Contents {
    fn unpack(
        env: &Env,
        package: &PackageFile,
        folder: &Path,
        reporter: &dyn Reporter,
    ) -> Result<Self, Error> {
        crate::fs::create_private_folder(folder)?;
        let request = UnpackRequest {
            expectation: Expectation::default(),
            trust: Trust::Identity(package.toc().tree().digest()),
            sections: Sections::All,
        };
        let destination = Destination { folder, permissions: Permissions::Ordinary, accept: Accept::Whole };
        extract::unpack(package.path(), request, destination, env.work(reporter)?)
            .map_err(|error| error.in_file(package.path()))?;
        let entries = package.toc().tree().entries();
        Ok(Self {
            folder: folder.to_owned(),
            paths: entries.iter().map(|file| file.path().as_str().to_owned()).collect(),
        })
    }

    fn place(&self, entry: usize) -> PathBuf {
        self.folder.join(self.paths.get(entry).map_or("", String::as_str))
    }

    fn append(&self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), Error> {
        let path = self.place(piece.entry);
        let mut file = File::open(&path).on(IoAction::Read, &path)?;
        out.extend_from_slice(&read_range(&mut file, &path, piece.range.clone())?);
        Ok(())
    }
}

/// Two packages that a delta is made of.
struct Unpacked {
    old: Contents,
    new: Contents,
}

impl DeltaSources for Unpacked {
    type Error = Error;

    fn old_bytes(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), Error> {
        self.old.append(piece, out)
    }

    fn new_bytes(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), Error> {
        self.new.append(piece, out)
    }
}

/// Where each file of the new tree lies or will lie: an old file that is reused, or an empty one to be filled.
fn places_of(tree: &Tree, plan: &DeltaPlan, old: &Contents, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    crate::fs::create_private_folder(folder)?;
    let mut places = Vec::new();
    for number in 0..tree.file_count() {
        places.push(folder.join(number.to_string()));
    }
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

/// Compares every file with the new list of files.
fn check(tree: &Tree, places: &[PathBuf]) -> Result<(), Error> {
    for (file, place) in tree.entries().iter().zip(places) {
        let mut reading = File::open(place).on(IoAction::Read, place)?;
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match reading.read(&mut buffer).on(IoAction::Read, place)? {
                0 => break,
                got => hasher.update(&buffer[..got]),
            }
        }
        let got = hasher.finish();
        if got != *file.digest() {
            let path = file.path().as_str().to_owned();
            return Err(VerifyError::FileDigest { path, expected: *file.digest(), got }.into());
        }
    }
    Ok(())
}

fn inputs_of(tree: &Tree, places: Vec<PathBuf>) -> Vec<Input> {
    let mut places = places.into_iter();
    let files = tree.sections().flat_map(|section| section.entries().iter().map(move |file| (section, file)));
    files
        .zip(places.by_ref())
        .map(|((section, file), place)| Input {
            path: file.path().clone(),
            section: section.name().clone(),
            mode: file.mode(),
            source: InputSource::File(place),
        })
        .collect()
}
