//! The release statement: what an author signs. In-toto Statement v1; trust document, section 4.1.

use crate::digest::{Digest, TreeDigest};
use crate::json::{Json, JsonError, Object};
use crate::limits;
use crate::message::{signing as text, term};
use crate::name::PackageName;
use crate::ordered;
use crate::sign::{Envelope, Fact, RegistryId, SignError, dsse};
use crate::target::{Kind, Target};
use crate::version::Version;
use serde::Serialize;
use std::collections::BTreeMap;

/// `_type` of every in-toto statement.
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// `predicateType` of a release statement.
const PREDICATE_TYPE: &str = "https://vitte.dev/attestation/release/v1";

/// "This tree is that release": a package, version, kind and target of one registry, bound to a tree digest.
///
/// Shown as data, since a statement is only as good as the envelope it came in; [`ReleaseStatement::check`]
/// compares it with what is at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseStatement {
    /// Id of the registry it is meant for: a signature for one registry is worth nothing in another.
    pub registry: RegistryId,
    /// The package.
    pub package: PackageName,
    /// Its version.
    pub version: Version,
    /// `vitpkg` or `vitmod`.
    pub kind: Kind,
    /// The target; `any` for every `vitmod`.
    pub target: Target,
    /// Digest of the tree text.
    pub tree: TreeDigest,
    /// Number of entries of the tree.
    pub files: u64,
    /// Bytes of all files together.
    pub unpacked: u64,
    /// Bytes of the tree text.
    pub tree_len: u64,
    /// Digest of `vitte.toml`.
    pub manifest: Digest,
    /// Digest of the verbatim bytes of `core` in the index line.
    pub index: Digest,
    /// How it was built, for people: at most 16 members of 512 bytes. Never trusted.
    pub build: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct RawStatement<'a> {
    _type: &'a str,
    subject: [RawSubject; 1],
    #[serde(rename = "predicateType")]
    predicate_type: &'a str,
    predicate: RawPredicate<'a>,
}

#[derive(Serialize)]
struct RawSubject {
    name: String,
    digest: Sha256,
}

/// `{"sha256":"<hex>"}`.
#[derive(Serialize)]
struct Sha256 {
    sha256: Digest,
}

#[derive(Serialize)]
struct RawPredicate<'a> {
    registry: &'a RegistryId,
    package: &'a PackageName,
    version: &'a Version,
    kind: Kind,
    target: &'a Target,
    files: u64,
    unpacked: u64,
    tree_len: u64,
    manifest: Sha256,
    index: Sha256,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    build: &'a BTreeMap<String, String>,
}

/// What is known about an archive or a request, to be compared with a statement. What is `None` is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseFacts {
    /// Id of the registry it is used with.
    pub registry: Option<RegistryId>,
    /// The package that was asked for, or that the manifest names.
    pub package: Option<PackageName>,
    /// The version that was asked for, or that the manifest names.
    pub version: Option<Version>,
    /// The kind in HEAD or in the index.
    pub kind: Option<Kind>,
    /// The target that was asked for.
    pub target: Option<Target>,
    /// Digest of the tree text.
    pub tree: Option<TreeDigest>,
    /// Number of entries of the tree.
    pub files: Option<u64>,
    /// Bytes of all files together.
    pub unpacked: Option<u64>,
    /// Bytes of the tree text.
    pub tree_len: Option<u64>,
    /// Digest of `vitte.toml` in the tree.
    pub manifest: Option<Digest>,
    /// Digest of `core`, computed from manifest, tree, kind and target.
    pub index: Option<Digest>,
}

impl ReleaseStatement {
    /// The bytes to sign: members in a fixed order, no white space.
    ///
    /// # Errors
    /// [`SignError::Statement`] when it is one that [`ReleaseStatement::parse`] would refuse.
    pub fn to_payload(&self) -> Result<Vec<u8>, SignError> {
        self.check_shape()?;
        let raw = RawStatement {
            _type: STATEMENT_TYPE,
            subject: [RawSubject { name: self.subject(), digest: Sha256 { sha256: *self.tree.digest() } }],
            predicate_type: PREDICATE_TYPE,
            predicate: RawPredicate {
                registry: &self.registry,
                package: &self.package,
                version: &self.version,
                kind: self.kind,
                target: &self.target,
                files: self.files,
                unpacked: self.unpacked,
                tree_len: self.tree_len,
                manifest: Sha256 { sha256: self.manifest },
                index: Sha256 { sha256: self.index },
                build: &self.build,
            },
        };
        serde_json::to_vec(&raw).map_err(|error| SignError::Statement { reason: error.to_string() })
    }

