//! The first page: search, and what was published last.

use super::frame::{Frame, Visit};
use super::load;
use super::log::tail;
use super::{escape, format, words};
use crate::problem::Refusal;
use crate::reads::unreadable;
use askama::Template;
use axum::response::Response;
use vitte_package_core::api::search::SearchQuery;
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::log::leaf::Subject;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::layout;

/// Releases that are listed.
const RECENT: usize = 10;
/// Entries of the log that they are looked for in.
const LOOKED_AT: usize = 100;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    packages: u64,
    entries: u64,
    recent: Vec<Recent>,
    trust_root: Option<String>,
}

struct Recent {
    index: u64,
    path: String,
    name: String,
    version: String,
    time: u64,
    about: Option<String>,
}

/// `GET /`
pub(crate) async fn show(visit: &Visit) -> Result<Response, Refusal> {
    let app = &visit.app;
    let tail = tail(app, u64::MAX, LOOKED_AT).await.map_err(unreadable)?;
    let query = SearchQuery { limit: 1, ..SearchQuery::default() };
    let found = match visit.reader.patterns() {
        None => app.packages.find(&query).await,
        Some(patterns) => app.packages.find_for(&query, patterns).await,
    };
    let packages = found?.total;
    let mut recent: Vec<Recent> = Vec::new();
    for (index, leaf) in &tail.leaves {
        let Subject::Release { artifact, .. } = &leaf.subject else { continue };
        let name = artifact.package.to_string();
        let version = artifact.version.to_string();
        let is_listed = recent.iter().any(|row| row.name == name && row.version == version);
        if is_listed || !visit.reader.may_read(&artifact.package) {
            continue;
        }
        let about = about(visit, &artifact.package).await?;
        let path = load::path(&artifact.package);
        recent.push(Recent { index: *index, path, name, version, time: leaf.time, about });
        if recent.len() == RECENT {
            break;
        }
    }
    let root = app.blocking(|app| app.files.read(&layout::trust_root(1), limits::ENVELOPE_LEN as u64));
    let trust_root = root.await.map_err(unreadable)?.map(|bytes| Digest::of(&bytes).to_string());
    Ok(visit.page(200, |frame| Home {
        frame: frame.at("home"),
        packages,
        entries: tail.size,
        recent,
        trust_root,
    }))
}

async fn about(visit: &Visit, package: &PackageName) -> Result<Option<String>, Refusal> {
    Ok(visit.app.packages.shown(package).await?.and_then(|shown| shown.description))
}
