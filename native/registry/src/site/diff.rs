//! What changed between two versions: files, lines, dependencies, signers. Only what was read is said.
//!
//! Which files changed is decided by the two lists of files, whose digests the index names. Lines are compared of files
//! that are text and short, up to a number of files and bytes; what is left out says so.

use super::archives::{Archives, OpenRelease};
use super::files::text;
use super::frame::{Frame, Visit};
use super::load::{self, Package};
use super::view::{Head, Here, Tab, tabs};
use super::{escape, format, words};
use crate::error::Result as Outcome;
use crate::objects::Objects;
use crate::problem::Refusal;
use crate::reads::unreadable;
use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeMap;
use std::sync::Arc;
use vitte_package_core::api::form::Form;
use vitte_package_core::index::IndexEntry;
use vitte_package_core::name::PackageName;
use vitte_package_core::tree::{Entry, Mode};
use vitte_package_core::version::Version;

/// Bytes of a file whose lines are compared, and its lines.
const FILE_LEN: u64 = 128 * 1024;
const FILE_LINES: usize = 4_000;
/// Bytes that are read of both archives together, and files whose lines are compared.
const READ_LEN: u64 = 2 * 1024 * 1024;
const COMPARED: usize = 60;
/// Lines that are shown on a page, and characters of one.
const LINES: usize = 4_000;
const LINE_LEN: usize = 1_000;
/// Changed files that are named.
const NAMED: usize = 500;
/// Lines around a change.
const AROUND: usize = 3;
/// Versions that can be chosen from.
const CHOICE: usize = 200;

/// How a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Added,
    Removed,
    Changed,
    /// Only whether it can be run.
    Mode,
}

/// A file that is not the same in both.
#[derive(Debug)]
struct Changed {
    path: String,
    change: Change,
    old: Option<usize>,
    new: Option<usize>,
    old_size: u64,
    new_size: u64,
    lines: Lines,
}

/// The lines of a file that changed.
#[derive(Debug)]
enum Lines {
    /// They were compared.
    Compared { rows: Vec<Line>, added: u64, removed: u64 },
    /// The file is no text in one of the two.
    Binary,
    /// It is too long, or enough was read.
    Left,
    /// The archive does not have it as its list says.
    Damaged,
}

#[derive(Debug)]
struct Line {
    class: &'static str,
    old: Option<usize>,
    new: Option<usize>,
    text: String,
}

#[derive(Template)]
#[template(path = "diff.html")]
struct Page {
    frame: Frame,
    head: Head,
    tabs: Vec<Tab>,
    path: String,
    from: String,
    to: String,
    versions: Vec<String>,
    summary: String,
    same: String,
    are_files_cut: bool,
    files: Vec<File>,
    dependencies: Vec<(String, String)>,
    facts: Vec<(String, String)>,
    signers: Vec<String>,
}

struct File {
    path: String,
    change: String,
    sizes: String,
    added: u64,
    removed: u64,
    is_compared: bool,
    note: Option<String>,
    rows: Vec<Line>,
}

