//! Approving a client that wants to be signed in: the user's side of RFC 8628.

use super::layout::{Html, Page, go_to};
use super::sign_in::form;
use super::words;
use crate::accounts::{Decision, DeviceGrant, Session};
use crate::app::App;
use crate::error::Error;
use crate::ledger::unix_now;
use crate::problem::Refusal;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::form::{Form, escape};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// `GET /device`
pub(super) async fn show(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let page = Page { app: &app, headers: &headers, status: 200 };
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let code = query.get("code");
    let session = match app.session(&headers).await {
        Ok(Some(session)) => session,
        Ok(None) => return go_to(&sign_in_first(code)),
        Err(refusal) => return page.refused(refusal),
    };
    let Some(code) = code else { return page.show(words::device_title, |html| ask(html, None)) };
    match app.accounts.device(code, &session.user, unix_now()).await {
        Ok(Some(grant)) => page.show(words::device_title, |html| confirm(html, &session, code, &grant)),
        Ok(None) => missing(page),
        Err(error) => page.refused(error.into()),
    }
}

/// `POST /device`
pub(super) async fn decide(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    let page = Page { app: &app, headers: &headers, status: 200 };
    let form = match form(&app, &headers, body).await {
        Ok(form) => form,
        Err(refusal) => return page.refused(refusal),
    };
    let code = form.get("code").unwrap_or_default();
    let session = match app.session(&headers).await {
        Ok(Some(session)) => session,
        Ok(None) => return go_to(&sign_in_first(Some(code))),
        Err(refusal) => return page.refused(refusal),
    };
    let decision = match form.get("decision") {
        Some("approve") => Decision::Approve,
        _ => Decision::Deny,
    };
    match record(&app, &session, code, decision).await {
        Ok(true) if decision == Decision::Approve => page.show(words::device_title, |html| {
            html.paragraph(&words::device_approved());
        }),
        Ok(true) => page.show(words::device_title, |html| {
            html.paragraph(&words::device_denied());
        }),
        Ok(false) => missing(page),
        Err(refusal) => page.refused(refusal),
    }
}

async fn record(app: &App, session: &Session, code: &str, decision: Decision) -> Result<bool, Refusal> {
    let now = unix_now();
    let Some(grant) = app.accounts.device(code, &session.user, now).await? else { return Ok(false) };
    if decision == Decision::Approve
        && let Some(scope) = grant.beyond(session.role)
    {
        return Err(Error::new(Code::Forbidden, text::token_beyond(scope.as_str())).into());
    }
    Ok(app.accounts.decide_device(code, &session.user, decision, now).await?)
}

fn sign_in_first(code: Option<&str>) -> String {
    let back = code.map_or_else(|| "/device".to_owned(), |code| format!("/device?code={}", escape(code)));
    format!("/sign-in?return={}", escape(&back))
}

fn missing(mut page: Page<'_>) -> Response {
    page.status = 404;
    page.show(words::device_title, |html| ask(html, Some(&words::device_missing())))
}

/// Adds the form that asks for the code.
fn ask(html: &mut Html, fault: Option<&str>) {
    if let Some(fault) = fault {
        html.tag("<p role=\"alert\">").text(fault).tag("</p>");
    }
    html.tag("<form method=\"get\" action=\"/device\"><label for=\"code\">").text(&words::device_code());
    html.tag("</label><input id=\"code\" name=\"code\" class=\"code\" autocomplete=\"off\" maxlength=\"20\" required>")
        .tag("<button>")
        .text(&words::device_continue())
        .tag("</button></form>");
}

/// Adds what the client asks for, and the two answers.
fn confirm(html: &mut Html, session: &Session, code: &str, grant: &DeviceGrant) {
    let scopes: Vec<_> = grant.scopes.iter().map(|scope| scope.as_str()).collect();
    html.paragraph(&words::signed_in_as(&session.user));
    html.tag("<p><strong>").text(&words::device_question(&grant.name)).tag("</strong></p>");
    html.paragraph(&words::device_compare(&code.to_ascii_uppercase()));
    html.tag("<dl>")
        .row(&words::device_from(), &grant.address)
        .row(&words::device_scopes(), &scopes.join(", "))
        .row(&words::device_packages(), &grant.packages.to_string())
        .row(&words::device_days(), &words::days(grant.days))
        .tag("</dl>");
    html.tag("<form method=\"post\" action=\"/device\">").hidden("code", code);
    html.tag("<button name=\"decision\" value=\"approve\">").text(&words::device_approve());
    html.tag("</button><button name=\"decision\" value=\"deny\">").text(&words::device_deny());
    html.tag("</button></form>");
}
