//! What was checked, and what came of it.

use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, TreeDigest};
use crate::message::verify as text;
use crate::name::PackageName;
use crate::sign::{KeyId, RegistryId, ReleaseStatement};
use crate::target::{Kind, Target};
use crate::version::Version;
use serde::{Serialize, Serializer};

/// One of a fixed list of checks.
pub trait CheckName: Copy + Eq + 'static {
    /// All of them, in the order of reports.
    const ALL: &'static [Self];

    /// What holds when the check passes, in words.
    fn text(self) -> String;
}

macro_rules! checks {
    ($(#[$doc:meta])* $name:ident; $($id:ident = $word:literal, $text:ident;)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum $name { $(#[doc = concat!("`", $word, "`.")] $id),* }

        impl $name {
            /// Every check, in order.
            pub const ALL: &'static [Self] = &[$(Self::$id),*];

            /// The stable id.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$id => $word),* }
            }

            /// What holds when the check passes, in words.
            pub fn text(self) -> String {
                match self { $(Self::$id => text::$text()),* }
            }
        }

        impl CheckName for $name {
            const ALL: &'static [Self] = $name::ALL;

            fn text(self) -> String {
                $name::text(self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

checks! {
    /// A check of an archive, with a stable id, in the order of reports.
    CheckId;
    Container = "container", check_container;
    Toc = "toc", check_toc;
    Tree = "tree", check_tree;
    Identity = "identity", check_identity;
    Signature = "signature", check_signature;
    Key = "key", check_key;
    Subject = "subject", check_subject;
    Registry = "registry", check_registry;
    Manifest = "manifest", check_manifest;
    Frames = "frames", check_frames;
    Headers = "headers", check_headers;
    Files = "files", check_files;
    End = "end", check_end;
}

checks! {
    /// A check of what a registry says about a release, with a stable id, in the order of reports.
    ReleaseCheckId;
    TrustRoot = "trust-root", check_trust_root;
    Checkpoint = "checkpoint", check_checkpoint;
    Continuity = "continuity", check_continuity;
    Index = "index", check_index;
    Entry = "entry", check_entry;
    Authority = "authority", check_authority;
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Verdict {
    /// It holds.
    Passed {
        /// What was found, in words, where there is more to say than that it holds.
        found: Option<String>,
    },
    /// It does not hold.
    Failed {
        /// Why.
        reason: Box<Diagnostic>,
    },
    /// Nothing was expected that it could be compared with.
    NotAsked,
    /// An earlier check failed.
    NotReached,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check<Id = CheckId> {
    /// Which check.
    pub id: Id,
    /// What holds when it passes, in words.
    pub text: String,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// The verdict about a package, one word. There is no shortcut to a boolean, on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Status {
    /// Every check passed.
    Verified,
    /// The contents are whole; there is no signature.
    Unsigned,
    /// The contents are whole; the signatures are not by those who count.
    Untrusted,
    /// A digest, a header or a signature does not check.
    Tampered,
}

impl Status {
    /// The word in JSON and for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unsigned => "unsigned",
            Self::Untrusted => "untrusted",
            Self::Tampered => "tampered",
        }
    }

    /// The verdict in words.
    pub fn text(self) -> String {
        match self {
            Self::Verified => text::verdict_verified(),
            Self::Unsigned => text::verdict_unsigned(),
            Self::Untrusted => text::verdict_untrusted(),
            Self::Tampered => text::verdict_tampered(),
        }
    }
}

/// The release a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// The registry it was signed for.
    pub registry: RegistryId,
    /// The package.
    pub package: PackageName,
    /// Its version.
    pub version: Version,
    /// The kind of the artifact.
    pub kind: Kind,
    /// The target of the artifact.
    pub target: Target,
}

impl From<&ReleaseStatement> for Release {
    fn from(statement: &ReleaseStatement) -> Self {
        Self {
            registry: statement.registry.clone(),
            package: statement.package.clone(),
            version: statement.version.clone(),
            kind: statement.kind,
            target: statement.target.clone(),
        }
    }
}

/// Everything that was checked about a package.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifyReport {
    /// The verdict; none when the archive is malformed or incomplete.
    pub(super) status: Option<Status>,
    /// All checks, in order, also those that were not made.
    pub(super) checks: Vec<Check>,
    /// The identity, if it came to that.
    pub(super) tree: Option<TreeDigest>,
    /// The head digest, if it came to that.
    pub(super) head: Option<Digest>,
    /// Whether the head digest is another than expected: a mirror has compressed the same files anew.
    pub(super) head_differs: bool,
    /// The release the archive is, or with `untrusted` claims to be.
    pub(super) release: Option<Release>,
    /// The keys that signed, or with `untrusted` are said to have signed.
    pub(super) signers: Vec<KeyId>,
    /// Why the package is not verified; none if it is.
    pub(super) failure: Option<Diagnostic>,
}

impl VerifyReport {
    /// The verdict. `None` when there can be none: the archive is malformed or incomplete; then
    /// [`failure`](Self::failure) says why.
    pub fn status(&self) -> Option<Status> {
        self.status
    }

    /// All checks, in order, also those that were not made.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The identity, if it came to that.
    pub fn tree(&self) -> Option<TreeDigest> {
        self.tree
    }

    /// The head digest, if it came to that.
    pub fn head(&self) -> Option<Digest> {
        self.head
    }

    /// Whether the head digest is another than expected: a mirror has compressed the same files anew.
    pub fn head_differs(&self) -> bool {
        self.head_differs
    }

    /// The release the archive is, or with `untrusted` claims to be.
    pub fn release(&self) -> Option<&Release> {
        self.release.as_ref()
    }

    /// The keys that signed, or with `untrusted` are said to have signed.
    pub fn signers(&self) -> &[KeyId] {
        &self.signers
    }

    /// Why the package is not verified; none if it is.
    pub fn failure(&self) -> Option<&Diagnostic> {
        self.failure.as_ref()
    }

    /// Whether every check of the content was made and passed, whatever the signatures are worth.
    pub fn is_content_whole(&self) -> bool {
        matches!(self.status, Some(Status::Verified | Status::Unsigned | Status::Untrusted))
    }
}

/// Verdicts as they come. There are few, so they are looked through.
#[derive(Clone, Debug)]
pub(crate) struct Verdicts<Id = CheckId>(Vec<(Id, Verdict)>);

impl<Id> Default for Verdicts<Id> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<Id: CheckName> Verdicts<Id> {
    pub(crate) fn passed(&mut self, id: Id, found: impl Into<Option<String>>) {
        self.set(id, Verdict::Passed { found: found.into() });
    }

    pub(crate) fn not_asked(&mut self, id: Id) {
        self.set(id, Verdict::NotAsked);
    }

    pub(crate) fn failed(&mut self, id: Id, reason: Diagnostic) {
        self.set(id, Verdict::Failed { reason: Box::new(reason) });
    }

    /// A verdict is final, except that a check that passed may still fail on later evidence.
    fn set(&mut self, id: Id, verdict: Verdict) {
        match self.0.iter_mut().find(|(known, _)| *known == id) {
            Some((_, Verdict::Failed { .. })) => {}
            Some((_, known)) => *known = verdict,
            None => self.0.push((id, verdict)),
        }
    }

    pub(crate) fn into_checks(self) -> Vec<Check<Id>> {
        let verdict =
            |id: Id| self.0.iter().find(|(known, _)| *known == id).map(|(_, verdict)| verdict.clone());
        let check = |id: &Id| Check {
            id: *id,
            text: id.text(),
            verdict: verdict(*id).unwrap_or(Verdict::NotReached),
        };
        Id::ALL.iter().map(check).collect()
    }
}
