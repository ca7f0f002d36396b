//! Parts that several pages show: the head of a package, the card with its claim, rows of packages.

use super::archives::OpenRelease;
use super::load::{self, Package, Release};
use super::{format, islands, words};
use vitte_package_core::api::search::SearchItem;
use vitte_package_core::index::IndexEntry;
use vitte_package_core::sign::{StatusAction, StatusChange, StatusCode};
use vitte_package_core::target::Target;

/// A class and a word: what is said of a version beside its name.
pub(crate) type Tag = (&'static str, String);

/// A package in a list.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) published: u64,
    pub(crate) tags: Vec<Tag>,
    pub(crate) about: Option<String>,
    pub(crate) license: String,
    pub(crate) dependents: String,
}

impl Row {
    pub(crate) fn of(item: SearchItem, query: &str) -> Self {
        let mut tags = Vec::new();
        let name = item.package.to_string();
        if !query.is_empty() && (query == name || query == item.package.base()) {
            tags.push(("new", words::exact_match()));
        }
        tags.extend(item.status.and_then(tag_of));
        Self {
            path: load::path(&item.package),
            name,
            version: item.newest.to_string(),
            published: item.published,
            tags,
            about: item.description,
            license: item.license.unwrap_or_else(words::no_license),
            dependents: words::dependents_of(item.dependents, &format::number(item.dependents)),
        }
    }
}

fn tag_of(action: StatusAction) -> Option<Tag> {
    match action {
        StatusAction::Yank => Some(("bad", words::yanked_plain())),
        StatusAction::Deprecate => Some(("warn", words::deprecated())),
        StatusAction::Unyank | StatusAction::Undeprecate => None,
    }
}

/// What is said of a version, as a tag.
pub(crate) fn status_tag(status: &StatusChange) -> Option<Tag> {
    match status.action {
        StatusAction::Yank => Some(("bad", words::yanked(&reason(status.code)))),
        other => tag_of(other),
    }
}

/// Why something was said of a version.
pub(crate) fn reason(code: StatusCode) -> String {
    match code {
        StatusCode::Security => words::reason_security(),
        StatusCode::Malware => words::reason_malware(),
        StatusCode::Broken => words::reason_broken(),
        StatusCode::Legal => words::reason_legal(),
        StatusCode::Renamed => words::reason_renamed(),
        StatusCode::Other => words::reason_other(),
    }
}

/// What an artifact is for.
pub(crate) fn target(target: &Target) -> String {
    if target.is_any() { words::target_any() } else { target.to_string() }
}

/// Something that a reader is to know before anything else.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) is_strong: bool,
    pub(crate) text: String,
    /// In the author's words.
    pub(crate) quote: Option<String>,
    pub(crate) more: Vec<String>,
    pub(crate) link: Option<(String, String)>,
}

/// The head of every page about a version.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) is_small: bool,
    pub(crate) namespace: String,
    pub(crate) base: String,
    pub(crate) path: String,
    pub(crate) version: String,
    pub(crate) about: Option<String>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) time: u64,
    pub(crate) facts: Vec<String>,
    pub(crate) notices: Vec<Notice>,
}

impl Head {
    pub(crate) fn of(package: &Package, release: &Release<'_>, entry: &IndexEntry, is_small: bool) -> Self {
        let is_newest = *release.version == package.newest;
        let mut tags = Vec::new();
        if is_newest && release.status().is_none_or(|status| status.action != StatusAction::Yank) {
            tags.push(("new", words::latest()));
        }
        if release.version.is_prerelease() {
            tags.push(("", words::prerelease()));
        }
        tags.extend(release.status().and_then(status_tag));
        let mut notices = Vec::new();
        if let Some(status) = release.entries.iter().find_map(|entry| entry.status.as_ref()) {
            notices.extend(notice(&status.change, status.log));
        }
        if !is_newest {
            notices.push(Notice {
                is_strong: false,
                text: words::not_newest(&package.newest.to_string()),
                quote: None,
                more: Vec::new(),
                link: Some((package.path(), package.newest.to_string())),
            });
        }
        let mut facts = Vec::new();
        if is_newest {
            facts.push(package.shown.license.clone().unwrap_or_else(words::no_license));
        }
        facts.push(format::size(entry.size));
        let needs = entry.core.needs.dependencies.len() as u64;
        facts.push(words::dependencies_of(needs, &format::number(needs)));
        facts.push(words::dependents_of(package.shown.dependents, &format::number(package.shown.dependents)));
        Self {
            is_small,
            namespace: package.name.namespace_or_none().to_string(),
            base: package.name.base().to_owned(),
            path: package.path(),
            version: release.version.to_string(),
            about: package.shown.description.clone().filter(|_| is_newest),
            tags,
            time: entry.time,
            facts,
            notices,
        }
    }
}

