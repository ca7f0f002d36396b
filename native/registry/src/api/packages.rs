//! What is known of packages, for display: each response has an end, however many versions or files there are.

use crate::app::App;
use crate::error::Error;
use crate::gate::Reader;
use crate::packages::{Shown, list_of_files};
use crate::problem::{Refusal, made};
use axum::extract::{Extension, Path, State};
use axum::http::Uri;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::form::Form;
use vitte_package_core::api::package::{
    DependentRow, DependentsPage, FileRow, FilesPage, PackagePage, ReleasePage, VersionRow,
};
use vitte_package_core::api::search::{bad_cursor, cursor, limit};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::{IndexEntry, IndexFile, Rule, newest};
use vitte_package_core::json::JsonError;
use vitte_package_core::limits;
use vitte_package_core::message::server as text;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::layout;
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::tree::Mode;
use vitte_package_core::version::Version;

/// `GET /packages/{namespace}/{name}`
pub(crate) async fn package(
    State(app): State<Arc<App>>,
    Path((namespace, name)): Path<(String, String)>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let (package, index) = index(&app, &uri, namespace, name).await?;
    let page = Page::of(&uri)?;
    let after = page.cursor.as_deref().map(Version::parse).transpose();
    let after = after.map_err(|_| bad_query(&bad_cursor()))?;
    let shown = app.packages.shown(&package).await?.unwrap_or_default();
    let newest = newest(&index, &Rule::to_show()).ok_or_else(|| missing(&uri))?;
    let mut versions: BTreeMap<&Version, VersionRow> = BTreeMap::new();
    for entry in index.entries() {
        let row = versions.entry(&entry.core.version).or_insert_with(|| VersionRow {
            version: entry.core.version.clone(),
            published: entry.time,
            status: entry.status.as_ref().map(|status| status.change.action),
            artifacts: 0,
        });
        row.artifacts += 1;
    }
    let releases = versions.len() as u64;
    let behind = versions.into_values().rev();
    let behind = behind.filter(|row| after.as_ref().is_none_or(|after| row.version < *after));
    let mut versions: Vec<_> = behind.take(page.limit + 1).collect();
    let next = page.cut(&mut versions, |row: &VersionRow| row.version.to_string());
    let Shown {
        description, license, repository, homepage, documentation, keywords, readme, dependents, ..
    } = shown;
    let page = PackagePage {
        newest: newest.core.version.clone(),
        description,
        license,
        repository,
        homepage,
        documentation,
        keywords: keywords.lines().map(str::to_owned).collect(),
        readme,
        status: newest.status.as_ref().map(|status| status.change.action),
        created: index.entries().iter().map(|entry| entry.time).min().unwrap_or_default(),
        published: newest.time,
        dependents,
        releases,
        versions,
        next,
        package,
    };
    Ok(made(200, JSON, page.to_bytes()))
}

/// `GET /packages/{namespace}/{name}/{version}`
pub(crate) async fn release(
    State(app): State<Arc<App>>,
    Path((namespace, name, version)): Path<(String, String, String)>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let (package, index) = index(&app, &uri, namespace, name).await?;
    let entries = entries(&index, &version);
    let path = |entry: &IndexEntry| layout::as_url_path(&layout::archive(&index.artifact(entry)));
    let page = ReleasePage::new(&package, &entries, path).ok_or_else(|| missing(&uri))?;
    Ok(made(200, JSON, page.to_bytes()))
}

/// `GET /packages/{namespace}/{name}/{version}/files`
pub(crate) async fn files(
    State(app): State<Arc<App>>,
    Path((namespace, name, version)): Path<(String, String, String)>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let (_, index) = index(&app, &uri, namespace, name).await?;
    let form = form(&uri)?;
    let kind = form.get("kind").map(Kind::parse).transpose();
    let kind = kind.map_err(|_| bad_query(&shape("kind", "`vitmod` or `vitpkg`")))?;
    let target = form.get("target").map(Target::parse).transpose();
    let target = target.map_err(|_| bad_query(&shape("target", "a target")))?;
    let page = Page::of(&uri)?;
    let after = page.cursor.as_deref().map(position).transpose()?.unwrap_or(0);
    let entries = entries(&index, &version);
    let mut asked_for = entries.into_iter().filter(|entry| {
        kind.is_none_or(|kind| entry.core.kind == kind)
            && target.as_ref().is_none_or(|target| entry.core.target == *target)
    });
    let entry = asked_for.next().ok_or_else(|| missing(&uri))?.clone();
    let path = layout::archive(&index.artifact(&entry));
    let (kind, target) = (entry.core.kind, entry.core.target.clone());
    let toc = app.blocking(move |app| list_of_files(&app.files, &path, &entry)).await?;
    let toc = toc.ok_or_else(|| missing(&uri))?;
    let all = toc.tree().entries();
    let rows = all.iter().skip(after).take(page.limit).map(|file| FileRow {
        path: file.path().as_str().to_owned(),
        size: file.size(),
        executable: file.mode() == Mode::Executable,
        digest: *file.digest(),
    });
    let items: Vec<_> = rows.collect();
    let end = after.saturating_add(items.len());
    let next = (end < all.len()).then(|| end.to_string());
    let page = FilesPage { kind, target, items, total: all.len() as u64, next };
    Ok(made(200, JSON, page.to_bytes()))
}

