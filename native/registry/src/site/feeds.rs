//! What programs follow a registry by: Atom feeds, badges, a map of the site, and what search engines may read.

use super::frame::Visit;
use super::load::{self, Package};
use super::log::tail;
use super::{escape, format, words};
use crate::problem::Refusal;
use crate::reads::unreadable;
use askama::Template;
use axum::response::Response;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use vitte_package_core::api::search::{MOST_ITEMS, SearchQuery};
use vitte_package_core::log::leaf::Subject;
use vitte_package_core::message::{in_language, language};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::StatusAction;

const ATOM: &str = "application/atom+xml; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";
const SVG: &str = "image/svg+xml";
const TEXT: &str = "text/plain; charset=utf-8";
const FRESH: &str = "public, max-age=300";
/// Entries of a feed.
const ENTRIES: usize = 50;
/// Packages of a map of the site, which has at most 50,000 addresses; pages of the search lead to the others.
const MAPPED: usize = 10_000;
/// Up to as many packages, a map is made anew each time.
const FEW: usize = 200;
/// How long a map is given out before it is made anew: it takes a query of the search for each hundred packages.
const MAP_AGE: Duration = Duration::from_secs(600);

/// The packages of the map, each with when it was last published, and when they were looked up.
#[derive(Debug, Default)]
pub(crate) struct Mapped(Mutex<Option<(Instant, Packages)>>);

/// Names of packages, each with when it was last published.
type Packages = Arc<Vec<(String, u64)>>;

#[derive(Template)]
#[template(path = "feed.xml")]
struct Feed {
    tag: &'static str,
    title: String,
    origin: String,
    path: String,
    itself: String,
    updated: u64,
    entries: Vec<Entry>,
}

struct Entry {
    title: String,
    path: String,
    /// The entry of the log, which no other entry of a feed has.
    log: u64,
    time: u64,
    about: String,
}

/// `GET /feed.atom`: what was published last.
pub(crate) async fn newest(visit: &Visit) -> Result<Response, Refusal> {
    let tail = tail(&visit.app, u64::MAX, 2 * ENTRIES).await.map_err(unreadable)?;
    let mut entries = Vec::new();
    for (index, leaf) in &tail.leaves {
        let Subject::Release { artifact, .. } = &leaf.subject else { continue };
        if !visit.reader.may_read(&artifact.package) {
            continue;
        }
        let version = artifact.version.to_string();
        entries.push(Entry {
            title: format!("{} {version}", artifact.package),
            path: format!("{}/{}", load::path(&artifact.package), escape::url_path(&version)),
            log: *index,
            time: leaf.time,
            about: format!("{}, {}", artifact.kind, artifact.target),
        });
    }
    entries.truncate(ENTRIES);
    feed(visit, words::recent_title, "/", "/feed.atom", entries)
}

/// `GET /{namespace}/{name}/feed.atom`: its versions.
pub(crate) async fn of_package(visit: &Visit, name: &PackageName) -> Result<Response, Refusal> {
    let package = load::package(visit, name).await?;
    let path = package.path();
    let entries = in_language(visit.language(), || {
        let mut releases = package.releases();
        releases.sort_by_key(|release| std::cmp::Reverse(release.entry().map(|entry| entry.log)));
        let entry = |release: &load::Release<'_>| {
            let entry = release.entry()?;
            let version = release.version.to_string();
            let status = release.status().and_then(super::view::status_tag).map(|(_, word)| word);
            Some(Entry {
                title: format!("{name} {version}"),
                path: format!("{path}/{}", escape::url_path(&version)),
                log: entry.log,
                time: entry.time,
                about: status.unwrap_or_else(|| format::size(entry.size)),
            })
        };
        releases.iter().filter_map(entry).take(ENTRIES).collect()
    });
    let title = name.to_string();
    feed(visit, move || title.clone(), &path, &format!("{path}/feed.atom"), entries)
}

fn feed(
    visit: &Visit,
    title: impl Fn() -> String,
    path: &str,
    itself: &str,
    entries: Vec<Entry>,
) -> Result<Response, Refusal> {
    let rendered = in_language(visit.language(), || {
        let feed = Feed {
            tag: language().tag(),
            title: format!("{} · {}", title(), visit.app.registry),
            origin: visit.app.address(&visit.headers),
            path: path.to_owned(),
            itself: itself.to_owned(),
            updated: entries.iter().map(|entry| entry.time).max().unwrap_or_default(),
            entries,
        };
        feed.render()
    });
    Ok(visit.send(200, ATOM, rendered.map_err(|_| visit.missing())?, FRESH))
}

