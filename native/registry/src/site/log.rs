//! The log: its checkpoint, its last entries, and one entry with its proof.

use super::frame::{Frame, Visit};
use super::load;
use super::{escape, format, islands, words};
use crate::app::App;
use crate::error::Result;
use crate::leaves;
use crate::objects::Objects;
use crate::problem::Refusal;
use crate::reads::unreadable;
use crate::sequencer::newest_trust_root;
use askama::Template;
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::form::Form;
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::log::proof::{Goal, LogTiles};
use vitte_package_core::log::tile::{BundleId, TileId, WIDTH, parse_bundle};
use vitte_package_core::registry::layout;
use vitte_package_core::sign::{Envelope, RegistryId};

/// Entries on a page.
const SHOWN: usize = 50;

/// The end of the log.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// How many entries there are.
    pub(crate) size: u64,
    /// The last of them, the newest first.
    pub(crate) leaves: Vec<(u64, Leaf)>,
}

/// Reads the last entries of the log that are wanted before `before`, those of two bundles at most.
pub(crate) async fn tail(app: &Arc<App>, before: u64, wanted: usize) -> Result<Tail> {
    app.blocking(move |app| {
        let registry = RegistryId::parse(&app.registry)?;
        let Some(end) = leaves::behind(&app.files, &registry, u64::MAX)? else { return Ok(Tail::default()) };
        let (size, before) = (end.end, end.end.min(before));
        let mut leaves = Vec::new();
        let mut seen = before.saturating_sub(1) / WIDTH * WIDTH;
        for _ in 0..2 {
            let Some(found) = leaves::behind(&app.files, &registry, seen)? else { break };
            let mut more: Vec<_> = found.leaves.into_iter().filter(|(index, _)| *index < before).collect();
            more.append(&mut leaves);
            leaves = more;
            if leaves.len() >= wanted || seen == 0 {
                break;
            }
            seen = seen.saturating_sub(WIDTH);
        }
        leaves.reverse();
        leaves.truncate(wanted);
        Ok(Tail { size, leaves })
    })
    .await
}

/// What an entry is about, for a reader.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) path: Option<String>,
}

impl About {
    /// Says what a leaf is about; nothing of a package that is not for this reader.
    fn of(visit: &Visit, leaf: &Leaf) -> Self {
        let hidden = |kind: String| Self { kind, subject: words::entry_hidden(), path: None };
        match &leaf.subject {
            Subject::Genesis { registry } => {
                Self { kind: words::entry_genesis(), subject: registry.to_string(), path: None }
            }
            Subject::Trust { version, .. } => {
                let subject = words::entry_trust_root(&format::number(*version));
                Self { kind: words::entry_trust(), subject, path: None }
            }
            Subject::Namespace { namespace, seq } => {
                if visit.reader.patterns().is_some_and(|patterns| !patterns.touch(namespace)) {
                    return hidden(words::entry_namespace());
                }
                let subject = words::entry_record(namespace.as_str(), &format::number(*seq));
                Self { kind: words::entry_namespace(), subject, path: Some(format!("/{namespace}")) }
            }
            Subject::Release { artifact, .. } => {
                if !visit.reader.may_read(&artifact.package) {
                    return hidden(words::entry_release());
                }
                let version = artifact.version.to_string();
                let path = format!("{}/{}", load::path(&artifact.package), escape::url_path(&version));
                let (kind, target) = (artifact.kind, &artifact.target);
                let subject = format!("{} {version}, {kind}, {target}", artifact.package);
                Self { kind: words::entry_release(), subject, path: Some(path) }
            }
            Subject::Status { package, version } => {
                if !visit.reader.may_read(package) {
                    return hidden(words::entry_status());
                }
                let path = format!("{}/{}", load::path(package), escape::url_path(&version.to_string()));
                Self {
                    kind: words::entry_status(),
                    subject: format!("{package} {version}"),
                    path: Some(path),
                }
            }
        }
    }
}

struct Row {
    index: u64,
    about: About,
    time: u64,
}

