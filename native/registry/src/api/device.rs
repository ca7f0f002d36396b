//! Signing a client in from a browser: the client's side. The user's side is a page.

use super::body::{check_announced, whole};
use crate::accounts::{CODE_LIFE, DeviceGrant};
use crate::app::App;
use crate::connections::peer;
use crate::error::Error;
use crate::ledger::unix_now;
use crate::problem::{Refusal, made};
use crate::rights::{Patterns, Scope};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::device::{DeviceCodes, DeviceRequest, DeviceToken, parse_token_form};
use vitte_package_core::api::form::{FORM_LEN, escape};
use vitte_package_core::api::problem::MEDIA_TYPE;

/// `POST /device`
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    check_announced(&headers, FORM_LEN)?;
    let body = whole(&app, &headers, body, FORM_LEN).await?;
    let request = DeviceRequest::parse(&body).map_err(Error::from)?;
    let scopes = match request.scopes.as_slice() {
        [] => Scope::of_a_user(),
        given => Scope::parse_list(&given.join(","))?,
    };
    let from = peer(&headers);
    let grant = DeviceGrant {
        name: request.name,
        address: from.to_canonical().to_string(),
        scopes,
        packages: Patterns::parse(&request.packages.join(","))?,
        days: request.expires_days,
    };
    let interval = app.settings.device_interval.duration().as_secs();
    let (device_code, user_code) = app.accounts.begin_device(&grant, from, interval, unix_now()).await?;
    let verification_uri = format!("{}/device", app.address(&headers));
    let codes = DeviceCodes {
        verification_uri_complete: format!("{verification_uri}?code={}", escape(&user_code)),
        verification_uri,
        device_code,
        user_code,
        expires_in: CODE_LIFE,
        interval,
    };
    Ok(made(200, JSON, codes.to_bytes()))
}

/// `POST /device/token`
pub(crate) async fn finish(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    check_announced(&headers, FORM_LEN)?;
    let body = whole(&app, &headers, body, FORM_LEN).await?;
    let device_code = parse_token_form(&body).map_err(Error::from)?;
    let (token, info) = match app.accounts.finish_device(&device_code, unix_now()).await? {
        Ok(made) => made,
        Err(refusal) => return Ok(made(400, MEDIA_TYPE, refusal.to_bytes())),
    };
    let given = DeviceToken {
        access_token: token.reveal().to_owned(),
        token_type: "Bearer",
        expires_in: info.expires.saturating_sub(info.created),
        scope: info.scopes.join(" "),
    };
    Ok(made(200, JSON, given.to_bytes()))
}