    /// Reads a payload: exactly the members of the trust document, nothing unknown, and consistent in itself.
    ///
    /// # Errors
    /// [`SignError::Statement`] when a member is missing, unknown, doubled or malformed;
    /// [`SignError::Mismatch`] when the subject is not the package and version of the predicate.
    pub fn parse(payload: &[u8]) -> Result<Self, SignError> {
        if payload.len() > limits::ENVELOPE_LEN {
            return Err(refuse(text::envelope_length(limits::ENVELOPE_LEN as u64)));
        }
        let mut top = Json::parse_object(payload, limits::PAYLOAD_NESTING).map_err(malformed)?;
        constant(&mut top, "_type", STATEMENT_TYPE)?;
        constant(&mut top, "predicateType", PREDICATE_TYPE)?;
        let subjects = top.list("subject").map_err(malformed)?;
        let mut predicate = top.object("predicate").map_err(malformed)?;
        top.finish().map_err(malformed)?;

        let Ok([Json::Object(mut subject)]) = <[Json; 1]>::try_from(subjects) else {
            return Err(refuse(text::statement_subject()));
        };
        let name = subject.text("name").map_err(malformed)?;
        let tree = TreeDigest::new(sha256(&mut subject, "digest")?);
        subject.finish().map_err(malformed)?;

        let member = |object: &mut Object, name| object.text(name).map_err(malformed);
        let statement = Self {
            registry: RegistryId::parse(&member(&mut predicate, "registry")?).map_err(other)?,
            package: PackageName::parse(&member(&mut predicate, "package")?).map_err(other)?,
            version: Version::parse(&member(&mut predicate, "version")?).map_err(other)?,
            kind: Kind::parse(&member(&mut predicate, "kind")?).map_err(other)?,
            target: Target::parse(&member(&mut predicate, "target")?).map_err(other)?,
            tree,
            files: predicate.number("files").map_err(malformed)?,
            unpacked: predicate.number("unpacked").map_err(malformed)?,
            tree_len: predicate.number("tree_len").map_err(malformed)?,
            manifest: sha256(&mut predicate, "manifest")?,
            index: sha256(&mut predicate, "index")?,
            build: build(&mut predicate)?,
        };
        predicate.finish().map_err(malformed)?;
        statement.check_shape()?;
        differ(Fact::Package, Some(&statement.subject()), &name)?;
        Ok(statement)
    }

    /// Reads the statement of an envelope whose signatures were checked elsewhere: of that payload type and no other.
    ///
    /// # Errors
    /// [`SignError::PayloadType`] for another type, then as [`ReleaseStatement::parse`].
    pub fn unverified(envelope: &Envelope) -> Result<Self, SignError> {
        envelope.expect_type(dsse::RELEASE)?;
        Self::parse(envelope.unverified_payload())
    }

    /// What the statement is about, `package@version`.
    pub fn subject(&self) -> String {
        format!("{}@{}", self.package, self.version)
    }

    /// Compares the statement with what is known. The registry comes first: a statement for another registry
    /// says nothing about this one.
    ///
    /// # Errors
    /// [`SignError::Mismatch`] naming the first fact that differs, with both values.
    pub fn check(&self, facts: &ReleaseFacts) -> Result<(), SignError> {
        differ(Fact::Registry, facts.registry.as_ref(), &self.registry)?;
        differ(Fact::Package, facts.package.as_ref(), &self.package)?;
        differ(Fact::Version, facts.version.as_ref(), &self.version)?;
        differ(Fact::Kind, facts.kind.as_ref(), &self.kind)?;
        differ(Fact::Target, facts.target.as_ref(), &self.target)?;
        differ(Fact::Tree, facts.tree.as_ref(), &self.tree)?;
        differ(Fact::Files, facts.files.as_ref(), &self.files)?;
        differ(Fact::Unpacked, facts.unpacked.as_ref(), &self.unpacked)?;
        differ(Fact::TreeLen, facts.tree_len.as_ref(), &self.tree_len)?;
        differ(Fact::Manifest, facts.manifest.as_ref(), &self.manifest)?;
        differ(Fact::Index, facts.index.as_ref(), &self.index)
    }

