//! Publishing over HTTP: a submission is judged as a whole, its archives are sent one by one, then all of it is logged.
//!
//! `POST uploads` judges and opens an upload; `PUT uploads/{id}/blobs/{sha256}` sends an archive that is needed, `HEAD`
//! says how much of it has come; `POST uploads/{id}/commit` logs; `DELETE uploads/{id}` gives it up; `GET uploads/{id}` says
//! how far it is. Each may be repeated: what was done stays done. An upload that has ended without being published takes
//! nothing more (`upload-closed`): its request opens another one.

use super::problem::{FaultJson, faults};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::json::JsonError;
use crate::log::leaf::Artifact;
use crate::name::{Namespace, PackageName};
use crate::registry::submission::{SUBMISSION_ENVELOPES, SUBMISSION_LEN};
use crate::registry::{ArchiveFacts, Submission};
use crate::target::{Kind, Target};
use crate::version::Version;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Where uploads are opened, below the API.
pub const PATH: &str = "uploads";
/// Bytes of a request at most: a submission, and an index line for each of its releases.
pub const REQUEST_LEN: usize = 2 * SUBMISSION_LEN;
/// Bytes of a response at most.
pub const RESPONSE_LEN: u64 = 1024 * 1024;
/// Bytes of an archive at most, whatever a registry's operator allows.
pub const ARCHIVE_LEN: u64 = 1 << 30;

/// The header under which an upload can be opened again, by the same request, when its response was lost.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The header of a response that says how many bytes of an archive have come.
pub const OFFSET: &str = "upload-offset";

/// Whether a text can be an idempotency key: 1 to 64 visible characters of ASCII.
pub fn is_idempotency_key(key: &str) -> bool {
    (1..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The path of an upload, below the API.
pub fn upload_path(id: &str) -> String {
    format!("{PATH}/{id}")
}

/// The part of an archive that a request sends, as its `Content-Range` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its first byte.
    pub from: u64,
    /// The byte behind its last.
    pub to: u64,
    /// Bytes of the whole archive.
    pub total: u64,
}

impl Piece {
    /// Reads `bytes FIRST-LAST/TOTAL`; none for anything else.
    pub fn parse(header: &str) -> Option<Self> {
        let (range, total) = header.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |text: &str| {
            let plain = text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse::<u64>().ok()).flatten()
        };
        let (from, last, total) = (number(first)?, number(last)?, number(total)?);
        (from <= last && last < total).then_some(Self { from, to: last + 1, total })
    }
}

impl std::fmt::Display for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bytes {}-{}/{}", self.from, self.to.saturating_sub(1), self.total)
    }
}

/// The path of an archive of an upload, below the API.
pub fn blob_path(id: &str, file: &Digest) -> String {
    format!("{PATH}/{id}/blobs/{file}")
}

/// The path at which an upload is logged, below the API.
pub fn commit_path(id: &str) -> String {
    format!("{PATH}/{id}/commit")
}

/// Whether something is kept of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It is only judged.
    DryRun,
    /// An upload is opened.
    Publish,
}

/// What is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRequest {
    /// Whether anything is kept.
    pub purpose: Purpose,
    /// The signed envelopes.
    pub submission: Submission,
    /// What the author says of each archive. It is enough to judge the submission by; before anything is logged, it
    /// is found out from the archive itself.
    pub archives: BTreeMap<Artifact, ArchiveFacts>,
}

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum UploadState {
    /// It would be taken: the response to a dry run.
    Acceptable,
    /// Archives can be sent.
    Open,
    /// It was committed: its archives are being verified, or it waits for the log.
    Processing,
    /// It is in the log.
    Published,
    /// It was committed and refused; `problems` says why. Another one has to be opened.
    Failed,
    /// It was given up.
    Cancelled,
    /// It was not committed in time.
    Expired,
}

impl UploadState {
    const ALL: [Self; 7] = [
        Self::Acceptable,
        Self::Open,
        Self::Processing,
        Self::Published,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acceptable => "acceptable",
            Self::Open => "open",
            Self::Processing => "processing",
            Self::Published => "published",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether it ended without being published.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled | Self::Expired)
    }
}

/// What there is of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum BlobState {
    /// Its archive has to be sent.
    Needed,
    /// Its archive is here.
    Present,
    /// It is in the log.
    Published,
}

/// A release of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedRelease {
    /// Which.
    pub artifact: Artifact,
    /// Digest of its archive, as submitted.
    pub file: Digest,
    /// What there is of it.
    pub state: BlobState,
    /// Its log index; of one that is not logged yet, the one it would get now.
    pub log: u64,
}

