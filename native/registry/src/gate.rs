//! The gate of a private registry: nothing is delivered without a token, and of packages only those that the token is
//! for. It is in front of every route, those that do not exist among them: a stranger learns nothing from the
//! difference between 401, 403 and 404.

use crate::app::App;
use crate::caller::Caller;
use crate::error::Error;
use crate::privacy::is_private;
use crate::problem::{Refusal, with_head};
use crate::rights::{Patterns, Role, Scope};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;
use vitte_package_core::api::files::{RequestHead, respond};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::name::{Namespace, PackageName};

/// What strangers may ask for: that the server runs, what its API is, and the way to a token.
const OPEN: [&str; 5] = ["/healthz", "/readyz", "/openapi.json", "/sign-out", "/device"];
const OPEN_BELOW: [&str; 4] = ["/api/v1/device", "/assets", "/language", "/sign-in"];
/// What of the API is reading; everything else there has scopes of its own.
const BATCH: &str = "/api/v1/index/batch";
const PACKAGES: &str = "/api/v1/packages/";
const READ_BELOW: [&str; 4] = ["/api/v1/index", "/api/v1/packages", "/api/v1/search", "/api/v1/namespaces"];

/// What the sender of a request may read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reader(Option<Patterns>);

impl Reader {
    /// Whether a package may be read; one that may not is absent.
    pub(crate) fn may_read(&self, package: &PackageName) -> bool {
        self.0.as_ref().is_none_or(|patterns| patterns.cover(package))
    }

    /// The patterns of the packages that may be read; none where every package may.
    pub(crate) fn patterns(&self) -> Option<&Patterns> {
        self.0.as_ref().filter(|patterns| !patterns.cover_everything())
    }

    /// Whether what the API says of a package may be read, by the path of the request.
    fn may_read_data(&self, path: &str) -> bool {
        let mut parts = path.split('/').skip(PACKAGES.matches('/').count() - 1);
        match (parts.next(), parts.next()) {
            (Some(Namespace::NONE), Some(name)) => self.may_read_name(name),
            (Some(namespace), Some(name)) => self.may_read_name(&format!("{namespace}/{name}")),
            _ => true,
        }
    }

    fn may_read_name(&self, name: &str) -> bool {
        PackageName::parse(name).is_ok_and(|package| self.may_read(&package))
    }

    /// Whether a file of the registry may be read. The log is everybody's who may read at all: without all of it nothing
    /// can be checked.
    fn may_read_file(&self, path: &str) -> bool {
        let Some(patterns) = &self.0 else { return true };
        // Where the file system takes one case for the other, so does this.
        let path = path.to_ascii_lowercase();
        let mut parts = path.split('/');
        let (plane, namespace, name) = (parts.next(), parts.next(), parts.next());
        match (plane, namespace, name) {
            (Some("ns"), Some(file), _) => {
                let namespace = Namespace::parse(file.trim_end_matches(".jsonl"));
                namespace.is_ok_and(|namespace| patterns.touch(&namespace))
            }
            (Some("index" | "p"), Some(namespace), Some(name)) => {
                let full = match namespace {
                    Namespace::NONE => name.to_owned(),
                    namespace => format!("{namespace}/{name}"),
                };
                self.may_read_name(&full)
            }
            _ => true,
        }
    }
}

