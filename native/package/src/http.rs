//! HTTP, as far as a registry's files need it: whole files with a limit, archives that can be gone on with, and parts of
//! archives.
//!
//! * [`transport`]: one request, one response, no policy; [`Transport`] is what tests replace.
//! * [`proxy`]: which proxy an address is reached through.
//! * [`retry`]: whether and when to retry.
//! * `range`: parts of a file.
//! * [`bearer`]: the token of a registry, and where it may go.
//!
//! [`Http`] puts them together: at most five redirects and never from TLS into the clear, three tries, a limit on
//! silence and on crawling instead of one on time, a limit on every body. Nothing here is trusted: whoever reads
//! a registry's files checks them. `core/docs/registry-format.md`, section 5.

pub mod bearer;
mod forward;
mod names;
pub mod proxy;
mod range;
mod response;
pub mod retry;
pub mod tls;
pub mod transport;

use crate::env::{Env, Notices};
use crate::error::Error;
use crate::message::network as text;
use bearer::Bearer;
pub use range::{Part, WholeFile};
pub use response::{Responder, check_no_page};
use response::{check_encoding, check_range, inflate, unexpected};
use retry::Failure;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use transport::{Connection, Request, Response, Transport, TransportError, UreqTransport};
use vitte_package_core::api::Token;
use vitte_package_core::api::problem::{self, Problem};
use vitte_package_core::api::upload;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::index::Address;

/// Redirects that are followed.
const REDIRECTS: u64 = 5;
/// Bytes a second below which a body counts as stalled.
const CRAWL: u64 = 1024;

/// How often a registry was asked, and what it sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests, redirects and repeated ones among them.
    pub requests: u64,
    /// Bytes of bodies.
    pub bytes: u64,
}

/// A file that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// There is none: 404, 410 or 451.
    Absent,
    /// It is the one whose tag was given.
    Unchanged,
    /// Its bytes, and its tag if it has one.
    Found(Vec<u8>, Option<String>),
}

/// What an API is called for.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    /// A resource.
    Get,
    /// To do something, as this JSON says.
    Post(&'a [u8]),
    /// To take a file.
    Put(&'a [u8]),
    /// To remove a resource.
    Delete,
}

/// Which content encodings a file may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Only as it is: archives and tiles.
    Identity,
    /// Also gzip.
    Gzip,
}

/// What the response to a posted body must be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Its `Content-Type`.
    pub content_type: &'a str,
    /// Its bytes at most.
    pub limit: u64,
}

