//! Evidence about a release: what the registry serves for it just now, word for word, and what is wrong with it.
//!
//! The evidence is for other people and other programs, so it holds what was signed as it was signed: trust root,
//! checkpoint, index, entry and proofs of the log, records of the namespace, and of the archive how long it is, its
//! digest and the signatures in it. Whoever knows the registry's trust root can check all of it alone.

use crate::dependencies::RegistryChoice;
use crate::env::Env;
use crate::error::Error;
use crate::ops::prove;
use crate::package_file::PackageFile;
use crate::registry::read::client::{open_source, read_config};
use crate::registry::read::source::RegistrySource;
use crate::report::Reporter;
use serde_json::{Map, Value, json};
use vitte_package_core::diagnostic::{Diagnostic, Exit};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::IndexEntry;
use vitte_package_core::limits;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::layout;
use vitte_package_core::sign::RegistryId;
use vitte_package_core::version::Version;

/// Archives above so many bytes are not read for the report: their length and signatures must do.
const ARCHIVE_LEN: u64 = 1 << 30;
/// The schema of the evidence.
pub const SCHEMA: &str = "vitte.evidence/v1";

/// Evidence, and what it shows.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Id of the registry, as it calls itself.
    pub registry: RegistryId,
    /// The faults that were found; none if every check passed.
    pub faults: Vec<Diagnostic>,
    /// The whole evidence.
    pub document: Value,
}

/// Collects what a registry serves of a release, and checks it as an install would. A check that fails is what the
/// evidence is for, and no error.
///
/// # Errors
/// `not-found` when the registry has no such release; a fault of the network; `registry-layout` when it is none.
pub fn report(
    env: &Env,
    registry: &RegistryChoice,
    name: &PackageName,
    version: &Version,
    reporter: &dyn Reporter,
) -> Result<Evidence, Error> {
    let source = open_source(env, &registry.location)?;
    let config = read_config(&*source)?;
    let mut faults = Vec::new();
    let mut keep = |error: Error| match error.exit() {
        Exit::Verification | Exit::Input => {
            faults.extend(error.faults().map(|fault| fault.diagnostic().clone()));
            Ok(())
        }
        _ => Err(error),
    };
    match prove::verify_release(env, registry, name, Some(version), reporter) {
        Ok((_, _, None)) => {}
        Ok((_, _, Some(error))) | Err(error) => keep(error)?,
    }
    let mut files = Map::new();
    let mut artifacts = Vec::new();
    for (path, limit) in [
        (layout::CONFIG.to_owned(), 64 * 1024),
        (layout::trust_root(1), limits::ENVELOPE_LEN as u64),
        (layout::CHECKPOINT.to_owned(), limits::NOTE_LEN as u64),
        (layout::index(name), limits::INDEX_LEN as u64),
        (layout::namespace(&name.namespace_or_none()), limits::NAMESPACE_FILE_LEN as u64),
    ] {
        files.insert(path.clone(), served(&*source, &path, limit));
    }
    for (artifact, entry) in entries(env, registry, name, version)? {
        let proof = layout::proof(&artifact);
        files.insert(proof.clone(), served(&*source, &proof, limits::TLOG_PROOF_LEN as u64));
        artifacts.push(json!({
            "kind": artifact.kind.as_str(), "target": artifact.target.as_str(),
            "log": entry.log,
            "signed": {"tree": entry.core.tree.to_string(), "head": entry.head, "file": entry.file, "size": entry.size},
            "received": received(env, &*source, &artifact),
        }));
    }
    let document = json!({
        "schema": SCHEMA,
        "package": name.as_str(), "version": version.to_string(),
        "registry": config.registry, "location": source.name(),
        "collected": crate::dependencies::lock::now(),
        "faults": faults,
        "artifacts": artifacts,
        "files": files,
    });
    Ok(Evidence { registry: config.registry, faults, document })
}

/// The lines of the index about the release, as far as the registry can be trusted; none where it cannot.
fn entries(
    env: &Env,
    registry: &RegistryChoice,
    name: &PackageName,
    version: &Version,
) -> Result<Vec<(Artifact, IndexEntry)>, Error> {
    let read = || -> Result<Vec<(Artifact, IndexEntry)>, Error> {
        let mut client = registry.open(env)?;
        let Some(index) = client.index(name)? else { return Ok(Vec::new()) };
        let lines = index.entries().iter().filter(|entry| entry.core.version == *version);
        Ok(lines.map(|entry| (index.artifact(entry), entry.clone())).collect())
    };
    match read() {
        Err(error) if matches!(error.exit(), Exit::Verification | Exit::Input) => Ok(Vec::new()),
        result => result,
    }
}

/// A file of the registry as it was served: its text, or why it cannot be read.
fn served(source: &dyn RegistrySource, path: &str, limit: u64) -> Value {
    match source.read(path, limit) {
        Ok(None) => Value::Null,
        Ok(Some(bytes)) => {
            json!({"sha256": Digest::of(&bytes), "text": String::from_utf8_lossy(&bytes)})
        }
        Err(error) => json!({"error": error.to_string()}),
    }
}

/// What came for an archive: length, digest, and the signatures in it.
fn received(env: &Env, source: &dyn RegistrySource, artifact: &Artifact) -> Value {
    let path = layout::archive(artifact);
    let bytes = match source.read(&path, ARCHIVE_LEN) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Value::Null,
        Err(error) => return json!({"path": path, "error": error.to_string()}),
    };
    json!({
        "path": path, "size": bytes.len(), "file": Digest::of(&bytes),
        "envelopes": envelopes(env, &bytes).unwrap_or_default(),
    })
}

/// The envelopes in an archive, as JSON; nothing where its front cannot be read.
fn envelopes(env: &Env, archive: &[u8]) -> Result<Vec<Value>, Error> {
    let parent = env.vitte_home()?.join("tmp");
    crate::fs::create_private_folder(&parent)?;
    let folder = crate::fs::TempDir::new_in(&parent)?;
    let file = folder.path().join("archive");
    crate::fs::write_atomic(&file, archive, crate::fs::Access::Private)?;
    let signatures = PackageFile::open(&file)?.signatures()?;
    let text = signatures.envelopes().iter().map(|envelope| serde_json::from_slice(envelope.as_bytes()));
    Ok(text.filter_map(Result::ok).collect())
}
