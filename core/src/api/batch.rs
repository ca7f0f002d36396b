//! Many index files in one response: the request, and the response as a stream.
//!
//! Source: registry format document, section 5. Nothing in an answer is trusted: each body is a signed note and is
//! checked as if it had been fetched by itself. The frame around them only has to be unambiguous and small.

use super::PREFIX;
use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::json::{Json, JsonError};
use crate::limits;
use crate::message::{network as text, term};
use crate::name::PackageName;
use crate::registry::RegistryConfig;

mod response;

pub use response::{BatchResponse, StoredIndex};

/// The media type of an answer.
pub const MEDIA_TYPE: &str = "application/vnd.vitte.index-batch.v1";
/// Where the API takes the question, below its own address.
pub const PATH: &str = "index/batch";
/// What a registry that answers says in `features`.
pub const FEATURE: &str = "batch";
/// Bytes of a request at most: 1,000 names with their tags.
pub const REQUEST_LEN: u64 = 512 * 1024;

/// `config.json` with the hints that the API is there, and answers batches; none when the file is no configuration.
pub fn announced(config: &[u8]) -> Option<Vec<u8>> {
    let mut config = RegistryConfig::parse(config).ok()?;
    config.api = Some(PREFIX.to_owned());
    if !config.features.iter().any(|feature| feature == FEATURE) {
        config.features.push(FEATURE.to_owned());
    }
    Some(config.to_bytes())
}

const END: &str = "end";

/// Whether files that were not named are welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// Only what is named.
    Named,
    /// What the newest versions of those need as well, and so on.
    Dependencies,
}

/// One package whose index file is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexQuery {
    /// The package.
    pub name: PackageName,
    /// Only if its index file does not have this tag.
    pub etag: Option<String>,
}

/// The question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRequest {
    packages: Vec<IndexQuery>,
    follow: Follow,
}

impl BatchRequest {
    /// Asks about some packages. Tags that cannot stand in an answer are left out.
    ///
    /// # Errors
    /// [`BatchError::Limit`] for more than 1,000 packages.
    pub fn new(mut packages: Vec<IndexQuery>, follow: Follow) -> Result<Self, BatchError> {
        if packages.len() > limits::BATCH_NAMES {
            return Err(BatchError::Limit { what: "names", limit: limits::BATCH_NAMES as u64 });
        }
        for query in &mut packages {
            query.etag = query.etag.take().filter(|etag| is_etag(etag));
        }
        Ok(Self { packages, follow })
    }

    /// Reads a question.
    ///
    /// # Errors
    /// [`BatchError::Request`] when it is malformed, [`BatchError::Limit`] for more than 1,000 packages.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let shape = |member: &str, wanted| JsonError::Shape { member: member.to_owned(), wanted };
        let read = || {
            let mut object = Json::parse_object(bytes, 4)?;
            if object.number("v")? != 1 {
                return Err(shape("v", "1"));
            }
            let mut packages = Vec::new();
            for query in object.list("packages")? {
                let Json::Object(mut query) = query else {
                    return Err(shape("packages", "an array of objects"));
                };
                let name = PackageName::parse(&query.text("name")?);
                let name = name.map_err(|_| shape("name", "the name of a package"))?;
                let etag = match query.take_optional("etag") {
                    None | Some(Json::Null) => None,
                    Some(Json::Text(etag)) => Some(etag),
                    Some(_) => return Err(shape("etag", "a string")),
                };
                query.finish()?;
                packages.push(IndexQuery { name, etag });
            }
            let follow = match object.take_optional("follow") {
                None | Some(Json::Bool(false)) => Follow::Named,
                Some(Json::Bool(true)) => Follow::Dependencies,
                Some(_) => return Err(shape("follow", "true or false")),
            };
            object.finish()?;
            Ok((packages, follow))
        };
        let (packages, follow) = read().map_err(BatchError::Request)?;
        Self::new(packages, follow)
    }

    /// The question as it is sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let packages: Vec<_> = self
            .packages
            .iter()
            .map(|query| match &query.etag {
                Some(etag) => serde_json::json!({"name": query.name.as_str(), "etag": etag}),
                None => serde_json::json!({"name": query.name.as_str()}),
            })
            .collect();
        let follow = self.follow == Follow::Dependencies;
        serde_json::json!({"v": 1, "packages": packages, "follow": follow}).to_string().into_bytes()
    }

    /// The packages, in the order they were asked about.
    pub fn packages(&self) -> &[IndexQuery] {
        &self.packages
    }

    /// Whether more is welcome.
    pub fn follow(&self) -> Follow {
        self.follow
    }
}

