//! Index files: the artifacts of one package, a line each, as a note signed by the index key.
//!
//! Format: `core/docs/registry-format.md`, section 4. `core` is kept byte for byte: its digest is what the author
//! signed, so neither registry nor mirror can alter a dependency.

use crate::dependency::{Dependency, DependencyKind, DependencySource, FeatureValue, Needs};
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::digest::{Digest, TreeDigest};
use crate::json::{Json, JsonError, Object};
use crate::limits;
use crate::log::leaf::Artifact;
use crate::log::note::{IndexKey, Note, NoteError};
use crate::message::log as text;
use crate::name::PackageName;
use crate::sign::{RegistryId, SecretKey, StatusChange};
use crate::target::{Kind, Target};
use crate::version::{Requirement, Version};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The part of a line that the author signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    raw: String,
    /// Version of the release.
    pub version: Version,
    /// Kind of the artifact.
    pub kind: Kind,
    /// What it is for.
    pub target: Target,
    /// Its identity.
    pub tree: TreeDigest,
    /// Digest of its `vitte.toml`.
    pub manifest: Digest,
    /// Number of files.
    pub files: u64,
    /// Bytes of all files together.
    pub unpacked: u64,
    /// Edition of the language.
    pub edition: String,
    /// Dependencies and features; development dependencies are not published.
    pub needs: Arc<Needs>,
}

impl Core {
    /// Reads `core`: the one reader of what the author signed. It must be written as the one function that makes it writes it.
    ///
    /// # Errors
    /// [`JsonError::Unknown`] for a member of a newer form; [`JsonError`] for anything else.
    pub fn parse(raw: &str) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(raw.as_bytes(), 5)?;
        let core = Self {
            raw: raw.to_owned(),
            version: Version::parse(&object.text("ver")?).map_err(|_| shape("ver", "a version"))?,
            kind: Kind::parse(&object.text("kind")?).map_err(|_| shape("kind", "vitpkg or vitmod"))?,
            target: Target::parse(&object.text("target")?).map_err(|_| shape("target", "a target"))?,
            tree: TreeDigest::parse(&object.text("tree")?).map_err(|_| shape("tree", "a tree digest"))?,
            manifest: Digest::from_tagged(&object.text("manifest")?)
                .map_err(|_| shape("manifest", "a digest"))?,
            files: object.number("files")?,
            unpacked: object.number("unpacked")?,
            edition: object.text("edition")?,
            needs: Arc::new(Needs {
                dependencies: object
                    .list("deps")?
                    .into_iter()
                    .map(take_dependency)
                    .collect::<Result<_, _>>()?,
                features: take_features(&mut object)?,
            }),
        };
        object.finish()?;
        if core.needs.dependencies.len() > limits::DEPENDENCIES {
            return Err(shape("deps", "an array of at most 500 dependencies"));
        }
        if core.needs.features.len() > limits::FEATURES {
            return Err(shape("features", "an object of at most 256 features"));
        }
        Ok(core)
    }

    /// The bytes it was read from.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Digest of those bytes: what the author signed and the log leaf repeats.
    pub fn digest(&self) -> Digest {
        Digest::of(self.raw.as_bytes())
    }

    /// Whether both are artifacts of one source: what does not depend on kind and target is the same.
    fn has_content_of(&self, other: &Self) -> bool {
        #[cfg(test)]
        COMPARISONS.set(COMPARISONS.get() + 1);
        self.manifest == other.manifest && self.needs == other.needs
    }
}

