//! A user's tokens: what they may do, making one, which is shown once, and making one worthless.

use super::layout::{Html, Page, go_to};
use super::sign_in::form;
use super::words;
use crate::accounts::{NewToken, Session};
use crate::app::App;
use crate::error::Error;
use crate::ledger::unix_now;
use crate::networks::Networks;
use crate::problem::Refusal;
use crate::rights::{Patterns, Scope};
use crate::site::format;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::form::Form;
use vitte_package_core::api::tokens::{DEFAULT_DAYS, MOST_DAYS, NAME_LEN, TokenInfo, TokenKind};
use vitte_package_core::diagnostic::Code;

const PATH: &str = "/account/tokens";
/// Where somebody who is not signed in goes first.
const SIGN_IN: &str = "/sign-in?return=%2Faccount%2Ftokens";
/// Tokens that are listed, the newest first.
const LISTED: usize = 200;

/// `GET /account/tokens`
pub(super) async fn show(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let page = Page { app: &app, headers: &headers, status: 200 };
    match app.session(&headers).await {
        Ok(Some(session)) => list(&app, page, &session, &Said::Nothing).await,
        Ok(None) => go_to(SIGN_IN),
        Err(refusal) => page.refused(refusal),
    }
}

/// `POST /account/tokens`
pub(super) async fn create(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    let mut page = Page { app: &app, headers: &headers, status: 200 };
    let form = match form(&app, &headers, body).await {
        Ok(form) => form,
        Err(refusal) => return page.refused(refusal),
    };
    let session = match app.session(&headers).await {
        Ok(Some(session)) => session,
        Ok(None) => return go_to(SIGN_IN),
        Err(refusal) => return page.refused(refusal),
    };
    match make(&app, &session, &form).await {
        Ok((secret, name)) => list(&app, page, &session, &Said::Made { secret, name }).await,
        Err(refusal) => {
            page.status = refusal.status();
            list(&app, page, &session, &Said::Refused(refusal.fault().message)).await
        }
    }
}

/// `POST /account/tokens/revoke`
pub(super) async fn revoke(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    let page = Page { app: &app, headers: &headers, status: 200 };
    let form = match form(&app, &headers, body).await {
        Ok(form) => form,
        Err(refusal) => return page.refused(refusal),
    };
    let session = match app.session(&headers).await {
        Ok(Some(session)) => session,
        Ok(None) => return go_to(SIGN_IN),
        Err(refusal) => return page.refused(refusal),
    };
    let id = form.get("id").unwrap_or_default();
    match app.accounts.revoke(id, Some(&session.user), unix_now()).await {
        Ok(_) => go_to(PATH),
        Err(error) => page.refused(match error.first() {
            fault if fault.code == Code::NotFound => Refusal::with_status(404, fault),
            _ => error.into(),
        }),
    }
}

/// Makes the token that a form asks for: its secret and its name.
async fn make(app: &App, session: &Session, form: &Form) -> Result<(String, String), Refusal> {
    let name = form.get("name").unwrap_or_default().trim().to_owned();
    if name.len() > NAME_LEN || name.chars().any(char::is_control) {
        return Err(Error::new(Code::Usage, words::token_name_wrong(NAME_LEN as u64)).into());
    }
    let days = form.get("days").map_or(Ok(DEFAULT_DAYS), str::parse::<u64>).ok();
    let days = days.filter(|days| (1..=MOST_DAYS).contains(days));
    let days = days.ok_or_else(|| Error::new(Code::Usage, words::token_days(MOST_DAYS)))?;
    let scopes: Vec<_> = scopes().into_iter().filter(|scope| form.get(field(*scope)).is_some()).collect();
    if scopes.is_empty() {
        return Err(Error::new(Code::Usage, words::token_no_scope()).into());
    }
    let listed = |field: &str, default: &str| {
        let given = form.get(field).unwrap_or(default);
        given.split([' ', ',']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(",")
    };
    let new = NewToken {
        name: name.clone(),
        kind: TokenKind::Token,
        scopes,
        packages: Patterns::parse(&listed("packages", "*"))?,
        networks: Networks::parse(&listed("networks", ""))?,
        days,
    };
    let (token, _) = app.accounts.create_token(Some(&session.user), new, unix_now()).await?;
    Ok((token.reveal().to_owned(), name))
}

/// What a token may be made for, in the order of the form.
fn scopes() -> Vec<Scope> {
    let mut scopes = Scope::of_a_user();
    scopes.push(Scope::Admin);
    scopes
}

/// The name of the field of a scope.
const fn field(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "scope-read",
        Scope::PublishNew => "scope-publish-new",
        Scope::PublishUpdate => "scope-publish-update",
        Scope::Yank => "scope-yank",
        Scope::NamespaceCreate => "scope-namespace-create",
        Scope::NamespaceKeys => "scope-namespace-keys",
        Scope::Owners => "scope-owners",
        Scope::Admin => "scope-admin",
    }
}

fn about(scope: Scope) -> String {
    match scope {
        Scope::Read => words::scope_read(),
        Scope::PublishNew => words::scope_publish_new(),
        Scope::PublishUpdate => words::scope_publish_update(),
        Scope::Yank => words::scope_yank(),
        Scope::NamespaceCreate => words::scope_namespace_create(),
        Scope::NamespaceKeys => words::scope_namespace_keys(),
        Scope::Owners => words::scope_owners(),
        Scope::Admin => words::scope_admin(),
    }
}