/// Pages that are looked through at most for a reader who may not read all of them.
const HIDDEN_PAGES: usize = 50;

/// `GET /packages/{namespace}/{name}/dependents`
pub(crate) async fn dependents(
    State(app): State<Arc<App>>,
    Extension(reader): Extension<Reader>,
    Path((namespace, name)): Path<(String, String)>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let (package, _) = index(&app, &uri, namespace, name).await?;
    let page = Page::of(&uri)?;
    let after = page.cursor.as_deref().map(PackageName::parse).transpose();
    let after = after.map_err(|_| bad_query(&bad_cursor()))?;
    let limit = page.limit as u64;
    let Some(patterns) = reader.patterns() else {
        let found = app.packages.dependents(&package, after.as_ref(), limit).await?;
        return Ok(made(200, JSON, found.to_bytes()));
    };
    // Neither the names nor the number of those that are not for this reader, nor a cursor that names one.
    let (mut items, mut cursor, mut more) = (Vec::new(), after, true);
    for _ in 0..HIDDEN_PAGES {
        if items.len() > page.limit || !more {
            break;
        }
        let part = app.packages.dependents(&package, cursor.as_ref(), limit).await?;
        cursor = part.next.as_deref().and_then(|next| PackageName::parse(next).ok());
        more = cursor.is_some();
        items.extend(part.items.into_iter().filter(|row| patterns.cover(&row.package)));
    }
    let total = items.len() as u64;
    let next = page.cut(&mut items, |row: &DependentRow| row.package.to_string());
    let found = DependentsPage { items, total, next };
    Ok(made(200, JSON, found.to_bytes()))
}

/// A part of a list.
struct Page {
    limit: usize,
    cursor: Option<String>,
}

impl Page {
    fn of(uri: &Uri) -> Result<Self, Refusal> {
        let form = form(uri)?;
        let read = || Ok((limit(&form)?, cursor(&form)?));
        let (limit, cursor) = read().map_err(|error| bad_query(&error))?;
        Ok(Self { limit: usize::try_from(limit).unwrap_or(usize::MAX), cursor })
    }

    /// Cuts what was taken for this page and one more. Gives the cursor of the next page, if there is one.
    fn cut<T>(&self, items: &mut Vec<T>, name: impl Fn(&T) -> String) -> Option<String> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        items.last().filter(|_| more).map(name)
    }
}

fn form(uri: &Uri) -> Result<Form, Refusal> {
    Form::parse(uri.query().unwrap_or_default().as_bytes()).map_err(|error| bad_query(&error))
}

/// A number that a page of files gave.
fn position(cursor: &str) -> Result<usize, Refusal> {
    let number = cursor.parse::<usize>().ok().filter(|number| number.to_string() == cursor);
    number.ok_or_else(|| bad_query(&bad_cursor()))
}

fn shape(member: &str, wanted: &'static str) -> JsonError {
    JsonError::Shape { member: member.to_owned(), wanted }
}

/// The query of a request says something that it cannot.
pub(super) fn bad_query(error: &JsonError) -> Refusal {
    Refusal::with_status(400, Diagnostic::new(Code::Json, text::query_malformed(&error.reason())))
}

fn missing(uri: &Uri) -> Refusal {
    let path = uri.path().trim_start_matches('/');
    Refusal::with_status(404, Diagnostic::new(Code::NotFound, text::api_missing(path)))
}

/// The index file of a package. Whether its signature is good is for clients to decide, who read the file itself.
async fn index(
    app: &Arc<App>,
    uri: &Uri,
    namespace: String,
    name: String,
) -> Result<(PackageName, IndexFile), Refusal> {
    let full = if namespace == Namespace::NONE { name } else { format!("{namespace}/{name}") };
    let package = PackageName::parse(&full).map_err(|_| missing(uri))?;
    let wanted = package.clone();
    let read = app.blocking(move |app| {
        let bytes = app.files.read(&layout::index(&wanted), limits::INDEX_LEN as u64)?;
        let unreadable = |_| Error::new(Code::RegistryLayout, Code::RegistryLayout.title().to_owned());
        bytes.map(|bytes| IndexFile::read_unverified(&bytes, &wanted).map_err(unreadable)).transpose()
    });
    let index = read.await.map_err(crate::reads::unreadable)?.ok_or_else(|| missing(uri))?;
    Ok((package, index))
}

/// The artifacts of a version.
fn entries<'i>(index: &'i IndexFile, version: &str) -> Vec<&'i IndexEntry> {
    let version = Version::parse(version).ok();
    index.entries().iter().filter(|entry| Some(&entry.core.version) == version.as_ref()).collect()
}
