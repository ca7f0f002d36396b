//! Deltas as files: making one of two packages, applying one to the older, and looking into one.

mod offer;

use crate::builder::{Built, Options as BuildOptions, Plan};
use crate::delta_file::{DeltaFile, OldFiles, inputs_of};
use crate::env::Env;
use crate::error::{Error, IoAction, IoContext};
use crate::extract::{self, Accept, Destination, Permissions, UnpackRequest};
use crate::fs::{Access, TempDir};
use crate::message::delta as text;
use crate::package_file::PackageFile;
use crate::report::Reporter;
pub use offer::{Offer, OfferPolicy, Offered, offer};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use vitte_package_codec::delta::{DeltaSources, MadeDelta, make_delta};
use vitte_package_core::archive::ArchiveKind;
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::delta::{DeltaError, DeltaPrelude, DeltaText, Piece};
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
    let (old, new) = (env.resolve(old), env.resolve(new));
    let mut old_file = PackageFile::open(&old)?;
    let mut new_file = PackageFile::open(&new)?;
    let (before, after) = (old_file.manifest()?, new_file.manifest()?);
    if before.name() != after.name() {
        let message = text::two_packages(before.name().as_str(), after.name().as_str());
        return Err(Diagnostic::new(Code::Usage, message).into());
    }
    let made = between(env, &old_file, &new_file, reporter)?;
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

/// The delta from one package file to another of the same package, their contents checked.
fn between(
    env: &Env,
    old: &PackageFile,
    new: &PackageFile,
    reporter: &dyn Reporter,
) -> Result<MadeDelta, Error> {
    let (old_tree, new_tree) = (old.toc().tree(), new.toc().tree());
    if old_tree.digest() == new_tree.digest() {
        return Err(Diagnostic::new(Code::Usage, text::same_files()).into());
    }
    let folder = TempDir::new_in(&std::env::temp_dir())?;
    let [old_folder, new_folder] = ["old", "new"].map(|name| folder.path().join(name));
    unpack(env, old, &old_folder, reporter)?;
    unpack(env, new, &new_folder, reporter)?;
    let mut sources = Unpacked {
        old: OldFiles { tree: old_tree, folder: &old_folder },
        new: OldFiles { tree: new_tree, folder: &new_folder },
    };
    make_delta(old_tree, new_tree, new.signatures_payload(), &mut sources)
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
    let in_delta = |error: Error| match error.code() {
        // The disk's faults name their own file.
        Code::Io | Code::NoFile | Code::NoSpace => error,
        _ => error.in_file(delta),
    };
    let mut opened = DeltaFile::open(&env.resolve(delta)).map_err(in_delta)?;
    let old_tree = old_file.toc().tree();
    let tree = opened.new_tree(old_tree).map_err(in_delta)?;
    let folder = TempDir::new_in(&std::env::temp_dir())?;
    let [old_folder, new_folder] = ["old", "new"].map(|name| folder.path().join(name));
    unpack(env, &old_file, &old_folder, reporter)?;
    let old_files = OldFiles { tree: old_tree, folder: &old_folder };
    let places = opened.rebuild(&old_files, &tree, &new_folder).map_err(in_delta)?;
    check(&tree, &places).map_err(in_delta)?;
    let options = BuildOptions { kind, codec: Codec::Zstd, profile: Profile::Build, jobs: env.jobs()? };
    let signatures = opened.prelude().signatures().to_vec();
    Plan::new(inputs_of(&tree, places))?.write(&env.resolve(out), options, reporter, |_| Ok(signatures))
}

/// Reads what a delta says of itself.
///
/// # Errors
/// `io`, `delta`, and the errors of a damaged file.
pub fn inspect(env: &Env, delta: &Path) -> Result<DeltaPrelude, Error> {
    let opened = DeltaFile::open(&env.resolve(delta)).map_err(|error| error.in_file(delta))?;
    Ok(opened.prelude().clone())
}

/// Unpacks a package into a folder that is made, its contents checked.
fn unpack(env: &Env, package: &PackageFile, folder: &Path, reporter: &dyn Reporter) -> Result<(), Error> {
    crate::fs::create_private_folder(folder)?;
    let request = UnpackRequest {
        expectation: Expectation::default(),
        trust: Trust::Identity(package.toc().tree().digest()),
        sections: Sections::All,
    };
    let destination = Destination { folder, permissions: Permissions::Ordinary, accept: Accept::Whole };
    let unpacked = extract::unpack(package.path(), request, destination, env.work(reporter)?);
    unpacked.map(drop).map_err(|error| error.in_file(package.path()))
}

/// Two packages that a delta is made of.
struct Unpacked<'a> {
    old: OldFiles<'a>,
    new: OldFiles<'a>,
}

impl DeltaSources for Unpacked<'_> {
    type Error = Error;

    fn old_bytes(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), Error> {
        self.old.append(piece, out)
    }

    fn new_bytes(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), Error> {
        self.new.append(piece, out)
    }
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
