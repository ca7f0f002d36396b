//! Every version of a package, a page at a time.

use super::frame::{Frame, Visit};
use super::load;
use super::view::{Head, Here, Tab, Tag, status_tag, tabs};
use super::{escape, format, words};
use crate::problem::Refusal;
use askama::Template;
use axum::response::Response;
use vitte_package_core::api::form::{Form, escape as escape_query};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::StatusAction;
use vitte_package_core::version::{Requirement, Version};

/// Versions on a page.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "versions.html")]
struct Page {
    frame: Frame,
    head: Head,
    tabs: Vec<Tab>,
    package: String,
    count: String,
    filter: String,
    /// Whether the filter is no requirement.
    is_bad_filter: bool,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

struct Row {
    path: String,
    version: String,
    is_gone: bool,
    tags: Vec<Tag>,
    why: Vec<String>,
    time: u64,
    size: String,
    artifacts: String,
    log: u64,
    compare: Option<(String, String)>,
}

/// `GET /{namespace}/{name}/versions`
pub(crate) async fn show(visit: &Visit, name: &PackageName) -> Result<Response, Refusal> {
    let package = load::package(visit, name).await?;
    let form = Form::parse(visit.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let after = form.get("after").and_then(|after| Version::parse(after).ok());
    let given = form.get("v").map(str::trim).unwrap_or_default().to_owned();
    let wanted = Requirement::parse(&given).ok();
    let is_bad_filter = !given.is_empty() && wanted.is_none();
    let release = package.release(&package.newest).ok_or_else(|| visit.missing())?;
    let entry = release.entry().ok_or_else(|| visit.missing())?;
    Ok(visit.page(200, |frame| {
        let all = package.releases();
        let fits = |version: &Version| wanted.as_ref().is_none_or(|wanted| wanted.matches(version));
        let chosen: Vec<usize> = all
            .iter()
            .enumerate()
            .filter(|(_, release)| fits(release.version))
            .filter(|(_, release)| after.as_ref().is_none_or(|after| release.version < after))
            .map(|(at, _)| at)
            .take(SHOWN + 1)
            .collect();
        let more = chosen.len() > SHOWN;
        let mut rows = Vec::new();
        for at in chosen.into_iter().take(SHOWN) {
            let (Some(release), older) = (all.get(at), all.get(at + 1)) else { continue };
            let Some(entry) = release.entry() else { continue };
            let status = release.status();
            let mut tags = Vec::new();
            if *release.version == package.newest {
                tags.push(("new", words::latest()));
            }
            if release.version.is_prerelease() {
                tags.push(("", words::prerelease()));
            }
            tags.extend(status.and_then(status_tag));
            let mut why = Vec::new();
            if let Some(status) = status.filter(|status| !status.action.clears()) {
                if !status.text.trim().is_empty() {
                    why.push(format::quoted(&status.text));
                }
                why.extend(status.instead.as_ref().map(|instead| words::status_use(instead)));
                why.extend(status.advisory.as_ref().map(|advisory| words::status_advisory(advisory)));
            }
            let version = release.version.to_string();
            let artifacts = release.entries.len() as u64;
            rows.push(Row {
                path: format!("{}/{}", package.path(), escape::url_path(&version)),
                is_gone: status.is_some_and(|status| status.action == StatusAction::Yank),
                tags,
                why,
                time: entry.time,
                size: format::size(entry.size),
                artifacts: words::artifacts_of(artifacts, &format::number(artifacts)),
                log: entry.log,
                compare: older.map(|older| {
                    let from = older.version.to_string();
                    let span = format!("{}..{}", escape::url_path(&from), escape::url_path(&version));
                    (format!("{}/diff/{span}", package.path()), from)
                }),
                version,
            });
        }
        let query = |after: Option<&str>| {
            let mut fields = Vec::new();
            if !given.is_empty() {
                fields.push(format!("v={}", escape_query(&given)));
            }
            fields.extend(after.map(|after| format!("after={}", escape_query(after))));
            format!("{}/versions?{}", package.path(), fields.join("&"))
        };
        let next = rows.last().filter(|_| more).map(|row| query(Some(&row.version)));
        let title = format!("{name} · {}", words::versions());
        let mut frame = frame.titled(&title).about(&title);
        frame.feed = Some(format!("{}/feed.atom", package.path()));
        if after.is_some() || !given.is_empty() {
            frame = frame.unlisted();
        }
        Page {
            frame,
            head: Head::of(&package, &release, entry, true),
            tabs: tabs(&package, &release, entry, Here::Versions),
            package: name.to_string(),
            count: words::versions_of(package.count(), &format::number(package.count())),
            filter: given.clone(),
            is_bad_filter,
            rows,
            first: after.is_some().then(|| query(None)),
            next,
        }
    }))
}