fn notice(status: &StatusChange, log: u64) -> Option<Notice> {
    let is_malware = status.code == StatusCode::Malware;
    let text = match status.action {
        StatusAction::Yank if is_malware => words::status_malware(),
        StatusAction::Yank => words::status_yanked(),
        StatusAction::Deprecate => words::status_deprecated(),
        StatusAction::Unyank | StatusAction::Undeprecate => return None,
    };
    let mut more = Vec::new();
    if let Some(instead) = &status.instead {
        more.push(words::status_use(instead));
    }
    if let Some(advisory) = &status.advisory {
        more.push(words::status_advisory(advisory));
    }
    let quote = Some(status.text.clone()).filter(|text| !text.trim().is_empty());
    let link = Some((format!("/log/entry/{log}"), words::status_entry(&format::number(log))));
    Some(Notice { is_strong: status.action == StatusAction::Yank, text, quote, more, link })
}

/// What the browser checks a package by, where there is a script that does.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) trust_root: String,
    pub(crate) size: u64,
    /// The words of its verdicts, as JSON.
    pub(crate) words: String,
}

/// The card: what the registry claims of a version, and how to check it. No server verifies anything for a reader.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) is_slim: bool,
    pub(crate) state: &'static str,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) sentence: String,
    pub(crate) parts: Vec<(String, String)>,
    /// What the browser checks it by.
    pub(crate) live: Option<Live>,
    /// Why the install line is not to be copied.
    pub(crate) refused: Option<String>,
}

impl Card {
    pub(crate) fn of(
        package: &Package,
        release: &Release<'_>,
        entry: &IndexEntry,
        front: Option<&OpenRelease>,
        is_slim: bool,
        trust_root: Option<&String>,
    ) -> Self {
        let is_yanked = release.status().is_some_and(|status| status.action == StatusAction::Yank);
        let withdrawn = is_yanked.then(words::install_withdrawn);
        let (state, title, sentence, refused) = match front {
            None => ("unchecked", words::unchecked_title(), words::unchecked_sentence(), withdrawn),
            Some(front) if front.signers.is_empty() => {
                let refused = Some(words::install_refused());
                ("unsigned", words::unsigned_title(), words::unsigned_sentence(), refused)
            }
            Some(_) => ("claim", words::claim_title(), words::claim_sentence(), withdrawn),
        };
        let signers = front.map(|front| &front.signers).filter(|signers| !signers.is_empty());
        let signature = signers.map_or_else(words::no_signature, |signers| {
            let short: Vec<_> = signers.iter().map(|signer| signer.short()).collect();
            words::claimed(&short.join(", "))
        });
        let namespace = package.name.namespace_or_none();
        let parts = vec![
            (words::part_signature(), signature),
            (words::part_key(), words::claimed_key(namespace.as_str())),
            (words::part_log(), words::claimed_entry(&format::number(entry.log))),
            (words::part_continuity(), words::claimed_continuity()),
            (words::part_content(), words::claimed_content(&format::size(entry.size))),
        ];
        Self {
            is_slim,
            state,
            name: package.name.to_string(),
            version: release.version.to_string(),
            title,
            sentence,
            parts,
            live: trust_root.map(|root| Live {
                trust_root: root.clone(),
                size: entry.size,
                words: islands::of_card(namespace.as_str()),
            }),
            refused,
        }
    }
}

/// Which of a package's pages a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Here {
    Readme,
    Files,
    Versions,
    Dependents,
    Compare,
    Provenance,
}

/// A way to another page of the same package.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) path: String,
    pub(crate) label: String,
    pub(crate) count: Option<String>,
    pub(crate) is_here: bool,
}

/// The ways to the pages of a package, at a version.
pub(crate) fn tabs(package: &Package, release: &Release<'_>, entry: &IndexEntry, here: Here) -> Vec<Tab> {
    let path = package.path();
    let at = format!("{path}/{}", super::escape::url_path(&release.version.to_string()));
    let readme = if *release.version == package.newest { path.clone() } else { at.clone() };
    let all = [
        (Here::Readme, readme, words::readme(), None),
        (Here::Versions, format!("{path}/versions"), words::versions(), Some(package.count())),
        (Here::Files, format!("{at}/files"), words::files(), Some(entry.core.files)),
        (Here::Dependents, format!("{path}/dependents"), words::dependents(), Some(package.shown.dependents)),
        (Here::Compare, format!("{path}/diff"), words::compare(), None),
        (Here::Provenance, format!("/log/entry/{}", entry.log), words::provenance(), None),
    ];
    let is_there = |place: &Here| match place {
        Here::Compare => package.count() > 1,
        _ => true,
    };
    all.into_iter()
        .filter(|(place, ..)| is_there(place))
        .map(|(place, path, label, count)| Tab {
            path,
            label,
            count: count.map(format::number),
            is_here: place == here,
        })
        .collect()
}
