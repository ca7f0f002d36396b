//! Verifying a release of a registry, or a file by the proofs inside it; putting the proofs there.

use crate::dependencies::{RegistryChoice, deprecation, pins_here};
use crate::env::Env;
use crate::error::Error;
use crate::extract::{self, UnpackRequest};
use crate::host;
use crate::message::registry as text;
use crate::package_file::PackageFile;
use crate::registry::read::client::{ProjectPin, RegistryClient};
use crate::registry::read::source::ArchiveRequest;
use crate::registry::read::state::{SeenLog, TrustState};
use crate::report::Reporter;
use crate::signing::replace_signatures;
use std::path::Path;
use std::sync::Arc;
use vitte_package_core::archive::ArchiveKind;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::index::{Host, IndexEntry, Rule, VerifiedIndex, newest};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::Subject;
use vitte_package_core::log::merkle::MerkleError;
use vitte_package_core::log::proof::LogTiles;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::client::ProvenRelease;
use vitte_package_core::registry::client::SeenRecord;
use vitte_package_core::registry::client::judge::check_remembered;
use vitte_package_core::registry::{Bundle, ProvedBundle, VerifiedTrustRoot, layout};
use vitte_package_core::sign::{Envelope, KeyId, RegistryId, StatusAction, StatusChange, StatusCode};
use vitte_package_core::verify::{Sections, VerifyOutcome};
use vitte_package_core::version::Version;

/// What the log proves about a release.
#[derive(Clone, Debug)]
pub struct LogProof {
    /// The registry.
    pub registry: RegistryId,
    /// Log index of the release.
    pub log: u64,
    /// When it was logged, in Unix seconds; offline: the newest entry that was stapled.
    pub time: u64,
    /// Leaves of the log it was proved in.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
    /// The keys whose signatures counted at that index.
    pub signers: Vec<KeyId>,
    /// Whether witnesses have seen that log.
    pub witnessed: bool,
    /// Whether it was yanked or deprecated.
    pub status: Option<StatusChange>,
}

impl LogProof {
    fn of(client: &RegistryClient, proven: &ProvenRelease, entry: &IndexEntry) -> Self {
        Self {
            registry: client.id().clone(),
            log: proven.log,
            time: proven.time,
            size: client.checkpoint().size(),
            root: *client.checkpoint().root(),
            signers: proven.signers.iter().cloned().collect(),
            witnessed: client.trust_root().root().log_policy.is_witnessed(),
            status: entry.status.clone().map(|status| status.change),
        }
    }
}

/// Verifies a release of a registry with every check a client makes, and remembers what was seen if all passed.
/// Without a version: the newest one that is no pre-release and not yanked, for this system where it can be had. A package that fails comes back with its
/// report, and with why.
///
/// # Errors
/// `not-found`; whatever [`RegistryClient`] refuses.
pub fn verify_release(
    env: &Env,
    registry: &RegistryChoice,
    name: &PackageName,
    version: Option<&Version>,
    reporter: &dyn Reporter,
) -> Result<(LogProof, VerifyOutcome, Option<Error>), Error> {
    let mut client = registry.open(env)?;
    client.older().into_iter().for_each(|older| reporter.warned(older));
    let (file, entry) = find(&mut client, name, version)?;
    let proven = client.prove(&file, &entry)?;
    let request = UnpackRequest {
        expectation: proven.expectation.clone(),
        trust: proven.trust(),
        sections: Sections::All,
    };
    let artifact = file.artifact(&entry);
    let archive = client.archive(
        &ArchiveRequest {
            artifact: &artifact,
            tree: entry.core.tree,
            unpack: &request,
            here: &extract::FilesHere::default(),
        },
        reporter,
    )?;
    let outcome = extract::verify(archive.input(), request, env.work(reporter)?)?;
    let failure = outcome.report.failure().cloned();
    let failure = failure.map(|fault| client.attribute_to(fault.into(), &artifact));
    if outcome.package.is_some() {
        archive.keep();
        client.commit()?;
    }
    let proof = LogProof::of(&client, &proven, &entry);
    Ok((proof, outcome, failure))
}

