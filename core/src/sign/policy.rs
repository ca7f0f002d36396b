//! Whose signatures count for which package, and how many of them are needed.

use crate::name::{Namespace, PackageName};
use crate::ordered;
use crate::sign::dsse::{Envelope, RELEASE};
use crate::sign::{
    Fact, KeyId, PublicKey, RegistryId, ReleaseFacts, ReleaseStatement, SignError, Signatures,
};
use std::collections::BTreeSet;

/// Packages that a trusted key or a pin is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// Every package: `*`.
    All,
    /// The packages of a namespace: `roussov/*`.
    Namespace(Namespace),
    /// One package: `roussov/vitte-math`.
    Package(PackageName),
}

impl Scope {
    /// Reads `*`, `namespace/*` or the name of a package.
    ///
    /// # Errors
    /// [`SignError::Scope`] for anything else.
    pub fn parse(text: &str) -> Result<Self, SignError> {
        let refuse = || SignError::Scope(text.chars().take(140).collect());
        match text.strip_suffix("/*") {
            _ if text == "*" => Ok(Self::All),
            Some(namespace) => Namespace::parse(namespace).map(Self::Namespace).map_err(|_| refuse()),
            None => PackageName::parse(text).map(Self::Package).map_err(|_| refuse()),
        }
    }

    /// Whether the package is one of these.
    pub fn contains(&self, package: &PackageName) -> bool {
        match self {
            Self::All => true,
            Self::Namespace(namespace) => package.namespace_or_none() == *namespace,
            Self::Package(name) => name == package,
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Namespace(namespace) => write!(f, "{namespace}/*"),
            Self::Package(name) => name.fmt(f),
        }
    }
}

/// A key that someone has decided to trust.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustedKey {
    /// The key.
    pub key: PublicKey,
    /// What it is trusted for.
    pub scope: Scope,
}

/// Keys that the manifest pins: of the signers that count otherwise, only these count for these packages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pin {
    /// The packages.
    pub scope: Scope,
    /// The only keys that count for them.
    pub keys: Vec<KeyId>,
}

/// The keys that hold the role `release` for one package, as its namespace's chain says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorised {
    /// The package they may release.
    pub package: PackageName,
    /// The keys in force and not revoked.
    pub keys: Vec<PublicKey>,
    /// How many of them must have signed. 0 counts as 1.
    pub threshold: usize,
}

/// Whose signatures count. Without any key everything is untrusted; nothing is trusted by default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TrustPolicy {
    trusted: Vec<TrustedKey>,
    pins: Vec<Pin>,
    authorised: Option<Authorised>,
}

impl TrustPolicy {
    /// Trusts nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts a key, in its scope. One's own keys are added with [`Scope::All`].
    #[must_use]
    pub fn trust(mut self, trusted: TrustedKey) -> Self {
        self.trusted.push(trusted);
        self
    }

    /// Narrows the keys that count for some packages. Of several pins for a package the narrowest one holds.
    #[must_use]
    pub fn pin(mut self, pin: Pin) -> Self {
        self.pins.push(pin);
        self
    }

    /// Takes the keys of the namespace's chain: with it only they count, and trusted keys are no longer
    /// enough.
    #[must_use]
    pub fn authorise(mut self, authorised: Authorised) -> Self {
        self.authorised = Some(authorised);
        self
    }

    /// Judges the signatures of an archive whose facts are known.
    ///
    /// Every envelope is looked at: one for another registry and one by unknown signers are passed over, the
    /// signers of all others count together, each key once.
    ///
    /// # Errors
    /// What makes the archive tampered with: [`SignError::Signature`] when a known key's signature is not
    /// valid, [`SignError::PayloadType`] and [`SignError::Statement`] when a known key has signed something
    /// else than a release statement, [`SignError::Mismatch`] when the statement is not about these facts,
    /// whoever signed it.
    pub fn judge(&self, signatures: &Signatures, facts: &ReleaseFacts) -> Result<Judgement, SignError> {
        if signatures.is_unsigned() {
            return Ok(Judgement::Unsigned);
        }
        let known = self.known_keys();
        let (mut good, mut claims, mut elsewhere) = (Vec::new(), Vec::new(), None);
        for envelope in signatures.envelopes() {
            match read(envelope, &known, facts)? {
                Read::Signed(statement, signers) => good.push((statement, signers)),
                Read::Unknown(statement, claimed) => claims.push((statement, claimed)),
                Read::Elsewhere(registry) => elsewhere = Some(registry),
                Read::Foreign => {}
            }
        }
        // Envelopes that say the same belong together, whoever signed which.
        let mut refused = None;
        for (statement, _) in &good {
            let same = good.iter().filter(|(other, _)| same_release(other, statement));
            let signers = ordered::set(same.flat_map(|(_, signers)| signers.iter().copied()));
            match self.count(&statement.package, &signers) {
                Ok(signers) => return Ok(Judgement::Trusted { statement: statement.clone(), signers }),
                Err(reason) => refused = refused.or_else(|| Some((statement.clone(), signers, reason))),
            }
        }
        Ok(match refused {
            Some((statement, signers, reason)) => Judgement::Untrusted {
                statement: Some(statement),
                claimed: signers.into_iter().collect(),
                reason,
            },
            None => self.untrusted(claims, elsewhere, facts),
        })
    }