/// `GET /{namespace}/{name}/diff`: where its form leads, or else the newest version and the one before.
pub(crate) async fn choose(visit: &Visit, name: &PackageName) -> Result<Response, Refusal> {
    let package = load::package(visit, name).await?;
    let form = Form::parse(visit.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let chosen = |field: &str| form.get(field).and_then(|version| Version::parse(version).ok());
    let releases = package.releases();
    let to = chosen("b").unwrap_or_else(|| package.newest.clone());
    let older = releases.iter().map(|release| release.version).find(|version| **version < to);
    let from = chosen("a").or_else(|| older.cloned()).unwrap_or_else(|| to.clone());
    let part = |version: &Version| escape::url_path(&version.to_string());
    let mut response = visit.moved(&format!("{}/diff/{}..{}", package.path(), part(&from), part(&to)));
    // Another version will be the newest one day.
    *response.status_mut() = axum::http::StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// `GET /{namespace}/{name}/diff/{from}..{to}`
pub(crate) async fn show(
    visit: &Visit,
    archives: &Arc<Archives>,
    name: &PackageName,
    from: &Version,
    to: &Version,
) -> Result<Response, Refusal> {
    let package = load::package(visit, name).await?;
    let (old, new) = (package.release(from), package.release(to));
    let (Some(old), Some(new)) = (old, new) else { return Err(visit.missing()) };
    let (Some(old_entry), Some(new_entry)) = (old.entry(), new.entry()) else { return Err(visit.missing()) };
    let old_front = load::front(&visit.app, archives, &package, old_entry).await?;
    let new_front = load::front(&visit.app, archives, &package, new_entry).await?;
    let fronts = old_front.zip(new_front);
    let compared = match &fronts {
        None => None,
        Some((old, new)) => {
            let (old, new) = (Arc::clone(old), Arc::clone(new));
            let work = visit.app.blocking(move |app| compare(&app.files, &old, &new)).await;
            Some(work.map_err(unreadable)?)
        }
    };
    Ok(visit.page(200, |frame| {
        let title = format!("{name} · {from} → {to}");
        let mut head = Head::of(&package, &new, new_entry, true);
        head.notices.retain(|notice| notice.is_strong);
        let (changed, same) = compared.unwrap_or_default();
        let (added, removed) = changed.iter().fold((0, 0), |(added, removed), file| match &file.lines {
            Lines::Compared { added: more, removed: less, .. } => (added + more, removed + less),
            _ => (added, removed),
        });
        let count = changed.len() as u64;
        let summary = match &fronts {
            None => words::unchecked_sentence(),
            Some(_) => words::diff_summary(
                count,
                &format::number(count),
                &format::number(added),
                &format::number(removed),
            ),
        };
        let are_files_cut = changed.len() > NAMED;
        Page {
            frame: frame.titled(&title).about(&summary).wide(),
            tabs: tabs(&package, &new, new_entry, Here::Compare),
            head,
            path: package.path(),
            from: from.to_string(),
            to: to.to_string(),
            versions: choice(&package, from, to),
            summary,
            same: words::diff_same(same, &format::number(same)),
            are_files_cut,
            files: changed.into_iter().take(NAMED).map(file).collect(),
            dependencies: dependencies(old_entry, new_entry),
            facts: facts(old_entry, new_entry),
            signers: fronts.as_ref().map(|(old, new)| signers(old, new)).unwrap_or_default(),
        }
    }))
}

/// The versions that can be compared, the newest first.
fn choice(package: &Package, from: &Version, to: &Version) -> Vec<String> {
    let releases = package.releases();
    let mut versions: Vec<_> = releases.iter().map(|release| release.version).take(CHOICE).collect();
    for version in [from, to] {
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions.into_iter().map(ToString::to_string).collect()
}

/// Compares two archives: the files that are not the same, and how many are.
fn compare(files: &Objects, old: &OpenRelease, new: &OpenRelease) -> Outcome<(Vec<Changed>, u64)> {
    let list = |front: &OpenRelease| {
        let entries = front.tree().entries().iter().enumerate();
        entries.map(|(at, file)| (file.path().as_str().to_owned(), at)).collect::<BTreeMap<_, _>>()
    };
    let (old_files, new_files) = (list(old), list(new));
    let of =
        |front: &OpenRelease, at: Option<usize>| -> Option<(u64, Mode, vitte_package_core::digest::Digest)> {
            let file: &Entry = front.tree().entries().get(at?)?;
            Some((file.size(), file.mode(), *file.digest()))
        };
    let mut paths: Vec<&String> = old_files.keys().chain(new_files.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    let (mut changed, mut same) = (Vec::new(), 0);
    for path in paths {
        let (old_at, new_at) = (old_files.get(path).copied(), new_files.get(path).copied());
        let (before, after) = (of(old, old_at), of(new, new_at));
        let change = match (&before, &after) {
            (Some(before), Some(after)) if before == after => {
                same += 1;
                continue;
            }
            (Some(before), Some(after)) if before.2 == after.2 => Change::Mode,
            (Some(_), Some(_)) => Change::Changed,
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
        };
        let size = |facts: Option<(u64, Mode, _)>| facts.map_or(0, |facts| facts.0);
        changed.push(Changed {
            path: path.clone(),
            change,
            old: old_at,
            new: new_at,
            old_size: size(before),
            new_size: size(after),
            lines: Lines::Left,
        });
    }
    let (mut read, mut compared, mut shown) = (0, 0, 0);
    for file in &mut changed {
        if file.change == Change::Mode {
            file.lines = Lines::Compared { rows: Vec::new(), added: 0, removed: 0 };
            continue;
        }
        let len = file.old_size + file.new_size;
        let is_short = file.old_size <= FILE_LEN && file.new_size <= FILE_LEN;
        if !is_short || compared == COMPARED || shown >= LINES || read + len > READ_LEN {
            continue;
        }
        read += len;
        compared += 1;
        let content = |front: &OpenRelease, at: Option<usize>| match at {
            Some(at) => front.read(files, at),
            None => Ok(Some(Vec::new())),
        };
        file.lines = match (content(old, file.old)?, content(new, file.new)?) {
            (Some(old), Some(new)) => lines(&old, &new, LINES - shown),
            _ => Lines::Damaged,
        };
        if let Lines::Compared { rows, .. } = &file.lines {
            shown += rows.len();
        }
    }
    Ok((changed, same))
}

/// Compares two contents line by line. What is behind so many lines is left out.
fn lines(old: &[u8], new: &[u8], most: usize) -> Lines {
    let (Some(old), Some(new)) = (text(old), text(new)) else { return Lines::Binary };
    if old.lines().count() > FILE_LINES || new.lines().count() > FILE_LINES {
        return Lines::Left;
    }
    let diff = TextDiff::from_lines(old, new);
    let (mut rows, mut added, mut removed) = (Vec::new(), 0, 0);
    for group in diff.grouped_ops(AROUND) {
        if let (Some(first), Some(last)) = (group.first(), group.last()) {
            let from = first.new_range().start + 1;
            let text = format!("{from}–{}", last.new_range().end.max(from));
            rows.push(Line { class: "hunk", old: None, new: None, text });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let class = match change.tag() {
                ChangeTag::Equal => "",
                ChangeTag::Insert => "add",
                ChangeTag::Delete => "del",
            };
            added += u64::from(class == "add");
            removed += u64::from(class == "del");
            let line = change.value().trim_end_matches(['\n', '\r']);
            let cut = line.char_indices().nth(LINE_LEN).and_then(|(end, _)| line.get(..end));
            let text = cut.map_or_else(|| line.to_owned(), |cut| format!("{cut}…"));
            let number = |index: Option<usize>| index.map(|index| index + 1);
            rows.push(Line { class, old: number(change.old_index()), new: number(change.new_index()), text });
        }
    }
    rows.truncate(most);
    Lines::Compared { rows, added, removed }
}

fn file(changed: Changed) -> File {
    let (old, new) = (format::size(changed.old_size), format::size(changed.new_size));
    let (change, sizes) = match changed.change {
        Change::Added => (words::diff_added(), new),
        Change::Removed => (words::diff_removed(), old),
        Change::Changed => (words::diff_changed(), format!("{old} → {new}")),
        Change::Mode => (words::diff_mode(), new),
    };
    let (rows, added, removed, note) = match changed.lines {
        Lines::Compared { rows, added, removed } => {
            let shown = rows.iter().filter(|row| matches!(row.class, "add" | "del")).count() as u64;
            let is_cut = shown < added + removed;
            (Some(rows), added, removed, is_cut.then(words::diff_cut))
        }
        Lines::Binary => (None, 0, 0, Some(words::file_binary())),
        Lines::Left => (None, 0, 0, Some(words::diff_left())),
        Lines::Damaged => (None, 0, 0, Some(words::file_damaged())),
    };
    let is_compared = rows.is_some();
    let rows = rows.unwrap_or_default();
    File { path: changed.path, change, sizes, added, removed, is_compared, note, rows }
}

/// What of the dependencies changed, by the index.
fn dependencies(old: &IndexEntry, new: &IndexEntry) -> Vec<(String, String)> {
    let list = |entry: &IndexEntry| {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for needed in &entry.core.needs.dependencies {
            let requirement = format!("{} ({})", needed.requirement.as_str(), needed.kind.as_str());
            all.entry(needed.name.to_string()).or_default().push(requirement);
        }
        all
    };
    let (old, new) = (list(old), list(new));
    let mut names: Vec<_> = old.keys().chain(new.keys()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    let joined = |all: Option<&Vec<String>>| all.map(|all| all.join(", "));
    let change = |name: String| match (joined(old.get(&name)), joined(new.get(&name))) {
        (Some(old), Some(new)) if old == new => None,
        (Some(old), Some(new)) => Some((name, format!("{old} → {new}"))),
        (None, Some(new)) => Some((name, format!("{} {new}", words::diff_added()))),
        (Some(old), None) => Some((name, format!("{} {old}", words::diff_removed()))),
        (None, None) => None,
    };
    names.into_iter().filter_map(change).collect()
}

/// What else the index says of both.
fn facts(old: &IndexEntry, new: &IndexEntry) -> Vec<(String, String)> {
    let change = |old: String, new: String| if old == new { new } else { format!("{old} → {new}") };
    vec![
        (words::edition(), change(old.core.edition.clone(), new.core.edition.clone())),
        (words::size(), change(format::size(old.size), format::size(new.size))),
        (words::files(), change(format::number(old.core.files), format::number(new.core.files))),
    ]
}

/// Who signed both, by what the archives carry.
fn signers(old: &OpenRelease, new: &OpenRelease) -> Vec<String> {
    let named = |front: &OpenRelease| {
        let all: Vec<_> = front.signers.iter().map(|signer| signer.short()).collect();
        if all.is_empty() { words::no_signature() } else { all.join(", ") }
    };
    let (before, after) = (named(old), named(new));
    if before == after {
        return vec![words::diff_same_signer(&after)];
    }
    vec![words::diff_signer_before(&before), words::diff_signer_after(&after)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &Lines) -> String {
        let Lines::Compared { rows, added, removed } = lines else { return format!("{lines:?}") };
        let rows = rows.iter().map(|row| {
            let sign = match row.class {
                "add" => '+',
                "del" => '-',
                "hunk" => '@',
                _ => ' ',
            };
            format!("{sign}{}", row.text)
        });
        format!("+{added} -{removed}\n{}", rows.collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn lines_are_compared() {
        let old = b"a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = b"a\nb\nc\nd\nE\nf\ng\nh\ni";
        assert_eq!(shown(&lines(old, new, 100)), "+2 -1\n@2–9\n b\n c\n d\n-e\n+E\n f\n g\n h\n+i");
        assert_eq!(shown(&lines(b"", b"x\n", 100)), "+1 -0\n@1–1\n+x");
        assert_eq!(shown(&lines(b"x\n", b"x\n", 100)), "+0 -0\n");
        assert!(matches!(lines(b"\0", b"x", 100), Lines::Binary));
        assert!(matches!(lines(b"\xff", b"x", 100), Lines::Binary));
        assert!(matches!(lines("x\n".repeat(5_000).as_bytes(), b"x", 100), Lines::Left));
    }

    #[test]
    fn what_is_long_or_wholly_different_has_an_end() {
        let old: String = (0..FILE_LINES).map(|n| format!("{n}\n")).collect();
        let new: String = (0..FILE_LINES).map(|n| format!("{}\n", n * 7 + 3)).collect();
        let Lines::Compared { rows, .. } = lines(old.as_bytes(), new.as_bytes(), 50) else { panic!("text") };
        assert_eq!(rows.len(), 50);
        let long = "x".repeat(100_000);
        let Lines::Compared { rows, .. } = lines(b"", long.as_bytes(), 50) else { panic!("text") };
        assert!(rows.iter().all(|row| row.text.chars().count() <= LINE_LEN + 1));
    }
}
