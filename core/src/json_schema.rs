//! JSON Schemas of the vocabulary, written by hand where `Serialize` is: each type that is a text in JSON, with the form
//! of that text. The feature `schema` is for tests that write and compare schemas; nothing that is shipped has it.

use crate::diagnostic::Code;
use crate::digest::{Digest, TreeDigest};
use crate::name::{Namespace, PackageName};
use crate::path::PackagePath;
use crate::sign::namespace::RevocationReason;
use crate::sign::{KeyId, RegistryId, Role, StatusAction, StatusCode};
use crate::target::{Kind, Target};
use crate::verify::CheckId;
use crate::version::{Requirement, Version};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

macro_rules! texts {
    ($($name:ident: $description:literal, $key:literal: $form:expr;)*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "description": $description, $key: $form})
            }
        }
    )*};
}

texts! {
    Code: "A stable code; `vitte package explain CODE` says more.", "pattern": "^VP[0-9]{4}$";
    Digest: "A SHA-256, in hexadecimal.", "pattern": "^[0-9a-f]{64}$";
    TreeDigest: "The identity of an artifact: the digest of its list of files.", "pattern": "^vp1-sha256:[0-9a-f]{64}$";
    KeyId: "The id of a key: the SHA-256 of its public half.", "pattern": "^[0-9a-f]{64}$";
    PackageName: "The name of a package, with its namespace if it has one.", "pattern": "^([a-z][a-z0-9_-]{0,63}/)?[a-z][a-z0-9_-]{0,63}$";
    Namespace: "A namespace; `_` holds the names without one.", "pattern": "^(_|[a-z][a-z0-9_-]{0,63})$";
    PackagePath: "The path of a file in a package.", "minLength": 1;
    Version: "A semantic version.", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$";
    Requirement: "A version requirement, as it was written.", "minLength": 1;
    RegistryId: "The id of a registry: a host and a path, without a scheme.", "pattern": "^[^/]+/(.*/)?$";
    Target: "A target triple, or `any`.", "pattern": "^[a-z0-9][a-z0-9_.-]{0,63}$";
    Kind: "Binaries for one target, or sources.", "enum": ["vitpkg", "vitmod"];
    CheckId: "A check.", "enum": CheckId::ALL;
    Role: "What a key may do.", "enum": Role::ALL;
    RevocationReason: "Why a key is revoked.", "enum": ["compromised", "retired"];
    StatusAction: "What happened to a release.", "enum": ["yank", "unyank", "deprecate", "undeprecate"];
    StatusCode: "Why it happened.", "enum": StatusCode::ALL;
}
