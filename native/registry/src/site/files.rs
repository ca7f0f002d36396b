//! The files of a version, and one of them with its lines.

use super::archives::{Archives, OpenRelease};
use super::frame::{Frame, Visit};
use super::highlight::Highlighter;
use super::load;
use super::view::{Card, Head, Here, Tab, tabs};
use super::{escape, format, islands, words};
use crate::problem::Refusal;
use crate::reads::unreadable;
use askama::Template;
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::form::Form;
use vitte_package_core::name::PackageName;
use vitte_package_core::path::PackagePath;
use vitte_package_core::tree::Mode;
use vitte_package_core::version::Version;

/// Files on a page.
const SHOWN: usize = 500;
/// Bytes of a file that is shown; it is digested whole before any of it is.
const FILE_LEN: u64 = 256 * 1024;
/// Lines of a file that are shown.
const LINES: usize = 5_000;
/// Characters of a line that are shown.
const LINE_LEN: usize = 2_000;

#[derive(Template)]
#[template(path = "files.html")]
struct Page {
    frame: Frame,
    head: Head,
    card: Card,
    tabs: Vec<Tab>,
    title: String,
    total: String,
    folder: String,
    /// The words of its element, as JSON.
    words: String,
    /// Whether the archive is not what the index says.
    is_absent: bool,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
    shown: Option<Shown>,
}

/// A line of the list.
struct Row {
    path: String,
    name: String,
    size: String,
    is_executable: bool,
    is_here: bool,
}

/// A file that is shown.
struct Shown {
    name: String,
    size: String,
    digest: String,
    /// Why its content is not shown.
    refused: Option<String>,
    /// HTML that was made safe.
    lines: Vec<String>,
    count: String,
    /// Whether some of it was left out.
    is_cut: bool,
}

