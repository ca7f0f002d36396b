//! The table `[package]`.

use super::Site;
use super::fault::{Conflict, Counted, FaultKind, ValueRule, shown};
use super::schema;
use super::source::{Faults, Table, Text, text_of, texts_of};
use super::text::{self, Reach};
use super::workspace::{Inherited, Workspace};
use crate::diagnostic::Span;
use crate::limits;
use crate::name::PackageName;
use crate::ordered;
use crate::path::PackagePath;
use crate::tree::SectionName;
use crate::version::Version;
use std::collections::BTreeMap;
use toml::de::DeValue;

/// The edition of a manifest that names none.
const FIRST_EDITION: &str = "2025";

/// What to do with symbolic links in the project's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Symlinks {
    /// They are faults.
    #[default]
    Error,
    /// The files they lead to are copied, if these are inside the project.
    Follow,
}

/// A section with the patterns of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionGlobs {
    name: SectionName,
    patterns: Vec<String>,
    site: Site,
}

impl SectionGlobs {
    /// The section's name: a deferred one.
    pub fn name(&self) -> &SectionName {
        &self.name
    }

    /// The patterns of its files (gitignore rules).
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Where the section is declared.
    pub fn span(&self) -> Span {
        self.site.0
    }
}

/// Where the keys of `[package]` stand.
#[derive(Clone, Debug)]
pub(super) struct Places {
    header: Span,
    values: BTreeMap<&'static str, Span>,
}

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Places {
    pub(super) fn of(&self, key: &str) -> Option<Span> {
        self.values.get(key).copied()
    }

    pub(super) fn header(&self) -> Span {
        self.header
    }
}

/// `[package]`, checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Package {
    pub(super) name: PackageName,
    pub(super) version: Version,
    pub(super) edition: String,
    pub(super) description: Option<String>,
    pub(super) license: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) homepage: Option<String>,
    pub(super) documentation: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) readme: Option<PackagePath>,
    pub(super) keywords: Vec<String>,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) exec: Option<Vec<String>>,
    pub(super) symlinks: Symlinks,
    pub(super) sections: Vec<SectionGlobs>,
    pub(super) publish_allow: Vec<PackagePath>,
    pub(super) places: Places,
}

/// `[package]` with the workspace that its keys may be inherited from.
struct Reader<'a> {
    source: &'a str,
    table: Table<'a>,
    workspace: Option<&'a Workspace>,
}

impl<'a> Reader<'a> {
    /// The inherited value of a key that says `workspace = true`. Outer `None`: the key says something itself.
    fn inherited(&self, name: &str, faults: &mut Faults) -> Option<Option<(&'a Inherited, Span)>> {
        let entry = self.table.entry(name)?;
        let DeValue::Table(inherit) = entry.value.get_ref() else { return None };
        if !inherit.contains_key("workspace") {
            return None;
        }
        let own = schema::find(schema::PACKAGE, name)?;
        schema::find(schema::WORKSPACE_PACKAGE, name)?;
        let title = self.table.title_of(name);
        let table = Table::of(title, entry.value, schema::INHERIT, (name, own), faults)?;
        let span = Span::from(entry.value.span());
        match table.flag("workspace", faults) {
            Some(true) if self.source[span.start..].starts_with('[') => {
                faults.add(span, ValueRule::InheritedHeader { key: name.to_owned() }.into());
                Some(None)
            }
            Some(true) => {
                Some(lookup(self.workspace, name, entry.key.span, faults).map(|value| (value, span)))
            }
            Some(false) => {
                faults.add(span, ValueRule::NotInherited.into());
                Some(None)
            }
            None => Some(None),
        }
    }

