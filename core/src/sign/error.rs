//! What can be wrong with keys, envelopes, statements and the policy about them.

use super::key_id::KeyId;
use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::limits;
use crate::message::{signing as text, term};

/// A key, an envelope or a statement is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// 32 bytes that are not the canonical encoding of a point, or the encoding of a point of small order.
    WeakKey,
    /// Not PEM (RFC 7468) with exactly one block.
    Pem {
        /// What is wrong.
        reason: String,
    },
    /// A PEM block of another kind, for example `OPENSSH PRIVATE KEY`.
    PemLabel {
        /// The label found.
        label: String,
        /// The label wanted.
        wanted: &'static str,
    },
    /// A private key, where a public one is wanted. Nothing of it is kept here.
    PrivateKey,
    /// Well-formed PEM whose content is not an Ed25519 key in the one form that is read.
    KeyForm {
        /// What was wanted.
        wanted: &'static str,
        /// What was found, as far as it can be said.
        found: &'static str,
    },
    /// An encrypted private key: a passphrase is needed.
    Encrypted,
    /// A key id that is not 64 lower-case hexadecimal digits.
    KeyIdSyntax(String),
    /// A signature that is not valid for the key.
    Signature {
        /// The key it was checked with.
        key: KeyId,
    },
    /// An envelope, or the list of envelopes in an archive, that is malformed.
    Envelope {
        /// What is wrong.
        reason: String,
    },
    /// The list of envelopes in an archive is longer than 262,144 bytes.
    SigsTooLong,
    /// An envelope whose payload type is another than the one asked for.
    PayloadType {
        /// The type asked for.
        expected: String,
        /// The type found.
        got: String,
    },
    /// Fewer distinct keys have signed than are needed.
    Threshold {
        /// Keys needed.
        needed: usize,
        /// Keys that count.
        got: usize,
    },
    /// There is no signature at all.
    Unsigned,
    /// The signers are unknown, or may not sign for the package.
    KeyNotAuthorised {
        /// The package.
        package: String,
        /// The key ids written next to the signatures, or of the keys that did sign.
        signers: Vec<KeyId>,
    },
    /// The signers are not among those the manifest pins for the package.
    Pinned {
        /// The package.
        package: String,
        /// Keys that did sign.
        signers: Vec<KeyId>,
        /// Keys that are pinned.
        pinned: Vec<KeyId>,
    },
    /// A payload that is not a release statement.
    Statement {
        /// What is wrong.
        reason: String,
    },
    /// A statement about something else than what is at hand.
    Mismatch {
        /// What differs.
        fact: Fact,
        /// The value at hand or asked for.
        expected: String,
        /// The value that was signed.
        signed: String,
    },
    /// A registry id that breaks the rules.
    RegistryId(String),
    /// A scope that is neither `*`, `namespace/*` nor a package.
    Scope(String),
}

/// What a release statement says and the archive, index or request must agree with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The registry's id.
    Registry,
    /// Name of the package.
    Package,
    /// Version.
    Version,
    /// `vitpkg` or `vitmod`.
    Kind,
    /// Target.
    Target,
    /// Digest of the tree text.
    Tree,
    /// Number of files.
    Files,
    /// Bytes of all files.
    Unpacked,
    /// Bytes of the tree text.
    TreeLen,
    /// Digest of `vitte.toml`.
    Manifest,
    /// Digest of the verbatim `core` of the index line.
    Index,
}

impl Fact {
    /// The word for it in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Package => "package",
            Self::Version => "version",
            Self::Kind => "kind",
            Self::Target => "target",
            Self::Tree => "tree digest",
            Self::Files => "number of files",
            Self::Unpacked => "unpacked size",
            Self::TreeLen => "length of the tree",
            Self::Manifest => "digest of vitte.toml",
            Self::Index => "digest of the index line",
        }
    }

    /// The class of a difference.
    pub const fn code(self) -> Code {
        match self {
            Self::Registry => Code::RegistryMismatch,
            Self::Package | Self::Version | Self::Kind | Self::Target => Code::SubjectMismatch,
            Self::Tree | Self::Files | Self::Unpacked | Self::TreeLen => Code::TreeDigest,
            Self::Manifest => Code::ManifestMismatch,
            Self::Index => Code::IndexLineDigest,
        }
    }
}

