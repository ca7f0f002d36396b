//! The registry that is copied: its files over HTTP. Nothing that comes from it is trusted here.
//!
//! Requests are made by `ureq` on threads that may wait, as in the client: nothing is read at the pace of the upstream
//! registry by a thread that serves clients.

use super::words;
use crate::error::{At as _, Error, Result};
use crate::networks::{Public, is_public};
use std::fs::File;
use std::io::{ErrorKind, Read, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use vitte_package_core::api::Token;
use vitte_package_core::api::problem::MEDIA_TYPE;
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic};
use vitte_package_core::digest::{Digest, Hasher};
use vitte_package_core::index::Address;
use vitte_package_core::index::address::Scheme;
use vitte_package_core::message::server as text;
use vitte_package_core::registry::{RegistryConfig, layout};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// For how long an upstream registry that could not be reached is not asked again.
const DOWN: Duration = Duration::from_secs(5);
/// For how long its `config.json` counts.
const CONFIG: Duration = Duration::from_secs(300);
/// Redirects that are followed.
const REDIRECTS: usize = 5;
/// Tries of a request whose connection ended.
const TRIES: usize = 3;
/// Bytes a second below which a body counts as stalled.
const CRAWL: u64 = 1024;

/// Bytes of an answer of its API at most.
const ANSWER_LEN: u64 = 4 << 20;

/// What the API of the registry has answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) media_type: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// The registry that is copied.
pub(super) struct Upstream {
    base: Address,
    agent: Agent,
    /// For other origins than the registry's own, where its `config.json` and its redirects lead.
    elsewhere: Agent,
    token: Option<Token>,
    patience: Duration,
    is_offline: bool,
    allows_private: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Why it could not be reached, and when that was.
    down: Option<(Instant, Error)>,
    config: Option<(Instant, Vec<u8>, RegistryConfig)>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({})", self.base)
    }
}

/// How the upstream registry is reached.
#[derive(Debug)]
pub(super) struct Reach {
    /// Its address.
    pub(super) base: Address,
    /// A token for it.
    pub(super) token: Option<Token>,
    /// How long it may send nothing.
    pub(super) patience: Duration,
    /// Whether it is not to be asked at all.
    pub(super) is_offline: bool,
    /// Whether it may lead to addresses of a private network, or of this machine.
    pub(super) allows_private: bool,
}

impl Upstream {
    pub(super) fn new(reach: Reach) -> Result<Self> {
        let Reach { base, token, patience, is_offline, allows_private } = reach;
        if token.is_some() && base.scheme() == Scheme::Http && !base.is_loopback() {
            return Err(Error::new(Code::InsecureUrl, words::token_in_clear(&base.to_string())));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("vitte-registry/", env!("CARGO_PKG_VERSION"), " mirror"))
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
            .timeout_resolve(Some(CONNECT.min(patience)))
            .timeout_connect(Some(CONNECT.min(patience)))
            .timeout_per_read(Some(patience))
            .timeout_recv_response(Some(patience))
            .timeout_per_write(Some(patience))
            .max_idle_connections_per_host(16);
        // Sent through a proxy, a request to this machine would not arrive.
        let config = if base.is_loopback() { config.proxy(None) } else { config };
        let config = config.build();
        let elsewhere = match allows_private {
            true => config.new_agent(),
            // What a name resolves to is judged and connected to: it cannot be another address a moment later.
            false => Agent::with_parts(config.clone(), DefaultConnector::default(), Public::default()),
        };
        let agent = config.new_agent();
        let state = Mutex::default();
        Ok(Self { base, agent, elsewhere, token, patience, is_offline, allows_private, state })
    }

    /// Its address.
    pub(super) fn address(&self) -> String {
        self.base.to_string()
    }

    /// Whether it is never asked.
    pub(super) fn is_offline(&self) -> bool {
        self.is_offline
    }

    /// Whether it is not asked: it never is, or could not be reached a moment ago.
    pub(super) fn is_out_of_reach(&self) -> bool {
        self.reachable().is_err()
    }

