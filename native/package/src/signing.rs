//! What is signed about an archive, and how an envelope gets into it.

use crate::error::{Error, IoAction, IoContext};
use crate::fs;
use crate::message::signing as text;
use crate::package_file::PackageFile;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use vitte_package_core::archive::{ArchiveError, ArchiveKind, Head, with_signatures};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::core_line;
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{Added, Envelope, RegistryId, ReleaseStatement, SecretKey, Signatures, dsse};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;

/// Signs a statement and adds its envelope.
///
/// # Errors
/// `envelope` or `limit` when there are too many signatures.
pub fn add(
    signatures: &mut Signatures,
    statement: &ReleaseStatement,
    key: &SecretKey,
) -> Result<Added, Error> {
    let envelope = Envelope::sign(dsse::RELEASE, &statement.to_payload()?, &[key])?;
    Ok(signatures.add(envelope)?)
}

/// The statement about an archive. Name and version come from its manifest, sizes and digests from its tree.
///
/// # Errors
/// The errors of [`PackageFile::manifest`]; `target` when the target is not given and cannot be derived from the file's
/// name.
pub fn statement(
    package: &mut PackageFile,
    registry: RegistryId,
    target: Option<Target>,
) -> Result<ReleaseStatement, Error> {
    let manifest = package.manifest()?;
    let ArchiveKind::Artifact(kind) = package.head().kind() else {
        let shown = package.path().display().to_string();
        return Err(Diagnostic::new(Code::NotAPackage, text::sign_delta(&shown)).into());
    };
    let target = match (target, kind) {
        (Some(target), _) => target,
        (None, Kind::Vitmod) => Target::any(),
        (None, Kind::Vitpkg) => target_of(package.path(), manifest.name(), manifest.version())?,
    };
    let tree = package.toc().tree();
    Ok(ReleaseStatement {
        registry,
        package: manifest.name().clone(),
        version: manifest.version().clone(),
        kind,
        tree: tree.digest(),
        files: tree.file_count() as u64,
        unpacked: tree.content_len(),
        tree_len: tree.text().len() as u64,
        manifest: *tree.manifest().digest(),
        index: Digest::of(core_line(&manifest, tree, kind, &target).as_bytes()),
        target,
        build: Default::default(),
    })
}

/// The target in the name of a `.vitpkg`, `<name>-<version>[-<target>].vitpkg`.
fn target_of(path: &Path, name: &PackageName, version: &Version) -> Result<Target, Error> {
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = file
        .strip_suffix(".vitpkg")
        .and_then(|stem| stem.strip_prefix(&format!("{}-{version}", name.base())));
    match stem.map(|rest| (rest, rest.strip_prefix('-').map(Target::parse))) {
        Some(("", _)) => Ok(Target::any()),
        Some((_, Some(Ok(target)))) => Ok(target),
        _ => {
            Err(Diagnostic::new(Code::Target, text::sign_target(file)).help(text::sign_target_hint()).into())
        }
    }
}

/// Writes the archive anew with other signatures, next to the old one, and renames it into its place. `package` is the
/// archive as it was read.
///
/// # Errors
/// `io`, `no-space`; `toc-digest` when the file is no longer the one whose head is given.
pub fn replace_signatures(path: &Path, package: PackageFile, signatures: &Signatures) -> Result<(), Error> {
    let (prefix, replaced) = front(package, signatures)?;
    let mut old = File::open(path).on(IoAction::Read, path)?;
    let old_metadata = old.metadata().on(IoAction::Read, path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new = fs::temporary(folder, fs::Access::Private).on(IoAction::Write, path)?;
    new.write_all(&prefix).on(IoAction::Write, path)?;
    old.seek(SeekFrom::Start(replaced)).on(IoAction::Read, path)?;
    std::io::copy(&mut old, new.as_file_mut()).on(IoAction::Write, path)?;
    new.as_file().set_permissions(old_metadata.permissions()).on(IoAction::Write, path)?;
    new.as_file().sync_all().on(IoAction::Write, path)?;
    drop(old);
    new.persist(path).map_err(|error| error.error).on(IoAction::Rename, path)?;
    fs::sync_folder(folder)
}

/// The first bytes of an archive with other signatures, and how many bytes of the file they replace.
///
/// # Errors
/// `io`; `toc-digest` when the file is no longer the one that was opened.
pub fn front(package: PackageFile, signatures: &Signatures) -> Result<(Vec<u8>, u64), Error> {
    let (path, head) = (package.path().to_owned(), package.head().clone());
    // Windows replaces no file that is open.
    drop(package);
    let mut file = File::open(&path).on(IoAction::Read, &path)?;
    // Head, TOC and as many signatures as there can be.
    let most = head.len() as u64
        + 16
        + u64::from(head.toc_stored_len())
        + u64::from(vitte_package_core::limits::SIGS_LEN);
    let mut front = Vec::new();
    (&mut file).take(most).read_to_end(&mut front).on(IoAction::Read, &path)?;
    let in_file = |error: ArchiveError| Error::from(error).in_file(&path);
    if Head::parse(&front).map_err(in_file)?.head_digest() != head.head_digest() {
        let shown = path.display().to_string();
        return Err(Diagnostic::new(Code::TocDigest, text::sign_changed(&shown)).into());
    }
    with_signatures(&front, &signatures.to_bytes()).map_err(in_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_in_the_name() {
        let (name, version) =
            (PackageName::parse("a/tool-x").unwrap(), Version::parse("1.0.0-rc.1").unwrap());
        let target =
            |file: &str| target_of(Path::new(file), &name, &version).map(|target| target.to_string()).ok();
        assert_eq!(target("out/tool-x-1.0.0-rc.1.vitpkg").as_deref(), Some("any"));
        assert_eq!(
            target("tool-x-1.0.0-rc.1-x86_64-unknown-linux-gnu.vitpkg").as_deref(),
            Some("x86_64-unknown-linux-gnu")
        );
        for other in
            ["renamed.vitpkg", "tool-x-1.0.0.vitpkg", "tool-x-1.0.0-rc.1-.vitpkg", "tool-x-1.0.0-rc.1.zip"]
        {
            assert_eq!(target(other), None, "{other}");
        }
    }
}
