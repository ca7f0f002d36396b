//! The stapled bundle: everything needed to verify a package offline, inside the package. Trust document, section 9.
//!
//! It proves author and log entry to a client that has pinned the registry's trust root, as of the bundle's checkpoint:
//! it cannot show a later revocation.

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::{Digest, TreeDigest};
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::{Artifact, Leaf, LeafError, Subject};
use crate::log::policy::LogPolicy;
use crate::log::proof::{ProofError, ProvedLeaf, TlogProof};
use crate::message::log as text;
use crate::registry::VerifiedTrustRoot;
use crate::registry::trust_root::TrustRootError;
use crate::sign::namespace::NamespaceError;
use crate::sign::{
    Authorised, Envelope, Fact, KeyId, NamespaceChain, RegistryId, ReleaseStatement, Role, SignError,
    StatusChange, StatusRecord, TrustPolicy,
};
use crate::verify::{Expectation, Trust};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// Proofs about one artifact, all against one checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The registry's trust roots, from the first, as envelopes.
    pub trust: Vec<String>,
    /// Proofs of the namespace's records, in order.
    pub namespace: Vec<TlogProof>,
    /// Proof of the release.
    pub release: TlogProof,
    /// Proofs of the status records of the version, in order.
    pub status: Vec<TlogProof>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBundle<'a> {
    #[serde(rename = "vitte-bundle")]
    version: u64,
    #[serde(borrow)]
    trust: Vec<&'a RawValue>,
    namespace: Vec<String>,
    release: String,
    status: Vec<String>,
}

/// What a bundle proves.
#[derive(Clone, Debug)]
pub struct ProvedBundle {
    /// The newest trust root in it.
    pub trust_root: VerifiedTrustRoot,
    /// The checkpoint of all its proofs.
    pub checkpoint: VerifiedCheckpoint,
    /// Which artifact.
    pub artifact: Artifact,
    /// Its identity.
    pub tree: TreeDigest,
    /// Digest of its index line's `core`.
    pub index: Digest,
    /// Log index of the release.
    pub log: u64,
    /// Time of the newest entry in it, in Unix seconds: what the proof is as of.
    pub time: u64,
    /// The keys that may sign it.
    pub authorised: Authorised,
    /// The keys whose signatures counted.
    pub signers: BTreeSet<KeyId>,
    /// The namespace's records, as far as they are stapled.
    pub chain: NamespaceChain,
    /// What the newest status record says.
    pub status: Option<StatusChange>,
}

impl ProvedBundle {
    /// What the archive must turn out to be.
    pub fn expectation(&self) -> Expectation {
        Expectation {
            tree: Some(self.tree),
            registry: Some(self.trust_root.root().registry.clone()),
            package: Some(self.artifact.package.clone()),
            version: Some(self.artifact.version.clone()),
            kind: Some(self.artifact.kind),
            target: Some(self.artifact.target.clone()),
            index: Some(self.index),
            head: None,
        }
    }

    /// How the archive is to be trusted: by the keys that might sign the release where it is in the log.
    pub fn trust(&self) -> Trust {
        Trust::Signatures(TrustPolicy::new().authorise(self.authorised.clone()))
    }
}

impl Bundle {
    /// Reads the last element of SIGS. Nothing in it is trusted yet.
    ///
    /// # Errors
    /// [`BundleError::Syntax`] when it has another shape, [`BundleError::Proof`] when a proof is malformed.
    pub fn parse(json: &str) -> Result<Self, BundleError> {
        let raw: RawBundle<'_> =
            serde_json::from_str(json).map_err(|error| BundleError::Syntax { reason: error.to_string() })?;
        if raw.version != 1 {
            return Err(BundleError::Syntax { reason: text::bundle_version(raw.version) });
        }
        let proof = |text: &String| TlogProof::parse(text.as_bytes()).map_err(BundleError::Proof);
        Ok(Self {
            trust: raw.trust.iter().map(|envelope| envelope.get().to_owned()).collect(),
            namespace: raw.namespace.iter().map(proof).collect::<Result<_, _>>()?,
            release: proof(&raw.release)?,
            status: raw.status.iter().map(proof).collect::<Result<_, _>>()?,
        })
    }

