//! Search.

use super::frame::{Frame, Visit};
use super::view::Row;
use super::{escape, format, words};
use crate::problem::Refusal;
use askama::Template;
use axum::response::Response;
use vitte_package_core::api::form::{Form, encode};
use vitte_package_core::api::search::SearchQuery;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::target::Kind;

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    frame: Frame,
    title: String,
    rows: Vec<Row>,
    count: String,
    first: Option<String>,
    next: Option<String>,
    /// A label, an address, and whether it is what is shown.
    kinds: Vec<(String, String, bool)>,
}

/// `GET /search`
pub(crate) async fn show(visit: &Visit) -> Result<Response, Refusal> {
    let given = visit.uri.query().unwrap_or_default();
    let bad = |error: &vitte_package_core::json::JsonError| {
        Refusal::with_status(400, Diagnostic::new(Code::Json, text::query_malformed(&error.reason())))
    };
    // A form of a browser sends empty fields along, which a program would have left out.
    let form = Form::parse(given.as_bytes()).map_err(|error| bad(&error))?;
    let fields = ["q", "namespace", "kind", "cursor"].into_iter();
    let fields: Vec<_> = fields.filter_map(|name| Some((name, form.get(name)?))).collect();
    let query = SearchQuery::parse(&encode(&fields)).map_err(|error| bad(&error))?;
    let packages = &visit.app.packages;
    let found = match visit.reader.patterns() {
        None => packages.find(&query).await,
        Some(patterns) => packages.find_for(&query, patterns).await,
    };
    let found = found.map_err(|error| match error.first() {
        // A cursor that is not of this query.
        fault if fault.code == Code::Json => Refusal::with_status(400, fault),
        _ => Refusal::from(error),
    })?;
    let address = |kind: Option<Kind>, cursor: Option<&str>| {
        let mut fields = vec![("q", query.text.as_str())];
        fields.extend(query.namespace.as_ref().map(|namespace| ("namespace", namespace.as_str())));
        fields.extend(kind.map(|kind| ("kind", kind.as_str())));
        fields.extend(cursor.map(|cursor| ("cursor", cursor)));
        format!("/search?{}", encode(&fields))
    };
    Ok(visit.page(200, |frame| {
        let title = match query.text.trim() {
            "" => words::search_all(),
            words => words::search_title(words),
        };
        let kinds = [
            (words::kind_any(), None),
            (words::kind_source(), Some(Kind::Vitmod)),
            (words::kind_programs(), Some(Kind::Vitpkg)),
        ];
        let kinds = kinds.map(|(label, kind)| (label, address(kind, None), kind == query.kind));
        let mut frame = frame.titled(&title).unlisted().at("search");
        frame.query.clone_from(&query.text);
        Search {
            frame,
            title,
            count: words::results(found.total, &format::number(found.total)),
            rows: found.items.into_iter().map(|item| Row::of(item, query.text.trim())).collect(),
            first: query.cursor.as_ref().map(|_| address(query.kind, None)),
            next: found.next.map(|next| address(query.kind, Some(&next))),
            kinds: kinds.into(),
        }
    }))
}
