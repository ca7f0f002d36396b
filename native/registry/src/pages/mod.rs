//! What users are shown: signing in, approving a client, tokens. Plain HTML that needs no script, in English and French.

mod device;
mod layout;
mod provider;
mod sign_in;
mod tokens;
mod words;

use crate::app::App;
use crate::oidc::CALLBACK;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// Where each page is.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/provider", get(provider::leave))
        .route(CALLBACK, get(provider::arrive))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/device", get(device::show).post(device::decide))
        .route("/account/tokens", get(tokens::show).post(tokens::create))
        .route("/account/tokens/revoke", post(tokens::revoke))
}