/// What there is of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// Its index file: 200.
    Found,
    /// The one whose tag was given: 304.
    Unchanged,
    /// None: 404, 410 or 451.
    Absent(u16),
}

impl FileStatus {
    fn number(self) -> u16 {
        match self {
            Self::Found => 200,
            Self::Unchanged => 304,
            Self::Absent(number) => number,
        }
    }

    fn parse(number: &str) -> Option<Self> {
        match number {
            "200" => Some(Self::Found),
            "304" => Some(Self::Unchanged),
            "404" => Some(Self::Absent(404)),
            "410" => Some(Self::Absent(410)),
            "451" => Some(Self::Absent(451)),
            _ => None,
        }
    }
}

/// The answer about one package. Its body is unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchFile {
    /// The package.
    pub name: PackageName,
    /// What there is of it.
    pub status: FileStatus,
    /// The tag of the file.
    pub etag: Option<String>,
    /// The file; empty unless it was found.
    pub body: Vec<u8>,
}

/// Writes an answer. Files beyond its limits are left out, for the client to ask for singly.
#[derive(Debug, Default)]
pub struct BatchWriter {
    bytes: Vec<u8>,
    files: usize,
}

impl BatchWriter {
    /// Begins an answer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. Says whether there was room for it.
    pub fn add(&mut self, file: &BatchFile) -> bool {
        let body = if file.status == FileStatus::Found { file.body.as_slice() } else { &[] };
        let etag = file.etag.as_deref().filter(|etag| is_etag(etag)).unwrap_or("-");
        let head = format!("file {} {} {} {etag}\n", file.name, file.status.number(), body.len());
        let end = self.bytes.len() + head.len() + body.len() + END.len() + 1;
        if self.files >= limits::BATCH_FILES || end > limits::BATCH_LEN || body.len() > limits::INDEX_LEN {
            return false;
        }
        self.files += 1;
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(body);
        true
    }

    /// Ends it and gives its bytes.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(END.as_bytes());
        self.bytes.push(b'\n');
        self.bytes
    }
}

/// Reads an answer piece by piece. Any cutting of the bytes gives the same files.
#[derive(Debug, Default)]
pub struct BatchReader {
    /// What was pushed and not read yet begins here in `held`.
    at: usize,
    held: Vec<u8>,
    received: usize,
    files: usize,
    /// The head of the file whose body is not complete.
    open: Option<(BatchFile, usize)>,
    ended: bool,
    failed: bool,
}

impl BatchReader {
    /// Begins to read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes more bytes. What is beyond the limit is not kept.
    pub fn push(&mut self, bytes: &[u8]) {
        self.received = self.received.saturating_add(bytes.len());
        if self.received <= limits::BATCH_LEN && !self.failed {
            self.held.drain(..self.at);
            self.at = 0;
            self.held.extend_from_slice(bytes);
        }
    }

    #[allow(clippy::should_implement_trait, reason = "a push machine: after none there may be more")]
    /// The next file that is complete; none while more bytes are needed, and after the end or an error.
    pub fn next(&mut self) -> Option<Result<BatchFile, BatchError>> {
        if self.failed {
            return None;
        }
        let next = self.read().transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }

    /// The answer is complete.
    ///
    /// # Errors
    /// [`BatchError::Truncated`] when it is not.
    pub fn finish(self) -> Result<(), BatchError> {
        if self.ended && !self.failed && self.at == self.held.len() {
            Ok(())
        } else {
            Err(BatchError::Truncated)
        }
    }