    fn text(&self, name: &str, faults: &mut Faults) -> Option<Text<'a>> {
        match self.inherited(name, faults) {
            Some(Some((Inherited::Text(value), span))) => Some(Text { value, span }),
            Some(_) => None,
            None => text_of(self.table.entry(name)?, name, schema::find(schema::PACKAGE, name)?, faults),
        }
    }

    fn texts(&self, name: &str, faults: &mut Faults) -> Option<Vec<Text<'a>>> {
        match self.inherited(name, faults) {
            Some(Some((Inherited::Texts(values), span))) => {
                Some(values.iter().map(|value| Text { value, span }).collect())
            }
            Some(_) => None,
            None => {
                texts_of(self.table.entry(name)?.value, name, schema::find(schema::PACKAGE, name)?, faults)
            }
        }
    }

    fn line(&self, name: &str, faults: &mut Faults) -> Option<String> {
        let text = self.text(name, faults)?;
        text::line(name, text, faults)
    }

    fn url(&self, name: &str, faults: &mut Faults) -> Option<String> {
        let text = self.text(name, faults)?;
        text::url(name, text, Reach::Anywhere, faults)
    }

    fn patterns(&self, name: &str, faults: &mut Faults) -> Option<Vec<String>> {
        let texts = self.texts(name, faults)?;
        Some(text::patterns(name, &texts, faults))
    }
}

fn lookup<'w>(
    workspace: Option<&'w Workspace>,
    name: &str,
    span: Span,
    faults: &mut Faults,
) -> Option<&'w Inherited> {
    let Some(workspace) = workspace else {
        faults.add(span, FaultKind::InheritsWithoutWorkspace { key: name.to_owned() });
        return None;
    };
    let value = workspace.inherited(name);
    if value.is_none() {
        let table = "[workspace.package]";
        faults.add(span, FaultKind::InheritsNothing { table, key: name.to_owned(), nearest: None });
    }
    value
}

/// Reads `[package]`.
pub(super) fn read<'a>(
    source: &'a str,
    root: &Table<'a>,
    workspace: Option<&'a Workspace>,
    faults: &mut Faults,
) -> Option<Package> {
    if let (false, Some(entry)) = (root.has("package"), root.entry("workspace")) {
        faults.add(entry.key.span, FaultKind::OnlyWorkspace);
        return None;
    }
    if !root.has("package") {
        root.missing("package", faults);
        return None;
    }
    let table = root.table("package", schema::PACKAGE, faults)?;
    let reader = Reader { source, table, workspace };
    let name = required(&reader, "name", faults)
        .and_then(|text| faults.keep(text.span, PackageName::parse(text.value)));
    let version = required(&reader, "version", faults)
        .and_then(|text| faults.keep(text.span, Version::parse(text.value)));
    let edition = match reader.text("edition", faults) {
        Some(text) => edition(text, faults),
        None => Some(FIRST_EDITION.to_owned()),
    };
    let include = reader.patterns("include", faults).unwrap_or_default();
    let exclude = reader.patterns("exclude", faults).unwrap_or_default();
    if let (false, false, Some(second)) =
        (include.is_empty(), exclude.is_empty(), reader.table.entry("exclude"))
    {
        faults.add(second.span(), Conflict::Files.into());
    }
    let package = Package {
        edition: edition.unwrap_or_default(),
        description: reader.line("description", faults),
        license: reader.text("license", faults).and_then(|text| license(text, faults)),
        repository: reader.url("repository", faults),
        homepage: reader.url("homepage", faults),
        documentation: reader.url("documentation", faults),
        authors: reader
            .texts("authors", faults)
            .map(|texts| text::lines("authors", &texts, faults))
            .unwrap_or_default(),
        readme: reader.text("readme", faults).and_then(|text| text::path(text, faults)),
        keywords: keywords(&reader, faults),
        include,
        exclude,
        exec: reader.patterns("exec", faults),
        symlinks: symlinks(&reader, faults),
        sections: sections(&reader.table, faults),
        publish_allow: publish_allow(&reader.table, faults),
        places: places(&reader.table),
        name: name?,
        version: version?,
    };
    Some(package)
}

fn required<'a>(reader: &Reader<'a>, key: &'static str, faults: &mut Faults) -> Option<Text<'a>> {
    if reader.table.has(key) {
        reader.text(key, faults)
    } else {
        reader.table.missing(key, faults);
        None
    }
}

fn edition(text: Text<'_>, faults: &mut Faults) -> Option<String> {
    if text.value.len() == 4 && text.value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.value.to_owned());
    }
    faults.add(text.span, ValueRule::Edition { given: shown(text.value) }.into());
    None
}

