//! Signing in and out.

use super::layout::{Html, Page, go_to, own_path};
use super::words;
use crate::accounts::{Password, SESSION_LIFE};
use crate::api::body::whole;
use crate::app::App;
use crate::caller::{cookie, is_same_origin};
use crate::connections::peer;
use crate::error::Error;
use crate::ledger::unix_now;
use crate::problem::Refusal;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::form::{FORM_LEN, Form};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// `GET /sign-in`
pub(super) async fn show(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let page = Page { app: &app, headers: &headers, status: 200 };
    match app.session(&headers).await {
        Err(refusal) => page.refused(refusal),
        Ok(Some(session)) => page.show(words::sign_in, |html| {
            html.paragraph(&words::signed_in_as(&session.user));
            html.tag("<p><a href=\"/account/tokens\">").text(&words::tokens()).tag("</a></p>");
            html.tag("<form method=\"post\" action=\"/sign-out\"><button>")
                .text(&words::sign_out())
                .tag("</button></form>");
        }),
        Ok(None) => {
            let query = Form::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
            page.show(words::sign_in, |html| ask(html, &app, own_path(query.get("return")), None))
        }
    }
}

/// `POST /sign-in`
pub(super) async fn sign_in(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    let mut page = Page { app: &app, headers: &headers, status: 200 };
    let form = match form(&app, &headers, body).await {
        Ok(form) => form,
        Err(refusal) => return page.refused(refusal),
    };
    let go_on = own_path(form.get("return"));
    match check(&app, &headers, &form).await {
        Ok(secret) => {
            let mut response = go_to(go_on);
            set_session(&app, &headers, &mut response, &secret, SESSION_LIFE);
            response
        }
        Err(refusal) => {
            page.status = refusal.status();
            let fault = refusal.fault();
            page.show(words::sign_in, |html| ask(html, &app, go_on, Some(&fault.message)))
        }
    }
}

async fn check(app: &App, headers: &HeaderMap, form: &Form) -> Result<String, Refusal> {
    let missing = || Error::new(Code::Unauthenticated, text::sign_in_refused());
    let name = form.get("user").ok_or_else(missing)?;
    let password = Password::new(form.get("password").ok_or_else(missing)?.to_owned());
    let now = unix_now();
    let user = app.accounts.check_password(name, password, peer(headers), now).await?;
    Ok(app.accounts.begin_session(&user, now).await?)
}

/// `POST /sign-out`
pub(super) async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let page = Page { app: &app, headers: &headers, status: 200 };
    if !is_same_origin(&headers) {
        return page.refused(foreign());
    }
    if let Some(secret) = cookie(&headers, app.session_cookie(&headers))
        && let Err(error) = app.accounts.end_session(secret).await
    {
        return page.refused(error.into());
    }
    let mut response = go_to("/sign-in");
    set_session(&app, &headers, &mut response, "", 0);
    response
}

/// A form that a page of this server has sent.
pub(super) async fn form(app: &App, headers: &HeaderMap, body: Body) -> Result<Form, Refusal> {
    if !is_same_origin(headers) {
        return Err(foreign());
    }
    let body = whole(app, headers, body, FORM_LEN).await?;
    Ok(Form::parse(&body).map_err(Error::from)?)
}

fn foreign() -> Refusal {
    Error::new(Code::Forbidden, text::origin_foreign()).into()
}

/// Gives a browser the cookie of its session, for so many seconds.
pub(super) fn set_session(app: &App, headers: &HeaderMap, response: &mut Response, secret: &str, life: u64) {
    add_cookie(app, headers, response, (app.session_cookie(headers), secret), life);
}

/// Gives a browser a cookie that no script and no other site sees, for so many seconds.
pub(super) fn add_cookie(
    app: &App,
    headers: &HeaderMap,
    response: &mut Response,
    (name, secret): (&str, &str),
    life: u64,
) {
    let secure = if app.is_secure(headers) { "; Secure" } else { "" };
    let cookie = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={life}{secure}");
    if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Adds the form that asks who somebody is.
fn ask(html: &mut Html, app: &App, go_on: &str, fault: Option<&str>) {
    if let Some(fault) = fault {
        html.tag("<p role=\"alert\">").text(fault).tag("</p>");
    }
    html.tag("<form method=\"post\" action=\"/sign-in\">").hidden("return", go_on);
    html.tag("<label for=\"user\">").text(&words::user_name());
    html.tag("</label><input id=\"user\" name=\"user\" autocomplete=\"username\" autocapitalize=\"none\" required>");
    html.tag("<label for=\"password\">").text(&words::password());
    html.tag("</label><input id=\"password\" name=\"password\" type=\"password\" ")
        .tag("autocomplete=\"current-password\" required><button>")
        .text(&words::sign_in())
        .tag("</button></form>");
    if let Some(provider) = &app.provider {
        html.tag("<form method=\"get\" action=\"/sign-in/provider\">").hidden("return", go_on);
        html.tag("<button>").text(&words::sign_in_with(provider.name())).tag("</button></form>");
    }
}
