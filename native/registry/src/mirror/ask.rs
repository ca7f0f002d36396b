//! What a server says of packages without proof: search, descriptions, dependents. A mirror has the files of what was asked
//! for, so it passes these questions on, and says so while the registry cannot be reached.

use super::upstream::Answer;
use super::{Mirror, words};
use crate::problem::{Refusal, made};
use crate::tasks::waiting;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;
use vitte_package_core::api::files::RequestHead;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::version::Version;

/// Questions that are passed on: those that a client without a token may ask of a public registry. Not those about
/// tokens, owners or uploads, which would be answered for the mirror's own token.
pub(super) fn routes(router: Router<Arc<Mirror>>) -> Router<Arc<Mirror>> {
    [
        "/search",
        "/packages/{namespace}/{name}",
        "/packages/{namespace}/{name}/dependents",
        "/packages/{namespace}/{name}/{version}",
        "/packages/{namespace}/{name}/{version}/files",
        "/packages/{namespace}/{name}/{version}/status",
    ]
    .into_iter()
    .fold(router, |router, path| router.route(path, get(ask)))
}

async fn ask(State(mirror): State<Arc<Mirror>>, uri: Uri) -> Result<Response, Refusal> {
    // A path that is not written plainly could lead elsewhere once it is joined to an address.
    let plain = RequestHead::new("GET", uri.path(), Vec::new()).path();
    let Some(path) = plain.filter(|path| !path.contains(['%', '?', '#', '\\'])) else {
        let missing = Diagnostic::new(Code::NotFound, text::api_missing(uri.path()));
        return Err(Refusal::with_status(404, missing));
    };
    let version = path.split('/').nth(3).filter(|part| *part != "dependents");
    if version.is_some_and(|part| Version::parse(part).is_err()) {
        return Err(read_only(&mirror)); // such as `owners`
    }
    let query = uri.query().map(str::to_owned);
    let answer = waiting(move || mirror.upstream.ask(&path, query.as_deref())).await;
    let Answer { status, media_type, bytes } = answer
        .map_err(|error| Refusal::with_status(503, error.first().help(words::only_asked_upstream())))?;
    Ok(made(status, media_type, bytes))
}

/// What a mirror does not do.
pub(super) fn read_only(mirror: &Mirror) -> Refusal {
    let message = words::read_only(&mirror.upstream.address());
    Refusal::with_status(405, Diagnostic::new(Code::NotSupported, message))
}