    /// Writes the element.
    ///
    /// # Errors
    /// [`BundleError::Syntax`] when a trust root is no JSON.
    pub fn to_json(&self) -> Result<String, BundleError> {
        let syntax = |error: serde_json::Error| BundleError::Syntax { reason: error.to_string() };
        let proof = |proof: &TlogProof| String::from_utf8_lossy(&proof.to_bytes()).into_owned();
        let trust: Vec<&RawValue> = self
            .trust
            .iter()
            .map(|envelope| serde_json::from_str(envelope))
            .collect::<Result<_, _>>()
            .map_err(syntax)?;
        let raw = RawBundle {
            version: 1,
            trust,
            namespace: self.namespace.iter().map(proof).collect(),
            release: proof(&self.release),
            status: self.status.iter().map(proof).collect(),
        };
        serde_json::to_string(&raw).map_err(syntax)
    }

    /// The registry the bundle says it is of: to find the trust root that was pinned. Nobody vouches for it.
    ///
    /// # Errors
    /// [`BundleError::Syntax`] when there is no trust root, or it is malformed.
    pub fn claimed_registry(&self) -> Result<RegistryId, BundleError> {
        let first =
            self.trust.first().ok_or_else(|| BundleError::Syntax { reason: text::bundle_no_trust_root() })?;
        let root = VerifiedTrustRoot::self_signed(first.as_bytes()).map_err(BundleError::TrustRoot)?;
        Ok(root.root().registry.clone())
    }

    /// Checks everything against a trust root that is trusted already.
    ///
    /// # Errors
    /// [`BundleError`] with the first thing that does not check: trust roots that do not follow the pinned one, a proof,
    /// proofs against several checkpoints, namespace records that are no chain, a release that is not what its leaf
    /// says or not signed by the keys in force.
    pub fn verify(&self, pinned: &VerifiedTrustRoot) -> Result<ProvedBundle, BundleError> {
        let trust_root = self.walk(pinned)?;
        let policy = &trust_root.root().log_policy;
        let release = self.prove(&self.release, policy)?;
        let leaf = read_leaf(&release)?;
        let Subject::Release { artifact, tree, index } = leaf.subject.clone() else {
            return Err(mismatch("kind", "release", leaf.subject.kind()));
        };
        let mut time = leaf.time;
        let namespace = artifact.package.namespace_or_none();
        let mut chain = NamespaceChain::new(trust_root.root().registry.clone(), namespace.clone());
        for proof in &self.namespace {
            let proved = self.prove(proof, policy)?;
            let leaf = read_leaf(&proved)?;
            let said = Subject::Namespace { namespace: namespace.clone(), seq: chain.len() as u64 };
            if leaf.subject != said {
                return Err(mismatch(
                    "namespace record",
                    &format!("{namespace} {}", chain.len()),
                    leaf.subject.kind(),
                ));
            }
            time = time.max(leaf.time);
            let envelope = leaf.envelopes.first().map(String::as_bytes).unwrap_or_default();
            chain.push(proved.index, envelope).map_err(BundleError::Namespace)?;
        }
        let envelope = Envelope::parse(leaf.envelopes.first().map(String::as_bytes).unwrap_or_default())?;
        let signers = chain
            .check_signed(Role::Release, &artifact.package, release.index, &envelope)
            .map_err(BundleError::Namespace)?;
        let authorised =
            chain.authorised(&artifact.package, release.index).map_err(BundleError::Namespace)?;
        let status = self.newest_status(policy, &chain, &artifact, &mut time)?;
        let proved = ProvedBundle {
            log: release.index,
            checkpoint: release.checkpoint,
            trust_root,
            artifact,
            tree,
            index,
            time,
            authorised,
            signers,
            chain,
            status,
        };
        check_statement(&envelope, &proved)?;
        Ok(proved)
    }

    /// As [`Bundle::verify`], for who knows no more of the registry than the digest of its first trust root.
    ///
    /// # Errors
    /// As [`Bundle::verify`]; [`TrustRootError::Pin`] when the bundle begins with another trust root.
    pub fn verify_pinned(&self, pin: &Digest) -> Result<ProvedBundle, BundleError> {
        // A malformed one is told as what it is, as where the registry is known by more than a digest.
        self.claimed_registry()?;
        let first =
            self.trust.first().ok_or_else(|| BundleError::Syntax { reason: text::bundle_no_trust_root() })?;
        let pinned = VerifiedTrustRoot::pinned(first.as_bytes(), pin).map_err(BundleError::TrustRoot)?;
        self.verify(&pinned)
    }

    /// Walks from the pinned trust root to the newest one in the bundle.
    fn walk(&self, pinned: &VerifiedTrustRoot) -> Result<VerifiedTrustRoot, BundleError> {
        let mut known = pinned.clone();
        for envelope in &self.trust {
            let own = VerifiedTrustRoot::self_signed(envelope.as_bytes()).map_err(BundleError::TrustRoot)?;
            if own.root().version > known.root().version {
                known = known.advance(envelope.as_bytes()).map_err(BundleError::TrustRoot)?;
            } else if own.root().version == known.root().version && own.digest() != known.digest() {
                let error = TrustRootError::Pin { expected: known.digest(), got: own.digest() };
                return Err(BundleError::TrustRoot(error));
            }
        }
        Ok(known)
    }

