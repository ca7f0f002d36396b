//! Connections: taken, served until a peer is silent or slow for too long, and ended behind the requests that are under way.

mod paced;
mod peer;
mod room;
mod tls;

use crate::metrics::{self, Gauge};
use crate::networks::Networks;
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use paced::Paced;
pub(crate) use paced::{MinRate, TooSlow};
pub(crate) use peer::peer;
pub(crate) use room::Busy;
use room::{Place, Room};
use std::io::ErrorKind;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
pub(crate) use tls::Tls;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// How long requests in progress may take once the server is asked to end.
const DRAIN: Duration = Duration::from_secs(30);
/// Bytes of the head of a request at most: more than any client of ours sends, tokens included.
const HEAD_LEN: usize = 64 * 1024;
/// How long no connection is taken after one could not be: out of handles, most likely.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a connection that has to make room may take to end, if no request came on it.
const LEAVE: Duration = Duration::from_millis(250);
/// Connections that are refused with a response at once; more are only closed.
const REFUSALS: usize = 64;
/// What a client is told for whom there is no room.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 31\r\n\r\ntoo many connections: try later\n";

/// How connections are served.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// How long a peer may be silent.
    pub(crate) patience: Duration,
    /// Connections at once at most.
    pub(crate) most: usize,
    /// Proxies that say for whom they ask.
    pub(crate) proxies: Option<Networks>,
    /// Certificate and key, if the connections are encrypted here.
    pub(crate) tls: Option<Arc<Tls>>,
    /// What is tried first with a request.
    pub(crate) shortcut: Option<Shortcut>,
}

/// Answers a request at once, or gives back what it was given.
type Answer = dyn Fn(&Request<Incoming>, IpAddr, Busy) -> Result<Response<Body>, Busy> + Send + Sync;

/// A way to answer some requests without the routes.
#[derive(Clone)]
pub(crate) struct Shortcut(Arc<Answer>);

impl std::fmt::Debug for Shortcut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Shortcut")
    }
}

impl Shortcut {
    pub(crate) fn new(
        answer: impl Fn(&Request<Incoming>, IpAddr, Busy) -> Result<Response<Body>, Busy> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(answer))
    }
}

impl Terms {
    /// For an address that is not the registry's: with no more to it than patience.
    pub(crate) fn plain(patience: Duration, most: usize) -> Self {
        Self { patience, most, proxies: None, tls: None, shortcut: None }
    }
}

/// Serves connections until `ended`, then what is under way, for a while.
///
/// A peer that has not sent the whole head of a request within the patience, a kept connection without a further request
/// among them, is left; so is one that takes a response too slowly. When there is no room for a further connection, the
/// one that has been idle for longest is closed, and if all are busy the new one is refused.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    terms: Terms,
    ended: impl Future<Output = ()>,
) {
    let room = Room::new(terms.most);
    let (ending, end) = watch::channel(false);
    let server = Arc::new(Server { service: TowerToHyperService::new(router), terms, end });
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut ended = pin!(ended);
    loop {
        let accepted = tokio::select! {
            () = &mut ended => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => {
                let _ = stream.set_nodelay(true);
                match room.take() {
                    Some(place) => {
                        let server = Arc::clone(&server);
                        tokio::spawn(async move { server.welcome(stream, from.ip(), place).await });
                    }
                    None => {
                        metrics::add(Gauge::RefusedConnections, 1);
                        if server.terms.tls.is_none()
                            && let Ok(permit) = Arc::clone(&refusals).try_acquire_owned()
                        {
                            tokio::spawn(async move {
                                let _ = timeout(Duration::from_secs(1), refuse(stream)).await;
                                drop(permit);
                            });
                        }
                    }
                }
            }
            // One that broke before it was taken is its client's problem.
            Err(error) if is_of_the_peer(error.kind()) => {}
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
    drop((listener, server));
    let _ = ending.send(true);
    // A peer that does nothing does not keep the server.
    let _ = timeout(DRAIN, ending.closed()).await;
}

/// Tells a client that there is no room. What it asks is read, as far as it has come: a connection that is closed with
/// bytes unread is reset, and the response lost.
async fn refuse(mut stream: TcpStream) {
    let mut asked = [0; 4096];
    if stream.write_all(FULL).await.is_ok() && stream.shutdown().await.is_ok() {
        while stream.read(&mut asked).await.is_ok_and(|read| read > 0) {}
    }
}

/// What all connections are served by.
struct Server {
    service: TowerToHyperService<Router>,
    terms: Terms,
    end: watch::Receiver<bool>,
}

impl Server {
    async fn welcome(&self, stream: TcpStream, from: IpAddr, place: Place) {
        match &self.terms.tls {
            None => self.handle_connection(stream, from, place).await,
            Some(tls) => {
                // The handshake is as good a place to be slow in as any.
                if let Ok(Ok(stream)) = timeout(self.terms.patience, tls.accept(stream)).await {
                    self.handle_connection(stream, from, place).await;
                }
            }
        }
    }

    async fn handle_connection<S>(&self, stream: S, from: IpAddr, place: Place)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = http1::Builder::new();
        let patience = self.terms.patience;
        builder.timer(TokioTimer::new()).header_read_timeout(patience).max_header_size(HEAD_LEN);
        let service = service_fn(|mut request: Request<Incoming>| {
            let client = peer::client(request.headers(), from, self.terms.proxies.as_ref());
            let answered = match &self.terms.shortcut {
                Some(Shortcut(answer)) => answer(&request, client, place.busy()),
                None => Err(place.busy()),
            };
            let answered = answered.map_err(|busy| {
                peer::set(request.headers_mut(), client);
                request.extensions_mut().insert(busy);
                self.service.call(request)
            });
            async move {
                match answered {
                    Ok(response) => Ok(response),
                    Err(called) => called.await,
                }
            }
        });
        let stream = TokioIo::new(Paced::new(stream, patience));
        let mut connection = pin!(builder.serve_connection(stream, service));
        let mut end = self.end.clone();
        let ending = async { end.wait_for(|ending| *ending).await.map_or((), |_| ()) };
        // A peer that goes away is no fault of ours.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = ending => connection.as_mut().graceful_shutdown(),
            () = place.asked_to_leave() => {
                connection.as_mut().graceful_shutdown();
                let _ = timeout(LEAVE, connection.as_mut()).await;
                if !place.is_busy() {
                    return;
                }
            }
        }
        let _ = connection.await;
    }
}

fn is_of_the_peer(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}
