//! Connections: taken, served until a peer is silent for too long, and ended behind the requests that are under way.

use crate::metrics::{self, Gauge};
use axum::Router;
use axum::http::{HeaderMap, HeaderValue};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;
use tokio::net::TcpListener;

/// How long requests in progress may take once the server is asked to end.
const DRAIN: Duration = Duration::from_secs(30);
/// Bytes of the head of a request at most: more than any client of ours sends, tokens included.
const HEAD_LEN: usize = 64 * 1024;
/// How long no connection is taken after one could not be: out of handles, most likely.
const PAUSE: Duration = Duration::from_millis(100);

/// The header that says where a request comes from. Connections set it; what a client sends under this name is dropped.
const PEER: &str = "vitte-peer-address";

fn set_peer(headers: &mut HeaderMap, peer: IpAddr) {
    match HeaderValue::from_str(&peer.to_string()) {
        Ok(value) => headers.insert(PEER, value),
        Err(_) => headers.remove(PEER),
    };
}

/// The address a request comes from.
pub(crate) fn peer(headers: &HeaderMap) -> IpAddr {
    let address = headers.get(PEER).and_then(|value| value.to_str().ok()?.parse().ok());
    address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

/// Serves connections until `ended`, then what is under way, for a while.
///
/// A peer that has not sent the whole head of a request within `patience`, a kept connection without a further request
/// among them, is left.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    patience: Duration,
    ended: impl Future<Output = ()>,
) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience).max_header_size(HEAD_LEN);
    let (service, graceful) = (TowerToHyperService::new(router), GracefulShutdown::new());
    let mut ended = std::pin::pin!(ended);
    loop {
        let accepted = tokio::select! {
            () = &mut ended => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                let service = service.clone();
                let with_peer = service_fn(move |mut request: Request<Incoming>| {
                    set_peer(request.headers_mut(), peer.ip().to_canonical());
                    service.call(request)
                });
                let connection = builder.serve_connection(TokioIo::new(stream), with_peer);
                // A peer that goes away is no fault of ours.
                let connection = graceful.watch(connection);
                tokio::spawn(async move {
                    let _open = Open::new();
                    let _ = connection.await;
                });
            }
            // One that broke before it was taken is its client's problem.
            Err(error) if is_of_the_peer(error.kind()) => {}
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
    drop(listener);
    // A peer that does nothing does not keep the server.
    let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
}

/// A connection that is counted among the open ones.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::add(Gauge::Connections, 1);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::subtract(Gauge::Connections, 1);
    }
}

fn is_of_the_peer(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}
