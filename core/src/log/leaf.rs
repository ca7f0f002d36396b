//! What one entry of the log says: the registry's claims in a header, then the signed envelopes, verbatim.
//!
//! Grammar: `core/docs/trust.md`, section 6.1. The log alone can be audited: everything that was signed is in it.

use super::{MAX_SIZE, parse_number};
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::digest::{Digest, TreeDigest};
use crate::limits;
use crate::message::{log as text, term};
use crate::name::{Namespace, PackageName};
use crate::sign::RegistryId;
use crate::target::{Kind, Target};
use crate::version::Version;

const MAGIC: &str = "vitte-log/v1 ";

/// One artifact of a release: registry is the log's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Artifact {
    /// Name of the package.
    pub package: PackageName,
    /// Its version.
    pub version: Version,
    /// Kind of the artifact.
    pub kind: Kind,
    /// What it is for.
    pub target: Target,
}

impl std::fmt::Display for Artifact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {} {}", self.package, self.version, self.kind, self.target)
    }
}

/// What a leaf is about, with the fields of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The first leaf of a log: the registry's first trust root.
    Genesis {
        /// Id of the registry.
        registry: RegistryId,
    },
    /// A later trust root.
    Trust {
        /// Id of the registry.
        registry: RegistryId,
        /// Number of the trust root.
        version: u64,
    },
    /// A namespace record.
    Namespace {
        /// Name of the namespace.
        namespace: Namespace,
        /// Number of the record, from 0.
        seq: u64,
    },
    /// An artifact of a release.
    Release {
        /// Which.
        artifact: Artifact,
        /// Its identity.
        tree: TreeDigest,
        /// Digest of the verbatim `core` of its index line.
        index: Digest,
    },
    /// A change of status of a release.
    Status {
        /// Name of the package.
        package: PackageName,
        /// Its version.
        version: Version,
    },
}

impl Subject {
    /// The word in the first line.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Genesis { .. } => "genesis",
            Self::Trust { .. } => "trust",
            Self::Namespace { .. } => "namespace",
            Self::Release { .. } => "release",
            Self::Status { .. } => "status",
        }
    }

    /// Leaves with the same thread follow one another by `prev`: those of a package, of a namespace, of the trust
    /// roots, which begin with the genesis leaf.
    pub fn thread(&self) -> Thread {
        match self {
            Self::Genesis { .. } | Self::Trust { .. } => Thread::Trust,
            Self::Namespace { namespace, .. } => Thread::Namespace(namespace.clone()),
            Self::Release { artifact, .. } => Thread::Package(artifact.package.clone()),
            Self::Status { package, .. } => Thread::Package(package.clone()),
        }
    }

    fn has_prev(&self) -> bool {
        !matches!(self, Self::Genesis { .. })
    }
}

/// What leaves are chained by `prev` within.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thread {
    /// Trust roots.
    Trust,
    /// The records of a namespace.
    Namespace(Namespace),
    /// Releases and status records of a package.
    Package(PackageName),
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// What it is about.
    pub subject: Subject,
    /// When it was logged, in Unix seconds, by the registry's clock.
    pub time: u64,
    /// Index of the leaf before it in its thread.
    pub prev: Option<u64>,
    /// The signed envelopes, one line each without its line feed.
    pub envelopes: Vec<String>,
}

