//! The author's half: what is signed, and handed in.

use crate::error::Error;
use crate::message::registry as text;
use crate::package_file::PackageFile;
use crate::registry::write::archive::SignedArchive;
use crate::registry::write::{Draft, RegistryWriter};
use crate::report::Reporter;
use crate::signing;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use vitte_package_core::codec::Codec;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::IndexEntry;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::Namespace;
use vitte_package_core::registry::SubmittedRelease;
use vitte_package_core::registry::admission::{check_name, published};
use vitte_package_core::sign::{
    Envelope, NamespaceChain, NamespaceRecord, ReleaseStatement, Role, SecretKey, Signatures, TrustPolicy,
    dsse,
};
use vitte_package_core::verify::{Expectation, Trust};

/// An archive, and what it would be in the registry. Its content is not checked yet.
struct Opened {
    package: PackageFile,
    artifact: Artifact,
    statement: ReleaseStatement,
}

/// What is handed in, and the artifacts that need not be: they are published already.
pub(super) fn draft(
    writer: &mut dyn RegistryWriter,
    archives: &[PathBuf],
    signer: &SecretKey,
    reporter: &dyn Reporter,
) -> Result<(Draft, Vec<(Artifact, IndexEntry)>), Error> {
    let (mut draft, mut already) = (Draft::default(), Vec::new());
    let mut fresh: Vec<Opened> = Vec::new();
    for path in archives {
        let opened = open(writer, path).map_err(|error| error.in_file(path))?;
        let index = writer.index(&opened.artifact.package)?;
        match published(index.as_ref(), &opened.artifact, &opened.statement.tree)
            .map_err(|error| Error::several(error.diagnostics()))
        {
            Ok(Some(entry)) => already.push((opened.artifact, entry.clone())),
            Ok(None) if fresh.iter().any(|other| other.artifact == opened.artifact) => {}
            Ok(None) => fresh.push(opened),
            Err(Some(error)) => return Err(error),
            Err(None) => {}
        }
    }
    let mut chains = BTreeMap::new();
    for opened in &fresh {
        let namespace = opened.artifact.package.namespace_or_none();
        if let Entry::Vacant(place) = chains.entry(namespace) {
            let chain = own(writer, place.key(), signer, &mut draft)?;
            place.insert(chain);
        }
    }
    // Releases are logged behind the records of new namespaces.
    let log = writer.size() + draft.submission.namespaces.len() as u64;
    for opened in fresh {
        let Some(chain) = chains.get(&opened.artifact.package.namespace_or_none()) else { continue };
        let given = opened.package.path().to_owned();
        // Of a project that was just built, the archive's folder is gone when this is read.
        let name = given.file_name().map_or_else(|| given.clone(), PathBuf::from);
        let (envelope, archive) =
            sign(opened, chain, log, signer, reporter).map_err(|error| error.in_file(name))?;
        draft.submission.releases.push(SubmittedRelease { envelope, file: archive.file() });
        draft.archives.push(archive);
    }
    Ok((draft, already))
}

fn open(writer: &dyn RegistryWriter, path: &Path) -> Result<Opened, Error> {
    let mut package = PackageFile::open(path)?;
    if package.head().codec() == Codec::Lz4 {
        let fault = Diagnostic::new(Code::NotSupported, text::lz4_not_published());
        return Err(fault.help(text::lz4_help()).into());
    }
    let statement = signing::statement(&mut package, writer.registry().clone(), None)?;
    let artifact = Artifact {
        package: statement.package.clone(),
        version: statement.version.clone(),
        kind: statement.kind,
        target: statement.target.clone(),
    };
    check_name(&artifact.package)?;
    Ok(Opened { package, artifact, statement })
}

/// The records of a namespace. If there are none, the signer owns it from now on.
fn own(
    writer: &mut dyn RegistryWriter,
    namespace: &Namespace,
    signer: &SecretKey,
    draft: &mut Draft,
) -> Result<NamespaceChain, Error> {
    let mut chain = writer.chain(namespace)?;
    if chain.is_empty() {
        let record = NamespaceRecord::first(namespace.clone(), writer.registry().clone(), signer.public());
        let envelope = Envelope::sign(dsse::NAMESPACE, &record.to_payload()?, &[signer])?;
        let records = &mut draft.submission.namespaces;
        chain.push(writer.size() + records.len() as u64, envelope.as_bytes())?;
        records.push(envelope);
    }
    Ok(chain)
}

/// Signs an archive for the registry, unless that was done by enough keys, and verifies it as a client will: under the
/// keys of the namespace at the log index it is to get. The file stays as it is.
fn sign(
    opened: Opened,
    chain: &NamespaceChain,
    log: u64,
    signer: &SecretKey,
    reporter: &dyn Reporter,
) -> Result<(Envelope, SignedArchive), Error> {
    let Opened { package, artifact, statement } = opened;
    let mut signatures = package.signatures()?;
    let (envelope, signed) = match sufficient(&signatures, &statement, chain, log) {
        Some(envelope) => (envelope, false),
        None => {
            signing::add(&mut signatures, &statement, signer)?;
            (Envelope::sign(dsse::RELEASE, &statement.to_payload()?, &[signer])?, true)
        }
    };
    let name = &artifact.package;
    chain
        .check_signed(Role::Release, name, log, &envelope)
        .map_err(|error| Error::from(error).help(text::owners_help(name.namespace_or_none().as_str())))?;
    let trust = Trust::Signatures(TrustPolicy::new().authorise(chain.authorised(name, log)?));
    let expectation = Expectation {
        tree: Some(statement.tree),
        registry: Some(statement.registry.clone()),
        package: Some(artifact.package.clone()),
        version: Some(artifact.version.clone()),
        kind: Some(artifact.kind),
        target: Some(artifact.target.clone()),
        index: Some(statement.index),
        head: None,
    };
    let signatures = signed.then_some(&signatures);
    let archive = SignedArchive::verify(package, signatures, artifact, expectation, trust, reporter)?;
    Ok((envelope, archive))
}

/// An envelope that is there already, says the same, and is signed by enough keys.
fn sufficient(
    signatures: &Signatures,
    statement: &ReleaseStatement,
    chain: &NamespaceChain,
    log: u64,
) -> Option<Envelope> {
    let good = |envelope: &&Envelope| {
        chain.check_signed(Role::Release, &statement.package, log, envelope).is_ok()
            && ReleaseStatement::unverified(envelope).is_ok_and(|signed| {
                ReleaseStatement { build: statement.build.clone(), ..signed } == *statement
            })
    };
    signatures.envelopes().iter().find(good).cloned()
}
