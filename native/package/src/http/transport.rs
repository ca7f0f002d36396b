//! One request and its response, over `ureq`; no redirect, no retry, no judgement of the status.

use super::forward::{ForwardProxy, ProxyAddress};
use super::names::Names;
use super::proxy::Proxies;
use super::tls::{self, CaFile, TlsFault};
use crate::env::{Env, Variable};
use crate::error::{Error, reason};
use crate::fs;
use crate::message::network as text;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, ProxyProtocol};
use vitte_package_core::api::upload::OFFSET;
use vitte_package_core::api::{Token, form};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;
use vitte_package_core::index::address::Scheme;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// Bytes of a file of certificates at most.
const CA_FILE_LEN: u64 = 16 * 1024 * 1024;

/// A request for a file, or a JSON body to post.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Where it is.
    pub url: &'a Address,
    /// Only the bytes from here on, if it still has this tag.
    pub resume: Option<(u64, &'a str)>,
    /// Only the bytes from the first number up to the second, if it still has this tag.
    pub part: Option<(u64, u64, Option<&'a str>)>,
    /// Only if it does not have this tag.
    pub if_none_match: Option<&'a str>,
    /// Whether gzip is welcome.
    pub gzip: bool,
    /// A JSON body that is posted instead.
    pub post: Option<&'a [u8]>,
    /// A form that is posted instead.
    pub form: Option<&'a [u8]>,
    /// A file that is put there instead.
    pub put: Option<&'a [u8]>,
    /// Whether what is there is to be removed instead.
    pub delete: bool,
    /// Whether only its head is wanted.
    pub head: bool,
    /// Further headers, of what is posted or put.
    pub headers: &'a [(&'a str, &'a str)],
    /// A token. It goes to this address only: redirects are not followed here.
    pub token: Option<&'a Token>,
    /// The connection it may use.
    pub connection: Connection,
}

/// The connection that a request may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// One that was kept, or a new one.
    Any,
    /// A new one. Those that were kept are given up.
    New,
}

impl<'a> Request<'a> {
    /// A request for a whole file.
    pub fn get(url: &'a Address) -> Self {
        let connection = Connection::Any;
        Self {
            url,
            resume: None,
            part: None,
            if_none_match: None,
            gzip: false,
            post: None,
            form: None,
            put: None,
            delete: false,
            head: false,
            headers: &[],
            token: None,
            connection,
        }
    }
}

/// A response. The body is as it was sent: nothing is inflated here.
pub struct Response {
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
    /// `Upload-Offset`.
    pub upload_offset: Option<u64>,
    /// The proxy it came through, without a password.
    pub via: Option<String>,
    /// The body. Its errors are of the kinds `TimedOut`, `UnexpectedEof` or any other.
    pub body: Box<dyn Read + Send>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({}, {:?} bytes)", self.status, self.length)
    }
}

/// Why there is no response, or no more of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// There was no connection.
    Connect(String),
    /// Nothing was received for too long.
    Timeout,
    /// The connection ended too early.
    UnexpectedEof,
    /// TLS was refused.
    Tls(TlsFault),
    /// The proxy would not do it.
    Proxy {
        /// What it said, in words.
        reason: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// Something else.
    Other(String),
}

impl TransportError {
    /// Why a body cannot be read on.
    pub fn from_io(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::Timeout,
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => Self::UnexpectedEof,
            _ => match error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
                Some(inner) => Self::from_ureq(inner),
                None => Self::Other(reason(error)),
            },
        }
    }

    fn from_ureq(error: &ureq::Error) -> Self {
        if let Some(fault) = tls::find(error, None) {
            return Self::Tls(fault);
        }
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                Self::Connect(error.to_string())
            }
            ureq::Error::Timeout(_) => Self::Timeout,
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => Self::Connect(error.to_string()),
            ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
                Self::Connect(reason(error))
            }
            ureq::Error::Io(error) => Self::from_io(error),
            _ => Self::Other(error.to_string()),
        }
    }
}

/// Sends a request and returns the response, whatever its status.
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// Sends one request.
    ///
    /// # Errors
    /// [`TransportError`] when there is no response.
    fn send(&self, request: &Request<'_>) -> Result<Response, TransportError>;
}

/// The transport of every command: HTTP/1.1 with connections that are kept, TLS with the system's certificates or
/// those of `VITTE_CA_FILE` or `SSL_CERT_FILE`.
pub struct UreqTransport {
    proxies: Proxies,
    certificates: Option<(RootCerts, CaFile)>,
    timeout: Duration,
    names: Names,
    /// One for each proxy: an agent has one at most.
    agents: Mutex<BTreeMap<Option<(String, Scheme)>, Route>>,
}