impl Leaf {
    /// Writes the leaf.
    ///
    /// # Errors
    /// [`LeafError::Length`] when it would have more than 65,535 bytes, [`LeafError::Envelopes`] when there is none,
    /// one too many for the kind, or one of more than a line.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LeafError> {
        let subject = match &self.subject {
            Subject::Genesis { registry } => registry.to_string(),
            Subject::Trust { registry, version } => format!("{registry} {version}"),
            Subject::Namespace { namespace, seq } => format!("{namespace} {seq}"),
            Subject::Release { artifact, .. } => artifact.to_string(),
            Subject::Status { package, version } => format!("{package} {version}"),
        };
        let mut leaf = format!("{MAGIC}{}\n{subject}\ntime {}\n", self.subject.kind(), self.time);
        if let Subject::Release { tree, index, .. } = &self.subject {
            leaf.push_str(&format!("tree {tree}\nindex {}\n", index.tagged()));
        }
        if self.subject.has_prev() {
            leaf.push_str(&match self.prev {
                Some(prev) => format!("prev {prev}\n"),
                None => "prev -\n".to_owned(),
            });
        }
        leaf.push('\n');
        let most = if matches!(self.subject, Subject::Release { .. }) { 2 } else { 1 };
        let lines = self.envelopes.iter().all(|envelope| !envelope.is_empty() && !envelope.contains('\n'));
        if !(1..=most).contains(&self.envelopes.len()) || !lines {
            return Err(LeafError::Envelopes { got: self.envelopes.len() as u64 });
        }
        for envelope in &self.envelopes {
            leaf.push_str(envelope);
            leaf.push('\n');
        }
        if leaf.len() > limits::LEAF_LEN {
            return Err(LeafError::Length { len: leaf.len() as u64 });
        }
        Ok(leaf.into_bytes())
    }

    /// Reads a leaf. Whether the header agrees with what was signed is for the caller to check.
    ///
    /// # Errors
    /// [`LeafError::Length`], [`LeafError::Kind`] for a kind that is not known here, [`LeafError::Syntax`] naming the
    /// line otherwise, [`LeafError::Envelopes`].
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > limits::LEAF_LEN {
            return Err(LeafError::Length { len: bytes.len() as u64 });
        }
        let leaf = std::str::from_utf8(bytes).map_err(|_| LeafError::Syntax { line: 1 })?;
        let (header, body) = leaf.split_once("\n\n").ok_or(LeafError::Syntax { line: 1 })?;
        let mut lines = Lines { rest: header.split('\n'), number: 0 };
        let kind = lines.read(|line| line.strip_prefix(MAGIC))?;
        let subject = lines.read(Some)?;
        let time = lines.read(|line| line.strip_prefix("time ").and_then(parse_number))?;
        let subject = read_subject(kind, subject, &mut lines)?;
        let prev = match subject.has_prev() {
            false => None,
            true => lines.read(|line| match line.strip_prefix("prev ")? {
                "-" => Some(None),
                index => parse_number(index).map(Some),
            })?,
        };
        if lines.rest.next().is_some() {
            return Err(LeafError::Syntax { line: lines.number + 1 });
        }
        let envelopes: Vec<String> = body
            .strip_suffix('\n')
            .map(|body| body.split('\n').map(str::to_owned).collect())
            .unwrap_or_default();
        let parsed = Self { subject, time, prev, envelopes };
        // One spelling: what is written again must be the same bytes.
        if parsed.to_bytes()? == bytes { Ok(parsed) } else { Err(LeafError::Syntax { line: 2 }) }
    }

    /// Checks the leaf against its place: `prev` lies before `index`, only the first leaf is the genesis leaf, and
    /// time does not run backwards from `previous_time`.
    ///
    /// # Errors
    /// [`LeafError::Order`] when one of them does not hold.
    pub fn check_place(&self, index: u64, previous_time: Option<u64>) -> Result<(), LeafError> {
        let genesis = matches!(self.subject, Subject::Genesis { .. });
        let good = self.prev.is_none_or(|prev| prev < index)
            && genesis == (index == 0)
            && previous_time.is_none_or(|previous| previous <= self.time)
            && self.time <= MAX_SIZE;
        if good { Ok(()) } else { Err(LeafError::Order { index }) }
    }
}

/// The lines of the header, counted.
struct Lines<'a> {
    rest: std::str::Split<'a, char>,
    number: u64,
}