#[derive(Template)]
#[template(path = "log.html")]
struct Page {
    frame: Frame,
    size: u64,
    root: String,
    /// What the browser checks it by, and the words of its element, as JSON.
    live: Option<(String, String)>,
    origin: String,
    is_witnessed: bool,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

/// The checkpoint that is published, signed by the keys of the newest trust root.
fn checkpoint(files: &Objects, registry: &str) -> Result<Option<VerifiedCheckpoint>> {
    let registry = RegistryId::parse(registry)?;
    let trust = newest_trust_root(files, &registry)?;
    let note = files.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?;
    Ok(note.map(|note| VerifiedCheckpoint::open(&note, &trust.root().log_policy)).transpose()?)
}

/// `GET /log`
pub(crate) async fn show(visit: &Visit) -> Result<Response, Refusal> {
    let form = Form::parse(visit.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let before = form.get("before").and_then(|before| before.parse::<u64>().ok());
    let tail = tail(&visit.app, before.unwrap_or(u64::MAX), SHOWN).await.map_err(unreadable)?;
    let found = visit.app.blocking(|app| {
        let registry = RegistryId::parse(&app.registry)?;
        let trust = newest_trust_root(&app.files, &registry)?;
        let is_witnessed = trust.root().log_policy.is_witnessed();
        Ok(checkpoint(&app.files, &app.registry)?.map(|checkpoint| (checkpoint, is_witnessed)))
    });
    let (checkpoint, is_witnessed) = found.await.map_err(unreadable)?.ok_or_else(|| visit.missing())?;
    let trust_root = islands::trust_root(visit).await?;
    Ok(visit.page(200, |frame| {
        let rows: Vec<_> = tail
            .leaves
            .iter()
            .map(|(index, leaf)| Row { index: *index, about: About::of(visit, leaf), time: leaf.time })
            .collect();
        let last = rows.last().map(|row| row.index).filter(|last| *last > 0);
        let frame = frame.titled(&words::log()).about(&words::log_about()).at("log");
        Page {
            frame: if before.is_some() { frame.unlisted() } else { frame },
            size: checkpoint.size(),
            root: checkpoint.root().to_string(),
            origin: checkpoint.checkpoint().origin().to_owned(),
            live: trust_root.map(|root| (root, islands::of_log())),
            is_witnessed,
            rows,
            first: before.map(|_| "/log".to_owned()),
            next: last.map(|last| format!("/log?before={last}")),
        }
    }))
}

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage {
    frame: Frame,
    title: String,
    about: About,
    time: u64,
    previous: Option<u64>,
    signers: Vec<String>,
    hash: String,
    facts: Vec<(String, String)>,
    size: u64,
    root: String,
    proof: Vec<Step>,
    content: String,
}

/// A hash of an inclusion proof.
struct Step {
    is_left: bool,
    from: u64,
    to: u64,
    hash: String,
}

/// An entry with what proves it.
struct Proved {
    leaf: Leaf,
    bytes: Vec<u8>,
    hash: Digest,
    hashes: Vec<Digest>,
    checkpoint: VerifiedCheckpoint,
}

/// `GET /log/entry/{index}`
pub(crate) async fn entry(visit: &Visit, index: u64) -> Result<Response, Refusal> {
    let proved = visit.app.blocking(move |app| prove(&app.files, &app.registry, index)).await;
    let proved = proved.map_err(unreadable)?.ok_or_else(|| visit.missing())?;
    Ok(visit.page(200, |frame| {
        let Proved { leaf, bytes, hash, hashes, checkpoint } = proved;
        let title = words::entry_title(&format::number(index));
        let about = About::of(visit, &leaf);
        let is_hidden =
            about.path.is_none() && !matches!(leaf.subject, Subject::Genesis { .. } | Subject::Trust { .. });
        let mut facts = Vec::new();
        if let Subject::Release { tree, index, .. } = &leaf.subject {
            facts.push((words::identity(), tree.to_string()));
            facts.push((words::index_line(), index.tagged()));
        }
        let envelopes = leaf.envelopes.iter().filter_map(|line| Envelope::parse(line.as_bytes()).ok());
        let signers = envelopes.flat_map(|envelope| envelope.claimed_signers());
        let signers: Vec<_> = signers.map(|signer| signer.short()).collect();
        let sides = sides(index, checkpoint.size());
        let proof = hashes.iter().zip(sides).map(|(hash, (is_left, from, to))| Step {
            is_left,
            from,
            to,
            hash: hash.to_string(),
        });
        let content = String::from_utf8_lossy(&bytes).into_owned();
        EntryPage {
            frame: frame.titled(&title).about(&about.subject).at("log"),
            title,
            time: leaf.time,
            previous: leaf.prev,
            signers: if is_hidden { Vec::new() } else { signers },
            hash: hash.to_string(),
            facts: if is_hidden { Vec::new() } else { facts },
            size: checkpoint.size(),
            root: checkpoint.root().to_string(),
            proof: proof.collect(),
            content: if is_hidden { String::new() } else { content },
            about,
        }
    }))
}

/// Reads an entry, and proves it from the tiles up to the checkpoint.
fn prove(files: &Objects, registry: &str, index: u64) -> Result<Option<Proved>> {
    let Some(checkpoint) = checkpoint(files, registry)? else { return Ok(None) };
    if index >= checkpoint.size() {
        return Ok(None);
    }
    let Some(id) = BundleId::at(index / WIDTH, checkpoint.size()) else { return Ok(None) };
    let read = |paths: [String; 2], limit: u64| {
        let [partial, full] = paths;
        // A partial file is removed once a longer one is there.
        Ok::<_, crate::error::Error>(match files.read(&partial, limit)? {
            Some(bytes) => Some(bytes),
            None => files.read(&full, limit)?,
        })
    };
    let Some(bundle) = read([id, id.full()].map(layout::bundle), layout::BUNDLE_LEN)? else {
        return Ok(None);
    };
    let Ok(entries) = parse_bundle(id, &bundle) else { return Ok(None) };
    let place = usize::try_from(index - id.first()).unwrap_or(usize::MAX);
    let Some(bytes) = entries.get(place).map(|bytes| bytes.to_vec()) else { return Ok(None) };
    let Ok(leaf) = Leaf::parse(&bytes) else { return Ok(None) };
    let mut tiles = LogTiles::new(checkpoint.checkpoint());
    for id in tiles.needed(&[Goal::Leaf(index)])? {
        let Some(tile) = read([id, TileId::full(&id)].map(layout::tile), layout::TILE_LEN)? else {
            return Ok(None);
        };
        // Of a longer tile, those hashes that were there at this size.
        let width = usize::from(id.width()) * 32;
        let Some(tile) = tile.get(..width) else { return Ok(None) };
        tiles.supply(id, tile)?;
    }
    tiles.check()?;
    tiles.check_leaf(index, &bytes)?;
    let (hash, hashes) = (tiles.leaf_hash(index)?, tiles.inclusion(index)?);
    Ok(Some(Proved { leaf, bytes, hash, hashes, checkpoint }))
}

/// Of each hash of an inclusion proof, from the leaf up: whether it is joined on the left, and the entries behind it
/// (RFC 9162, section 2.1.3).
fn sides(index: u64, size: u64) -> Vec<(bool, u64, u64)> {
    let mut sides = Vec::new();
    let (mut from, mut to) = (0u64, size);
    while to - from > 1 {
        // The largest power of two that is smaller than the number of entries.
        let split = from + (1 << (63 - (to - from - 1).leading_zeros()));
        if index < split {
            sides.push((false, split, to - 1));
            to = split;
        } else {
            sides.push((true, from, split - 1));
            from = split;
        }
    }
    sides.reverse();
    sides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_those_of_the_proof() {
        assert_eq!(sides(0, 1), []);
        assert_eq!(sides(6, 7), [(true, 4, 5), (true, 0, 3)]);
        assert_eq!(sides(0, 7), [(false, 1, 1), (false, 2, 3), (false, 4, 6)]);
        assert_eq!(sides(2, 3), [(true, 0, 1)]);
        let of_the_sketch = sides(40_211, 40_320);
        assert_eq!(of_the_sketch.len(), 12);
        assert_eq!(of_the_sketch.last(), Some(&(true, 0, 32_767)));
    }
}
