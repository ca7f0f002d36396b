//! Who depends on a package, a page at a time.

use super::frame::{Frame, Visit};
use super::load;
use super::view::{Head, Here, Tab, tabs};
use super::{escape, format, words};
use crate::problem::Refusal;
use askama::Template;
use axum::response::Response;
use vitte_package_core::api::form::Form;
use vitte_package_core::name::PackageName;

/// Packages on a page.
const SHOWN: u64 = 100;

#[derive(Template)]
#[template(path = "dependents.html")]
struct Page {
    frame: Frame,
    head: Head,
    tabs: Vec<Tab>,
    title: String,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

struct Row {
    path: String,
    name: String,
    version: String,
    requirement: String,
    /// Whether the newest version of the package will do for it.
    fits: bool,
}

/// `GET /{namespace}/{name}/dependents`
pub(crate) async fn show(visit: &Visit, name: &PackageName) -> Result<Response, Refusal> {
    let package = load::package(visit, name).await?;
    let form = Form::parse(visit.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let after = form.get("after").and_then(|after| PackageName::parse(after).ok());
    let found = visit.app.packages.dependents(name, after.as_ref(), SHOWN).await?;
    let release = package.release(&package.newest).ok_or_else(|| visit.missing())?;
    let entry = release.entry().ok_or_else(|| visit.missing())?;
    Ok(visit.page(200, |frame| {
        let path = format!("{}/dependents", package.path());
        // Neither names nor the number of those that are not for this reader.
        let sees_all = visit.reader.patterns().is_none();
        let all = found.items.into_iter().filter(|row| visit.reader.may_read(&row.package));
        let rows: Vec<_> = all
            .map(|row| Row {
                path: load::path(&row.package),
                name: row.package.to_string(),
                version: row.version.to_string(),
                fits: row.requirement.matches(&package.newest),
                requirement: row.requirement.as_str().to_owned(),
            })
            .collect();
        let total = if sees_all { found.total } else { rows.len() as u64 };
        let title = words::dependents_of(total, &format::number(total));
        let mut head = Head::of(&package, &release, entry, true);
        if !sees_all {
            head.facts.pop();
        }
        let frame = frame.titled(&format!("{name} · {}", words::dependents())).about(&title);
        Page {
            frame: if after.is_some() { frame.unlisted() } else { frame },
            tabs: tabs(&package, &release, entry, Here::Dependents),
            head,
            title,
            rows,
            first: after.as_ref().map(|_| path.clone()),
            next: found
                .next
                .filter(|_| sees_all)
                .map(|next| format!("{path}?after={}", escape::url_path(&next))),
        }
    }))
}