fn find(
    client: &mut RegistryClient,
    name: &PackageName,
    version: Option<&Version>,
) -> Result<(Arc<VerifiedIndex>, IndexEntry), Error> {
    let registry = client.id().to_string();
    let missing = || {
        let wanted = version.map_or_else(|| name.to_string(), |version| format!("{name}@{version}"));
        let fault = Diagnostic::new(Code::NotFound, text::release_missing(&wanted, &registry));
        Error::from(fault.help(text::release_missing_help(name.as_str())))
    };
    let Some(file) = client.index(name)? else { return Err(client.no_such_package(name)) };
    let host = host::target();
    let found = match version {
        Some(version) => file.entries().iter().rfind(|entry| entry.core.version == *version),
        None => newest(&file, &Rule::to_use(&[], Host::Preferred(&host), None)),
    };
    let entry = found.cloned().ok_or_else(missing)?;
    Ok((file, entry))
}

/// Verifies a file as the release of a registry that it says it is: looked up there, and judged by the keys of its
/// namespace, as [`verify_release`] does with the registry's own file. What was seen is remembered if all passed.
///
/// # Errors
/// `not-found` when the registry has no such release; whatever [`RegistryClient`] refuses. A package that fails comes
/// back with its report.
pub fn verify_file(
    env: &Env,
    registry: &RegistryChoice,
    file: &Path,
    tree: Option<TreeDigest>,
    reporter: &dyn Reporter,
) -> Result<(LogProof, VerifyOutcome), Error> {
    let path = env.resolve(file);
    let here = |error: Error| error.in_file(file);
    let mut client = registry.open(env)?;
    let mut package = PackageFile::open(&path).map_err(here)?;
    let manifest = package.manifest().map_err(here)?;
    let held = package.head().tree();
    let index = client.index(manifest.name())?;
    let found = index.as_ref().and_then(|index| {
        let entries = || index.entries().iter().filter(|entry| &entry.core.version == manifest.version());
        // With other content, it is held against the release of its name, and differs from it.
        let same = entries().find(|entry| entry.core.tree == held);
        let entry = same.or_else(|| entries().find(|entry| is_kind(&package, entry)))?;
        Some((index, entry))
    });
    let Some((index, entry)) = found else {
        let release = format!("{}@{}", manifest.name(), manifest.version());
        let message = text::release_missing(&release, client.id().as_str());
        let help = text::release_missing_help(manifest.name().as_str());
        return Err(here(Diagnostic::new(Code::NotFound, message).help(help).into()));
    };
    let (index, entry) = (Arc::clone(index), entry.clone());
    let proven = client.prove(&index, &entry)?;
    let mut expectation = proven.expectation.clone();
    // Whoever holds a copy may have packed it anew: what it is known by is its tree.
    expectation.head = None;
    expectation.tree = tree.or(expectation.tree);
    let request = UnpackRequest { expectation, trust: proven.trust(), sections: Sections::All };
    let outcome = extract::verify(&path, request, env.work(reporter)?)?;
    if outcome.package.is_some() {
        client.commit()?;
    }
    let proof = LogProof::of(&client, &proven, &entry);
    Ok((proof, outcome))
}

fn is_kind(package: &PackageFile, entry: &IndexEntry) -> bool {
    matches!(package.head().kind(), ArchiveKind::Artifact(kind) if kind == entry.core.kind)
}

/// The proofs stapled into a file, as the pinned trust root of their registry judges them.
#[derive(Debug)]
pub struct Stapled {
    /// The registry.
    pub registry: RegistryId,
    /// What is proved.
    pub proved: ProvedBundle,
}

/// What is stapled into a file.
#[derive(Debug)]
enum Staple {
    /// Nothing.
    Absent,
    /// Proofs of a registry that was never pinned, with the digest of its first trust root.
    Unpinned(RegistryId, String),
    /// Proofs that hold.
    Proved(Box<Stapled>),
}

fn read_staple(env: &Env, package: &PackageFile, pins: &[ProjectPin]) -> Result<Staple, Error> {
    let signatures = package.signatures()?;
    let Some(stapled) = signatures.bundle() else { return Ok(Staple::Absent) };
    let bundle = Bundle::parse(stapled)?;
    let registry = bundle.claimed_registry()?;
    let home = env.vitte_home()?;
    let state = TrustState::of(&home, &registry);
    let (state, pinned) = match state.trust_root()? {
        Some(pinned) => (state, pinned),
        None => {
            let offered = bundle.trust.first().map(|first| (first, Digest::of(first.as_bytes())));
            // What a project pins counts where its user has not decided.
            let pin = pins.iter().find(|pin| offered.is_some_and(|(_, digest)| digest == pin.trust_root));
            match (offered, pin) {
                (Some((first, digest)), Some(_)) => {
                    let state = TrustState::of_project(&home, &registry, &digest);
                    let pinned = match state.trust_root()? {
                        Some(pinned) => pinned,
                        None => VerifiedTrustRoot::pinned(first.as_bytes(), &digest)?,
                    };
                    (state, pinned)
                }
                (offered, _) => {
                    let digest = offered.map(|(_, digest)| digest.to_string()).unwrap_or_default();
                    return Ok(Staple::Unpinned(registry, digest));
                }
            }
        }
    };
    let proved = bundle.verify(&pinned)?;
    compare_with_memory(&state, &pinned, &proved)?;
    Ok(Staple::Proved(Box::new(Stapled { registry, proved })))
}