#[cfg(test)]
std::thread_local! {
    /// How often [`Core::has_content_of`] was asked on this thread.
    static COMPARISONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

fn take_dependency(value: Json) -> Result<Dependency, JsonError> {
    let Json::Object(mut object) = value else { return Err(shape("deps", "an array of objects")) };
    let flag = |object: &mut Object, member: &str| match object.take(member)? {
        Json::Bool(value) => Ok(value),
        _ => Err(shape(member, "true or false")),
    };
    let dependency = Dependency {
        name: PackageName::parse(&object.text("p")?).map_err(|_| shape("p", "the name of a package"))?,
        requirement: Requirement::parse(&object.text("r")?).map_err(|_| shape("r", "a requirement"))?,
        kind: DependencyKind::published(&object.text("k")?).ok_or_else(|| shape("k", "normal or build"))?,
        targets: object
            .texts("t")?
            .iter()
            .map(|target| Target::parse(target).map_err(|_| shape("t", "an array of targets")))
            .collect::<Result<_, _>>()?,
        optional: flag(&mut object, "o")?,
        default_features: flag(&mut object, "d")?,
        features: object.texts("f")?,
        source: DependencySource::Registry,
        span: None,
    };
    object.finish()?;
    Ok(dependency)
}

fn take_features(object: &mut Object) -> Result<BTreeMap<String, Vec<FeatureValue>>, JsonError> {
    let mut features = BTreeMap::new();
    for (name, value) in object.object("features")?.into_members() {
        let Json::List(values) = value else { return Err(shape("features", "an object of arrays")) };
        let text = |value| match value {
            Json::Text(value) => Ok(FeatureValue::parse(&value)),
            _ => Err(shape("features", "an object of arrays of strings")),
        };
        features.insert(name, values.into_iter().map(text).collect::<Result<_, _>>()?);
    }
    Ok(features)
}

fn shape(member: &str, wanted: &'static str) -> JsonError {
    JsonError::Shape { member: member.to_owned(), wanted }
}

/// The newest status of a release, as an index line repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexStatus {
    /// Log index of the status record.
    pub log: u64,
    /// What it says.
    pub change: StatusChange,
}

/// One artifact of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// What the author signed.
    pub core: Core,
    /// Log index of the release.
    pub log: u64,
    /// When it was logged, in Unix seconds.
    pub time: u64,
    /// Head digest of the archive the registry holds: a hint.
    pub head: Digest,
    /// Digest of that whole file: a hint.
    pub file: Digest,
    /// Bytes of that file: a hint.
    pub size: u64,
    /// Newest status; absent when active.
    pub status: Option<IndexStatus>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry<'a> {
    #[serde(borrow)]
    core: &'a RawValue,
    log: u64,
    time: u64,
    head: String,
    file: String,
    size: u64,
    #[serde(borrow, default)]
    status: Option<&'a RawValue>,
}

impl IndexEntry {
    /// Its line of the file, with the end of the line.
    pub(crate) fn line(&self) -> String {
        let Self { core, log, time, head, file, size, status } = self;
        let status = status.as_ref().map_or_else(String::new, |status| {
            format!(",\"status\":{{\"log\":{},{}}}", status.log, status.change.members())
        });
        format!(
            "{{\"core\":{},\"log\":{log},\"time\":{time},\"head\":\"{}\",\"file\":\"{}\",\"size\":{size}{status}}}\n",
            core.raw,
            head.tagged(),
            file.tagged(),
        )
    }
}

/// The content of the index file of one package, whoever wrote it: what a registry signs next, and what a
/// [`VerifiedIndex`](super::VerifiedIndex) gives to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFile {
    package: PackageName,
    rev: u64,
    log_size: u64,
    entries: Vec<IndexEntry>,
    /// Bytes of their lines.
    len: usize,
    /// Places of the artifacts of each version, build metadata aside: only they can contradict each other.
    alike: BTreeMap<Version, BTreeMap<(Kind, Target), usize>>,
    skipped: Vec<u64>,
}

impl IndexFile {
    /// Begins the index of a package; its first note will have `rev` 1.
    pub fn new(package: PackageName) -> Self {
        Self {
            package,
            rev: 0,
            log_size: 0,
            entries: Vec::new(),
            len: 0,
            alike: BTreeMap::new(),
            skipped: Vec::new(),
        }
    }

    /// Begins the index of a package anew: its first note will have a `rev` behind `rev`, which no lost file had passed.
    pub fn after(package: PackageName, rev: u64) -> Self {
        Self { rev, ..Self::new(package) }
    }

    /// Reads the index file of `package` **without checking who signed it**. It is good for a guess, or to be signed
    /// again; what is decided by an index file takes a [`VerifiedIndex`](super::VerifiedIndex), which this never becomes.
    ///
    /// # Errors
    /// As [`VerifiedIndex::open`](super::VerifiedIndex::open), of which nothing about signatures.
    pub fn read_unverified(bytes: &[u8], package: &PackageName) -> Result<Self, IndexError> {
        Self::parse(Note::parse(bytes, limits::INDEX_LEN).map_err(IndexError::Note)?.text(), package)
    }

