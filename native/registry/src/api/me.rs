//! Who the caller is.

use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Refusal, made};
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::tokens::Me;

/// `GET /me`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let caller = app.caller(&method, &headers).await?;
    let token = match &caller {
        Caller::Token(grant) => app.accounts.token_of(&grant.user, &grant.token).await?,
        Caller::Session(_) => None,
    };
    let me = Me { user: caller.user().to_owned(), role: caller.role().as_str().to_owned(), token };
    Ok(made(200, JSON, me.to_bytes()))
}
