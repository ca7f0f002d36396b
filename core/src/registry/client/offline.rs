//! The same checks, by the proofs inside a package.

use super::judge::mismatch;
use super::{ProvenRelease, ReleaseProofError, Wanted};
use crate::diagnostic::Diagnose as _;
use crate::digest::Digest;
use crate::log::proof::ProofError;
use crate::message::verify as text;
use crate::registry::{Bundle, ProvedBundle};
use crate::sign::KeyId;
use crate::verify::report::{Check, ReleaseCheckId, Verdicts};

impl From<ProvedBundle> for ProvenRelease {
    fn from(bundle: ProvedBundle) -> Self {
        Self {
            expectation: bundle.expectation(),
            registry: bundle.trust_root.root().registry.clone(),
            witnessed: bundle.trust_root.root().log_policy.is_witnessed(),
            artifact: bundle.artifact,
            log: bundle.log,
            time: bundle.time,
            size: bundle.checkpoint.size(),
            root: *bundle.checkpoint.root(),
            authorised: bundle.authorised,
            signers: bundle.signers,
            status: bundle.status,
            archive_len: None,
        }
    }
}

/// Judges the proofs that are stapled into a package, by the digest of its registry's first trust root: what is
/// proved, or why nothing is, and every check. Nothing is compared with what was seen before, and no index is asked;
/// proofs of another release than the one `wanted` are as good as none.
pub fn prove_offline(
    stapled: &str,
    pin: &Digest,
    wanted: &Wanted,
) -> (Result<ProvenRelease, ReleaseProofError>, Vec<Check<ReleaseCheckId>>) {
    use ReleaseCheckId as Id;
    let mut verdicts = Verdicts::default();
    let proved = Bundle::parse(stapled).and_then(|bundle| bundle.verify_pinned(pin));
    let result = proved.map_err(ReleaseProofError::from).and_then(|bundle| {
        let registry = &bundle.trust_root.root().registry;
        wanted.check_registry(registry)?;
        match wanted.admits(&bundle.artifact, &bundle.tree) {
            true => Ok(bundle),
            false => Err(mismatch("artifact", &wanted.to_string(), &bundle.artifact.to_string())),
        }
    });
    match &result {
        Ok(bundle) => {
            let (root, size) = (bundle.trust_root.root(), bundle.checkpoint.size());
            verdicts.passed(Id::TrustRoot, text::found_trust_root(root.registry.as_str(), root.version));
            verdicts.passed(Id::Checkpoint, text::found_checkpoint(size));
            verdicts.not_asked(Id::Continuity);
            verdicts.not_asked(Id::Index);
            verdicts.passed(Id::Entry, text::found_entry(bundle.log, size));
            let ids: Vec<String> = bundle.signers.iter().map(KeyId::short).collect();
            verdicts.passed(Id::Authority, text::found_authority(&ids.join(", "), bundle.chain.len() as u64));
        }
        Err(error) => {
            let check = match error {
                ReleaseProofError::TrustRoot(_) => Id::TrustRoot,
                ReleaseProofError::Proof(ProofError::Checkpoint(_)) => Id::Checkpoint,
                ReleaseProofError::Namespace(_) | ReleaseProofError::Sign(_) => Id::Authority,
                _ => Id::Entry,
            };
            verdicts.failed(check, error.diagnostic());
        }
    }
    (result.map(ProvenRelease::from), verdicts.into_checks())
}