    /// Reads the text of the note.
    pub(super) fn parse(note_text: &str, package: &PackageName) -> Result<Self, IndexError> {
        let refuse = |line: usize, reason: String| IndexError::Line { line: line as u64 + 1, reason };
        let mut lines = note_text.lines().enumerate();
        let (_, first) = lines.next().ok_or_else(|| refuse(0, text::index_empty()))?;
        let malformed = |error: JsonError| refuse(0, error.reason());
        let mut header = Json::parse_object(first.as_bytes(), 4).map_err(malformed)?;
        match header.number("v").map_err(malformed)? {
            1 => {}
            version => return Err(IndexError::Version { version }),
        }
        let got = header.text("package").map_err(malformed)?;
        if got != package.as_str() {
            return Err(IndexError::Package { expected: package.to_string(), got });
        }
        let rev = header.number("rev").map_err(malformed)?;
        let log_size = header.number("log_size").map_err(malformed)?;
        header.finish().map_err(malformed)?;
        let mut file = Self { rev, log_size, ..Self::new(package.clone()) };
        let mut last_log = None;
        for (number, line) in lines {
            if line.len() > limits::INDEX_LINE_LEN {
                return Err(refuse(number, text::index_line_length(limits::INDEX_LINE_LEN as u64)));
            }
            let raw: RawEntry<'_> =
                serde_json::from_str(line).map_err(|error| refuse(number, error.to_string()))?;
            if last_log.is_some_and(|last| last >= raw.log) || raw.log >= file.log_size {
                return Err(refuse(number, text::index_order(raw.log)));
            }
            last_log = Some(raw.log);
            let core = match Core::parse(raw.core.get()) {
                Ok(core) => core,
                // Of a newer form: not selectable here, no fault of the others.
                Err(JsonError::Unknown(_)) => {
                    file.skipped.push(raw.log);
                    continue;
                }
                Err(error) => return Err(refuse(number, error.reason())),
            };
            let digest =
                |given: &str| Digest::from_tagged(given).map_err(|error| refuse(number, error.to_string()));
            let entry = IndexEntry {
                core,
                log: raw.log,
                time: raw.time,
                head: digest(&raw.head)?,
                file: digest(&raw.file)?,
                size: raw.size,
                status: match raw.status {
                    Some(raw) => {
                        Some(read_status(raw.get()).map_err(|error| refuse(number, error.reason()))?)
                    }
                    None => None,
                },
            };
            file.agree(&entry).map_err(|reason| refuse(number, reason))?;
            file.len += line.len() + 1;
            file.push(entry);
        }
        Ok(file)
    }

    fn push(&mut self, entry: IndexEntry) {
        let alike = self.alike.entry(entry.core.version.without_build()).or_default();
        alike.insert((entry.core.kind, entry.core.target.clone()), self.entries.len());
        self.entries.push(entry);
    }

    /// Whether an artifact may be added to those that are there.
    fn agree(&self, entry: &IndexEntry) -> Result<(), String> {
        let core = &entry.core;
        // Those that are there agree with one another: the first speaks for all. What takes long to compare is compared
        // once, then, however many artifacts a version has.
        let Some(alike) = self.alike.get(&core.version.without_build()) else { return Ok(()) };
        let first = alike.values().next().and_then(|place| self.entries.get(*place));
        let Some(there) = first.map(|other| &other.core) else { return Ok(()) };
        let version = || core.version.to_string();
        if there.version != core.version {
            return Err(text::index_build_metadata(&version(), &there.version.to_string()));
        }
        if alike.contains_key(&(core.kind, core.target.clone())) {
            return Err(text::index_twice(&version(), core.kind.as_str(), core.target.as_str()));
        }
        if there.has_content_of(core) { Ok(()) } else { Err(text::index_disagree(&version())) }
    }

    /// Adds an artifact that has been logged.
    ///
    /// # Errors
    /// [`IndexError::Line`] when it contradicts one that is there.
    pub fn add(&mut self, entry: IndexEntry) -> Result<(), IndexError> {
        let line = self.entries.len() as u64 + 2;
        self.agree(&entry).map_err(|reason| IndexError::Line { line, reason })?;
        if self.entries.last().is_some_and(|last| last.log >= entry.log) {
            return Err(IndexError::Line { line, reason: text::index_order(entry.log) });
        }
        self.len += entry.line().len();
        self.push(entry);
        Ok(())
    }

    /// Sets the newest status of all artifacts of a version; one that clears takes the member away.
    pub fn set_status(&mut self, version: &Version, status: &IndexStatus) {
        for entry in self.entries.iter_mut().filter(|entry| entry.core.version == *version) {
            let before = entry.line().len();
            entry.status = if status.change.action.clears() { None } else { Some(status.clone()) };
            self.len = (self.len + entry.line().len()).saturating_sub(before);
        }
    }