/// What a page says before the list.
enum Said {
    Nothing,
    Made { secret: String, name: String },
    Refused(String),
}

async fn list(app: &App, page: Page<'_>, session: &Session, said: &Said) -> Response {
    let mut tokens = match app.accounts.tokens_of(&session.user).await {
        Ok(tokens) => tokens,
        Err(error) => return page.refused(error.into()),
    };
    tokens.sort_by_key(|token| std::cmp::Reverse(token.created));
    tokens.truncate(LISTED);
    let now = unix_now();
    page.show(words::tokens, |html| {
        html.paragraph(&words::tokens_about());
        match said {
            Said::Nothing => {}
            Said::Made { secret, name } => {
                html.tag("<div class=\"card\" role=\"status\"><h2>").text(&words::token_made(name));
                html.tag("</h2>").paragraph(&words::token_once());
                html.tag("<div class=\"cmd line\"><code>").text(secret).tag("</code></div></div>");
            }
            Said::Refused(why) => _ = html.tag("<p role=\"alert\">").text(why).tag("</p>"),
        }
        table(html, &tokens, now);
        ask(html);
    })
}

fn table(html: &mut Html, tokens: &[TokenInfo], now: u64) {
    if tokens.is_empty() {
        html.paragraph(&words::tokens_none());
        return;
    }
    html.tag("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"").text(&words::tokens());
    html.tag("\"><table class=\"tbl fold\"><caption class=\"sr\">").text(&words::tokens());
    html.tag("</caption><thead><tr>");
    let columns = [
        words::token_name(),
        words::token_scopes(),
        words::device_packages(),
        words::token_expires(),
        words::token_used(),
        words::token_state(),
    ];
    for column in &columns {
        html.tag("<th scope=\"col\">").text(column).tag("</th>");
    }
    html.tag("</tr></thead><tbody>");
    for token in tokens {
        let is_over = token.revoked || token.expires <= now;
        html.tag(if is_over { "<tr class=\"gone\">" } else { "<tr>" });
        let name = if token.name.is_empty() { &token.id } else { &token.name };
        html.tag("<th scope=\"row\">").text(name).tag("</th>");
        let used = token.last_used.map_or_else(words::token_never, format::time);
        let cells = [token.scopes.join(", "), token.packages.join(", "), format::day(token.expires), used];
        for (column, cell) in columns.iter().skip(1).zip(&cells) {
            html.tag("<td data-l=\"").text(column).tag("\">").text(cell).tag("</td>");
        }
        html.tag("<td>");
        if token.revoked {
            html.text(&words::token_revoked());
        } else if is_over {
            html.text(&words::token_expired());
        } else {
            html.tag("<form method=\"post\" action=\"/account/tokens/revoke\">").hidden("id", &token.id);
            html.tag("<button class=\"btn mini risk\">").text(&words::token_revoke());
            html.tag("<span class=\"sr\"> ").text(name).tag("</span></button></form>");
        }
        html.tag("</td></tr>");
    }
    html.tag("</tbody></table></div>");
}

/// Adds the form that a token is made by.
fn ask(html: &mut Html) {
    html.tag("<section class=\"stack\" aria-labelledby=\"nt\"><h2 id=\"nt\">").text(&words::token_make());
    html.tag("</h2><form class=\"form\" method=\"post\" action=\"/account/tokens\">");
    html.tag("<div class=\"two\"><div><label for=\"tn\">").text(&words::token_name());
    html.tag("</label><input id=\"tn\" name=\"name\" autocomplete=\"off\" maxlength=\"64\" required></div>");
    html.tag("<div><label for=\"te\">").text(&words::token_expires());
    html.tag("</label><select id=\"te\" name=\"days\">");
    for (days, option) in [
        (7, "<option value=\"7\">"),
        (DEFAULT_DAYS, "<option value=\"30\" selected>"),
        (MOST_DAYS, "<option value=\"90\">"),
    ] {
        html.tag(option).text(&words::days(days)).tag("</option>");
    }
    html.tag("</select></div></div><fieldset><legend>").text(&words::token_scopes()).tag("</legend>");
    for scope in scopes() {
        let name = field(scope);
        html.tag("<div class=\"check\"><input type=\"checkbox\" value=\"1\" id=\"").tag(name);
        html.tag("\" name=\"")
            .tag(name)
            .tag("\" aria-describedby=\"h-")
            .tag(name)
            .tag("\"><div><label for=\"");
        html.tag(name)
            .tag("\"><code>")
            .text(scope.as_str())
            .tag("</code></label><span class=\"hint\" id=\"h-");
        html.tag(name).tag("\">").text(&about(scope)).tag("</span></div></div>");
    }
    html.tag("</fieldset><div><label for=\"tp\">").text(&words::device_packages());
    html.tag(
        "</label><input id=\"tp\" name=\"packages\" value=\"*\" maxlength=\"2000\" aria-describedby=\"tph\">",
    );
    html.tag("<p class=\"hint\" id=\"tph\">").text(&words::token_packages_hint()).tag("</p></div>");
    html.tag("<div><label for=\"tc\">").text(&words::token_networks());
    html.tag("</label><input id=\"tc\" name=\"networks\" maxlength=\"2000\" aria-describedby=\"tch\">");
    html.tag("<p class=\"hint\" id=\"tch\">").text(&words::token_networks_hint()).tag("</p></div>");
    html.tag("<div><button class=\"btn main\">")
        .text(&words::token_make())
        .tag("</button></div></form></section>");
}
