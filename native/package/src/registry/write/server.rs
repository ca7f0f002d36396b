//! The writer of a registry behind a server: it is asked, and what it says it has logged is proved by its log.
//!
//! A token says who may ask; what is published is signed by its author all the same, and what the server decides is
//! decided here as well, by the same rules, before anything is sent.

use super::{Draft, Plan, Receipt, RegistryWriter};
use crate::credentials;
use crate::env::Env;
use crate::error::Error;
use crate::http::{Call, Http};
use crate::message::registry as text;
use crate::registry::read::api;
use crate::registry::read::client::RegistryClient;
use crate::registry::read::location::Location;
use crate::report::{Reporter, Task};
use std::collections::BTreeMap;
use std::task::Poll;
use vitte_package_core::api::Token;
use vitte_package_core::api::status::{self, StatusRecords};
use vitte_package_core::api::upload::{
    self, BlobState, Purpose, Upload, UploadRequest, UploadState, blob_path, commit_path,
};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::index::{Address, VerifiedIndex};
use vitte_package_core::limits;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::{
    Admission, LogPlace, ReleaseState, SignedHead, Snapshot, VerifiedTrustRoot, WriteError, layout,
};
use vitte_package_core::sign::NamespaceChain;
use vitte_package_core::version::Version;

/// Bytes of a short response at most.
const SHORT: u64 = 4096;

/// A registry at an address, by its API.
#[derive(Debug)]
pub struct ServerWriter {
    env: Env,
    location: Location,
    client: RegistryClient,
    http: Http,
    api: Address,
    token: Token,
    /// By the path at which a folder has them, the last entries of packages: a server does not deliver those files.
    last_leaves: BTreeMap<String, u64>,
}

impl ServerWriter {
    /// Opens a registry at an address, as far as its trust root, log and index go, with the token for it.
    ///
    /// # Errors
    /// `unauthenticated` without a token, or with something else than one; `insecure-url` when it would be sent in the
    /// clear or to another host; `not-supported` when there is no server; those of [`RegistryClient::open`].
    pub fn open(env: &Env, url: &Address) -> Result<Self, Error> {
        let token = credentials::for_writing(env, url)?.token;
        // What is read before and after is read with the same token.
        let env = env.clone().with_token(url.clone(), token.clone());
        let location = Location::Url(url.clone());
        let client = RegistryClient::open(&env, &location)?;
        let Some(api) = api::address(url, client.config())? else {
            let fault = Diagnostic::new(Code::NotSupported, text::no_server(&url.to_string()));
            return Err(fault.help(text::location_http_help()).into());
        };
        let http = Http::new(&env)?;
        Ok(Self { env, location, client, http, api, token, last_leaves: BTreeMap::new() })
    }

    fn call(&self, path: &str, call: Call<'_>, limit: u64) -> Result<Vec<u8>, Error> {
        let url = self.api.join(path)?;
        self.http.call(&url, &self.token, call, limit)
    }

    fn upload(&self, path: &str, body: &[u8]) -> Result<Upload, Error> {
        let response = self.call(path, Call::Post(body), upload::RESPONSE_LEN)?;
        Ok(Upload::parse(&response)?)
    }

    /// Opens an upload. The same request opens the same one, however often it is made and by whichever run.
    fn open_upload(&self, request: &[u8]) -> Result<Upload, Error> {
        let key = Digest::of(request).to_string();
        let headers: &[(&str, &str)] = &[(upload::IDEMPOTENCY_KEY, &key)];
        let (url, call) = (self.api.join(upload::PATH)?, Call::Post(request));
        let response = self.http.call_with(&url, &self.token, call, headers, upload::RESPONSE_LEN)?;
        Ok(Upload::parse(&response)?)
    }

    /// Publishes a draft by one upload: what the server said when it was opened, and when it was published.
    fn upload_once(&self, draft: &Draft) -> Result<(Upload, Upload), Error> {
        let opened = self.open_upload(&request(draft, Purpose::Publish))?;
        for release in opened.releases.iter().filter(|release| release.state == BlobState::Needed) {
            let archive = draft.archives.iter().find(|archive| *archive.artifact() == release.artifact);
            // What was not submitted is not sent, whatever is asked for.
            let Some(archive) = archive.filter(|archive| archive.file() == release.file) else { continue };
            let url = self.api.join(&blob_path(&opened.id, &archive.file()))?;
            self.http.put(&url, &self.token, &archive.bytes()?, SHORT)?;
        }
        let logged = match opened.state {
            // By an earlier run, which did not get the answer.
            UploadState::Published => opened.clone(),
            _ => self.upload(&commit_path(&opened.id), b"")?,
        };
        Ok((opened, logged))
    }

    fn head(&self) -> SignedHead {
        let checkpoint = self.client.checkpoint();
        SignedHead { size: checkpoint.size(), root: *checkpoint.root() }
    }

    /// Opens the registry again, as it is now.
    fn refresh(&mut self) -> Result<(), Error> {
        self.client = RegistryClient::open(&self.env, &self.location)?;
        Ok(())
    }
}

