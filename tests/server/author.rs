//! An author without a command line: signs packages, and speaks to a server over one connection, as fast as it can.

use crate::pack::pack;
use crate::sandbox::{Sandbox, try_connect};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use vitte_package::package_file::PackageFile;
use vitte_package::signing;
use vitte_package_core::api::upload::{
    BlobState, Purpose, Upload, UploadRequest, UploadState, blob_path, commit_path,
};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::core_line;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::Namespace;
use vitte_package_core::registry::{ArchiveFacts, Submission, SubmittedRelease};
use vitte_package_core::sign::{Envelope, NamespaceRecord, RegistryId, SecretKey, Signatures, dsse};

/// The key of the author.
pub(crate) fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn registry() -> RegistryId {
    RegistryId::parse("registry.example/").unwrap()
}

/// What is to be published, signed.
#[derive(Clone, Default)]
pub(crate) struct Signed {
    submission: Submission,
    facts: BTreeMap<Artifact, ArchiveFacts>,
    pub(crate) archives: BTreeMap<Digest, Vec<u8>>,
}

impl Signed {
    /// The record that begins a namespace.
    pub(crate) fn namespace(name: &str) -> Self {
        let record = NamespaceRecord::first(Namespace::parse(name).unwrap(), registry(), key().public());
        let record = Envelope::sign(dsse::NAMESPACE, &record.to_payload().unwrap(), &[&key()]).unwrap();
        Self {
            submission: Submission { namespaces: vec![record], ..Submission::default() },
            ..Self::default()
        }
    }

    /// Adds a release.
    pub(crate) fn with(mut self, sandbox: &Sandbox, name: &str, version: &str, content: &str) -> Self {
        let path = pack(sandbox, name, version, content, "");
        let mut package = PackageFile::open(&path).unwrap();
        let statement = signing::statement(&mut package, registry(), None).unwrap();
        let mut signatures = Signatures::default();
        signing::add(&mut signatures, &statement, &key()).unwrap();
        let artifact = Artifact {
            package: statement.package.clone(),
            version: statement.version.clone(),
            kind: statement.kind,
            target: statement.target.clone(),
        };
        let manifest = package.manifest().unwrap();
        let core = core_line(&manifest, package.toc().tree(), artifact.kind, &artifact.target);
        let head = package.head().head_digest();
        signing::replace_signatures(&path, package, &signatures).unwrap();
        let archive = std::fs::read(&path).unwrap();
        let (file, size) = (Digest::of(&archive), archive.len() as u64);
        let envelope = Envelope::sign(dsse::RELEASE, &statement.to_payload().unwrap(), &[&key()]).unwrap();
        self.submission.releases.push(SubmittedRelease { envelope, file });
        self.facts.insert(artifact, ArchiveFacts { core, head, file, size });
        self.archives.insert(file, archive);
        self
    }

    pub(crate) fn request(&self) -> Vec<u8> {
        let (submission, archives) = (self.submission.clone(), self.facts.clone());
        UploadRequest { purpose: Purpose::Publish, submission, archives }.to_bytes()
    }
}

/// A response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines
            .find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)))
            .map(|(_, value)| value)
    }

    pub(crate) fn upload(&self) -> Upload {
        let said = String::from_utf8_lossy(&self.body);
        Upload::parse(&self.body).unwrap_or_else(|error| panic!("{}: {said}: {error}", self.status))
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }
}

/// A client with a connection that is opened by the first request, and kept.
pub(crate) struct Author {
    address: String,
    token: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Author {
    pub(crate) fn at(address: &str, token: &str) -> Self {
        Self { address: address.to_owned(), token: token.to_owned(), stream: None }
    }

    /// The connection. The error of a server that is not there.
    fn stream(&mut self) -> std::io::Result<&mut BufReader<TcpStream>> {
        if self.stream.is_none() {
            self.stream = Some(BufReader::new(try_connect(&self.address)?));
        }
        self.stream.as_mut().ok_or_else(|| std::io::ErrorKind::NotConnected.into())
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Sends a request below the API. The error of a connection that broke.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> std::io::Result<Response> {
        let head = format!(
            "{method} /api/v1/{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n{headers}Content-Length: {}\r\n\r\n",
            self.address,
            self.token,
            body.len()
        );
        let stream = self.stream()?;
        // A server that refuses a body may answer before it has read it.
        let _ = stream.get_mut().write_all(&[head.as_bytes(), body].concat());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut response = Response { status, head, body: Vec::new() };
        let has_body = method != "HEAD" && status != 204;
        let length = response.header("content-length").and_then(|length| length.parse().ok());
        response.body = vec![0; length.filter(|_| has_body).unwrap_or(0)];
        stream.read_exact(&mut response.body)?;
        if status >= 400 {
            self.stream = None;
        }
        Ok(response)
    }

    /// Begins a request whose body does not come.
    pub(crate) fn begin(&mut self, method: &str, path: &str, length: usize) -> std::io::Result<()> {
        let (address, token) = (&self.address, &self.token);
        let head = format!(
            "{method} /api/v1/{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n"
        );
        self.stream()?.get_mut().write_all(head.as_bytes())
    }

    /// Publishes, as a client does: opens an upload under the key of the request, sends what is needed, commits. The first
    /// refusal, or the response of the commit.
    pub(crate) fn publish(&mut self, signed: &Signed) -> std::io::Result<Response> {
        let request = signed.request();
        let key = format!("Idempotency-Key: {}\r\n", Digest::of(&request));
        let opened = self.ask("POST", "uploads", &key, &request)?;
        if !matches!(opened.status, 200 | 201) {
            return Ok(opened);
        }
        let upload = opened.upload();
        if upload.state == UploadState::Published {
            return Ok(opened);
        }
        for release in upload.releases.iter().filter(|release| release.state == BlobState::Needed) {
            let archive = &signed.archives[&release.file];
            let sent = self.ask("PUT", &blob_path(&upload.id, &release.file), "", archive)?;
            if sent.status != 204 {
                return Ok(sent);
            }
        }
        self.ask("POST", &commit_path(&upload.id), "", b"")
    }
}
