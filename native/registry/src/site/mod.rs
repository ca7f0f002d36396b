//! The registry's web site: what was published, for people who read pages. Complete without scripts, in English and
//! French.
//!
//! A page says what the registry claims. It is never a verdict: those are made where the reader is, in a terminal or a
//! browser. What a page is made from is in `docs/site.md`.

mod archives;
mod assets;
mod dependents;
mod diff;
pub(crate) mod escape;
mod explain;
mod feeds;
mod files;
pub(crate) mod format;
mod frame;
mod highlight;
mod home;
mod islands;
mod language;
mod load;
mod log;
mod namespace;
mod package;
mod readme;
mod resolve;
mod schemas;
mod search;
mod verifier;
mod versions;
mod view;
mod words;

use crate::app::App;
use crate::config::Switch;
use crate::connections::peer;
use crate::gate::Reader;
use crate::problem::Refusal;
use crate::reads;
use archives::Archives;
use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use feeds::Mapped;
use frame::Visit;
pub(crate) use frame::account;
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::in_language;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::path::PackagePath;
use vitte_package_core::version::Version;

/// First parts of the paths of the registry's files.
const FILES: [&str; 6] = ["config.json", "index", "log", "ns", "p", "trust"];

/// What pages refer to, and every page that is not the name of something.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/assets/{name}", get(assets::show))
        .route("/assets/{digest}/{name}", get(assets::script))
        .route("/language/{tag}", get(language::choose))
        .fallback(show)
        .layer(Extension(Arc::new(Kept::default())))
}

/// What is kept between requests.
#[derive(Debug, Default)]
struct Kept {
    archives: Arc<Archives>,
    mapped: Mapped,
}

/// Shows what is at a path: a page, or else a file of the registry.
async fn show(
    State(app): State<Arc<App>>,
    Extension(kept): Extension<Arc<Kept>>,
    Extension(reader): Extension<Reader>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let place = Place::of(uri.path());
    let is_page = app.settings.web == Switch::On && method.is_safe() && method != Method::OPTIONS;
    if !is_page || place == Place::File {
        return reads::file(State(app), method, uri, headers).await;
    }
    let visit = Visit { app, method, uri, headers, reader };
    // A page takes more to make than a file to send.
    if let Err(refusal) = visit.app.limits.request(peer(&visit.headers)) {
        return visit.refused(refusal);
    }
    match page(&visit, &kept, place).await {
        Ok(response) => response,
        // Programs are told as they always were.
        Err(refusal) if refusal.status() == 404 && !visit.wants_page() => {
            reads::file(State(visit.app), visit.method, visit.uri, visit.headers).await
        }
        Err(refusal) => visit.refused(refusal),
    }
}