/// The proofs stapled into a file; none if there are none, or of a registry that was never pinned, or the file is no
/// package: then its signatures alone decide. `pins` are what the project here pins, where that counts.
///
/// # Errors
/// Whatever in the proofs does not check; `yanked` when they say that the release is malware. That it was yanked for
/// another reason or deprecated is a warning.
pub fn stapled(
    env: &Env,
    file: &Path,
    pins: &[ProjectPin],
    reporter: &dyn Reporter,
) -> Result<Option<Stapled>, Error> {
    let Ok(package) = PackageFile::open(&env.resolve(file)) else { return Ok(None) };
    let Staple::Proved(stapled) = read_staple(env, &package, pins).map_err(|error| error.in_file(file))?
    else {
        return Ok(None);
    };
    let expected = stapled.proved.expectation();
    if let (Some(status), Some(name), Some(version)) =
        (&stapled.proved.status, &expected.package, &expected.version)
    {
        let (name, version) = (name.as_str(), version.to_string());
        match status.action {
            StatusAction::Yank => {
                let message = text::stapled_yanked(name, &version, status.code.as_str(), &status.reason());
                let fault = Diagnostic::new(Code::Yanked, message);
                if status.code == StatusCode::Malware {
                    return Err(Error::from(fault).in_file(file));
                }
                reporter.warned(fault);
            }
            StatusAction::Deprecate => reporter.warned(deprecation(name, &version, status)),
            StatusAction::Unyank | StatusAction::Undeprecate => {}
        }
    }
    Ok(Some(*stapled))
}

/// Verifies a file by the proofs stapled into it. Only the registry's pinned trust root is needed, no registry.
///
/// # Errors
/// `no-proof` when nothing is stapled, `untrusted-registry` when its registry was never pinned; whatever in the proofs
/// does not check. A package that fails comes back with its report.
pub fn verify_offline(
    env: &Env,
    file: &Path,
    reporter: &dyn Reporter,
) -> Result<(LogProof, VerifyOutcome), Error> {
    let path = env.resolve(file);
    let here = |error: Error| error.in_file(file);
    let package = PackageFile::open(&path)?;
    let Stapled { registry, proved } = match read_staple(env, &package, &pins_here(env)).map_err(here)? {
        Staple::Proved(stapled) => *stapled,
        Staple::Absent => {
            let message = text::nothing_stapled(&file.display().to_string());
            let help = text::staple_help(&file.display().to_string());
            return Err(here(Diagnostic::new(Code::NoProof, message).help(help).into()));
        }
        Staple::Unpinned(registry, digest) => {
            let message = text::registry_untrusted(registry.as_str());
            let help = text::registry_untrusted_help(registry.as_str(), &digest);
            return Err(here(Diagnostic::new(Code::UntrustedRegistry, message).help(help).into()));
        }
    };
    let request =
        UnpackRequest { expectation: proved.expectation(), trust: proved.trust(), sections: Sections::All };
    let outcome = extract::verify(&path, request, env.work(reporter)?)?;
    let proof = LogProof {
        registry,
        log: proved.log,
        time: proved.time,
        size: proved.checkpoint.size(),
        root: *proved.checkpoint.root(),
        signers: proved.signers.into_iter().collect(),
        witnessed: proved.trust_root.root().log_policy.is_witnessed(),
        status: proved.status,
    };
    Ok((proof, outcome))
}