    fn read(&mut self) -> Result<Option<BatchFile>, BatchError> {
        if self.received > limits::BATCH_LEN {
            return Err(BatchError::Limit { what: "bytes", limit: limits::BATCH_LEN as u64 });
        }
        let rest = self.held.get(self.at..).unwrap_or_default();
        if self.ended {
            return if rest.is_empty() { Ok(None) } else { Err(BatchError::Trailing) };
        }
        if self.open.is_none() {
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                return match rest.len() > limits::BATCH_LINE_LEN {
                    true => Err(BatchError::Line { file: self.files as u64 + 1 }),
                    false => Ok(None),
                };
            };
            let line = rest.get(..end).filter(|line| line.len() <= limits::BATCH_LINE_LEN);
            let refuse = || BatchError::Line { file: self.files as u64 + 1 };
            let line = line.and_then(|line| std::str::from_utf8(line).ok()).ok_or_else(refuse)?;
            if line == END {
                self.ended = true;
                self.at += end + 1;
                return self.read();
            }
            let open = read_line(line).ok_or_else(refuse)?;
            if self.files >= limits::BATCH_FILES {
                return Err(BatchError::Limit { what: "files", limit: limits::BATCH_FILES as u64 });
            }
            self.open = Some(open);
            self.at += end + 1;
        }
        let Some((_, len)) = &self.open else { return Ok(None) };
        let Some(body) = self.held.get(self.at..).and_then(|rest| rest.get(..*len)) else { return Ok(None) };
        let body = body.to_vec();
        self.at += body.len();
        self.files += 1;
        Ok(self.open.take().map(|(file, _)| BatchFile { body, ..file }))
    }
}

/// `file <name> <status> <length> <etag or ->`: the file without its body, and how long that is.
fn read_line(line: &str) -> Option<(BatchFile, usize)> {
    let mut words = line.split(' ');
    (words.next()? == "file").then_some(())?;
    let name = PackageName::parse(words.next()?).ok()?;
    let status = FileStatus::parse(words.next()?)?;
    let (length, etag) = (words.next()?, words.next()?);
    let len: usize = length.parse().ok()?;
    let plain = length == len.to_string() && len <= limits::INDEX_LEN;
    let etag = if etag == "-" { None } else { Some(etag).filter(|etag| is_etag(etag)).map(Some)? };
    let fits = plain && (status == FileStatus::Found || len == 0) && words.next().is_none();
    fits.then(|| (BatchFile { name, status, etag: etag.map(str::to_owned), body: Vec::new() }, len))
}

/// Whether a tag can stand in a line: quoted and visible, RFC 9110, section 8.8.3.
fn is_etag(etag: &str) -> bool {
    let quoted = etag.strip_prefix("W/").unwrap_or(etag);
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    etag.len() <= limits::BATCH_ETAG_LEN
        && inner.is_some_and(|inner| inner.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x7E)))
}

/// A question or an answer is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchError {
    /// The question is malformed.
    Request(JsonError),
    /// Too much of something.
    Limit {
        /// `names`, `files` or `bytes`.
        what: &'static str,
        /// How many there may be.
        limit: u64,
    },
    /// The line before a file is malformed.
    Line {
        /// Which file, from 1.
        file: u64,
    },
    /// It ends before its end.
    Truncated,
    /// There is something behind its end.
    Trailing,
}

impl Diagnose for BatchError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Request(error) => Diagnostic::new(Code::IndexBatch, text::batch_request(&error.reason())),
            Self::Limit { what, limit } => {
                Diagnostic::new(Code::IndexBatch, text::batch_limit(term(what), *limit))
            }
            Self::Line { file } => Diagnostic::new(Code::IndexBatch, text::batch_line(*file)),
            Self::Truncated => Diagnostic::new(Code::IndexBatch, text::batch_truncated()),
            Self::Trailing => Diagnostic::new(Code::IndexBatch, text::batch_trailing()),
        }
    }
}
display_as_message!(BatchError);

#[cfg(test)]
mod tests;
