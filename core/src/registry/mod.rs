//! What a registry is, how it is read, and how it grows.
//!
//! * [`layout`]: the path of every file, and how a server delivers it. [`config`]: `config.json`. [`deltas`]:
//!   `deltas.json`.
//! * [`trust_root`]: the keys of a registry.
//! * [`bundle`]: what of all this can be stapled to a package, so that it is verified offline.
//! * [`client`]: everything a client checks before it trusts what a registry serves.
//! * [`submission`]: what an author hands in. [`admission`]: whether it is logged.
//! * [`writer`]: the end of a log, taken up and grown. [`mod@derive`]: the files that follow from the log. Both give a
//!   [`commit`], the steps of writing as data, and read through a [`snapshot`].
//! * [`audit`]: everything checked from scratch.
//!
//! Source: `core/docs/registry-format.md`.
//!
//! # Example
//! A registry in a map of files: a log of three releases is written, then audited. Whoever keeps the files brings what
//! is asked for and applies the steps; everything else happens here.
//! ```
//! use std::collections::BTreeMap;
//! use std::task::Poll;
//! use vitte_package_core::digest::{Digest, TreeDigest};
//! use vitte_package_core::index::Core;
//! use vitte_package_core::log::leaf::{Artifact, Leaf, Subject};
//! use vitte_package_core::log::note::{IndexKey, LogKey};
//! use vitte_package_core::name::{Namespace, PackageName};
//! use vitte_package_core::registry::*;
//! use vitte_package_core::sign::{Envelope, NamespaceRecord, RegistryId, ReleaseStatement, SecretKey, dsse};
//! use vitte_package_core::target::{Kind, Target};
//! use vitte_package_core::version::Version;
//!
//! type Files = BTreeMap<String, Vec<u8>>;
//!
//! /// Asks core until it knows enough to answer.
//! fn ask<T, E>(
//!     files: &Files,
//!     snapshot: &mut Snapshot,
//!     mut question: impl FnMut(&mut Snapshot) -> Poll<Result<T, E>>,
//! ) -> Result<T, E> {
//!     loop {
//!         if let Poll::Ready(answer) = question(snapshot) {
//!             return answer;
//!         }
//!         for need in snapshot.needs() {
//!             snapshot.supply(&need.path, files.get(&need.path).cloned());
//!         }
//!     }
//! }
//!
//! /// Applies the steps of a commit, each before the next.
//! fn apply(files: &mut Files, snapshot: &mut Snapshot, commit: Commit) {
//!     for step in commit {
//!         match &step {
//!             Step::Put { path, bytes } => _ = files.insert(path.clone(), bytes.clone()),
//!             Step::Publish { checkpoint } => _ = files.insert(layout::CHECKPOINT.into(), checkpoint.clone()),
//!             Step::Prune { prefix } => files.retain(|path, _| !path.starts_with(prefix.as_str())),
//!             Step::Intent(_) => {} // A real registry stores it next to the log key.
//!         }
//!         snapshot.apply(&step);
//!     }
//! }
//!
//! let key = |seed| SecretKey::from_seed(&[seed; 32]);
//! let (root_key, log_key, index_key, author) = (key(1), key(2), key(3), key(4));
//! let id = RegistryId::parse("registry.example/")?;
//! let log = LogKey::new(&LogKey::name_of(&id), log_key.public())?;
//! let index = IndexKey::new(&IndexKey::name_of(&id), index_key.public())?;
//! let root = TrustRoot::first(id.clone(), 1_763_800_000, root_key.public(), &log, index);
//! let root = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload()?, &[&root_key])?;
//! let trust = VerifiedTrustRoot::pinned(root.as_bytes(), &Digest::of(root.as_bytes()))?;
//!
//! // A registry begins with its configuration, its trust root and the genesis entry.
//! let (mut files, mut snapshot) = (Files::new(), Snapshot::new());
//! files.insert(layout::CONFIG.into(), RegistryConfig::directory(id.clone()).to_bytes());
//! let genesis = Leaf {
//!     subject: Subject::Genesis { registry: id.clone() },
//!     time: 1_763_800_000,
//!     prev: None,
//!     envelopes: vec![String::from_utf8(root.as_bytes().to_vec())?],
//! };
//! let mut head = LogHead::empty(&id);
//! let commit = head.append(&[genesis], &log_key)?;
//! apply(&mut files, &mut snapshot, commit);
//!
//! // An author hands in a namespace and three releases, signed.
//! let record = NamespaceRecord::first(Namespace::parse("demo")?, id.clone(), author.public());
//! let record = Envelope::sign(dsse::NAMESPACE, &record.to_payload()?, &[&author])?;
//! let mut submission = Submission { namespaces: vec![record], ..Submission::default() };
//! let mut archives = BTreeMap::new();
//! for version in ["1.0.0", "1.1.0", "2.0.0"] {
//!     let (tree, manifest) = (TreeDigest::new(Digest::of(version.as_bytes())), Digest::of(b"vitte.toml"));
//!     let core = format!(
//!         r#"{{"ver":"{version}","kind":"vitmod","target":"any","tree":"{tree}","manifest":"{}","files":1,"unpacked":10,"edition":"2025","deps":[],"features":{{}}}}"#,
//!         manifest.tagged(),
//!     );
//!     let statement = ReleaseStatement {
//!         registry: id.clone(),
//!         package: PackageName::parse("demo/hello")?,
//!         version: Version::parse(version)?,
//!         kind: Kind::Vitmod,
//!         target: Target::any(),
//!         tree,
//!         files: 1,
//!         unpacked: 10,
//!         tree_len: 100,
//!         manifest,
//!         index: Core::parse(&core)?.digest(),
//!         build: BTreeMap::new(),
//!     };
//!     let artifact = Artifact {
//!         package: statement.package.clone(),
//!         version: statement.version.clone(),
//!         kind: statement.kind,
//!         target: statement.target.clone(),
//!     };
//!     // What is known of the archive once it was verified.
//!     let file = Digest::of(version.as_bytes());
//!     let facts = ArchiveFacts { core, head: file, file, size: 1000 };
//!     let envelope = Envelope::sign(dsse::RELEASE, &statement.to_payload()?, &[&author])?;
//!     submission.releases.push(SubmittedRelease { envelope, file });
//!     snapshot.supply_archive(artifact.clone(), facts.clone());
//!     archives.insert(artifact, facts);
//! }
//!
//! // The registry judges it, logs it, and derives index, proofs and namespaces from the log.
//! let admission = Admission::of(&submission, &archives)?;
//! let place = LogPlace { trust: &trust, size: head.size(), time: 1_763_800_060 };
//! let admitted = ask(&files, &mut snapshot, |snapshot| admission.check(place, snapshot))?;
//! let commit = head.append(&admitted.leaves, &log_key)?;
//! apply(&mut files, &mut snapshot, commit);
//! let log_public = log_key.public();
//! let by = DerivedBy { head: &head, trust: &trust, log_key: &log_public, index_key: &index_key };
//! let mut derivation = Derivation::new(0);
//! let commit = ask(&files, &mut snapshot, |snapshot| derivation.check(by, snapshot))?;
//! apply(&mut files, &mut snapshot, commit);
//!
//! // Anybody can check all of it, from the files alone.
//! let mut audit = Audit::new(trust, files.keys().cloned().collect(), Proofs::Required);
//! let audited = ask(&files, &mut Snapshot::new(), |snapshot| {
//!     audit.verify_all().map_err(|fault| vec![fault])?; // On all processors, where there are several.
//!     audit.check(snapshot)
//! });
//! let audited = audited.map_err(|faults| faults.into_iter().next().expect("at least one"))?;
//! assert_eq!((audited.entries, audited.artifacts, audited.unfinished), (5, 3, 0));
//!
//! // One byte that was not signed is found.
//! files.get_mut("index/demo/hello").and_then(|file| file.last_mut()).map(|byte| *byte ^= 1);
//! let mut audit = Audit::new(VerifiedTrustRoot::pinned(&files["trust/1.json"], &Digest::of(root.as_bytes()))?, Default::default(), Proofs::Required);
//! let audited = ask(&files, &mut Snapshot::new(), |snapshot| {
//!     audit.verify_all().map_err(|fault| vec![fault])?;
//!     audit.check(snapshot)
//! });
//! assert!(audited.is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod admission;
pub mod audit;
pub mod bundle;
pub mod client;
pub mod commit;
pub mod config;
pub mod deltas;
pub mod derive;
pub mod error;
pub mod layout;
pub mod removal;
pub mod snapshot;
pub mod submission;
#[cfg(test)]
mod tests;
pub mod trust_root;
pub mod writer;

pub use admission::{
    Admission, Admitted, AdmittedRelease, Batch, LogPlace, ReleaseState, check_clock, check_name, day,
};
pub use audit::{Audit, Audited, CheckedRelease, Proofs, UncheckedRelease};
pub use bundle::{Bundle, BundleError, ProvedBundle};
pub use commit::{Commit, SignedHead, Step};
pub use config::RegistryConfig;
pub use deltas::{DeltaList, OfferedDelta};
pub use derive::{Derivation, DerivedBy, derive_anew};
pub use error::WriteError;
pub use snapshot::{ArchiveFacts, Snapshot};
pub use submission::{Submission, SubmittedRelease};
pub use trust_root::{TrustRoot, VerifiedTrustRoot};
pub use writer::{LogHead, Resumed, resume};
