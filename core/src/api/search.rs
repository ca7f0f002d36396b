//! Search: `GET search?q&namespace&kind&limit&cursor`.
//!
//! What is found is what a server says, for display: nothing of it is proved. [`rank`] says in which order.

use super::form::{self, Form};
use super::problem::shown;
use crate::json::{Json, JsonError, Object};
use crate::name::{Namespace, PackageName};
use crate::sign::StatusAction;
use crate::target::Kind;
use crate::version::Version;
use serde::Serialize;

pub mod rank;

/// Where packages are searched for, below the API.
pub const PATH: &str = "search";
/// Bytes of a response at most.
pub const RESPONSE_LEN: u64 = 1024 * 1024;
/// Items of a page at most, and where nothing is said of it.
pub const MOST_ITEMS: u64 = 100;
/// See [`MOST_ITEMS`].
pub const DEFAULT_ITEMS: u64 = 20;
/// Bytes of what is looked for at most.
const TEXT_LEN: usize = 256;
/// Bytes of a cursor at most.
const CURSOR_LEN: usize = 512;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words; none means every package.
    pub text: String,
    /// Only packages of this namespace.
    pub namespace: Option<Namespace>,
    /// Only packages whose newest release has an artifact of this kind.
    pub kind: Option<Kind>,
    /// How many, from 1 to [`MOST_ITEMS`].
    pub limit: u64,
    /// Where an earlier page ended.
    pub cursor: Option<String>,
}

impl Default for SearchQuery {
    fn default() -> Self {
        Self { text: String::new(), namespace: None, kind: None, limit: DEFAULT_ITEMS, cursor: None }
    }
}

impl SearchQuery {
    /// Reads the query of an address. Parameters that are not known are ignored.
    ///
    /// # Errors
    /// [`JsonError`] naming the parameter that is malformed.
    pub fn parse(query: &str) -> Result<Self, JsonError> {
        let form = Form::parse(query.as_bytes())?;
        let text = form.get("q").unwrap_or_default();
        if text.len() > TEXT_LEN {
            return Err(shape("q", "at most 256 bytes"));
        }
        let namespace = form.get("namespace").map(Namespace::parse).transpose();
        let kind = form.get("kind").map(Kind::parse).transpose();
        Ok(Self {
            text: text.to_owned(),
            namespace: namespace.map_err(|_| shape("namespace", "the name of a namespace"))?,
            kind: kind.map_err(|_| shape("kind", "`vitmod` or `vitpkg`"))?,
            limit: limit(&form)?,
            cursor: cursor(&form)?,
        })
    }

    /// The query as it is sent.
    pub fn to_query(&self) -> String {
        let limit = self.limit.to_string();
        let mut fields = vec![("q", self.text.as_str()), ("limit", limit.as_str())];
        fields.extend(self.namespace.as_ref().map(|namespace| ("namespace", namespace.as_str())));
        fields.extend(self.kind.map(|kind| ("kind", kind.as_str())));
        fields.extend(self.cursor.as_deref().map(|cursor| ("cursor", cursor)));
        form::encode(&fields)
    }
}

/// The parameter `limit` of a query: how many items a page has.
///
/// # Errors
/// [`JsonError::Shape`] when it is no number from 1 to [`MOST_ITEMS`].
pub fn limit(form: &Form) -> Result<u64, JsonError> {
    let Some(given) = form.get("limit") else { return Ok(DEFAULT_ITEMS) };
    let plain = given.len() <= 3 && given.bytes().all(|byte| byte.is_ascii_digit());
    let limit = given.parse().ok().filter(|limit| plain && (1..=MOST_ITEMS).contains(limit));
    limit.ok_or_else(|| shape("limit", "a whole number from 1 to 100"))
}

/// The parameter `cursor` of a query: what a page before gave as `next`.
///
/// # Errors
/// [`JsonError::Shape`] when it is too long to be one.
pub fn cursor(form: &Form) -> Result<Option<String>, JsonError> {
    match form.get("cursor") {
        Some(cursor) if cursor.len() > CURSOR_LEN => Err(bad_cursor()),
        cursor => Ok(cursor.map(str::to_owned)),
    }
}

/// A cursor is not one that this query gave.
pub fn bad_cursor() -> JsonError {
    shape("cursor", "what an earlier page of the same query gave as `next`")
}

/// A package that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchItem {
    /// Its name.
    pub package: PackageName,
    /// Its newest version that is neither a pre-release nor yanked; if there is none, its newest.
    pub newest: Version,
    /// What it does, in a sentence.
    pub description: Option<String>,
    /// Its licence, an SPDX expression.
    pub license: Option<String>,
    /// The address of its sources.
    pub repository: Option<String>,
    /// Its keywords.
    pub keywords: Vec<String>,
    /// The kinds of artifacts of that version.
    pub kinds: Vec<Kind>,
    /// The last that was said of that version.
    pub status: Option<StatusAction>,
    /// When that version was published, in Unix seconds.
    pub published: u64,
    /// How many packages depend on it.
    pub dependents: u64,
}