    fn prove(&self, proof: &TlogProof, policy: &LogPolicy) -> Result<ProvedLeaf, BundleError> {
        if proof.checkpoint() != self.release.checkpoint() {
            return Err(BundleError::Syntax { reason: text::bundle_checkpoints() });
        }
        proof.verify(policy).map_err(BundleError::Proof)
    }

    fn newest_status(
        &self,
        policy: &LogPolicy,
        chain: &NamespaceChain,
        artifact: &Artifact,
        time: &mut u64,
    ) -> Result<Option<StatusChange>, BundleError> {
        let (mut newest, mut last) = (None, None);
        for (seq, proof) in (0u64..).zip(&self.status) {
            let proved = self.prove(proof, policy)?;
            let leaf = read_leaf(&proved)?;
            let envelope = Envelope::parse(leaf.envelopes.first().map(String::as_bytes).unwrap_or_default())?;
            chain
                .check_signed(Role::Status, &artifact.package, proved.index, &envelope)
                .map_err(BundleError::Namespace)?;
            let record = StatusRecord::unverified(&envelope)?;
            check_status(&leaf, &record, (chain.registry(), artifact), seq)?;
            if last.is_some_and(|last| last >= proved.index) {
                return Err(BundleError::Leaf(LeafError::Order { index: proved.index }));
            }
            last = Some(proved.index);
            *time = (*time).max(leaf.time);
            newest = Some(record.change);
        }
        Ok(newest)
    }
}

fn read_leaf(proved: &ProvedLeaf) -> Result<Leaf, BundleError> {
    let leaf = Leaf::parse(&proved.leaf).map_err(BundleError::Leaf)?;
    leaf.check_place(proved.index, None).map_err(BundleError::Leaf)?;
    Ok(leaf)
}

fn check_status(
    leaf: &Leaf,
    record: &StatusRecord,
    (registry, artifact): (&RegistryId, &Artifact),
    seq: u64,
) -> Result<(), BundleError> {
    if record.registry != *registry {
        return Err(BundleError::Sign(SignError::Mismatch {
            fact: Fact::Registry,
            expected: registry.to_string(),
            signed: record.registry.to_string(),
        }));
    }
    let said = format!("{} {} {seq}", artifact.package, artifact.version);
    let got = format!("{} {} {}", record.package, record.version, record.seq);
    let subject = Subject::Status { package: artifact.package.clone(), version: artifact.version.clone() };
    if leaf.subject != subject || got != said {
        return Err(mismatch("status record", &said, &got));
    }
    Ok(())
}

fn check_statement(envelope: &Envelope, proved: &ProvedBundle) -> Result<(), BundleError> {
    let statement = ReleaseStatement::unverified(envelope)?;
    let mut facts = proved.expectation().facts();
    (facts.tree, facts.kind) = (Some(proved.tree), Some(proved.artifact.kind));
    statement.check(&facts)?;
    Ok(())
}

fn mismatch(what: &'static str, expected: &str, got: &str) -> BundleError {
    BundleError::Leaf(LeafError::Mismatch { what, expected: expected.to_owned(), got: got.to_owned() })
}

/// A stapled bundle does not prove what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// It is malformed.
    Syntax {
        /// What is wrong.
        reason: String,
    },
    /// A proof is malformed or does not check.
    Proof(ProofError),
    /// A trust root does not follow the pinned one.
    TrustRoot(TrustRootError),
    /// The namespace's records are no chain, or the release is not signed by the keys in force.
    Namespace(NamespaceError),
    /// A leaf is malformed or of something else.
    Leaf(LeafError),
    /// An envelope or statement is refused.
    Sign(SignError),
}

impl From<SignError> for BundleError {
    fn from(error: SignError) -> Self {
        Self::Sign(error)
    }
}

impl Diagnose for BundleError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Syntax { reason } => Diagnostic::new(Code::NoProof, text::bundle_malformed(reason)),
            Self::Proof(error) => error.diagnostic(),
            Self::TrustRoot(error) => error.diagnostic(),
            Self::Namespace(error) => error.diagnostic(),
            Self::Leaf(error) => error.diagnostic(),
            Self::Sign(error) => error.diagnostic(),
        }
    }
}
display_as_message!(BundleError);