    /// All keys whose signatures can be checked, each once.
    fn known_keys(&self) -> Vec<PublicKey> {
        let authorised = self.authorised.iter().flat_map(|authorised| authorised.keys.iter());
        let keys = self.trusted.iter().map(|trusted| &trusted.key).chain(authorised);
        ordered::set(keys.cloned()).into_iter().collect()
    }

    /// Which of the keys that did sign count for the package.
    fn count(&self, package: &PackageName, signers: &BTreeSet<KeyId>) -> Result<Vec<KeyId>, SignError> {
        let all = || signers.iter().copied().collect();
        let refuse = || SignError::KeyNotAuthorised { package: package.to_string(), signers: all() };
        let (entitled, needed): (BTreeSet<KeyId>, usize) = match &self.authorised {
            Some(authorised) if authorised.package == *package => {
                (ordered::set(authorised.keys.iter().map(PublicKey::id)), authorised.threshold.max(1))
            }
            Some(_) => return Err(refuse()),
            None => {
                let scoped = self.trusted.iter().filter(|trusted| trusted.scope.contains(package));
                (ordered::set(scoped.map(|trusted| trusted.key.id())), 1)
            }
        };
        let mut counted: Vec<KeyId> = signers.intersection(&entitled).copied().collect();
        if counted.is_empty() {
            return Err(refuse());
        }
        let pins = self.pins.iter().filter(|pin| pin.scope.contains(package));
        // Scopes are ordered from wide to narrow.
        if let Some(pin) = pins.max_by_key(|pin| &pin.scope) {
            counted.retain(|key| pin.keys.contains(key));
            if counted.is_empty() {
                return Err(SignError::Pinned {
                    package: package.to_string(),
                    signers: all(),
                    pinned: pin.keys.clone(),
                });
            }
        }
        if counted.len() < needed {
            return Err(SignError::Threshold { needed, got: counted.len() });
        }
        Ok(counted)
    }

    /// The judgement when no known key has signed for this registry.
    fn untrusted(
        &self,
        claims: Vec<(Option<ReleaseStatement>, Vec<KeyId>)>,
        elsewhere: Option<RegistryId>,
        facts: &ReleaseFacts,
    ) -> Judgement {
        let claimed = ordered::set(claims.iter().flat_map(|(_, keys)| keys.iter().copied()));
        let claimed: Vec<KeyId> = claimed.into_iter().collect();
        let statement = claims.into_iter().find_map(|(statement, _)| statement);
        let reason = match (elsewhere, &facts.registry) {
            (Some(signed), Some(expected)) if claimed.is_empty() => SignError::Mismatch {
                fact: Fact::Registry,
                expected: expected.to_string(),
                signed: signed.to_string(),
            },
            _ => SignError::KeyNotAuthorised {
                package: match (&facts.package, &statement) {
                    (Some(package), _) => package.to_string(),
                    (None, Some(statement)) => statement.package.to_string(),
                    (None, None) => "*".to_owned(),
                },
                signers: claimed.clone(),
            },
        };
        Judgement::Untrusted { statement, claimed, reason }
    }
}

/// What the signatures of an archive are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Enough of the keys that count have signed this statement.
    Trusted {
        /// What they signed.
        statement: ReleaseStatement,
        /// The keys that counted, sorted.
        signers: Vec<KeyId>,
    },
    /// There is no signature.
    Unsigned,
    /// There are signatures, but none, or not enough, by keys that count.
    Untrusted {
        /// What is said to have been signed, if it can be read.
        statement: Option<ReleaseStatement>,
        /// Ids of the keys that signed, or are said to have signed.
        claimed: Vec<KeyId>,
        /// Why it does not count.
        reason: SignError,
    },
}

enum Read {
    /// A statement about this registry and these facts, signed by known keys.
    Signed(ReleaseStatement, BTreeSet<KeyId>),
    /// Known keys have not signed; what it claims, and by whom.
    Unknown(Option<ReleaseStatement>, Vec<KeyId>),
    /// Signed by known keys, for another registry.
    Elsewhere(RegistryId),
    /// Another kind of envelope by unknown signers.
    Foreign,
}

fn read(envelope: &Envelope, known: &[PublicKey], facts: &ReleaseFacts) -> Result<Read, SignError> {
    let signers = envelope.signers(known)?;
    if signers.is_empty() {
        if envelope.payload_type() != RELEASE {
            return Ok(Read::Foreign);
        }
        let claimed = envelope.claimed_signers();
        let Ok(statement) = ReleaseStatement::parse(envelope.unverified_payload()) else {
            return Ok(Read::Unknown(None, claimed));
        };
        if !is_for(&statement, facts) {
            return Ok(Read::Foreign);
        }
        // No key vouches for it, but nobody honest would put another release's statement here.
        statement.check(facts)?;
        return Ok(Read::Unknown(Some(statement), claimed));
    }
    let statement = ReleaseStatement::unverified(envelope)?;
    if !is_for(&statement, facts) {
        return Ok(Read::Elsewhere(statement.registry));
    }
    statement.check(facts)?;
    Ok(Read::Signed(statement, signers))
}

fn is_for(statement: &ReleaseStatement, facts: &ReleaseFacts) -> bool {
    facts.registry.as_ref().is_none_or(|registry| *registry == statement.registry)
}

/// Whether two statements say the same, but for notes about the build.
fn same_release(one: &ReleaseStatement, other: &ReleaseStatement) -> bool {
    ReleaseStatement { build: one.build.clone(), ..other.clone() } == *one
}

#[cfg(test)]
mod tests;