#[derive(Template)]
#[template(path = "badge.svg", escape = "html")]
struct Badge {
    label: String,
    value: String,
    left: usize,
    width: usize,
    middle_left: usize,
    middle_right: usize,
}

/// `GET /{namespace}/{name}/badge.svg` and `…/badge/signed.svg`. A badge says what the registry claims, in grey: nothing
/// was verified where it is shown.
pub(crate) async fn badge(visit: &Visit, name: &PackageName, is_signed: bool) -> Result<Response, Refusal> {
    let package = load::package(visit, name).await?;
    let rendered = in_language(visit.language(), || {
        let value = if is_signed { signed(&package) } else { version(&package) };
        // Seven units a character, and five on either side.
        let width_of = |text: &str| text.chars().count() * 7 + 10;
        let (label, left) = (words::badge_label(), width_of(&words::badge_label()));
        let right = width_of(&value);
        let (middle_left, middle_right) = (left / 2, left + right / 2);
        Badge { label, value, left, width: left + right, middle_left, middle_right }.render()
    });
    Ok(visit.send(200, SVG, rendered.map_err(|_| visit.missing())?, FRESH))
}

fn version(package: &Package) -> String {
    let release = package.release(&package.newest);
    let status = release.and_then(|release| release.status().map(|status| status.action));
    match status {
        Some(StatusAction::Yank) => format!("{} ({})", package.newest, words::yanked_plain()),
        Some(StatusAction::Deprecate) => format!("{} ({})", package.newest, words::deprecated()),
        _ => package.newest.to_string(),
    }
}

fn signed(package: &Package) -> String {
    let entry = package.release(&package.newest).and_then(|release| release.entry());
    words::badge_signed(&format::number(entry.map(|entry| entry.log).unwrap_or_default()))
}

#[derive(Template)]
#[template(path = "sitemap.xml")]
struct Map {
    origin: String,
    packages: Arc<Vec<(String, u64)>>,
}

/// `GET /sitemap.xml`
pub(crate) async fn map(visit: &Visit, mapped: &Mapped) -> Result<Response, Refusal> {
    if visit.app.privacy.is_private() {
        return Err(visit.missing());
    }
    // One of those who ask at once makes it for all.
    let mut kept = mapped.0.lock().await;
    let packages = match kept.as_ref().filter(|(made, _)| made.elapsed() < MAP_AGE) {
        Some((_, packages)) => Arc::clone(packages),
        None => {
            let packages = Arc::new(all_packages(visit).await?);
            *kept = (packages.len() >= FEW).then(|| (Instant::now(), Arc::clone(&packages)));
            packages
        }
    };
    drop(kept);
    let map = Map { origin: visit.app.address(&visit.headers), packages };
    Ok(visit.send(200, XML, map.render().map_err(|_| visit.missing())?, FRESH))
}

async fn all_packages(visit: &Visit) -> Result<Vec<(String, u64)>, Refusal> {
    let mut packages = Vec::new();
    let mut query = SearchQuery { limit: MOST_ITEMS, ..SearchQuery::default() };
    while packages.len() < MAPPED {
        let found = visit.app.packages.find(&query).await?;
        packages.extend(found.items.iter().map(|item| (load::path(&item.package), item.published)));
        match found.next {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    Ok(packages)
}

/// `GET /robots.txt`
pub(crate) fn robots(visit: &Visit) -> Response {
    let text = match visit.app.privacy.is_private() {
        true => "User-agent: *\nDisallow: /\n".to_owned(),
        // The files are for clients, and every way through the search leads to the same packages.
        false => format!(
            "User-agent: *\nDisallow: /api/\nDisallow: /p/\nDisallow: /index/\nDisallow: /search\nDisallow: /language/\n\
             Disallow: /sign-in\nDisallow: /*/diff/\nSitemap: {}/sitemap.xml\n",
            visit.app.address(&visit.headers)
        ),
    };
    visit.send(200, TEXT, text, FRESH)
}
