//! One request and its answer, over `ureq`; no redirect, no second try, no opinion about the status.

use super::names::Names;
use super::proxy::Proxies;
use crate::env::{Env, Variable};
use crate::error::{Error, reason};
use crate::fs;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;
use vitte_package_core::message::network as text;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// Bytes of a file of certificates at most.
const CA_FILE_LEN: u64 = 16 * 1024 * 1024;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Get<'a> {
    /// Where it is.
    pub url: &'a Address,
    /// Only the bytes from here on, if it still has this tag.
    pub resume: Option<(u64, &'a str)>,
    /// Only if it does not have this tag.
    pub if_none_match: Option<&'a str>,
    /// Whether gzip is welcome.
    pub gzip: bool,
    /// A question in JSON that is posted instead.
    pub post: Option<&'a [u8]>,
}

/// What came back. The body is as it was sent: nothing is inflated here.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Content-Range`.
    pub content_range: Option<String>,
    /// `Content-Encoding`.
    pub encoding: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Length`.
    pub length: Option<u64>,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// The body. Its errors are of the kinds `TimedOut`, `UnexpectedEof` or any other.
    pub body: Box<dyn Read + Send>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, {:?} bytes)", self.status, self.length)
    }
}

/// Why there is no answer, or no more of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There was no connection.
    Connect(String),
    /// Nothing was received for too long.
    Silence,
    /// The connection ended too early.
    Cut,
    /// TLS was refused.
    Tls(String),
    /// Something else.
    Other(String),
}

impl Failure {
    /// Why a body cannot be read on.
    pub fn from_io(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::Silence,
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Self::Cut,
            _ => match error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
                Some(inner) => Self::from_ureq(inner),
                None => Self::Other(reason(error)),
            },
        }
    }

    fn from_ureq(error: &ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                Self::Connect(error.to_string())
            }
            ureq::Error::Timeout(_) => Self::Silence,
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => Self::Connect(error.to_string()),
            ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
                Self::Connect(reason(error))
            }
            ureq::Error::Io(error) => Self::from_io(error),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => {
                Self::Tls(error.to_string())
            }
            _ => Self::Other(error.to_string()),
        }
    }
}

/// Sends a request and gives the answer, whatever its status.
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// Asks.
    ///
    /// # Errors
    /// [`Failure`] when there is no answer.
    fn get(&self, get: &Get<'_>) -> Result<Answer, Failure>;
}

/// The transport of every command: HTTP/1.1 with connections that are kept, TLS with the system's certificates or
/// those of `VITTE_CA_FILE` or `SSL_CERT_FILE`.
pub struct UreqTransport {
    proxies: Proxies,
    certificates: Option<RootCerts>,
    silence: Duration,
    names: Names,
    /// One for each proxy: an agent has one at most.
    agents: Mutex<BTreeMap<Option<String>, Agent>>,
}

/// Without its agents, which are told apart by their proxies.
impl std::fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UreqTransport({:?}, {:?})", self.proxies, self.silence)
    }
}

impl UreqTransport {
    /// The transport of these surroundings.
    ///
    /// # Errors
    /// `config` when a variable cannot be used, `io` when the file of certificates cannot be read.
    pub fn new(env: &Env, silence: Duration) -> Result<Self, Error> {
        let ca_file = env.raw(Variable::CaFile).or_else(|| env.raw(Variable::SslCertFile));
        let certificates = match ca_file {
            Some(path) => Some(read_certificates(&env.resolve(path))?),
            None => None,
        };
        let proxies = Proxies::of(env)?;
        Ok(Self { proxies, certificates, silence, names: Names::default(), agents: Mutex::default() })
    }

    fn agent(&self, url: &Address) -> Result<Agent, Failure> {
        let proxy = self.proxies.of_address(url).map(str::to_owned);
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(agent) = agents.get(&proxy) {
            return Ok(agent.clone());
        }
        let through = match &proxy {
            Some(proxy) => {
                // Proxies have passwords in them: only the fault is told.
                let refuse = |_| Failure::Connect(text::proxy("http_proxy, https_proxy or all_proxy"));
                Some(ureq::Proxy::new(proxy).map_err(refuse)?)
            }
            None => None,
        };
        let roots = self.certificates.clone().unwrap_or(RootCerts::PlatformVerifier);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(through)
            .user_agent(concat!("vitte-package/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(self.silence))
            // A head that comes byte by byte is as good as none.
            .timeout_recv_response(Some(self.silence))
            .timeout_per_write(Some(self.silence))
            .max_idle_connections_per_host(32)
            .max_idle_connections(64)
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::default(), self.names.clone());
        agents.insert(proxy, agent.clone());
        Ok(agent)
    }
}

impl Transport for UreqTransport {
    fn get(&self, get: &Get<'_>) -> Result<Answer, Failure> {
        if let Some(question) = get.post {
            let request = self.agent(get.url)?.post(get.url.to_string());
            let request = request.header("Accept-Encoding", "identity");
            let request = request.header("Content-Type", "application/json");
            return request.send(question).map(answer).map_err(|error| Failure::from_ureq(&error));
        }
        let mut request = self.agent(get.url)?.get(get.url.to_string());
        request = request.header("Accept-Encoding", if get.gzip { "gzip" } else { "identity" });
        if let Some(etag) = get.if_none_match {
            request = request.header("If-None-Match", etag);
        }
        if let Some((from, etag)) = get.resume {
            request = request.header("Range", format!("bytes={from}-")).header("If-Match", etag);
        }
        request.call().map(answer).map_err(|error| Failure::from_ureq(&error))
    }
}

fn answer(response: ureq::http::Response<ureq::Body>) -> Answer {
    let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let owned = |name: &str| text(name).map(str::to_owned);
    Answer {
        status: response.status().as_u16(),
        etag: owned("etag"),
        content_range: owned("content-range"),
        encoding: owned("content-encoding"),
        content_type: owned("content-type"),
        length: text("content-length").and_then(|length| length.trim().parse().ok()),
        retry_after: owned("retry-after"),
        location: owned("location"),
        body: Box::new(response.into_body().into_reader()),
    }
}

fn read_certificates(path: &std::path::Path) -> Result<RootCerts, Error> {
    let bytes = fs::read(path, CA_FILE_LEN)?;
    let refuse = |reason: &str| {
        let message = text::ca_file(&path.display().to_string(), reason);
        Error::from(Diagnostic::new(Code::Config, message))
    };
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&bytes) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| refuse(&error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(refuse(&text::ca_file_empty()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}