/// Lets pass who may ask. What passes knows its [`Reader`].
pub(crate) async fn gate(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    if app.privacy.is_stale() {
        let read = app.blocking(|app| is_private(&app.files)).await;
        // What cannot be read stays as it was.
        if let Ok(is_private) = read {
            app.privacy.set(is_private);
        }
    }
    let path = request.uri().path();
    let below = |folder: &&str| {
        path.strip_prefix(*folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_open = OPEN.contains(&path) || OPEN_BELOW.iter().any(below);
    if !app.privacy.is_private() || is_open || request.method() == Method::OPTIONS {
        request.extensions_mut().insert(Reader::default());
        return next.run(request).await;
    }
    let is_api = path.starts_with("/api/");
    let is_read = match request.method().is_safe() || path == BATCH {
        true => !is_api || READ_BELOW.iter().any(below),
        // Scopes of their own.
        false => !is_api,
    };
    let reader = match reader(&app, request.method(), request.headers(), is_read).await {
        Ok(reader) => reader,
        Err(refusal) => return refusal.into_response(),
    };
    let head = RequestHead::new(request.method().as_str(), path, Vec::new());
    match path.strip_prefix(PACKAGES) {
        // What is written in no plain way is the name of nothing.
        Some(_) if head.path().is_none_or(|path| !reader.may_read_data(&path)) => {
            let fault = Diagnostic::new(Code::NotFound, text::api_missing(path));
            return for_one(Refusal::with_status(404, fault).into_response());
        }
        None if !is_api && head.path().is_some_and(|path| !reader.may_read_file(&path)) => {
            return for_one(with_head(&respond(Some(&head), None), Body::empty()));
        }
        _ => {}
    }
    request.extensions_mut().insert(reader);
    for_one(next.run(request).await)
}

/// Who asks, if they may.
async fn reader(
    app: &Arc<App>,
    method: &Method,
    headers: &HeaderMap,
    is_read: bool,
) -> Result<Reader, Refusal> {
    let caller = app.caller(method, headers).await?;
    // Somebody whom a provider knows is not yet somebody of the organisation.
    if is_read && caller.role() == Role::Guest {
        return Err(Error::new(Code::Forbidden, text::guest_reads()).into());
    }
    match caller {
        Caller::Token(grant) => {
            if is_read {
                grant.needs(Scope::Read)?;
            }
            Ok(Reader(Some(grant.packages)))
        }
        Caller::Session(_) => Ok(Reader::default()),
    }
}

/// What one reader was given is not for caches that others share.
fn for_one(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let control = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
    let control = match control {
        Some(control) if control.contains("no-store") => None,
        Some(control) => match control.strip_prefix("public") {
            Some(rest) => Some(format!("private{rest}")),
            None => Some(format!("private, {control}")),
        },
        None => Some("private".to_owned()),
    };
    if let Some(Ok(control)) = control.map(HeaderValue::try_from) {
        headers.insert(header::CACHE_CONTROL, control);
    }
    headers.append(header::VARY, HeaderValue::from_static("Authorization"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_packages_are_for_those_whose_token_covers_them() {
        let reader = |patterns: &str| Reader(Some(Patterns::parse(patterns).unwrap()));
        let (one, whole, all) = (reader("acme/one"), reader("acme/*"), reader("*"));
        for (path, expected) in [
            ("index/acme/one", [true, true, true]),
            ("INDEX/acme/one", [true, true, true]),
            ("index/acme/two", [false, true, true]),
            ("Index/ACME/two", [false, true, true]),
            ("index/other/one", [false, false, true]),
            ("index/_/one", [false, false, true]),
            ("p/acme/one/1.0.0/one-1.0.0.vitmod", [true, true, true]),
            ("p/acme/two/1.0.0/two-1.0.0.vitmod", [false, true, true]),
            ("P/other/one/1.0.0/one-1.0.0.vitmod.tlog-proof", [false, false, true]),
            ("ns/acme.jsonl", [true, true, true]),
            ("ns/other.jsonl", [false, false, true]),
            ("log/checkpoint", [true, true, true]),
            ("trust/1.json", [true, true, true]),
            ("config.json", [true, true, true]),
        ] {
            let may = [&one, &whole, &all].map(|reader| reader.may_read_file(path));
            assert_eq!(may, expected, "{path}");
            assert!(Reader::default().may_read_file(path));
        }
        for (path, expected) in [
            ("api/v1/packages/acme/one", [true, true, true]),
            ("api/v1/packages/acme/two/1.0.0/status", [false, true, true]),
            ("api/v1/packages/other/one/owners", [false, false, true]),
            ("api/v1/packages/_/one", [false, false, true]),
        ] {
            let may = [&one, &whole, &all].map(|reader| reader.may_read_data(path));
            assert_eq!(may, expected, "{path}");
        }
    }
}
