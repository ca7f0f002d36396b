//! What every request is answered with, and who asks.

use crate::accounts::Accounts;
use crate::config::Settings;
use crate::connections::peer;
use crate::error::{Error, Result};
use crate::hot::Hot;
use crate::ledger::{Ledger, Writes, unix_now};
use crate::limits::Limits;
use crate::objects::{Objects, Staging};
use crate::oidc::Provider;
use crate::packages::Packages;
use crate::privacy::Privacy;
use crate::problem::Refusal;
use crate::request;
use crate::rights::Grant;
use crate::tasks::waiting;
use crate::web_assets::WebAssets;
use axum::http::{HeaderMap, header};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;
use vitte_package_core::registry::layout;

/// How long the database and the files may take to show that they are there.
const READY: Duration = Duration::from_secs(5);

/// What every request is answered with.
#[derive(Debug)]
pub(crate) struct App {
    /// The registry's files.
    pub(crate) files: Objects,
    /// Those of them that are asked for often.
    pub(crate) hot: Hot,
    /// Where archives of uploads wait.
    pub(crate) staging: Staging,
    /// Users, tokens, uploads.
    pub(crate) accounts: Accounts,
    /// What is displayed of packages.
    pub(crate) packages: Packages,
    /// The one writer.
    pub(crate) ledger: Ledger,
    /// Id of the registry.
    pub(crate) registry: String,
    /// Whether the registry is private.
    pub(crate) privacy: Privacy,
    /// How long a peer may be silent in the midst of a body.
    pub(crate) patience: Duration,
    /// Whether the server was asked to end.
    pub(crate) is_ending: AtomicBool,
    /// Who else knows the users, if the operator says so.
    pub(crate) provider: Option<Provider>,
    /// How often something may be done.
    pub(crate) limits: Limits,
    /// Scripts of the site.
    pub(crate) web: WebAssets,
    /// Digest of the registry's first trust root, once it was read.
    pub(crate) trust_root: OnceLock<String>,
    /// How it is run.
    pub(crate) settings: Settings,
}

impl App {
    /// What the token of a request allows.
    pub(crate) async fn authenticate(self: &Arc<Self>, headers: &HeaderMap) -> Result<Grant, Refusal> {
        let refuse = |error: Error| self.unauthenticated(error, headers);
        let Some(given) = headers.get(header::AUTHORIZATION) else {
            return Err(refuse(Error::new(Code::Unauthenticated, text::token_missing())));
        };
        // The scheme's case does not matter (RFC 9110, section 11.1).
        let token = given.to_str().ok().and_then(|given| given.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
        let Some((_, token)) = token else {
            return Err(refuse(Error::new(Code::Unauthenticated, text::token_scheme())));
        };
        let token = Token::parse(token.trim()).map_err(|error| refuse(error.into()))?;
        let grant = self.accounts.authenticate(&token, peer(headers), unix_now()).await.map_err(refuse)?;
        request::note_token(&grant.token);
        Ok(grant)
    }

    /// Whether something could be published now: there is a log to write, a clock to write it by, a database and files.
    ///
    /// # Errors
    /// `unavailable` and others, for what is not right.
    pub(crate) async fn ready(self: &Arc<Self>) -> Result<Writes> {
        if self.is_ending.load(Ordering::Relaxed) {
            return Err(Error::new(Code::Unavailable, text::shutting_down()));
        }
        let files = self.blocking(|app| app.files.read(layout::CONFIG, layout::CONFIG_LEN));
        let all = async {
            let writes = self.ledger.ready().await?;
            self.accounts.ready().await?;
            let config = files.await?;
            config.map(|_| writes).ok_or_else(|| Error::storage("its files", &"config.json is missing"))
        };
        let late = |_| Err(Error::storage("what it is stored in", &"no answer"));
        tokio::time::timeout(READY, all).await.unwrap_or_else(late)
    }

    /// Does what waits for the disk on a thread that may.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let app = Arc::clone(self);
        waiting(move || work(&app)).await
    }
}
