//! Signing in with the organisation's provider: the way there and back.

use super::layout::{Page, go_to, own_path};
use super::sign_in::{add_cookie, set_session};
use crate::accounts::{AWAY, SESSION_LIFE};
use crate::app::App;
use crate::caller::cookie;
use crate::connections::peer;
use crate::error::Error;
use crate::ledger::unix_now;
use crate::oidc::{Answer, Provider};
use crate::problem::Refusal;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::form::Form;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;

/// The cookie of a browser that is at the provider.
const COOKIE: &str = "vitte-provider";
const SECURE_COOKIE: &str = "__Host-vitte-provider";

/// `GET /sign-in/provider`
pub(super) async fn leave(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let page = Page { app: &app, headers: &headers, status: 200 };
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    match depart(&app, &headers, own_path(query.get("return"))).await {
        Ok((address, binding)) => {
            let mut response = go_to(&address);
            add_cookie(&app, &headers, &mut response, (name(&app, &headers), &binding), AWAY);
            response
        }
        Err(refusal) => page.refused(refusal),
    }
}

async fn depart(app: &Arc<App>, headers: &HeaderMap, return_to: &str) -> Result<(String, String), Refusal> {
    provider(app)?;
    let now = unix_now();
    let departure = app.accounts.begin_away(return_to, peer(headers), now).await?;
    let (state, binding) = (departure.state, departure.binding.clone());
    let address = app.blocking(move |app| match &app.provider {
        Some(provider) => provider.sign_in(&state, &binding, now),
        None => Err(Error::new(Code::NotFound, text::provider_none())),
    });
    Ok((address.await?, departure.binding))
}

/// `GET /sign-in/provider/callback`
pub(super) async fn arrive(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let page = Page { app: &app, headers: &headers, status: 200 };
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    match admit(&app, &headers, &query).await {
        Ok((secret, go_on)) => {
            let mut response = go_to(&go_on);
            set_session(&app, &headers, &mut response, &secret, SESSION_LIFE);
            add_cookie(&app, &headers, &mut response, (name(&app, &headers), ""), 0);
            response
        }
        Err(refusal) => page.refused(refusal),
    }
}

async fn admit(app: &Arc<App>, headers: &HeaderMap, query: &Form) -> Result<(String, String), Refusal> {
    provider(app)?;
    let refused = || Error::new(Code::Unauthenticated, text::provider_refused());
    let binding = cookie(headers, name(app, headers)).ok_or_else(refused)?.to_owned();
    let state = query.get("state").ok_or_else(refused)?;
    let now = unix_now();
    let go_on = app.accounts.end_away(state, &binding, now).await?.ok_or_else(refused)?;
    let code = query.get("code").ok_or_else(refused)?.to_owned();
    let issuer = query.get("iss").map(str::to_owned);
    let identity = app.blocking(move |app| match &app.provider {
        Some(provider) => {
            provider.finish(Answer { code: &code, issuer: issuer.as_deref(), binding: &binding }, now)
        }
        None => Err(Error::new(Code::NotFound, text::provider_none())),
    });
    let user = app.accounts.identify(&identity.await?, now).await?;
    Ok((app.accounts.begin_session(&user, now).await?, go_on))
}

fn provider(app: &App) -> Result<&Provider, Refusal> {
    let none = || Diagnostic::new(Code::NotFound, text::provider_none());
    app.provider.as_ref().ok_or_else(|| Refusal::with_status(404, none()))
}

fn name(app: &App, headers: &HeaderMap) -> &'static str {
    if app.is_secure(headers) { SECURE_COOKIE } else { COOKIE }
}