    /// Signs the file with the next `rev`, as of a log of `log_size` leaves.
    ///
    /// # Errors
    /// [`IndexError::Note`] when the registry's id cannot be part of a key's name.
    pub fn sign(
        &mut self,
        log_size: u64,
        registry: &RegistryId,
        secret: &SecretKey,
    ) -> Result<Vec<u8>, IndexError> {
        self.rev += 1;
        self.log_size = log_size;
        let note = Note::sign(self.to_text(), &IndexKey::name_of(registry), secret);
        Ok(note.map_err(IndexError::Note)?.to_bytes())
    }

    fn to_text(&self) -> String {
        let package = serde_json::Value::from(self.package.as_str());
        let mut lines = format!(
            "{{\"v\":1,\"package\":{package},\"rev\":{},\"log_size\":{}}}\n",
            self.rev, self.log_size
        );
        self.entries.iter().for_each(|entry| lines.push_str(&entry.line()));
        lines
    }

    /// The package.
    pub fn package(&self) -> &PackageName {
        &self.package
    }

    /// Bytes of the lines of its artifacts.
    pub fn lines_len(&self) -> usize {
        self.len
    }

    /// Number of the note: each new one has a higher one.
    pub fn rev(&self) -> u64 {
        self.rev
    }

    /// Leaves of the log it was made from.
    pub fn log_size(&self) -> u64 {
        self.log_size
    }

    /// The artifacts, in log order.
    pub fn entries(&self) -> &[IndexEntry] {
        &self.entries
    }

    /// Log indices of artifacts of a newer form, which this version cannot choose.
    pub fn skipped(&self) -> &[u64] {
        &self.skipped
    }

    /// The artifact of a version, kind and target.
    pub fn find(&self, version: &Version, kind: Kind, target: &Target) -> Option<&IndexEntry> {
        let alike = self.alike.get(&version.without_build())?;
        let entry = self.entries.get(*alike.get(&(kind, target.clone()))?)?;
        (entry.core.version == *version).then_some(entry)
    }

    /// Which artifact an entry is.
    pub fn artifact(&self, entry: &IndexEntry) -> Artifact {
        Artifact {
            package: self.package.clone(),
            version: entry.core.version.clone(),
            kind: entry.core.kind,
            target: entry.core.target.clone(),
        }
    }

    /// The versions, each once, in the order they were first logged.
    pub fn versions(&self) -> Vec<&Version> {
        let mut seen = BTreeSet::new();
        self.entries.iter().map(|entry| &entry.core.version).filter(|version| seen.insert(*version)).collect()
    }

    /// The package's last leaf, release or status.
    pub fn last_leaf(&self) -> Option<u64> {
        let statuses = self.entries.iter().filter_map(|entry| entry.status.as_ref()).map(|status| status.log);
        self.entries.iter().map(|entry| entry.log).chain(statuses).max()
    }
}

fn read_status(raw: &str) -> Result<IndexStatus, JsonError> {
    let mut object = Json::parse_object(raw.as_bytes(), 2)?;
    let status = IndexStatus { log: object.number("log")?, change: StatusChange::take(&mut object)? };
    object.finish()?;
    Ok(status)
}

/// An index file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IndexError {
    /// It is not a note signed by the index key.
    Note(NoteError),
    /// It is of a newer form.
    Version {
        /// The form.
        version: u64,
    },
    /// It is another package's.
    Package {
        /// The package asked for.
        expected: String,
        /// The one named.
        got: String,
    },
    /// A line is malformed or contradicts another.
    Line {
        /// Number of the line, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
}

impl Diagnose for IndexError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Note(error) => Diagnostic::new(Code::IndexSignature, text::index_note(&error.to_string())),
            Self::Version { version } => Diagnostic::new(Code::IndexVersion, text::index_version(*version)),
            Self::Package { expected, got } => {
                Diagnostic::new(Code::Index, text::index_package(got, expected))
                    .with("expected", expected.as_str())
                    .with("got", got.as_str())
            }
            Self::Line { line, reason } => {
                Diagnostic::new(Code::Index, text::index_line(*line, reason)).at(Place::Line { line: *line })
            }
        }
    }
}
display_as_message!(IndexError);

#[cfg(test)]
mod tests;
