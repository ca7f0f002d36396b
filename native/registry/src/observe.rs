//! Around every request: its id, its line in the log, its figures, and what becomes of a panic.

use crate::app::App;
use crate::connections::{Busy, MinRate, TooSlow, peer};
use crate::error::Error;
use crate::metrics::{self, Gauge};
use crate::problem::Refusal;
use crate::request::{self, Context as RequestContext};
use crate::tasks::caught;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, State};
use axum::http::{HeaderValue, Method, Request, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body::{Frame, SizeHint};
use std::borrow::Cow;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

/// Answers a request and says so in the log.
pub(crate) async fn observe(State(app): State<Arc<App>>, mut request: Request<Body>, next: Next) -> Response {
    let context = Arc::new(RequestContext::new(request.headers()));
    let underway = Underway {
        context: Arc::clone(&context),
        method: request.method().clone(),
        route: route(&request),
        peer: peer(request.headers()),
        _busy: request.extensions_mut().remove(),
        started: Instant::now(),
        status: 0,
        sent: 0,
    };
    metrics::add(Gauge::InFlight, 1);
    let (pace, paced) = (MinRate::new(app.patience), Arc::clone(&context));
    let request = request.map(|body| Body::new(Received { body, pace, request: paced }));
    // Files are delivered as often as they are asked for: it costs less than to refuse them.
    let is_api = request.uri().path().starts_with("/api/");
    let allowed = if is_api { app.limits.request(underway.peer) } else { Ok(()) };
    let answer = async {
        match allowed {
            Ok(()) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        }
    };
    let response = context.scope(unpanicked(answer)).await;
    completed(response, underway)
}

/// A response that was there already, said in the log and counted as any other is.
pub(crate) fn observed<B>(
    response: Response,
    request: &Request<B>,
    peer: IpAddr,
    busy: Busy,
    started: Instant,
) -> Response {
    let underway = Underway {
        context: Arc::new(RequestContext::new(request.headers())),
        method: request.method().clone(),
        route: route(request),
        peer,
        _busy: Some(busy),
        started,
        status: 0,
        sent: 0,
    };
    metrics::add(Gauge::InFlight, 1);
    completed(response, underway)
}

/// Says what every response says, and watches it go.
fn completed(mut response: Response, mut underway: Underway) -> Response {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&underway.context.id) {
        headers.insert(request::ID, id);
    }
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(nothing);
    underway.status = response.status().as_u16();
    response.map(|body| Body::new(Sent { body, underway }))
}

/// The pattern that an address matches: an address itself may have a secret in it, and there are too many.
fn route<B>(request: &Request<B>) -> Cow<'static, str> {
    if let Some(matched) = request.extensions().get::<MatchedPath>() {
        return Cow::Owned(matched.as_str().to_owned());
    }
    let path = request.uri().path();
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let known = ["api", "index", "log", "ns", "p", "trust", "config.json"];
    Cow::Borrowed(match known.into_iter().find(|known| *known == first) {
        Some("api") => "/api/*",
        Some("index") => "/index/*",
        Some("log") => "/log/*",
        Some("ns") => "/ns/*",
        Some("p") => "/p/*",
        Some("trust") => "/trust/*",
        Some("config.json") => "/config.json",
        _ => "/*",
    })
}

/// A panic in a handler is the end of its request, not of the server.
async fn unpanicked(handler: impl Future<Output = Response>) -> Response {
    caught(handler).await.unwrap_or_else(|_| Refusal::from(Error::fault()).into_response())
}

/// A request until the last byte of its response, or until its peer has gone.
struct Underway {
    context: Arc<RequestContext>,
    method: Method,
    route: Cow<'static, str>,
    peer: IpAddr,
    /// While this is held, the connection is not idle.
    _busy: Option<Busy>,
    started: Instant,
    status: u16,
    sent: u64,
}

impl Drop for Underway {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        metrics::subtract(Gauge::InFlight, 1);
        metrics::add(Gauge::Sent, self.sent);
        metrics::answered(&self.route, self.status, took);
        let ms = (took.as_micros() as f64 / 100.0).round() / 10.0;
        macro_rules! say {
            ($level:ident) => {
                tracing::$level!(
                    target: "vitte_registry::request",
                    id = self.context.id,
                    method = self.method.as_str(),
                    route = &*self.route,
                    status = self.status,
                    ms,
                    bytes = self.sent,
                    token = self.context.token(),
                    peer = %self.peer,
                )
            };
        }
        match self.status {
            500.. => say!(warn),
            _ if matches!(&*self.route, "/healthz" | "/readyz") => say!(debug),
            _ => say!(info),
        }
    }
}

/// The body of a request, counted and not waited for for ever.
struct Received {
    body: Body,
    pace: MinRate,
    request: Arc<RequestContext>,
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let moved = match &polled {
            Poll::Pending => None,
            Poll::Ready(Some(Ok(frame))) => Some(frame.data_ref().map_or(0, Bytes::len)),
            Poll::Ready(_) => return polled,
        };
        metrics::add(Gauge::Received, moved.unwrap_or(0) as u64);
        match self.pace.note(context, moved) {
            Ok(()) => polled,
            Err(TooSlow) => {
                self.request.note_slow();
                Poll::Ready(Some(Err(axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut)))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of a response, counted. It goes when it was sent, or when nobody takes it any more.
struct Sent {
    body: Body,
    underway: Underway,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(bytes) = frame.data_ref()
        {
            self.underway.sent += bytes.len() as u64;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_refusal_and_not_the_end() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let request = Arc::new(RequestContext::new(&axum::http::HeaderMap::new()));
        let id = request.id.clone();
        let response = runtime.block_on(request.scope(unpanicked(async { panic!("canary") })));
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = runtime.block_on(axum::body::to_bytes(response.into_body(), 10_000)).unwrap();
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains("\"code\":\"VP") && !body.contains("canary"), "{body}");
        assert!(body.contains(&format!("\"request_id\":\"{id}\"")), "{body}");
    }
}