/// Asks a reader of pages to sign in, where a program is told that it needs a token. It is outside of the gate, and says
/// the same of every path.
pub(crate) async fn sign_in_page(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_page = app.settings.web == Switch::On
        && request.method().is_safe()
        && !request.uri().path().starts_with("/api/")
        && !request.headers().contains_key(header::AUTHORIZATION);
    let (method, uri, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
    let response = next.run(request).await;
    if !is_page || response.status() != StatusCode::UNAUTHORIZED {
        return response;
    }
    let visit = Visit { app, method, uri, headers, reader: Reader::default() };
    if !visit.wants_page() {
        return response;
    }
    let fault = Diagnostic::new(Code::Unauthenticated, in_language(visit.language(), words::sign_in_first));
    let mut page = visit.refused(Refusal::with_status(401, fault));
    if let Some(challenge) = response.headers().get(header::WWW_AUTHENTICATE) {
        page.headers_mut().insert(header::WWW_AUTHENTICATE, challenge.clone());
    }
    page
}

async fn page(visit: &Visit, kept: &Kept, place: Place) -> Result<Response, Refusal> {
    let archives = &kept.archives;
    match place {
        Place::Home => home::show(visit).await,
        Place::Search => search::show(visit).await,
        Place::Package(name) => package::show(visit, archives, &name, None).await,
        Place::Release(name, version) => package::show(visit, archives, &name, Some(&version)).await,
        Place::Versions(name) => versions::show(visit, &name).await,
        Place::Files(name, version, path) => {
            files::show(visit, archives, &name, &version, path.as_ref()).await
        }
        Place::Dependents(name) => dependents::show(visit, &name).await,
        Place::Compare(name) => diff::choose(visit, &name).await,
        Place::Diff(name, from, to) => diff::show(visit, archives, &name, &from, &to).await,
        Place::Namespace(name) => namespace::show(visit, &name).await,
        Place::Fit => resolve::show(visit).await,
        Place::Verify => verifier::show(visit),
        Place::Log => log::show(visit).await,
        Place::Entry(index) => log::entry(visit, index).await,
        Place::Explain(None) => Ok(explain::all(visit)),
        Place::Explain(Some(code)) => explain::one(visit, &code),
        Place::Schemas(None) => Ok(schemas::all(visit)),
        Place::Schemas(Some(file)) => schemas::one(visit, &file),
        Place::Feed(None) => feeds::newest(visit).await,
        Place::Feed(Some(name)) => feeds::of_package(visit, &name).await,
        Place::Badge(name, is_signed) => feeds::badge(visit, &name, is_signed).await,
        Place::Map => feeds::map(visit, &kept.mapped).await,
        Place::Robots => Ok(feeds::robots(visit)),
        Place::Slash(path) => Ok(visit.moved(&path)),
        Place::File | Place::Nowhere => Err(visit.missing()),
    }
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Home,
    Search,
    Package(PackageName),
    Release(PackageName, Version),
    Versions(PackageName),
    /// The files of a version, or what is at a path among them.
    Files(PackageName, Version, Option<PackagePath>),
    Dependents(PackageName),
    /// A choice of two versions.
    Compare(PackageName),
    Diff(PackageName, Version, Version),
    Namespace(Namespace),
    Verify,
    /// Whether a manifest can be resolved.
    Fit,
    Log,
    Entry(u64),
    Explain(Option<String>),
    Schemas(Option<String>),
    /// Of a package, or of the whole registry.
    Feed(Option<PackageName>),
    /// Whether it is about the signature.
    Badge(PackageName, bool),
    Map,
    Robots,
    /// The same path without its last slash.
    Slash(String),
    /// A file of the registry, if it is anything.
    File,
    Nowhere,
}

impl Place {
    /// Reads a path: every part of it is what core says that it may be, or it leads nowhere.
    fn of(path: &str) -> Self {
        let Some(path) = path.strip_prefix('/') else { return Self::File };
        if path.is_empty() {
            return Self::Home;
        }
        if let Some(path) = path.strip_suffix('/') {
            return match Self::of(&format!("/{path}")) {
                Self::File | Self::Nowhere | Self::Home => Self::Nowhere,
                _ => Self::Slash(format!("/{path}")),
            };
        }
        let parts: Option<Vec<String>> = path.split('/').map(escape::decode).collect();
        // An escaped slash is no part of a name.
        let Some(parts) = parts.filter(|parts| parts.iter().all(|part| !part.contains('/'))) else {
            return Self::Nowhere;
        };
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["search"] => Self::Search,
            ["verify"] => Self::Verify,
            ["resolve"] => Self::Fit,
            ["log"] => Self::Log,
            ["log", "entry", index] => match index.parse::<u64>() {
                Ok(parsed) if parsed.to_string() == *index => Self::Entry(parsed),
                _ => Self::Nowhere,
            },
            ["explain"] => Self::Explain(None),
            ["explain", code] => Self::Explain(Some((*code).to_owned())),
            ["schemas"] => Self::Schemas(None),
            ["schemas", file] => Self::Schemas(Some((*file).to_owned())),
            ["feed.atom"] => Self::Feed(None),
            ["sitemap.xml"] => Self::Map,
            ["robots.txt"] => Self::Robots,
            [first, ..] if FILES.contains(first) => Self::File,
            [namespace, name, rest @ ..] => match package_name(namespace, name) {
                Some(name) => Self::of_package(name, rest),
                None => Self::Nowhere,
            },
            [namespace] => Namespace::parse(namespace).map_or(Self::Nowhere, Self::Namespace),
            _ => Self::Nowhere,
        }
    }

    fn of_package(name: PackageName, rest: &[&str]) -> Self {
        match rest {
            [] => Self::Package(name),
            ["versions"] => Self::Versions(name),
            ["dependents"] => Self::Dependents(name),
            ["diff"] => Self::Compare(name),
            ["diff", span] => {
                let versions =
                    span.split_once("..").map(|(from, to)| (Version::parse(from), Version::parse(to)));
                match versions {
                    Some((Ok(from), Ok(to))) => Self::Diff(name, from, to),
                    _ => Self::Nowhere,
                }
            }
            ["feed.atom"] => Self::Feed(Some(name)),
            ["badge.svg"] => Self::Badge(name, false),
            ["badge", "signed.svg"] => Self::Badge(name, true),
            [version, "files", path @ ..] => {
                let path = match path {
                    [] => Ok(None),
                    path => PackagePath::parse(&path.join("/")).map(Some),
                };
                match (Version::parse(version), path) {
                    (Ok(version), Ok(path)) => Self::Files(name, version, path),
                    _ => Self::Nowhere,
                }
            }
            [version] => match Version::parse(version) {
                Ok(version) => Self::Release(name, version),
                Err(_) => Self::Nowhere,
            },
            _ => Self::Nowhere,
        }
    }
}