fn list(keys: &[KeyId]) -> String {
    keys.iter().map(KeyId::short).collect::<Vec<_>>().join(", ")
}

impl Diagnose for SignError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::WeakKey => Diagnostic::new(Code::WeakKey, text::key_weak()),
            Self::Pem { reason } => {
                Diagnostic::new(Code::KeySyntax, text::pem_malformed(reason)).help(text::pem_hint())
            }
            Self::PemLabel { label, wanted } => {
                Diagnostic::new(Code::KeySyntax, text::pem_label(label, wanted)).help(text::pem_hint())
            }
            Self::PrivateKey => Diagnostic::new(Code::KeySyntax, text::key_private())
                .with("private", true)
                .help(text::key_private_hint()),
            Self::KeyForm { wanted, found } => {
                Diagnostic::new(Code::KeySyntax, text::key_form(term(wanted), term(found)))
                    .help(text::pem_hint())
            }
            Self::Encrypted => {
                Diagnostic::new(Code::Passphrase, text::key_encrypted()).help(text::key_encrypted_hint())
            }
            Self::KeyIdSyntax(given) => Diagnostic::new(Code::KeySyntax, text::key_id_syntax(given)),
            Self::Signature { key } => {
                Diagnostic::new(Code::Signature, text::signature_invalid(&key.short()))
                    .with("key", key.to_string())
            }
            Self::Envelope { reason } => Diagnostic::new(Code::Envelope, text::envelope_malformed(reason)),
            Self::SigsTooLong => Diagnostic::new(Code::Limit, text::sigs_length(u64::from(limits::SIGS_LEN))),
            Self::PayloadType { expected, got } => {
                Diagnostic::new(Code::PayloadType, text::payload_type(expected, got))
                    .with("expected", expected.clone())
                    .with("got", got.clone())
            }
            Self::Threshold { needed, got } => {
                Diagnostic::new(Code::Threshold, text::threshold(*needed as u64, *got as u64))
                    .with("expected", *needed as u64)
                    .with("got", *got as u64)
            }
            Self::Unsigned => Diagnostic::new(Code::Unsigned, text::unsigned()).help(text::unsigned_hint()),
            Self::KeyNotAuthorised { package, signers } => {
                let mut diagnostic = Diagnostic::new(
                    Code::KeyNotAuthorised,
                    text::key_not_authorised(package, &list(signers)),
                )
                .with("package", package.clone())
                .with("signers", signers.iter().map(KeyId::to_string).collect::<Vec<_>>());
                if let Some(key) = signers.first() {
                    diagnostic = diagnostic.help(text::key_trust_hint(package, &key.to_string()));
                }
                diagnostic
            }
            Self::Pinned { package, signers, pinned } => {
                Diagnostic::new(Code::Policy, text::key_pinned(package, &list(signers), &list(pinned)))
                    .help(text::key_pinned_hint())
                    .with("package", package.clone())
                    .with("signers", signers.iter().map(KeyId::to_string).collect::<Vec<_>>())
                    .with("pinned", pinned.iter().map(KeyId::to_string).collect::<Vec<_>>())
            }
            Self::Statement { reason } => Diagnostic::new(Code::Envelope, text::statement_malformed(reason)),
            Self::Mismatch { fact, expected, signed } => {
                Diagnostic::new(fact.code(), text::statement_mismatch(term(fact.as_str()), signed, expected))
                    .with("expected", expected.clone())
                    .with("signed", signed.clone())
            }
            Self::RegistryId(given) => {
                Diagnostic::new(Code::Config, text::registry_id(given)).help(text::registry_id_hint())
            }
            Self::Scope(given) => Diagnostic::new(Code::Usage, text::scope(given)).help(text::scope_hint()),
        }
    }
}
display_as_message!(SignError);