fn license(text: Text<'_>, faults: &mut Faults) -> Option<String> {
    let error = match spdx::Expression::parse(text.value) {
        Ok(_) => return Some(text.value.to_owned()),
        Err(error) => error,
    };
    // The place is reported only if the literal holds the expression as it is, without escapes.
    let exact = text.span.end.saturating_sub(text.span.start) == text.value.len() + 2;
    let span = match exact {
        true => {
            Span { start: text.span.start + 1 + error.span.start, end: text.span.start + 1 + error.span.end }
        }
        false => text.span,
    };
    let span = if span.end <= text.span.end && span.start < span.end { span } else { text.span };
    let corrected = spdx::Expression::canonicalize(text.value).ok().flatten();
    let reason = error.reason.to_string();
    faults.add(span, FaultKind::License { given: shown(text.value), reason, corrected });
    None
}

fn keywords(reader: &Reader<'_>, faults: &mut Faults) -> Vec<String> {
    let texts = reader.texts("keywords", faults).unwrap_or_default();
    if let Some(extra) = texts.get(limits::KEYWORDS) {
        let rule = ValueRule::Many { what: Counted::Keywords, count: texts.len(), limit: limits::KEYWORDS };
        faults.add(extra.span, rule.into());
    }
    let mut keywords = Vec::new();
    for text in texts {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
        let good = text.value.bytes().next().is_some_and(plain)
            && text.value.len() <= limits::KEYWORD_LEN
            && text.value.bytes().all(|byte| plain(byte) || byte == b'-');
        if good {
            keywords.push(text.value.to_owned());
        } else {
            faults.add(text.span, ValueRule::Keyword { given: shown(text.value) }.into());
        }
    }
    keywords
}

fn symlinks(reader: &Reader<'_>, faults: &mut Faults) -> Symlinks {
    match reader.text("symlinks", faults) {
        None => Symlinks::default(),
        Some(Text { value: "error", .. }) => Symlinks::Error,
        Some(Text { value: "follow", .. }) => Symlinks::Follow,
        Some(text) => {
            let given = shown(text.value);
            let rule = ValueRule::Word { key: "symlinks".to_owned(), given, allowed: &["error", "follow"] };
            faults.add(text.span, rule.into());
            Symlinks::default()
        }
    }
}

/// The sections that a manifest may declare besides `meta` and `-`.
const DECLARED_SECTIONS: usize = limits::TREE_SECTIONS - 2;

fn sections(table: &Table<'_>, faults: &mut Faults) -> Vec<SectionGlobs> {
    let entries = table.named("sections", faults);
    if let Some(extra) = entries.get(DECLARED_SECTIONS) {
        let rule =
            ValueRule::Many { what: Counted::Sections, count: entries.len(), limit: DECLARED_SECTIONS };
        faults.add(extra.key.span, rule.into());
    }
    let mut sections = Vec::new();
    for entry in entries {
        let given = entry.key.value;
        let name = match SectionName::parse(given) {
            Ok(name) if name.is_deferred() => Some(name),
            Ok(_) => {
                faults.add(entry.key.span, ValueRule::OwnSection { given: given.to_owned() }.into());
                None
            }
            Err(_) => {
                faults.add(entry.key.span, ValueRule::Section { given: shown(given) }.into());
                None
            }
        };
        let texts = texts_of(entry.value, given, &schema::SECTION_VALUE, faults).unwrap_or_default();
        let patterns = text::patterns(given, &texts, faults);
        sections.extend(name.map(|name| SectionGlobs { name, patterns, site: Site(entry.span()) }));
    }
    ordered::sort_by(&mut sections, |a, b| a.name.cmp(&b.name));
    sections
}

fn publish_allow(table: &Table<'_>, faults: &mut Faults) -> Vec<PackagePath> {
    let Some(publish) = table.table("publish", schema::PUBLISH, faults) else { return Vec::new() };
    let texts = publish.texts("allow", faults).unwrap_or_default();
    texts.into_iter().filter_map(|text| text::path(text, faults)).collect()
}

fn places(table: &Table<'_>) -> Places {
    let place = |key: &schema::Key| table.entry(key.name).map(|entry| (key.name, entry.value.span().into()));
    Places { header: table.span, values: ordered::map(schema::PACKAGE.iter().filter_map(place)) }
}
