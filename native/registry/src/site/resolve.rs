//! "Will it fit?": a manifest that the reader's browser resolves.

use super::frame::{Frame, Visit};
use super::{escape, format, islands, words};
use crate::problem::Refusal;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "resolve.html")]
struct Page {
    frame: Frame,
    trust_root: String,
    /// The words of its element, as JSON.
    said: String,
}

/// `GET /resolve`
pub(crate) async fn show(visit: &Visit) -> Result<Response, Refusal> {
    let trust_root = islands::trust_root(visit).await?.ok_or_else(|| visit.missing())?;
    Ok(visit.page(200, |frame| Page {
        frame: frame.titled(&words::fit()).about(&words::fit()).at("fit"),
        trust_root,
        said: islands::of_resolve(),
    }))
}