/// Holds what is stapled against what was seen of the registry. That it is older is no fault; that it is of another
/// history is, where both say something about the same.
fn compare_with_memory(
    state: &TrustState,
    pinned: &VerifiedTrustRoot,
    proved: &ProvedBundle,
) -> Result<(), Error> {
    let stapled = &proved.checkpoint;
    if let SeenLog::Log(seen) = state.checkpoint(pinned)?
        && let Some(reason) = contradiction(state, &seen, stapled)
    {
        state.keep_evidence("checkpoint-before", seen.bytes())?;
        let kept = state.keep_evidence("checkpoint-stapled", stapled.bytes())?;
        let folder = kept.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        let message = text::split_view(seen.size(), stapled.size(), &reason);
        return Err(Diagnostic::new(Code::SplitView, message).help(text::evidence_kept(&folder)).into());
    }
    let remembered = state.seen()?;
    let seen = remembered.namespaces.get(proved.chain.namespace().as_str());
    let reaches = |seen: &&SeenRecord| proved.chain.len() as u64 > seen.seq;
    Ok(check_remembered(&proved.chain, seen.filter(reaches), false, None)?)
}

/// How a stapled checkpoint contradicts the one that was seen, as far as the tiles kept of that one tell.
fn contradiction(
    state: &TrustState,
    seen: &VerifiedCheckpoint,
    stapled: &VerifiedCheckpoint,
) -> Option<String> {
    let (size, of) = (stapled.size(), seen.size());
    if size == of {
        return (seen.root() != stapled.root()).then(|| text::same_size_other_root(of));
    }
    let root = LogTiles::from_edge(seen.checkpoint(), &state.edge()?)?.prefix_root(size).ok()?;
    let differs = MerkleError::Consistency { old_size: size, new_size: of };
    (root != *stapled.root()).then(|| differs.to_string())
}

/// Puts into a published file everything that is needed to verify it offline. Its identity stays what it is.
///
/// # Errors
/// `not-found` when the registry does not have this very content; whatever [`RegistryClient`] refuses; `limit` when the
/// proofs do not fit.
pub fn staple(env: &Env, file: &Path, registry: Option<&str>) -> Result<LogProof, Error> {
    let path = env.resolve(file);
    let mut package = PackageFile::open(&path)?;
    let manifest = package.manifest()?;
    let registry = RegistryChoice::of(env, registry, Some(&manifest.name().namespace_or_none()))?;
    let mut client = registry.open(env)?;
    let missing = |client: &RegistryClient| {
        let message = text::content_missing(&file.display().to_string(), client.id().as_str());
        Error::from(Diagnostic::new(Code::NotFound, message)).in_file(file)
    };
    let index = client.index(manifest.name())?.ok_or_else(|| missing(&client))?;
    let tree = package.head().tree();
    let entry = index.entries().iter().find(|entry| entry.core.tree == tree).cloned();
    let entry = entry.ok_or_else(|| missing(&client))?;
    let proven = client.prove(&index, &entry)?;
    let namespace = manifest.name().namespace_or_none();
    let records: Vec<u64> = client.namespace(&namespace)?.records().map(|(index, ..)| index).collect();
    let bundle = Bundle {
        trust: trust_roots(&client)?,
        namespace: records.into_iter().map(|index| client.tlog_proof(index)).collect::<Result<_, _>>()?,
        release: client.tlog_proof(entry.log)?,
        status: status_proofs(&mut client, &entry)?,
    };
    let mut signatures = package.signatures()?;
    // The file may be the author's own copy, which was signed for this registry only on its way there.
    for envelope in client.leaf(entry.log)?.envelopes {
        signatures.add(Envelope::parse(envelope.as_bytes())?)?;
    }
    let signatures = signatures.with_bundle(Some(&bundle.to_json()?))?;
    client.commit()?;
    replace_signatures(&path, package, &signatures)?;
    Ok(LogProof::of(&client, &proven, &entry))
}

fn trust_roots(client: &RegistryClient) -> Result<Vec<String>, Error> {
    let mut roots = Vec::new();
    for version in 1..=client.trust_root().root().version {
        let path = layout::trust_root(version);
        let bytes = client.source().read(&path, limits::ENVELOPE_LEN as u64)?.unwrap_or_default();
        roots.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(roots)
}

/// The proofs of a version's status records, the first record first, if its status is not plain.
fn status_proofs(
    client: &mut RegistryClient,
    entry: &IndexEntry,
) -> Result<Vec<vitte_package_core::log::proof::TlogProof>, Error> {
    let mut proofs = Vec::new();
    let mut next = entry.status.as_ref().map(|status| status.log);
    while let Some(index) = next {
        let leaf = client.leaf(index)?;
        if matches!(&leaf.subject, Subject::Status { version, .. } if *version == entry.core.version) {
            proofs.push(client.tlog_proof(index)?);
        }
        next = leaf.prev;
    }
    proofs.reverse();
    Ok(proofs)
}