impl<'a> Lines<'a> {
    fn read<T>(&mut self, read: impl FnOnce(&'a str) -> Option<T>) -> Result<T, LeafError> {
        self.number += 1;
        self.rest.next().and_then(read).ok_or(LeafError::Syntax { line: self.number })
    }
}

fn read_subject(kind: &str, subject: &str, lines: &mut Lines<'_>) -> Result<Subject, LeafError> {
    let refuse = || LeafError::Syntax { line: 2 };
    let words: Vec<_> = subject.split(' ').collect();
    let package = |name: &str| PackageName::parse(name).map_err(|_| refuse());
    let version = |version: &str| Version::parse(version).map_err(|_| refuse());
    let registry = |id: &str| RegistryId::parse(id).map_err(|_| refuse());
    match (kind, words.as_slice()) {
        ("genesis", [id]) => Ok(Subject::Genesis { registry: registry(id)? }),
        ("trust", [id, number]) => {
            Ok(Subject::Trust { registry: registry(id)?, version: parse_number(number).ok_or_else(refuse)? })
        }
        ("namespace", [namespace, seq]) => Ok(Subject::Namespace {
            namespace: Namespace::parse(namespace).map_err(|_| refuse())?,
            seq: parse_number(seq).ok_or_else(refuse)?,
        }),
        ("release", [name, number, kind, target]) => {
            let artifact = Artifact {
                package: package(name)?,
                version: version(number)?,
                kind: Kind::parse(kind).map_err(|_| refuse())?,
                target: Target::parse(target).map_err(|_| refuse())?,
            };
            let tree = lines.read(|line| TreeDigest::parse(line.strip_prefix("tree ")?).ok())?;
            let index = lines.read(|line| Digest::from_tagged(line.strip_prefix("index ")?).ok())?;
            Ok(Subject::Release { artifact, tree, index })
        }
        ("status", [name, number]) => {
            Ok(Subject::Status { package: package(name)?, version: version(number)? })
        }
        ("genesis" | "trust" | "namespace" | "release" | "status", _) => Err(refuse()),
        _ => Err(LeafError::Kind(kind.chars().take(40).collect())),
    }
}

/// A leaf is malformed or contradicts what it is said to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeafError {
    /// More than 65,535 bytes.
    Length {
        /// Its bytes.
        len: u64,
    },
    /// A line of the header is not what it must be.
    Syntax {
        /// Number of the line, from 1.
        line: u64,
    },
    /// A kind of leaf that is not known here.
    Kind(String),
    /// Not the number of envelopes its kind calls for, or one of more than a line.
    Envelopes {
        /// Envelopes there.
        got: u64,
    },
    /// It must not be at this place in the log.
    Order {
        /// Its index.
        index: u64,
    },
    /// The header says something else than what was signed or asked for.
    Mismatch {
        /// What differs.
        what: &'static str,
        /// What was signed or asked for.
        expected: String,
        /// What the leaf says.
        got: String,
    },
}

impl Diagnose for LeafError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Length { len } => {
                Diagnostic::new(Code::Limit, text::entry_length(*len, limits::LEAF_LEN as u64))
            }
            Self::Syntax { line } => {
                Diagnostic::new(Code::Leaf, text::leaf_syntax(*line)).at(Place::Line { line: *line })
            }
            Self::Kind(kind) => Diagnostic::new(Code::Leaf, text::leaf_kind(kind)),
            Self::Envelopes { got } => Diagnostic::new(Code::Leaf, text::leaf_envelopes(*got)),
            Self::Order { index } => Diagnostic::new(Code::Leaf, text::leaf_order(*index)),
            Self::Mismatch { what, expected, got } => {
                Diagnostic::new(Code::Leaf, text::leaf_mismatch(term(what), got, expected))
                    .with("expected", expected.as_str())
                    .with("got", got.as_str())
            }
        }
    }
}
display_as_message!(LeafError);

#[cfg(test)]
mod tests {
    use super::super::merkle::leaf_hash;
    use super::*;
    use crate::sign::{Envelope, SecretKey, dsse};

    fn release() -> Leaf {
        let hex = "b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a";
        Leaf {
            subject: Subject::Release {
                artifact: Artifact {
                    package: PackageName::parse("demo/hello").unwrap(),
                    version: Version::parse("1.0.0").unwrap(),
                    kind: Kind::Vitpkg,
                    target: Target::any(),
                },
                tree: TreeDigest::new(Digest::from_hex(hex).unwrap()),
                index: Digest::from_hex("44f8182b9e3d4d1b08495c6dd9fa8ffbc907f240fb19eb9fa410d3707bc13342")
                    .unwrap(),
            },
            time: 1_763_800_000,
            prev: None,
            envelopes: vec![golden_envelope()],
        }
    }