/// The response to every request about an upload. Of one that has ended without being published only the id, the state
/// and the problems are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// Its id; empty for a dry run.
    pub id: String,
    /// How far it is.
    pub state: UploadState,
    /// When it ends, in Unix seconds; none of a dry run.
    pub expires_at: Option<u64>,
    /// Log index of its first leaf, or the one it would get.
    pub first: u64,
    /// Leaves of the log.
    pub log_size: u64,
    /// Its releases.
    pub releases: Vec<UploadedRelease>,
    /// Namespaces that begin to exist with it.
    pub new_namespaces: Vec<Namespace>,
    /// Why it failed.
    pub problems: Vec<Diagnostic>,
}

/// What is to be published.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "UploadRequest"))]
pub(super) struct RequestJson<'a> {
    /// 1.
    v: u64,
    /// Whether it is judged only.
    #[serde(default)]
    dry_run: bool,
    /// The signed envelopes.
    #[serde(borrow)]
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Map<String, serde_json::Value>"))]
    submission: &'a RawValue,
    #[serde(default)]
    archives: Vec<ArchiveJson>,
}

/// What an index line will say of an archive.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ArchiveFacts"))]
pub(super) struct ArchiveJson {
    package: String,
    version: String,
    kind: String,
    target: String,
    core: String,
    head: String,
    file: String,
    size: u64,
}

/// The response to every request about an upload.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Upload"))]
pub(super) struct UploadJson {
    id: String,
    state: UploadState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
    first: u64,
    log_size: u64,
    releases: Vec<ReleaseJson>,
    new_namespaces: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<FaultJson>,
}

/// A release of an upload.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "UploadedRelease"))]
pub(super) struct ReleaseJson {
    package: String,
    version: String,
    kind: String,
    target: String,
    file: String,
    state: BlobState,
    log: u64,
}

fn shape(member: &str, wanted: &'static str) -> JsonError {
    JsonError::Shape { member: member.to_owned(), wanted }
}

fn syntax(error: serde_json::Error) -> JsonError {
    JsonError::Syntax { reason: error.to_string() }
}

fn artifact(package: &str, version: &str, kind: &str, target: &str) -> Result<Artifact, JsonError> {
    Ok(Artifact {
        package: PackageName::parse(package).map_err(|_| shape("package", "the name of a package"))?,
        version: Version::parse(version).map_err(|_| shape("version", "a version"))?,
        kind: Kind::parse(kind).map_err(|_| shape("kind", "`vitmod` or `vitpkg`"))?,
        target: Target::parse(target).map_err(|_| shape("target", "a target"))?,
    })
}

fn digest(member: &'static str, text: &str) -> Result<Digest, JsonError> {
    Digest::from_tagged(text).map_err(|_| shape(member, "a digest"))
}

impl UploadRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`JsonError`] for anything else, or when it is too long.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        if bytes.len() > REQUEST_LEN {
            return Err(shape("", "a document of at most 16 MiB"));
        }
        let json: RequestJson<'_> = serde_json::from_slice(bytes).map_err(syntax)?;
        if json.v != 1 {
            return Err(shape("v", "1"));
        }
        if json.archives.len() > SUBMISSION_ENVELOPES {
            return Err(shape("archives", "at most 256 archives"));
        }
        let mut archives = BTreeMap::new();
        for one in json.archives {
            let artifact = artifact(&one.package, &one.version, &one.kind, &one.target)?;
            let (head, file) = (digest("head", &one.head)?, digest("file", &one.file)?);
            archives.insert(artifact, ArchiveFacts { core: one.core, head, file, size: one.size });
        }
        let purpose = if json.dry_run { Purpose::DryRun } else { Purpose::Publish };
        Ok(Self { purpose, submission: Submission::parse(json.submission.get().as_bytes())?, archives })
    }

    /// The request as it is sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let archives = self.archives.iter().map(|(artifact, facts)| ArchiveJson {
            package: artifact.package.to_string(),
            version: artifact.version.to_string(),
            kind: artifact.kind.as_str().to_owned(),
            target: artifact.target.to_string(),
            core: facts.core.clone(),
            head: facts.head.tagged(),
            file: facts.file.tagged(),
            size: facts.size,
        });
        let archives = serde_json::to_string(&archives.collect::<Vec<_>>()).unwrap_or_default();
        let submission = String::from_utf8_lossy(&self.submission.to_bytes()).into_owned();
        let dry_run = self.purpose == Purpose::DryRun;
        format!(
            "{{\"v\":1,\"dry_run\":{dry_run},\"submission\":{},\"archives\":{archives}}}\n",
            submission.trim_end()
        )
        .into_bytes()
    }
}