/// What is sent to have a draft judged, or published.
fn request(draft: &Draft, purpose: Purpose) -> Vec<u8> {
    let archives = draft.archives.iter().map(|one| (one.artifact().clone(), one.facts().clone())).collect();
    UploadRequest { purpose, submission: draft.submission.clone(), archives }.to_bytes()
}

impl RegistryWriter for ServerWriter {
    fn trust(&self) -> &VerifiedTrustRoot {
        self.client.trust_root()
    }

    fn size(&self) -> u64 {
        self.client.checkpoint().size()
    }

    fn page(&self, artifact: &Artifact) -> Option<String> {
        let web = self.client.config().web.as_deref()?.trim_end_matches('/');
        Some(format!("{web}/{}/{}", artifact.package, artifact.version.to_string().replace('+', "%2B")))
    }

    /// The server finishes its own work.
    fn recover(&mut self, _: &dyn Reporter) -> Result<(), Error> {
        Ok(())
    }

    fn index(&mut self, package: &PackageName) -> Result<Option<VerifiedIndex>, Error> {
        Ok(self.client.index(package)?.map(|file| file.as_ref().clone()))
    }

    fn chain(&mut self, namespace: &Namespace) -> Result<NamespaceChain, Error> {
        let path = layout::namespace(namespace);
        let limit = limits::NAMESPACE_FILE_LEN as u64;
        if self.client.source().read(&path, limit)?.is_none() {
            return Ok(NamespaceChain::new(self.registry().clone(), namespace.clone()));
        }
        self.client.namespace(namespace).cloned()
    }

    fn status_records(&mut self, package: &PackageName, version: &Version) -> Result<u64, Error> {
        let response = self.call(&status::path(package, version), Call::Get, SHORT)?;
        let StatusRecords { records, last_leaf } = StatusRecords::parse(&response)?;
        self.last_leaves.extend(last_leaf.map(|last| (layout::last_leaf(package), last)));
        Ok(records)
    }

    fn plan(&mut self, draft: Draft) -> Result<Plan, Error> {
        let facts = draft.archives.iter().map(|one| (one.artifact().clone(), one.facts().clone())).collect();
        let refused = |error: &WriteError| {
            let faults = Error::several(error.diagnostics());
            faults.unwrap_or_else(|| Diagnostic::new(Code::RegistryLayout, error.to_string()).into())
        };
        let admission = Admission::of(&draft.submission, &facts).map_err(|error| refused(&error))?;
        let (at, mut snapshot) = (self.head(), Snapshot::new());
        let trust = self.client.trust_root();
        // Nothing is logged yet: the time is not asked for.
        let place = LogPlace { trust, size: at.size, time: 0 };
        let admitted = loop {
            if let Poll::Ready(admitted) = admission.check(place, &mut snapshot) {
                break admitted.map_err(|error| refused(&error))?;
            }
            for need in snapshot.needs() {
                let file = match self.last_leaves.get(&need.path) {
                    Some(last) => Some(format!("{last}\n").into_bytes()),
                    None => self.client.source().read(&need.path, need.limit)?,
                };
                snapshot.supply(&need.path, file);
            }
        };
        // What only the server knows: what the token allows, and what was logged a moment ago.
        self.upload(upload::PATH, &request(&draft, Purpose::DryRun))?;
        Ok(Plan { draft, admission, at, admitted })
    }

    fn submit(&mut self, plan: Plan, reporter: &dyn Reporter) -> Result<Receipt, Error> {
        let Plan { draft, mut admitted, .. } = plan;
        reporter.started(Task::Publish, None);
        let (opened, logged) = match self.upload_once(&draft) {
            // It was given up or expired on the way. The same request opens another one, and once is enough.
            Err(error) if error.code() == Code::UploadClosed => self.upload_once(&draft)?,
            done => done?,
        };
        self.refresh()?;
        for release in &mut admitted.releases {
            let entry = logged.releases.iter().find(|one| one.artifact == release.artifact);
            if let Some(entry) = entry {
                // What was logged before this upload was opened was not published by it.
                let before = opened.releases.iter().find(|one| one.artifact == release.artifact);
                let was_there = before.is_some_and(|one| one.state == BlobState::Published);
                release.state = if was_there { ReleaseState::Published } else { ReleaseState::New };
                release.log = entry.log;
            }
            self.prove(&release.artifact, release.tree)?;
        }
        self.client.commit()?;
        admitted.new_namespaces = logged.new_namespaces;
        reporter.finished(Task::Publish);
        Ok(Receipt { admitted, first: logged.first, log_size: logged.log_size })
    }
}

impl ServerWriter {
    /// That a release is in the log is not taken on the server's word.
    fn prove(&mut self, artifact: &Artifact, tree: TreeDigest) -> Result<(), Error> {
        let missing = || {
            let message = text::published_unproved(&artifact.to_string());
            Error::from(Diagnostic::new(Code::Inclusion, message))
        };
        let file = self.client.index(&artifact.package)?.ok_or_else(missing)?;
        let entry = file.find(&artifact.version, artifact.kind, &artifact.target).cloned();
        let entry = entry.filter(|entry| entry.core.tree == tree).ok_or_else(missing)?;
        self.client.prove(&file, &entry).map(drop)
    }
}