    fn reachable(&self) -> Result<()> {
        if self.is_offline {
            return Err(Error::new(Code::Unavailable, words::offline()));
        }
        match &self.state().down {
            Some((since, error)) if since.elapsed() < DOWN => Err(error.clone()),
            _ => Ok(()),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file of the registry of at most `limit` bytes; none when it has none.
    pub(super) fn get(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        if path == layout::CONFIG {
            return Ok(Some(self.config()?.0));
        }
        self.whole(&self.url(path)?, path, limit)
    }

    fn whole(&self, url: &Address, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        self.attempts(|| {
            let Some((at, body)) = self.open(url, path)? else { return Ok(None) };
            let mut bytes = Vec::new();
            self.read(&at, body, limit, &mut |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            check_no_page(&at, &bytes)?;
            Ok(Some(bytes))
        })
    }

    /// Reads a file into another one, which is on the disk then. Gives its length and digest; none when there is none.
    pub(super) fn download(&self, path: &str, limit: u64, into: &Path) -> Result<Option<(u64, Digest)>> {
        let url = self.url(path)?;
        self.attempts(|| {
            let Some((at, body)) = self.open(&url, path)? else { return Ok(None) };
            let mut file = File::create(into).at(into)?;
            let (mut hasher, mut len) = (Hasher::new(), 0);
            self.read(&at, body, limit, &mut |piece| {
                hasher.update(piece);
                len += piece.len() as u64;
                file.write_all(piece).at(into)
            })?;
            file.sync_all().at(into)?;
            Ok(Some((len, hasher.finish())))
        })
    }

    /// Asks the registry's API, at its own origin, and gives the answer as it is: nothing that is decided by it here.
    pub(super) fn ask(&self, path: &str, query: Option<&str>) -> Result<Answer> {
        let api = self.config()?.1.api;
        let missing = || Error::new(Code::NotFound, text::api_missing(path));
        let base = self.base.join(&format!("{}/", api.ok_or_else(missing)?.trim_end_matches('/')));
        let (base, query) =
            (base.map_err(|error| Error::from(error.diagnostic()))?, query.unwrap_or_default());
        let question = if query.is_empty() { "" } else { "?" };
        let url = base.join(&format!("{path}{question}{query}"));
        let url = url.map_err(|error| Error::from(error.diagnostic()))?;
        if url.origin() != self.base.origin() || !url.to_string().starts_with(&base.to_string()) {
            return Err(missing());
        }
        let shown = url.without_query().to_string();
        self.attempts(|| {
            let mut request = self.agent.get(url.to_string()).header("Accept-Encoding", "identity");
            if let Some(token) = &self.token {
                request = request.header("Authorization", format!("Bearer {}", token.reveal()));
            }
            let response = request.call().map_err(|error| failed(&shown, &error))?;
            let status = response.status().as_u16();
            let given = response.headers().get("content-type").and_then(|value| value.to_str().ok());
            let media_type = match (status, given) {
                (401 | 403, _) => {
                    let fault = Diagnostic::new(Code::Unauthenticated, words::unauthenticated(&shown));
                    return Err(fault.help(words::unauthenticated_help()).into());
                }
                (408 | 429 | 500.., _) => {
                    return Err(Error::new(Code::Unavailable, words::status(&shown, status)));
                }
                (_, Some("application/json")) => "application/json",
                (400.., Some(MEDIA_TYPE)) => MEDIA_TYPE,
                _ => return Err(Error::new(Code::Transport, words::status(&shown, status))),
            };
            let mut bytes = Vec::new();
            self.read(&url, response.into_body(), ANSWER_LEN, &mut |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            Ok(Answer { status, media_type, bytes })
        })
    }

    fn config(&self) -> Result<(Vec<u8>, RegistryConfig)> {
        if let Some((since, bytes, config)) = &self.state().config
            && since.elapsed() < CONFIG
        {
            return Ok((bytes.clone(), config.clone()));
        }
        let url = self.base.join(layout::CONFIG).map_err(|error| Error::from(error.diagnostic()))?;
        let bytes = self.whole(&url, layout::CONFIG, layout::CONFIG_LEN)?;
        let missing = || Error::new(Code::RegistryLayout, words::status(&url.to_string(), 404));
        let bytes = bytes.ok_or_else(missing)?;
        let config = RegistryConfig::parse(&bytes)?;
        self.state().config = Some((Instant::now(), bytes.clone(), config.clone()));
        Ok((bytes, config))
    }

    fn url(&self, path: &str) -> Result<Address> {
        let config = self.config()?.1;
        config.address(&self.base, path).map_err(|error| error.diagnostic().into())
    }

    /// Forgets what was read of `config.json`: something that came from where it leads does not check.
    pub(super) fn distrust_config(&self) {
        self.state().config = None;
    }

    /// Tries again what ended too early, and notes when the registry cannot be reached.
    fn attempts<T>(&self, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
        self.reachable()?;
        let mut tried = 0;
        loop {
            tried += 1;
            let error = match attempt() {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            match error.first().code {
                // A kept connection that was closed meanwhile, a server that is being restarted.
                Code::Truncated if tried < TRIES => {}
                Code::Truncated | Code::Timeout | Code::Unavailable => {
                    self.state().down = Some((Instant::now(), error.clone()));
                    return Err(error);
                }
                _ => return Err(error),
            }
        }
    }

    /// Sends a request and follows its redirects. The token goes to the registry's own origin only.
    fn open(&self, url: &Address, path: &str) -> Result<Option<(Address, ureq::Body)>> {
        let mut at = url.clone();
        for _ in 0..=REDIRECTS {
            let shown = at.without_query().to_string();
            let is_own = at.origin() == self.base.origin();
            let private = || {
                let fault = Diagnostic::new(Code::InsecureUrl, words::private(&shown));
                Error::from(fault.help(words::private_help()))
            };
            if !is_own && !self.allows_private && at.ip().is_some_and(|ip| !is_public(ip)) {
                return Err(private());
            }
            let agent = if is_own { &self.agent } else { &self.elsewhere };
            let mut request = agent.get(at.to_string()).header("Accept-Encoding", "identity");
            if let Some(token) = self.token.as_ref().filter(|_| is_own) {
                request = request.header("Authorization", format!("Bearer {}", token.reveal()));
            }
            let response = request.call().map_err(|error| match error {
                ureq::Error::HostNotFound if !is_own && !self.allows_private => private(),
                error => failed(&shown, &error),
            })?;
            let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
            match response.status().as_u16() {
                200 => {
                    let encoding = header("content-encoding").unwrap_or("identity").trim().to_owned();
                    if !matches!(encoding.as_str(), "" | "identity") {
                        return Err(Error::new(Code::Transport, words::encoding(&shown, &encoding)));
                    }
                    return Ok(Some((at, response.into_body())));
                }
                301 | 302 | 303 | 307 | 308 => {
                    let to = header("location").unwrap_or_default();
                    at = at.redirect(to).map_err(|error| Error::from(error.diagnostic()))?;
                }
                404 | 410 | 451 => return Ok(None),
                // Stores that may not be listed say so of what is not there.
                403 if path != layout::CONFIG => return Ok(None),
                401 => {
                    let fault = Diagnostic::new(Code::Unauthenticated, words::unauthenticated(&shown));
                    return Err(fault.help(words::unauthenticated_help()).into());
                }
                status @ (408 | 429 | 500..) => {
                    return Err(Error::new(Code::Unavailable, words::status(&shown, status)));
                }
                status => return Err(Error::new(Code::Transport, words::status(&shown, status))),
            }
        }
        Err(Error::new(Code::Transport, words::redirects(&url.without_query().to_string())))
    }

    /// Reads a body piece by piece, at most `limit` bytes of it, for as long as it does not crawl.
    fn read(
        &self,
        at: &Address,
        body: ureq::Body,
        limit: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let shown = at.without_query().to_string();
        let expected = body.content_length();
        let too_long = || Error::new(Code::Limit, words::too_long(&shown, limit));
        if expected.is_some_and(|length| length > limit) {
            return Err(too_long());
        }
        let mut reader = body.into_reader();
        let (mut piece, mut got) = (vec![0; 64 * 1024], 0u64);
        let (mut since, mut lately) = (Instant::now(), 0u64);
        loop {
            let read = match reader.read(&mut piece) {
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed_io(&shown, &error)),
            };
            let bytes = piece.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            got += read as u64;
            lately += read as u64;
            if got > limit {
                return Err(too_long());
            }
            take(bytes)?;
            if since.elapsed() >= self.patience {
                if lately < CRAWL * self.patience.as_secs() {
                    return Err(Error::new(Code::Timeout, words::silent(&shown)));
                }
                (since, lately) = (Instant::now(), 0);
            }
        }
        match expected {
            Some(length) if length != got => Err(Error::new(Code::Truncated, words::truncated(&shown))),
            _ => Ok(()),
        }
    }
}

fn failed(shown: &str, error: &ureq::Error) -> Error {
    match error {
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed => {
            Error::new(Code::Unavailable, words::connect(shown, &error.to_string()))
        }
        ureq::Error::Timeout(_) => Error::new(Code::Timeout, words::silent(shown)),
        ureq::Error::Io(error) => failed_io(shown, error),
        _ => Error::new(Code::Transport, words::connect(shown, &error.to_string())),
    }
}

fn failed_io(shown: &str, error: &std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Error::new(Code::Timeout, words::silent(shown)),
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => Error::new(Code::Truncated, words::truncated(shown)),
        _ => match error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
            Some(ureq::Error::Timeout(_)) => Error::new(Code::Timeout, words::silent(shown)),
            _ => Error::new(Code::Unavailable, words::connect(shown, &error.to_string())),
        },
    }
}

/// What came is not a web page: none of a registry's files begins like one.
fn check_no_page(at: &Address, bytes: &[u8]) -> Result<()> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let is_page = ["<!doctype html", "<html", "<head", "<body", "<script", "<?xml"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes())));
    match is_page {
        true => Err(Error::new(Code::Transport, words::web_page(&at.without_query().to_string()))),
        false => Ok(()),
    }
}