impl Upload {
    /// Reads a response. Members that are not known are ignored.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let json: UploadJson = serde_json::from_slice(bytes).map_err(syntax)?;
        let release = |one: ReleaseJson| -> Result<_, JsonError> {
            Ok(UploadedRelease {
                artifact: artifact(&one.package, &one.version, &one.kind, &one.target)?,
                file: digest("file", &one.file)?,
                state: one.state,
                log: one.log,
            })
        };
        let namespace = |name: String| {
            Namespace::parse(&name).map_err(|_| shape("new_namespaces", "the name of a namespace"))
        };
        let plain = json.id.len() <= 64 && json.id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Ok(Self {
            id: Some(json.id).filter(|_| plain).ok_or_else(|| shape("id", "letters and digits"))?,
            state: json.state,
            expires_at: json.expires_at,
            first: json.first,
            log_size: json.log_size,
            releases: json.releases.into_iter().map(release).collect::<Result<_, _>>()?,
            new_namespaces: json.new_namespaces.into_iter().map(namespace).collect::<Result<_, _>>()?,
            problems: faults(json.problems),
        })
    }

    /// The response, in one line.
    pub fn to_bytes(&self) -> Vec<u8> {
        let release = |one: &UploadedRelease| ReleaseJson {
            package: one.artifact.package.to_string(),
            version: one.artifact.version.to_string(),
            kind: one.artifact.kind.as_str().to_owned(),
            target: one.artifact.target.to_string(),
            file: one.file.tagged(),
            state: one.state,
            log: one.log,
        };
        let json = UploadJson {
            id: self.id.clone(),
            state: self.state,
            expires_at: self.expires_at,
            first: self.first,
            log_size: self.log_size,
            releases: self.releases.iter().map(release).collect(),
            new_namespaces: self.new_namespaces.iter().map(Namespace::to_string).collect(),
            problems: self.problems.iter().map(FaultJson::of).collect(),
        };
        let mut bytes = serde_json::to_vec(&json).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::SubmittedRelease;
    use crate::sign::{Envelope, SecretKey, dsse};

    fn release() -> Artifact {
        artifact("acme/json", "1.0.0+a", "vitpkg", "any").unwrap()
    }

    #[test]
    fn a_request_is_read_back() {
        let key = SecretKey::from_seed(&[7; 32]);
        let envelope = Envelope::sign(dsse::RELEASE, b"one", &[&key]).unwrap();
        let (file, head) = (Digest::of(b"file"), Digest::of(b"head"));
        let facts = ArchiveFacts { core: "{\"ver\":\"1\"}".to_owned(), head, file, size: 7 };
        let request = UploadRequest {
            purpose: Purpose::DryRun,
            submission: Submission {
                releases: vec![SubmittedRelease { envelope, file }],
                ..Submission::default()
            },
            archives: BTreeMap::from([(release(), facts)]),
        };
        assert_eq!(UploadRequest::parse(&request.to_bytes()), Ok(request.clone()));
        let text = String::from_utf8(request.to_bytes()).unwrap();
        for (from, to) in
            [("\"v\":1", "\"v\":2"), ("acme/json", "../x"), ("\"size\"", "\"sizes\""), ("sha256:", "")]
        {
            assert!(UploadRequest::parse(text.replacen(from, to, 1).as_bytes()).is_err(), "{from}");
        }
    }

    #[test]
    fn a_piece_is_exact() {
        let piece = Piece { from: 5, to: 10, total: 10 };
        assert_eq!(
            (Piece::parse("bytes 5-9/10"), piece.to_string()),
            (Some(piece), "bytes 5-9/10".to_owned())
        );
        for other in [
            "bytes 5-10/10",
            "bytes 6-5/10",
            "bytes 5-/10",
            "bytes */10",
            "bytes 5-9/*",
            "bytes +5-9/10",
            "5-9/10",
        ] {
            assert_eq!(Piece::parse(other), None, "{other}");
        }
        for (key, good) in [("k", true), ("", false), ("a b", false), ("é", false)] {
            assert_eq!(is_idempotency_key(key), good, "{key}");
        }
        assert!(is_idempotency_key(&"k".repeat(64)) && !is_idempotency_key(&"k".repeat(65)));
    }

    #[test]
    fn a_response_is_read_back() {
        let upload = Upload {
            id: "7fA".to_owned(),
            state: UploadState::Open,
            expires_at: Some(1_800_000_000),
            first: 3,
            log_size: 3,
            releases: vec![UploadedRelease {
                artifact: release(),
                file: Digest::of(b"file"),
                state: BlobState::Needed,
                log: 4,
            }],
            new_namespaces: vec![Namespace::parse("acme").unwrap()],
            problems: vec![Diagnostic::new(crate::diagnostic::Code::Cycle, "a needs a".to_owned())],
        };
        assert_eq!(Upload::parse(&upload.to_bytes()), Ok(upload.clone()));
        let path = String::from_utf8(upload.to_bytes()).unwrap().replace("7fA", "../x");
        assert!(Upload::parse(path.as_bytes()).is_err());
    }
}