/// The way to a server.
#[derive(Clone)]
struct Route {
    agent: Agent,
    proxy: Option<Arc<ProxyRoute>>,
}

/// A proxy on the way.
struct ProxyRoute {
    /// Its host and port.
    name: String,
    /// The variable that is likely to have named it.
    variable: &'static str,
    /// `Proxy-Authorization` of each request, where requests go to the proxy itself.
    authorization: Option<String>,
}

/// Without its agents, which are told apart by their proxies.
impl std::fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UreqTransport({:?}, {:?})", self.proxies, self.timeout)
    }
}

impl UreqTransport {
    /// The transport of these surroundings.
    ///
    /// # Errors
    /// `config` when a variable cannot be used, `io` when the file of certificates cannot be read.
    pub fn new(env: &Env, timeout: Duration) -> Result<Self, Error> {
        let of = |variable: Variable| env.raw(variable).map(|path| (variable.name(), env.resolve(path)));
        let certificates = match of(Variable::CaFile).or_else(|| of(Variable::SslCertFile)) {
            Some((variable, path)) => {
                let file = CaFile { variable, path: path.display().to_string() };
                Some((read_certificates(&path, &file)?, file))
            }
            None => None,
        };
        let proxies = Proxies::of(env)?;
        Ok(Self { proxies, certificates, timeout, names: Names::default(), agents: Mutex::default() })
    }

    fn route(&self, url: &Address, connection: Connection) -> Result<Route, TransportError> {
        let proxy = self.proxies.of_address(url).map(|proxy| (proxy.to_owned(), url.scheme()));
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        match (agents.get(&proxy), connection) {
            (Some(route), Connection::Any) => return Ok(route.clone()),
            // What an agent keeps goes with it, once its requests that are under way have ended.
            (_, Connection::New) | (None, Connection::Any) => {}
        }
        let route = match &proxy {
            Some((proxy, scheme)) => {
                // Proxies have passwords in them: only the fault is reported.
                let refuse = |_| TransportError::Connect(text::proxy("http_proxy, https_proxy or all_proxy"));
                self.through(&ureq::Proxy::new(proxy).map_err(refuse)?, *scheme)
            }
            None => {
                let agent =
                    Agent::with_parts(self.config(None), DefaultConnector::default(), self.names.clone());
                Route { agent, proxy: None }
            }
        };
        agents.insert(proxy, route.clone());
        Ok(route)
    }

    /// Through a proxy: a tunnel for TLS and for SOCKS; else the proxy itself is asked for the whole address.
    fn through(&self, proxy: &ureq::Proxy, scheme: Scheme) -> Route {
        let name = format!("{}:{}", proxy.host(), proxy.port());
        let forwards = matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
        let variable = if scheme == Scheme::Http { "http_proxy" } else { "https_proxy" };
        if scheme == Scheme::Https || !forwards {
            let config = self.config(Some(proxy.clone()));
            let agent = Agent::with_parts(config, DefaultConnector::default(), self.names.clone());
            return Route {
                agent,
                proxy: Some(Arc::new(ProxyRoute { name, variable, authorization: None })),
            };
        }
        let names = ProxyAddress { proxy: proxy.uri().clone(), names: self.names.clone() };
        let connector = ForwardProxy { proxy: proxy.uri().clone(), inner: DefaultConnector::default() };
        let agent = Agent::with_parts(self.config(None), connector, names);
        let authorization = (proxy.username().is_some() || proxy.password().is_some()).then(|| {
            let (user, password) =
                (proxy.username().unwrap_or_default(), proxy.password().unwrap_or_default());
            format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
        });
        Route { agent, proxy: Some(Arc::new(ProxyRoute { name, variable, authorization })) }
    }

