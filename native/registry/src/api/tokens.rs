//! Tokens, managed by their user. A token never leads to one that may do more.

use super::body::{check_announced, whole};
use crate::accounts::NewToken;
use crate::app::App;
use crate::caller::Caller;
use crate::error::Error;
use crate::ledger::unix_now;
use crate::networks::Networks;
use crate::problem::{Refusal, made};
use crate::rights::{Patterns, Scope};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::tokens::{CreatedToken, REQUEST_LEN, TokenKind, TokenList, TokenRequest};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;

/// `GET /tokens`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let caller = app.caller(&method, &headers).await?;
    needs_sign_in(&caller)?;
    let tokens = app.accounts.tokens_of(caller.user()).await?;
    Ok(made(200, JSON, TokenList { tokens }.to_bytes()))
}

/// `POST /tokens`
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    check_announced(&headers, REQUEST_LEN)?;
    let caller = app.caller(&method, &headers).await?;
    needs_sign_in(&caller)?;
    let body = whole(&app, &headers, body, REQUEST_LEN).await?;
    let request = TokenRequest::parse(&body).map_err(Error::from)?;
    let new = NewToken {
        name: request.name,
        kind: TokenKind::Token,
        scopes: Scope::parse_list(&request.scopes.join(","))?,
        packages: Patterns::parse(&request.packages.join(","))?,
        networks: Networks::parse(&request.cidrs.join(","))?,
        days: request.expires_days,
    };
    check_within(&caller, &new)?;
    let (token, info) = app.accounts.create_token(Some(caller.user()), new, unix_now()).await?;
    let created = CreatedToken { token: token.reveal().to_owned(), info };
    Ok(made(201, JSON, created.to_bytes()))
}

/// `DELETE /tokens/{id}`
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let caller = app.caller(&method, &headers).await?;
    // Every token may end itself.
    if !matches!(&caller, Caller::Token(grant) if grant.token == id) {
        needs_sign_in(&caller)?;
    }
    let missing = |error: Error| match error.first().code {
        Code::NotFound => Refusal::with_status(404, error.first()),
        _ => error.into(),
    };
    app.accounts.revoke(&id, Some(caller.user()), unix_now()).await.map_err(missing)?;
    Ok(made(204, JSON, Vec::new()))
}

/// Refuses a token that was made for a program: a thief does not get others from it.
fn needs_sign_in(caller: &Caller) -> Result<(), Error> {
    match caller {
        Caller::Token(grant) if !grant.is_login => {
            let fault = Diagnostic::new(Code::Forbidden, text::token_no_login());
            Err(fault.help("vitte package login".to_owned()).into())
        }
        _ => Ok(()),
    }
}

/// Refuses a token that may do more than what it is made with.
fn check_within(caller: &Caller, new: &NewToken) -> Result<(), Error> {
    let Caller::Token(grant) = caller else { return Ok(()) };
    let beyond = |what: &str| Err(Error::new(Code::Forbidden, text::token_beyond(what)));
    if let Some(scope) = new.scopes.iter().find(|scope| !grant.scopes.contains(scope)) {
        return beyond(scope.as_str());
    }
    if !grant.packages.cover_all(&new.packages) {
        return beyond(&new.packages.to_string());
    }
    if !grant.networks.cover(&new.networks) {
        return beyond(if new.networks.written().is_empty() { "0.0.0.0/0" } else { "cidrs" });
    }
    Ok(())
}