/// `GET /{namespace}/{name}/{version}/files` and below
pub(crate) async fn show(
    visit: &Visit,
    archives: &Arc<Archives>,
    name: &PackageName,
    version: &Version,
    path: Option<&PackagePath>,
) -> Result<Response, Refusal> {
    let package = load::package(visit, name).await?;
    let release = package.release(version).ok_or_else(|| visit.missing())?;
    let entry = release.entry().ok_or_else(|| visit.missing())?;
    let front = load::front(&visit.app, archives, &package, entry).await?;
    let trust_root = islands::trust_root(visit).await?;
    let place = match (&front, path) {
        (Some(front), Some(path)) => Some(place(front, path.as_str()).ok_or_else(|| visit.missing())?),
        (None, Some(_)) => return Err(visit.missing()),
        (_, None) => None,
    };
    let content = match (&front, place) {
        (Some(front), Some(In::File(at))) => read(visit, front, at).await?,
        _ => None,
    };
    let form = Form::parse(visit.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let from = form.get("from").and_then(|from| from.parse::<usize>().ok()).unwrap_or(0);
    Ok(visit.page(200, |frame| {
        let base = format!("{}/{}/files", package.path(), escape::url_path(&version.to_string()));
        let here = path.map(PackagePath::as_str).unwrap_or_default();
        let folder = match place {
            Some(In::File(_)) => here.rsplit_once('/').map_or("", |(folder, _)| folder),
            Some(In::Folder) => here,
            None => "",
        };
        let all = front.as_deref().map(|front| rows(front, &base, folder, here)).unwrap_or_default();
        let list =
            if folder.is_empty() { base.clone() } else { format!("{base}/{}", escape::url_path(folder)) };
        let next = from.saturating_add(SHOWN);
        let page = |from: usize| if from == 0 { list.clone() } else { format!("{list}?from={from}") };
        let title = match here {
            "" => format!("{name} {version} · {}", words::files()),
            here => format!("{here} · {name} {version}"),
        };
        let mut head = Head::of(&package, &release, entry, true);
        head.notices.retain(|notice| notice.is_strong);
        let frame = frame.titled(&escape::reveal(&title)).wide();
        let has_next = next < all.len();
        Page {
            frame: if from > 0 { frame.unlisted() } else { frame },
            card: Card::of(&package, &release, entry, front.as_deref(), true, trust_root.as_ref()),
            tabs: tabs(&package, &release, entry, Here::Files),
            head,
            title: words::files_of(entry.core.files, &format::number(entry.core.files)),
            total: format::size(entry.core.unpacked),
            folder: folder.to_owned(),
            words: islands::of_files(),
            is_absent: front.is_none(),
            rows: all.into_iter().skip(from).take(SHOWN).collect(),
            first: (from > 0).then(|| page(0)),
            next: has_next.then(|| page(next)),
            shown: match (place, &front) {
                (Some(In::File(at)), Some(front)) => shown(front, at, content.as_deref()),
                _ => None,
            },
        }
    }))
}

/// What a path is in a package.
#[derive(Clone, Copy, Debug)]
enum In {
    File(usize),
    Folder,
}

fn place(front: &OpenRelease, path: &str) -> Option<In> {
    if let Some(at) = front.tree().position(path) {
        return Some(In::File(at));
    }
    let is_below = |file: &str| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    front.tree().entries().iter().any(|file| is_below(file.path().as_str())).then_some(In::Folder)
}

async fn read(visit: &Visit, front: &Arc<OpenRelease>, at: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let is_short = front.tree().entries().get(at).is_some_and(|file| file.size() <= FILE_LEN);
    if !is_short {
        return Ok(None);
    }
    let front = Arc::clone(front);
    visit.app.blocking(move |app| front.read(&app.files, at)).await.map_err(unreadable)
}

/// What is in a folder: folders first, each with the bytes below it, then files.
fn rows(front: &OpenRelease, base: &str, folder: &str, here: &str) -> Vec<Row> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut folders: Vec<(&str, u64)> = Vec::new();
    let mut files = Vec::new();
    let mut entries: Vec<_> = front.tree().entries().iter().collect();
    // The tree is ordered within its sections.
    entries.sort_by_key(|file| file.path().as_str());
    for file in entries {
        let Some(rest) = file.path().as_str().strip_prefix(&prefix) else { continue };
        match rest.split_once('/') {
            Some((name, _)) => match folders.last_mut().filter(|(last, _)| *last == name) {
                Some((_, size)) => *size += file.size(),
                None => folders.push((name, file.size())),
            },
            None => files.push((rest, file)),
        }
    }
    // `a-b/…` sorts between `a` and `a/…`.
    folders.sort_unstable();
    folders.dedup_by(|one, kept| {
        let is_same = one.0 == kept.0;
        if is_same {
            kept.1 += one.1;
        }
        is_same
    });
    let mut rows = Vec::with_capacity(folders.len() + files.len() + 1);
    if !folder.is_empty() {
        let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
        let path =
            if above.is_empty() { base.to_owned() } else { format!("{base}/{}", escape::url_path(above)) };
        let (name, size) = ("../".to_owned(), String::new());
        rows.push(Row { path, name, size, is_executable: false, is_here: false });
    }
    rows.extend(folders.into_iter().map(|(name, size)| Row {
        path: format!("{base}/{}", escape::url_path(&format!("{prefix}{name}"))),
        name: format!("{name}/"),
        size: format::size(size),
        is_executable: false,
        is_here: false,
    }));
    rows.extend(files.into_iter().map(|(name, file)| Row {
        path: format!("{base}/{}", escape::url_path(file.path().as_str())),
        name: name.to_owned(),
        size: format::size(file.size()),
        is_executable: file.mode() == Mode::Executable,
        is_here: file.path().as_str() == here,
    }));
    rows
}

fn shown(front: &OpenRelease, at: usize, content: Option<&[u8]>) -> Option<Shown> {
    let file = front.tree().entries().get(at)?;
    let mut shown = Shown {
        name: file.path().as_str().to_owned(),
        size: format::size(file.size()),
        digest: file.digest().tagged(),
        refused: None,
        lines: Vec::new(),
        count: String::new(),
        is_cut: false,
    };
    let Some(content) = content else {
        shown.refused = Some(match file.size() > FILE_LEN {
            true => words::file_long(&format::size(FILE_LEN)),
            false => words::file_damaged(),
        });
        return Some(shown);
    };
    let Some(text) = text(content) else {
        shown.refused = Some(words::file_binary());
        return Some(shown);
    };
    let count = text.lines().count() as u64;
    shown.count = words::lines_of(count, &format::number(count));
    let mut highlighter = Highlighter::of(&shown.name);
    for line in text.lines().take(LINES) {
        let cut = line.char_indices().nth(LINE_LEN).map_or(line, |(end, _)| line.get(..end).unwrap_or(line));
        shown.is_cut |= cut.len() < line.len();
        shown.lines.push(highlighter.line(cut));
    }
    shown.is_cut |= count > LINES as u64;
    Some(shown)
}

/// A content as text; none where it is none.
pub(crate) fn text(content: &[u8]) -> Option<&str> {
    std::str::from_utf8(content).ok().filter(|text| !text.contains('\0'))
}