    fn config(&self, proxy: Option<ureq::Proxy>) -> ureq::config::Config {
        let roots = self.certificates.as_ref().map(|(roots, _)| roots.clone());
        let roots = roots.unwrap_or(RootCerts::PlatformVerifier);
        Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .user_agent(concat!("vitte-package/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(self.timeout))
            // A head that comes byte by byte is as good as none.
            .timeout_recv_response(Some(self.timeout))
            .timeout_per_write(Some(self.timeout))
            .max_idle_connections_per_host(32)
            .max_idle_connections(64)
            .build()
    }

    fn failure(&self, error: &ureq::Error, proxy: Option<&ProxyRoute>) -> TransportError {
        let ca_file = self.certificates.as_ref().map(|(_, file)| file);
        if let Some(fault) = tls::find(error, ca_file) {
            return TransportError::Tls(fault);
        }
        match (error, proxy) {
            (ureq::Error::ConnectProxyFailed(reason), Some(proxy)) => {
                let status = reason.rsplit([' ', '/']).next().unwrap_or_default();
                proxy.refused(status)
            }
            (_, proxy) => match (TransportError::from_ureq(error), proxy) {
                (TransportError::Connect(reason), Some(proxy)) => {
                    TransportError::Connect(text::through_proxy(&reason, &proxy.name))
                }
                (failure, _) => failure,
            },
        }
    }
}

impl ProxyRoute {
    /// The failure of a proxy that responded with this status instead of forwarding the request.
    fn refused(&self, status: &str) -> TransportError {
        match status {
            "407" => TransportError::Proxy {
                reason: text::proxy_unauthenticated(&self.name),
                help: Some(text::proxy_unauthenticated_help(self.variable)),
            },
            status => TransportError::Proxy { reason: text::proxy_status(&self.name, status), help: None },
        }
    }
}

impl Transport for UreqTransport {
    fn send(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let Route { agent, proxy } = self.route(request.url, request.connection)?;
        let proxy = proxy.as_deref();
        let authorization = proxy.and_then(|proxy| proxy.authorization.as_deref());
        let bearer = request.token.map(|token| format!("Bearer {}", token.reveal()));
        let url = || request.url.to_string();
        let sent = match (request.post, request.form, request.put) {
            (Some(body), ..) => Some((agent.post(url()), "application/json", body)),
            (_, Some(body), _) => Some((agent.post(url()), form::MEDIA_TYPE, body)),
            (_, _, Some(body)) => Some((agent.put(url()), "application/octet-stream", body)),
            (None, None, None) => None,
        };
        let result = if let Some((builder, content_type, body)) = sent {
            let mut builder = builder.header("Accept-Encoding", "identity");
            if let Some(bearer) = &bearer {
                builder = builder.header("Authorization", bearer);
            }
            if let Some(authorization) = authorization {
                builder = builder.header("Proxy-Authorization", authorization);
            }
            for (name, value) in request.headers {
                builder = builder.header(*name, *value);
            }
            builder.header("Content-Type", content_type).send(body)
        } else {
            let mut builder = match request {
                Request { delete: true, .. } => agent.delete(url()),
                Request { head: true, .. } => agent.head(url()),
                _ => agent.get(url()),
            };
            builder = builder.header("Accept-Encoding", if request.gzip { "gzip" } else { "identity" });
            if let Some(bearer) = &bearer {
                builder = builder.header("Authorization", bearer);
            }
            if let Some(authorization) = authorization {
                builder = builder.header("Proxy-Authorization", authorization);
            }
            if let Some(etag) = request.if_none_match {
                builder = builder.header("If-None-Match", etag);
            }
            if let Some((from, etag)) = request.resume {
                builder = builder.header("Range", format!("bytes={from}-")).header("If-Match", etag);
            }
            if let Some((start, end, etag)) = request.part {
                builder = builder.header("Range", format!("bytes={start}-{}", end.saturating_sub(1)));
                if let Some(etag) = etag {
                    builder = builder.header("If-Match", etag);
                }
            }
            builder.call()
        };
        let mut response = result.map(response).map_err(|error| self.failure(&error, proxy))?;
        if let Some(proxy) = proxy {
            if response.status == 407 {
                return Err(proxy.refused("407"));
            }
            response.via = Some(proxy.name.clone());
        }
        Ok(response)
    }
}

fn response(received: ureq::http::Response<ureq::Body>) -> Response {
    let text = |name: &str| received.headers().get(name).and_then(|value| value.to_str().ok());
    let owned = |name: &str| text(name).map(str::to_owned);
    Response {
        status: received.status().as_u16(),
        etag: owned("etag"),
        content_range: owned("content-range"),
        encoding: owned("content-encoding"),
        content_type: owned("content-type"),
        length: text("content-length").and_then(|length| length.trim().parse().ok()),
        retry_after: owned("retry-after"),
        // Some servers send bytes beyond ASCII here.
        location: received
            .headers()
            .get("location")
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
        upload_offset: text(OFFSET).and_then(|offset| offset.trim().parse().ok()),
        via: None,
        body: Box::new(received.into_body().into_reader()),
    }
}

fn read_certificates(path: &std::path::Path, file: &CaFile) -> Result<RootCerts, Error> {
    let refuse = |reason: &str| {
        let message = text::ca_file(file.variable, &file.path, reason);
        Error::from(Diagnostic::new(Code::Config, message))
    };
    let bytes = fs::read(path, CA_FILE_LEN).map_err(|error| refuse(&error.to_string()))?;
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