    /// The rules that hold for every statement by itself.
    fn check_shape(&self) -> Result<(), SignError> {
        if self.kind == Kind::Vitmod && !self.target.is_any() {
            return Err(refuse(text::statement_module_target(self.target.as_str())));
        }
        let long = |(name, value): (&String, &String)| {
            name.len() > limits::STATEMENT_BUILD_LEN || value.len() > limits::STATEMENT_BUILD_LEN
        };
        if self.build.len() > limits::STATEMENT_BUILD || self.build.iter().any(long) {
            return Err(refuse(text::statement_build(
                limits::STATEMENT_BUILD as u64,
                limits::STATEMENT_BUILD_LEN as u64,
            )));
        }
        Ok(())
    }
}

/// Refuses two values that differ.
fn differ<T: PartialEq + std::fmt::Display>(
    fact: Fact,
    expected: Option<&T>,
    signed: &T,
) -> Result<(), SignError> {
    match expected {
        Some(expected) if expected != signed => {
            Err(SignError::Mismatch { fact, expected: expected.to_string(), signed: signed.to_string() })
        }
        _ => Ok(()),
    }
}

fn constant(object: &mut Object, member: &'static str, wanted: &str) -> Result<(), SignError> {
    let given = object.text(member).map_err(malformed)?;
    if given == wanted { Ok(()) } else { Err(refuse(text::statement_constant(member, wanted))) }
}

fn sha256(object: &mut Object, member: &'static str) -> Result<Digest, SignError> {
    let mut digests = object.object(member).map_err(malformed)?;
    let hex = digests.text("sha256").map_err(malformed)?;
    digests.finish().map_err(malformed)?;
    Digest::from_hex(&hex).map_err(other)
}

/// The optional member `build`. An empty one is refused: it would be lost when written again.
fn build(predicate: &mut Object) -> Result<BTreeMap<String, String>, SignError> {
    let Some(value) = predicate.take_optional("build") else { return Ok(BTreeMap::new()) };
    let Json::Object(members) = value else {
        return Err(refuse(text::json_shape("build", term("an object"))));
    };
    if members.is_empty() {
        return Err(refuse(text::json_shape("build", term("an object with members"))));
    }
    let one = |(name, value)| match value {
        Json::Text(value) => Ok((name, value)),
        _ => Err(refuse(text::json_shape("build", term("an object of strings")))),
    };
    let members: Vec<_> = members.into_members().into_iter().map(one).collect::<Result<_, _>>()?;
    Ok(ordered::map(members))
}

fn refuse(reason: String) -> SignError {
    SignError::Statement { reason }
}

fn malformed(error: JsonError) -> SignError {
    refuse(error.reason())
}

fn other(error: impl std::fmt::Display) -> SignError {
    refuse(error.to_string())
}

/// The statement of the trust document, section 12.
#[cfg(test)]
pub(crate) fn golden() -> ReleaseStatement {
    let digest = |hex| Digest::from_hex(hex).unwrap();
    ReleaseStatement {
        registry: RegistryId::parse("registry.example/").unwrap(),
        package: PackageName::parse("demo/hello").unwrap(),
        version: Version::parse("1.0.0").unwrap(),
        kind: Kind::Vitpkg,
        target: Target::any(),
        tree: TreeDigest::new(digest("b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a")),
        files: 3,
        unpacked: 210,
        tree_len: 277,
        manifest: digest("fde3ab51161204cadda36a1974fa0c160f082102197de29b2f3bc9c65c7b2692"),
        index: digest("44f8182b9e3d4d1b08495c6dd9fa8ffbc907f240fb19eb9fa410d3707bc13342"),
        build: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