fn package_name(namespace: &str, name: &str) -> Option<PackageName> {
    let full = if namespace == Namespace::NONE { name.to_owned() } else { format!("{namespace}/{name}") };
    PackageName::parse(&full).ok().filter(|parsed| parsed.base() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_pages_to_files_or_nowhere() {
        let name = |text| PackageName::parse(text).unwrap();
        let version = Version::parse("1.0.0+a").unwrap();
        for (path, place) in [
            ("/", Place::Home),
            ("/search", Place::Search),
            ("/acme/one", Place::Package(name("acme/one"))),
            ("/_/one", Place::Package(name("one"))),
            ("/acme/one/", Place::Slash("/acme/one".to_owned())),
            ("/acme/one/1.0.0+a", Place::Release(name("acme/one"), version.clone())),
            ("/acme/one/1.0.0%2Ba", Place::Release(name("acme/one"), version.clone())),
            ("/acme/one/versions", Place::Versions(name("acme/one"))),
            ("/acme/one/dependents", Place::Dependents(name("acme/one"))),
            ("/acme/one/diff", Place::Compare(name("acme/one"))),
            (
                "/acme/one/diff/1.0.0+a..1.0.0%2Ba",
                Place::Diff(name("acme/one"), version.clone(), version.clone()),
            ),
            ("/acme/one/diff/1.0.0", Place::Nowhere),
            ("/acme/one/1.0.0+a/files", Place::Files(name("acme/one"), version.clone(), None)),
            (
                "/acme/one/1.0.0+a/files/.github/a%20b",
                Place::Files(name("acme/one"), version, Some(PackagePath::parse(".github/a b").unwrap())),
            ),
            ("/acme/one/1.0.0/files/../x", Place::Nowhere),
            ("/acme/one/1.0.0/files/%2e%2e/x", Place::Nowhere),
            ("/acme/one/1.0.0/files/a%2Fb", Place::Nowhere),
            ("/acme/one/badge/signed.svg", Place::Badge(name("acme/one"), true)),
            ("/acme/one/feed.atom", Place::Feed(Some(name("acme/one")))),
            ("/acme", Place::Namespace(Namespace::parse("acme").unwrap())),
            ("/verify", Place::Verify),
            ("/resolve", Place::Fit),
            ("/log", Place::Log),
            ("/log/entry/12", Place::Entry(12)),
            ("/log/entry/012", Place::Nowhere),
            ("/log/entry/-1", Place::Nowhere),
            ("/explain/VP0101", Place::Explain(Some("VP0101".to_owned()))),
            ("/robots.txt", Place::Robots),
            ("/favicon.ico", Place::Nowhere),
            ("/index/acme/one", Place::File),
            ("/p/acme/one/1.0.0/one-1.0.0.vitmod", Place::File),
            ("/config.json", Place::File),
            ("/log/checkpoint", Place::File),
            ("/trust/1.json", Place::File),
            ("/INDEX/acme", Place::Nowhere),
            ("//evil.example/", Place::Nowhere),
            ("//", Place::Nowhere),
            ("/acme//one", Place::Nowhere),
            ("/acme/%2e%2e", Place::Nowhere),
            ("/acme/one%2Ftwo", Place::Nowhere),
            ("/acme/%zz", Place::Nowhere),
            ("/_/acme/one", Place::Nowhere),
            ("/acme/one/latest", Place::Nowhere),
            ("/acme/one/1.0.0/x", Place::Nowhere),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
    }
}
