//! From the trust root that is trusted to the newest, one by one.

use super::ReleaseProofError;
use crate::limits;
use crate::registry::VerifiedTrustRoot;
use crate::registry::layout;

/// Follows the rotations of a registry's trust root.
#[derive(Clone, Debug)]
pub struct TrustWalk {
    trust: VerifiedTrustRoot,
    steps: u64,
}

impl TrustWalk {
    /// Starts at a trust root that is trusted.
    pub fn new(trust: VerifiedTrustRoot) -> Self {
        Self { trust, steps: 0 }
    }

    /// The newest trust root so far.
    pub fn trust_root(&self) -> &VerifiedTrustRoot {
        &self.trust
    }

    /// Where the next one is, if there is one.
    pub fn path(&self) -> String {
        layout::trust_root(self.trust.root().version.saturating_add(1))
    }

    /// Takes the file at [`path`](Self::path), `None` when the registry does not have it. Says whether to go on.
    ///
    /// # Errors
    /// `trust-root` and its kin; `limit` when there are more than are followed in one run.
    pub fn advance(&mut self, next: Option<&[u8]>) -> Result<bool, ReleaseProofError> {
        let Some(next) = next else { return Ok(false) };
        self.steps += 1;
        if self.steps > limits::TRUST_ROOT_STEPS {
            return Err(ReleaseProofError::TrustRoots { limit: limits::TRUST_ROOT_STEPS });
        }
        self.trust = self.trust.clone().advance(next)?;
        Ok(true)
    }
}