    fn golden_envelope() -> String {
        let payload = concat!(
            r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"demo/hello@1.0.0","digest":{"sha256":"#,
            r#""b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a"}}],"predicateType":"#,
            r#""https://vitte.dev/attestation/release/v1","predicate":{"registry":"registry.example/","package":"#,
            r#""demo/hello","version":"1.0.0","kind":"vitpkg","target":"any","files":3,"unpacked":210,"tree_len":277,"#,
            r#""manifest":{"sha256":"fde3ab51161204cadda36a1974fa0c160f082102197de29b2f3bc9c65c7b2692"},"index":"#,
            r#"{"sha256":"44f8182b9e3d4d1b08495c6dd9fa8ffbc907f240fb19eb9fa410d3707bc13342"}}}"#,
        );
        let secret = SecretKey::from_seed(&[0x22; 32]);
        let envelope = Envelope::sign(dsse::RELEASE, payload.as_bytes(), &[&secret]).unwrap();
        String::from_utf8(envelope.as_bytes().to_vec()).unwrap()
    }

    fn all() -> Vec<Leaf> {
        let registry = RegistryId::parse("registry.example/").unwrap();
        let package = PackageName::parse("demo/hello").unwrap();
        let version = Version::parse("1.0.0").unwrap();
        let leaf = |subject, prev| Leaf { subject, time: 7, prev, envelopes: vec!["{}".to_owned()] };
        vec![
            leaf(Subject::Genesis { registry: registry.clone() }, None),
            leaf(Subject::Trust { registry, version: 2 }, Some(0)),
            leaf(Subject::Namespace { namespace: Namespace::parse("_").unwrap(), seq: 0 }, None),
            release(),
            leaf(Subject::Status { package, version }, Some(3)),
        ]
    }

    /// Trust document, section 12.
    #[test]
    fn golden_release_leaf() {
        let bytes = release().to_bytes().unwrap();
        assert_eq!(bytes.len(), 1_229);
        let hash = "7215c9daee16d3393eb9713121aa8de000bc0cdd9bab578569a46e2b4e9d0520";
        assert_eq!(leaf_hash(&bytes).to_string(), hash);
    }

    #[test]
    fn print_and_parse_are_inverse() {
        for leaf in all() {
            assert_eq!(Leaf::parse(&leaf.to_bytes().unwrap()).unwrap(), leaf);
        }
        let mut two = release();
        two.envelopes.push("{}".to_owned());
        assert_eq!(Leaf::parse(&two.to_bytes().unwrap()).unwrap(), two);
    }

    #[test]
    fn every_line_is_needed_in_its_place() {
        for leaf in all() {
            let written = String::from_utf8(leaf.to_bytes().unwrap()).unwrap();
            let lines: Vec<_> = written.lines().collect();
            for left_out in 0..lines.len() {
                let mut fewer = lines.clone();
                fewer.remove(left_out);
                let bad: String = fewer.iter().map(|line| format!("{line}\n")).collect();
                assert!(Leaf::parse(bad.as_bytes()).is_err(), "{bad}");
                let mut more = lines.clone();
                more.insert(left_out, "x");
                let bad: String = more.iter().map(|line| format!("{line}\n")).collect();
                assert!(Leaf::parse(bad.as_bytes()).is_err() || left_out > 6, "{bad}");
            }
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let good = String::from_utf8(release().to_bytes().unwrap()).unwrap();
        for (from, to) in [
            ("vitte-log/v1", "vitte-log/v2"),
            ("release\n", "moderation\n"),
            ("time 1763800000", "time 01763800000"),
            ("time 1763800000", "time 9223372036854775808"),
            ("prev -", "prev 00"),
            ("prev -", "prev  1"),
            ("demo/hello 1.0.0", "demo/hello  1.0.0"),
            ("demo/hello", "Demo/hello"),
            ("1.0.0 vitpkg", "1.0 vitpkg"),
            ("vitpkg any", "vitpkg ANY"),
            ("vp1-sha256:b5", "vp1-sha256:B5"),
            ("\n", "\r\n"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good);
            assert!(Leaf::parse(bad.as_bytes()).is_err(), "{to}");
        }
        assert!(matches!(
            Leaf::parse(good.replacen("release", "recover", 1).as_bytes()),
            Err(LeafError::Kind(_))
        ));
        assert!(Leaf::parse(&[0xff; 10]).is_err());
        let mut long = release();
        long.envelopes = vec!["x".repeat(65_000), "x".repeat(600)];
        assert!(matches!(long.to_bytes(), Err(LeafError::Length { .. })));
        long.envelopes = vec![String::new()];
        assert!(matches!(long.to_bytes(), Err(LeafError::Envelopes { .. })));
    }

    #[test]
    fn places_are_checked() {
        let leaves = all();
        let (genesis, trust) = (&leaves[0], &leaves[1]);
        assert!(genesis.check_place(0, None).is_ok());
        assert!(genesis.check_place(1, Some(0)).is_err());
        assert!(trust.check_place(1, Some(7)).is_ok());
        assert!(trust.check_place(0, None).is_err());
        assert!(trust.check_place(1, Some(8)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics(leaf in "(vitte-log/v1 (genesis|trust|release)\n)?[a-z0-9 :/\n.-]{0,200}") {
            if let Ok(parsed) = Leaf::parse(leaf.as_bytes()) {
                proptest::prop_assert_eq!(parsed.to_bytes().unwrap(), leaf.as_bytes());
            }
        }
    }
}
