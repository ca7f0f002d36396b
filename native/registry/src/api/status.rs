//! What the next status record of a version continues.

use crate::app::App;
use crate::error::Error;
use crate::problem::{Refusal, made};
use axum::extract::{Path, State};
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::layout;
use vitte_package_core::version::Version;

/// `GET /packages/{namespace}/{name}/{version}/status`
pub(crate) async fn records(
    State(app): State<Arc<App>>,
    Path((namespace, name, version)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let full = if namespace == Namespace::NONE { name } else { format!("{namespace}/{name}") };
    let missing = || {
        let path = format!("packages/{full}/{version}/status");
        Refusal::with_status(404, Diagnostic::new(Code::NotFound, text::api_missing(&path)))
    };
    let (Ok(package), Ok(number)) = (PackageName::parse(&full), Version::parse(&version)) else {
        return Err(missing());
    };
    let path = layout::index(&package);
    if !app.blocking(move |app| Ok::<_, Error>(app.files.find(&path)?.is_some())).await? {
        return Err(missing());
    }
    let records = app.ledger.status_records(package, number).await?;
    Ok(made(200, JSON, records.to_bytes()))
}
