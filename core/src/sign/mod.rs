//! Keys, envelopes and statements: who says that a tree is a release, and whether that person counts.
//!
//! * [`key`], [`pem`]: Ed25519 keys and their text forms.
//! * [`dsse`]: envelopes. [`signatures`]: the envelopes of an archive.
//! * [`statement`]: what an author signs. [`registry_id`]: the registry it is signed for.
//! * [`policy`]: whose signatures count.
//! * [`namespace`]: who may release and when. [`status`]: yank and deprecate.
//!
//! Source: trust document.

pub mod dsse;
mod error;
pub mod key;
mod key_id;
pub(crate) mod key_map;
pub mod namespace;
pub mod pem;
pub mod policy;
pub mod registry_id;
pub mod signatures;
pub mod statement;
pub mod status;

pub use dsse::{Envelope, Verified};
pub use error::{Fact, SignError};
pub use key::{KeyId, PublicKey, SecretKey, Signature};
pub use namespace::{NamespaceChain, NamespaceRecord, Role};
pub use policy::{Authorised, Judgement, Pin, Scope, TrustPolicy, TrustedKey};
pub use registry_id::RegistryId;
pub use signatures::{Added, Signatures};
pub use statement::{ReleaseFacts, ReleaseStatement};
pub use status::{StatusAction, StatusChange, StatusCode, StatusRecord};