/// A page of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchResults {
    /// Packages, the best match first.
    pub items: Vec<SearchItem>,
    /// How many were found, on all pages.
    pub total: u64,
    /// What the next page is asked for with; none behind the last.
    pub next: Option<String>,
}

impl SearchResults {
    /// Reads a response. Members that are not known are ignored, and texts are made fit for a terminal.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut object = Json::parse_object(bytes, 8)?;
        let item = |item| match item {
            Json::Object(item) => SearchItem::take(item),
            _ => Err(shape("items", "an array of objects")),
        };
        let items = object.list("items")?.into_iter().take(MOST_ITEMS as usize).map(item);
        let items = items.collect::<Result<_, _>>()?;
        Ok(Self { items, total: object.number("total")?, next: object.text_or_null("next")? })
    }

    /// The response, in one line.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::line(self)
    }
}

impl SearchItem {
    fn take(mut object: Object) -> Result<Self, JsonError> {
        let kind = |kind: String| Kind::parse(&kind).map_err(|_| shape("kinds", "`vitmod` or `vitpkg`"));
        let status = object.text_or_null("status")?;
        Ok(Self {
            package: package(&mut object, "package")?,
            newest: version(&mut object, "newest")?,
            description: text(&mut object, "description")?,
            license: text(&mut object, "license")?,
            repository: text(&mut object, "repository")?,
            keywords: object.texts("keywords")?.iter().map(|keyword| shown(keyword)).collect(),
            kinds: object.texts("kinds")?.into_iter().map(kind).collect::<Result<_, _>>()?,
            status: status.and_then(|status| StatusAction::parse(&status)),
            published: object.number("published")?,
            dependents: object.number("dependents")?,
        })
    }
}

pub(super) fn package(object: &mut Object, member: &'static str) -> Result<PackageName, JsonError> {
    PackageName::parse(&object.text(member)?).map_err(|_| shape(member, "the name of a package"))
}

pub(super) fn version(object: &mut Object, member: &'static str) -> Result<Version, JsonError> {
    Version::parse(&object.text(member)?).map_err(|_| shape(member, "a version"))
}

pub(super) fn text(object: &mut Object, member: &str) -> Result<Option<String>, JsonError> {
    Ok(object.text_or_null(member)?.map(|text| shown(&text)))
}

fn shape(member: &str, wanted: &'static str) -> JsonError {
    JsonError::Shape { member: member.to_owned(), wanted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_back_and_nonsense_is_named() {
        let query = SearchQuery {
            text: "Décodeur & co+".to_owned(),
            namespace: Some(Namespace::parse("acme").unwrap()),
            kind: Some(Kind::Vitmod),
            limit: 7,
            cursor: Some("a.b".to_owned()),
        };
        assert_eq!(SearchQuery::parse(&query.to_query()), Ok(query));
        assert_eq!(SearchQuery::parse(""), Ok(SearchQuery::default()));
        assert_eq!(SearchQuery::parse("utm_source=x"), Ok(SearchQuery::default()));
        let long = format!("q={}", "x".repeat(300));
        let cursor = format!("cursor={}", "x".repeat(600));
        for (bad, member) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=-1", "limit"),
            ("limit=%2B5", "limit"),
            ("kind=exe", "kind"),
            ("namespace=A", "namespace"),
            ("namespace=..%2Fx", "namespace"),
            ("q=a&q=b", "q"),
            (long.as_str(), "q"),
            (cursor.as_str(), "cursor"),
        ] {
            let error = SearchQuery::parse(bad).unwrap_err();
            assert!(
                matches!(&error, JsonError::Shape { member: named, .. } if named == member),
                "{bad}: {error:?}"
            );
        }
    }

    #[test]
    fn a_page_is_read_back_and_shows_nothing_that_moves_a_cursor() {
        let item = SearchItem {
            package: PackageName::parse("acme/json").unwrap(),
            newest: Version::parse("1.0.0").unwrap(),
            description: Some("Reads JSON".to_owned()),
            license: None,
            repository: Some("https://example.org/".to_owned()),
            keywords: vec!["json".to_owned()],
            kinds: vec![Kind::Vitmod],
            status: Some(StatusAction::Deprecate),
            published: 7,
            dependents: 3,
        };
        let page = SearchResults { items: vec![item], total: 40, next: Some("x".to_owned()) };
        assert_eq!(SearchResults::parse(&page.to_bytes()), Ok(page.clone()));
        let text = String::from_utf8(page.to_bytes()).unwrap();
        let evil = SearchResults::parse(text.replace("Reads", "\\u001b[2J").as_bytes()).unwrap();
        assert_eq!(evil.items[0].description.as_deref(), Some(" [2J JSON"));
        for (from, to) in [("acme/json\"", "../x\""), ("1.0.0", "one"), ("\"total\":40", "\"total\":\"x\"")] {
            assert!(SearchResults::parse(text.replacen(from, to, 1).as_bytes()).is_err(), "{from}");
        }
    }
}