/// Fetches files.
#[derive(Debug)]
pub struct Http {
    transport: Box<dyn Transport>,
    timeout: Duration,
    notices: Notices,
    bearer: RwLock<Option<Arc<Bearer>>>,
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl Http {
    /// HTTP with the proxies, certificates and patience of these surroundings.
    ///
    /// # Errors
    /// `config` when one of their variables has a value that cannot be used, `io` when the file of certificates cannot
    /// be read.
    pub fn new(env: &Env) -> Result<Self, Error> {
        let timeout = retry::timeout(env)?;
        let transport = Box::new(UreqTransport::new(env, timeout)?);
        Ok(Self { notices: env.notices().clone(), ..Self::over(transport, timeout) })
    }

    /// HTTP over a given transport, which gives up on `timeout` by itself.
    pub fn over(transport: Box<dyn Transport>, timeout: Duration) -> Self {
        let (requests, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
        let (notices, bearer) = (Notices::default(), RwLock::default());
        Self { transport, timeout, notices, bearer, requests, bytes }
    }

    /// Tells the user about the server, where that is not a fault.
    pub fn say(&self, text: &str) {
        self.notices.tell(text);
    }

    /// From now on a token goes with every request to where it may go.
    pub fn authorize(&self, bearer: Bearer) {
        *self.bearer.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(bearer));
    }

    fn bearer(&self) -> Option<Arc<Bearer>> {
        self.bearer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was asked and received so far.
    pub fn traffic(&self) -> Traffic {
        Traffic { requests: self.requests.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }

    /// Fetches a whole file of at most `limit` bytes. With the tag of a copy at hand, only if it is another.
    ///
    /// # Errors
    /// `timeout`, `truncated`, `transport`, `unavailable`, `rate-limited` after three tries; at once `insecure-url`
    /// for a redirect that must not be followed, `unauthenticated`, `forbidden`, `limit`.
    pub fn fetch(
        &self,
        url: &Address,
        limit: u64,
        etag: Option<&str>,
        encoding: Encoding,
    ) -> Result<Fetched, Error> {
        let request = Request { if_none_match: etag, gzip: encoding == Encoding::Gzip, ..Request::get(url) };
        self.attempts(|| {
            let Some((from, mut response)) = self.send(&request)? else { return Ok(Fetched::Absent) };
            if response.status == 304 && etag.is_some() {
                return Ok(Fetched::Unchanged);
            }
            if response.status != 200 {
                return Err(self.refused(&from, &mut response));
            }
            let gzip = check_encoding(&from, &response, encoding)?;
            let bytes = self.read_body(&from, &mut response, limit)?;
            let bytes = if gzip { inflate(&from, &bytes, limit)? } else { bytes };
            check_no_page(&from, &bytes).map_err(Failure::last)?;
            Ok(Fetched::Found(bytes, response.etag))
        })
    }

    /// Begins to fetch an archive, or goes on behind the bytes that are there if it is still the one with that tag.
    /// `None` when there is none.
    ///
    /// # Errors
    /// As [`Http::fetch`], about the request: the body is the caller's to read and to resume.
    pub fn open(&self, url: &Address, resume: Option<Resume<'_>>) -> Result<Option<Opened>, Error> {
        let range = resume.map(|resume| (resume.from, resume.etag));
        let request = Request { resume: range, ..Request::get(url) };
        self.attempts(|| {
            let Some((from, mut response)) = self.send(&request)? else { return Ok(None) };
            let start = match (response.status, resume) {
                (200, _) => 0,
                // It is another file now: from the beginning, then.
                (412 | 416, Some(_)) => return Ok(Some(Opened::changed(from))),
                (206, Some(resume)) => {
                    check_range(&from, &response, &resume)?;
                    resume.from
                }
                _ => return Err(self.refused(&from, &mut response)),
            };
            check_encoding(&from, &response, Encoding::Identity)?;
            let length = response.length.map(|length| start.saturating_add(length));
            Ok(Some(Opened { start, length, etag: response.etag, body: Some(response.body), from }))
        })
    }

    /// [`retry::attempts`]; a wait that a server asked for is reported.
    fn attempts<T>(&self, attempt: impl FnMut() -> Result<T, Failure>) -> Result<T, Error> {
        retry::attempts(
            &|host, wait| {
                if wait >= Duration::from_secs(1) {
                    self.notices.tell(&text::waiting(host, wait.as_secs()));
                }
            },
            attempt,
        )
    }

    /// Posts a JSON body that may be posted twice; the body of the response is passed to `take` in pieces, in order. It is
    /// posted again, once and on a new connection, when the connection ends before
    /// there is a response: servers close connections that were kept. Else there is no retry: callers have another way.
    ///
    /// # Errors
    /// As [`Http::fetch`]; `transport` for a response of another type; what `take` is not satisfied with.
    pub fn post(
        &self,
        url: &Address,
        body: &[u8],
        expected: Expected<'_>,
        take: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let bearer = self.bearer();
        let token = bearer.as_deref().and_then(|bearer| bearer.for_url(url));
        let request = Request { post: Some(body), token, ..Request::get(url) };
        let name = url.to_string();
        let response = match self.transport.send(&request) {
            Err(TransportError::UnexpectedEof) => {
                self.requests.fetch_add(1, Ordering::Relaxed);
                self.transport.send(&Request { connection: Connection::New, ..request })
            }
            response => response,
        };
        let mut response = response.map_err(|error| self.unanswered(url, url, &error).error)?;
        let from = Responder::direct(url, &response);
        if response.status != 200 || response.content_type.as_deref() != Some(expected.content_type) {
            return Err(unexpected(&from, &response).error);
        }
        check_encoding(&from, &response, Encoding::Identity).map_err(|failure| failure.error)?;
        let (mut piece, mut got, mut watch) = (vec![0; 64 * 1024], 0u64, self.watch());
        loop {
            let read = self.read(&from, &mut response.body, &mut piece)?;
            got = got.saturating_add(read as u64);
            if got > expected.limit {
                let message = text::too_large(&name, expected.limit);
                return Err(Diagnostic::new(Code::Limit, message).into());
            }
            if read == 0 {
                return Ok(());
            }
            take(piece.get(..read).unwrap_or_default())?;
            watch.saw(&from, read)?;
        }
    }

    /// Calls an API with a token, up to three times: what may be called here may be repeated. Gives the body of the
    /// response. A refusal is told in the registry's own words.
    ///
    /// # Errors
    /// The codes of the registry's problem; as [`Http::fetch`] for a response without one.
    pub fn call(&self, url: &Address, token: &Token, call: Call<'_>, limit: u64) -> Result<Vec<u8>, Error> {
        self.call_with(url, token, call, &[], limit)
    }

    /// As [`call`](Self::call), with further headers.
    ///
    /// # Errors
    /// As [`Http::call`].
    pub fn call_with(
        &self,
        url: &Address,
        token: &Token,
        call: Call<'_>,
        headers: &[(&str, &str)],
        limit: u64,
    ) -> Result<Vec<u8>, Error> {
        let plain = Request { headers, token: Some(token), ..Request::get(url) };
        let request = match call {
            Call::Get => plain,
            Call::Post(body) => Request { post: Some(body), ..plain },
            Call::Put(body) => Request { put: Some(body), ..plain },
            Call::Delete => Request { delete: true, ..plain },
        };
        self.attempts(|| {
            let (from, mut response) = self.called(&request)?;
            self.read_body(&from, &mut response, limit)
        })
    }

    /// Puts a file to an API that takes it in pieces. After a cut, what has come there is not sent again; as long as more
    /// comes there each time, it is not given up.
    ///
    /// # Errors
    /// As [`Http::call`].
    pub fn put(&self, url: &Address, token: &Token, bytes: &[u8], limit: u64) -> Result<(), Error> {
        let total = bytes.len() as u64;
        let (mut is_first, mut from, mut at) = (true, 0, 0);
        loop {
            let put = self.attempts(|| {
                if !std::mem::take(&mut is_first) {
                    let head = Request { head: true, token: Some(token), ..Request::get(url) };
                    // Where that is not known, all is sent again.
                    from = self.called(&head)?.1.upload_offset.filter(|offset| *offset <= total).unwrap_or(0);
                }
                let rest = bytes.get(from as usize..).unwrap_or_default();
                if rest.is_empty() && total > 0 {
                    return Ok(());
                }
                let range = upload::Piece { from, to: total, total }.to_string();
                let headers: &[(&str, &str)] = if from > 0 { &[("Content-Range", &range)] } else { &[] };
                let request = Request { put: Some(rest), headers, token: Some(token), ..Request::get(url) };
                let (responder, mut response) = self.called(&request)?;
                self.read_body(&responder, &mut response, limit).map(drop)
            });
            match put {
                Err(error) if error.code().exit() == Exit::Network && from > at => at = from,
                put => return put,
            }
        }
    }

    /// Sends a request to an API. A refusal is told in the registry's own words.
    fn called(&self, request: &Request<'_>) -> Result<(Responder, Response), Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let url = request.url;
        let response = self.transport.send(request);
        let mut response = response.map_err(|error| self.unanswered(url, url, &error))?;
        let from = Responder::direct(url, &response);
        if matches!(response.status, 200..=299) {
            return Ok((from, response));
        }
        let failure = unexpected(&from, &response);
        Err(match self.problem(&from, &mut response)? {
            Some(error) => Failure { error, ..failure },
            None => failure,
        })
    }

    /// Posts a form without a token: what signs a client in. Gives the status, which is 400 where the response says why
    /// there is no other yet, and the body.
    ///
    /// # Errors
    /// As [`Http::call`], for any other status.
    pub fn post_form(&self, url: &Address, form: &str, limit: u64) -> Result<(u16, Vec<u8>), Error> {
        let request = Request { form: Some(form.as_bytes()), ..Request::get(url) };
        self.requests.fetch_add(1, Ordering::Relaxed);
        let response = self.transport.send(&request);
        let mut response = response.map_err(|error| self.unanswered(url, url, &error).error)?;
        let from = Responder::direct(url, &response);
        if matches!(response.status, 200 | 400) {
            let body = self.read_body(&from, &mut response, limit).map_err(|failure| failure.error)?;
            return Ok((response.status, body));
        }
        let failure = unexpected(&from, &response);
        let problem = self.problem(&from, &mut response).map_err(|failure| failure.error)?;
        Err(problem.unwrap_or(failure.error))
    }

    /// The faults of the problem that came with a refusal, in the registry's own words; none without a problem.
    fn problem(&self, from: &Responder, response: &mut Response) -> Result<Option<Error>, Failure> {
        if response.content_type.as_deref() != Some(problem::MEDIA_TYPE) {
            return Ok(None);
        }
        let body = self.read_body(from, response, problem::PROBLEM_LEN)?;
        let Some(problem) = Problem::parse(response.status, &body) else { return Ok(None) };
        // What is wrong with the request itself needs no operator.
        let is_for_operator = matches!(problem.status, 401 | 403 | 408 | 429 | 500..=599);
        let id = problem.request_id.filter(|_| is_for_operator);
        let error = Error::several(problem.faults);
        Ok(error.map(|error| id.iter().fold(error, |error, id| error.help(text::request_id(id)))))
    }

    /// The failure of a file that was not delivered. What a registry says about the reader's rights is told in its words.
    fn refused(&self, from: &Responder, response: &mut Response) -> Failure {
        let failure = unexpected(from, response);
        if !matches!(response.status, 401 | 403 | 500..=599) {
            return failure;
        }
        match self.problem(from, response) {
            // When to try again is known here.
            Ok(Some(error)) if response.status >= 500 => {
                let error =
                    error.first_help().iter().fold(failure.error, |error, help| error.help(help.clone()));
                Failure { error, retry: failure.retry }
            }
            Ok(Some(error)) if error.code() == failure.error.code() => {
                Failure { error: error.at_url(from.to_string()), ..failure }
            }
            _ => failure,
        }
    }

    /// Reads more of an archive's body: `Ok(0)` is its end.
    ///
    /// # Errors
    /// `timeout`, `truncated`, `transport`.
    pub fn read(&self, from: &Responder, body: &mut dyn Read, into: &mut [u8]) -> Result<usize, Error> {
        loop {
            match body.read(into) {
                Ok(read) => {
                    self.bytes.fetch_add(read as u64, Ordering::Relaxed);
                    return Ok(read);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failure(&from.name, &TransportError::from_io(&error)).error),
            }
        }
    }

    /// A watch over a body that is to be read by [`Http::read`].
    pub fn watch(&self) -> Watch {
        Watch { since: Instant::now(), bytes: 0, timeout: self.timeout }
    }

    /// Sends one request and follows its redirects. Returns the response and where it came from.
    fn send(&self, request: &Request<'_>) -> Result<Option<(Responder, Response)>, Failure> {
        let mut url = request.url.clone();
        let bearer = self.bearer();
        let mut token = bearer.as_deref().and_then(|bearer| bearer.for_url(&url));
        for _ in 0..=REDIRECTS {
            self.requests.fetch_add(1, Ordering::Relaxed);
            // Once a redirect has led elsewhere, no later one brings the token back.
            token = token.filter(|_| url.origin() == request.url.origin());
            let response = self.transport.send(&Request { url: &url, token, ..request.clone() });
            let response = response.map_err(|error| self.unanswered(request.url, &url, &error))?;
            match response.status {
                301 | 302 | 303 | 307 | 308 => {
                    let to = response.location.as_deref().unwrap_or_default();
                    url = url.redirect(to).map_err(|error| Failure::last(Error::from(error)))?;
                }
                404 | 410 | 451 => return Ok(None),
                _ => {
                    let name = Responder::redirected(request.url, &url);
                    return Ok(Some((Responder::through(name, &url, &response), response)));
                }
            }
        }
        let message = text::redirects(&request.url.to_string(), REDIRECTS);
        Err(Failure::last(Diagnostic::new(Code::Transport, message).into()))
    }

    fn read_body(&self, from: &Responder, response: &mut Response, limit: u64) -> Result<Vec<u8>, Failure> {
        let too_large = || {
            let message = text::too_large(&from.name, limit);
            Failure::last(Diagnostic::new(Code::Limit, message).into())
        };
        if response.length.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
        let mut watch = self.watch();
        loop {
            let read = self.read(from, &mut response.body, &mut piece).map_err(Failure::soon)?;
            if read == 0 {
                break;
            }
            bytes.extend_from_slice(&piece[..read]);
            if bytes.len() as u64 > limit {
                return Err(too_large());
            }
            watch.saw(from, read).map_err(Failure::soon)?;
        }
        match response.length {
            Some(length) if length != bytes.len() as u64 => {
                let message = text::truncated(&from.name, bytes.len() as u64, length);
                Err(Failure::soon(Diagnostic::new(Code::Truncated, message).into()))
            }
            _ => Ok(bytes),
        }
    }

    /// The failure when there is no response from `at`, where `url` led.
    fn unanswered(&self, url: &Address, at: &Address, error: &TransportError) -> Failure {
        match error {
            // What is wrong is wrong with the whole host.
            TransportError::Connect(_) | TransportError::Proxy { .. } if url == at => {
                self.failure(&at.origin(), error)
            }
            _ => self.failure(&Responder::redirected(url, at), error),
        }
    }

    fn failure(&self, name: &str, error: &TransportError) -> Failure {
        let plain = |code: Code, message: String| Diagnostic::new(code, message);
        match error {
            TransportError::Connect(reason) => {
                Failure::soon(plain(Code::Unavailable, text::connect(name, reason)).into())
            }
            TransportError::Timeout => {
                Failure::soon(plain(Code::Timeout, text::timeout(name, self.timeout.as_secs())).into())
            }
            TransportError::UnexpectedEof => Failure::soon(plain(Code::Truncated, text::cut(name)).into()),
            TransportError::Other(reason) => {
                Failure::soon(plain(Code::Transport, text::transport(name, reason)).into())
            }
            // A certificate that is not trusted now will not be in a second, nor will a proxy think better of it.
            TransportError::Tls(fault) => {
                let diagnostic = plain(Code::Transport, text::tls(name, &fault.reason));
                Failure::last(helped(diagnostic, fault.help.as_deref()).into())
            }
            TransportError::Proxy { reason, help } => {
                let diagnostic = plain(Code::Unavailable, text::connect(name, reason));
                Failure::last(helped(diagnostic, help.as_deref()).into())
            }
        }
    }
}

fn helped(diagnostic: Diagnostic, help: Option<&str>) -> Diagnostic {
    match help {
        Some(help) => diagnostic.help(help.to_owned()),
        None => diagnostic,
    }
}

/// How a download goes on where it stopped.
#[derive(Clone, Copy, Debug)]
pub struct Resume<'a> {
    /// Bytes that are there.
    pub from: u64,
    /// Tag of the file they are of.
    pub etag: &'a str,
    /// Bytes of that file, where it is known.
    pub total: Option<u64>,
}

/// An archive whose body can be read.
pub struct Opened {
    /// Where in the file the body begins: 0, or where it was asked to go on.
    pub start: u64,
    /// Bytes of the whole file, where the server says.
    pub length: Option<u64>,
    /// Its tag.
    pub etag: Option<String>,
    /// The bytes; none when it is another file now than the one that was started.
    pub body: Option<Box<dyn Read + Send>>,
    /// Where it comes from.
    pub from: Responder,
}

impl Opened {
    fn changed(from: Responder) -> Self {
        Self { start: 0, length: None, etag: None, body: None, from }
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({}.. of {:?})", self.start, self.length)
    }
}

/// Notices a body that comes in drops.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    since: Instant,
    bytes: u64,
    timeout: Duration,
}

impl Watch {
    /// Counts bytes that were received.
    ///
    /// # Errors
    /// `timeout` when less than 1 KiB a second came over the timeout.
    pub fn saw(&mut self, from: &Responder, read: usize) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(read as u64);
        let passed = self.since.elapsed();
        if passed < self.timeout {
            return Ok(());
        }
        if self.bytes < CRAWL.saturating_mul(passed.as_secs()) {
            let message = text::slow(&from.name, self.bytes, passed.as_secs());
            return Err(Diagnostic::new(Code::Timeout, message).into());
        }
        (self.since, self.bytes) = (Instant::now(), 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
