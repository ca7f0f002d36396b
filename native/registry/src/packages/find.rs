//! Search. The database finds candidates, by the words, prefixes and three-letter sequences that it keeps an index of;
//! how they rank is core's rule, for both databases alike.
//!
//! The work is bounded: at most [`CANDIDATES`] of each sort are ranked, whatever is looked for. Those whose name matches
//! are found first, and the exact name always.

use super::Packages;
use crate::database::{Dialect, Row, Value, values};
use crate::error::{Error, Result};
use crate::rights::Patterns;
use std::collections::{BTreeMap, BTreeSet};
use vitte_package_core::api::search::rank::{DESCRIBED, Terms};
use vitte_package_core::api::search::{SearchItem, SearchQuery, SearchResults, bad_cursor};
use vitte_package_core::digest::Digest;
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::StatusAction;
use vitte_package_core::target::Kind;
use vitte_package_core::version::Version;

/// Packages that are ranked at most, of those whose names match and of all others.
const CANDIDATES: u64 = 1000;
/// Packages whose names begin with what is looked for, that are found whatever else matches: the exact name comes first.
const BEGINNING: u64 = 200;
/// Where fewer than this match, those follow that are like what is looked for.
const FEW: usize = 10;
/// Packages that are compared letter by letter at most.
const ALIKE: u64 = 1000;
/// Packages that are one slip away, or the likest where the database says which those are, that are ranked at most.
const SIMILAR: u64 = 300;
/// Letters of a word of which every misspelling is looked up; longer ones have three-letter sequences left.
const SHORT: usize = 8;
/// Words whose misspellings are looked up.
const MISSPELT_WORDS: usize = 3;

/// Where a page ended: what is behind it comes next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rank: u8,
    /// Counted down, so that the order is that of the list.
    fewer: u64,
    name: String,
}

/// A package that may be what is looked for.
struct Candidate {
    place: Place,
    id: i64,
}

impl Packages {
    /// Finds packages.
    ///
    /// # Errors
    /// `json` for a cursor that is not of this query; those of the database.
    pub(crate) async fn find(&self, query: &SearchQuery) -> Result<SearchResults> {
        self.find_among(query, None).await
    }

    /// As [`Packages::find`], only packages that these patterns cover. Where they are of several namespaces, and there are
    /// more candidates than are ranked, some may be missing.
    ///
    /// # Errors
    /// As [`Packages::find`].
    pub(crate) async fn find_for(&self, query: &SearchQuery, patterns: &Patterns) -> Result<SearchResults> {
        let namespace = query.namespace.clone().or_else(|| patterns.only_namespace().cloned());
        self.find_among(&SearchQuery { namespace, ..query.clone() }, Some(patterns)).await
    }

    async fn find_among(&self, query: &SearchQuery, patterns: Option<&Patterns>) -> Result<SearchResults> {
        let after = query.cursor.as_deref().map(|cursor| Place::parse(cursor, query)).transpose()?;
        let terms = Terms::new(&query.text);
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let (mut found, total) = match (query.text.trim().is_empty(), patterns) {
            (true, None) => self.all(query, after.as_ref()).await?,
            (true, Some(patterns)) => {
                // The first of them all, and what is covered among those.
                let whole = SearchQuery { limit: CANDIDATES, ..query.clone() };
                let (found, _) = self.all(&whole, None).await?;
                covered(found, Some(patterns))
            }
            (false, patterns) => covered(self.candidates(query, &terms).await?, patterns),
        };
        found.sort_by(|one, other| one.place.cmp(&other.place));
        if let Some(after) = &after {
            found.retain(|candidate| candidate.place > *after);
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let items = self.items(&found).await?;
        let next = found.last().filter(|_| more).map(|last| last.place.to_cursor(query));
        Ok(SearchResults { items, total, next })
    }

    /// Every package, or all of a namespace: as many as a page may need.
    async fn all(&self, query: &SearchQuery, after: Option<&Place>) -> Result<(Vec<Candidate>, u64)> {
        let kind = like(query.kind);
        let (fewer, name) = after.map_or((0, ""), |after| (after.fewer, after.name.as_str()));
        let dependents = u64::MAX - fewer;
        let limit = query.limit + 1;
        let (rows, count) = match &query.namespace {
            None => {
                let sql = "SELECT id, name, dependents FROM packages WHERE kinds LIKE $1 \
                           AND (dependents < $2 OR (dependents = $2 AND name > $3)) \
                           ORDER BY dependents DESC, name LIMIT $4";
                let rows = self.database.query(sql, values![&kind, dependents, name, limit]).await?;
                let sql = "SELECT count(*) FROM packages WHERE kinds LIKE $1";
                (rows, self.database.one(sql, values![kind]).await?)
            }
            Some(namespace) => {
                let namespace = namespace.as_str();
                let sql = "SELECT id, name, dependents FROM packages WHERE namespace = $1 AND kinds LIKE $2 \
                           AND (dependents < $3 OR (dependents = $3 AND name > $4)) \
                           ORDER BY dependents DESC, name LIMIT $5";
                let values = values![namespace, &kind, dependents, name, limit];
                let rows = self.database.query(sql, values).await?;
                let sql = "SELECT count(*) FROM packages WHERE namespace = $1 AND kinds LIKE $2";
                (rows, self.database.one(sql, values![namespace, kind]).await?)
            }
        };
        let candidate = |row: &Row| {
            let place = Place { rank: 0, fewer: u64::MAX - row.seconds(2)?, name: row.text(1)? };
            Ok(Candidate { place, id: row.integer(0)? })
        };
        let found = rows.iter().map(candidate).collect::<Result<_>>()?;
        Ok((found, count.map_or(Ok(0), |row| row.seconds(0))?))
    }

    /// Those that match, and where they are few, those that are like it.
    async fn candidates(&self, query: &SearchQuery, terms: &Terms) -> Result<Vec<Candidate>> {
        let dialect = self.database.dialect();
        let namespace = query.namespace.as_ref().map_or("", |namespace| namespace.as_str());
        let kind = like(query.kind);
        let mut found: BTreeMap<i64, Candidate> = BTreeMap::new();
        let mut add = |rows: &[Row], ranked: &dyn Fn(&PackageName, &[&str]) -> Option<u8>| {
            for row in rows {
                let (id, name, keywords) = (row.integer(0)?, row.text(1)?, row.text(2)?);
                let Ok(package) = PackageName::parse(&name) else { continue };
                let keywords: Vec<&str> = keywords.split(' ').filter(|word| !word.is_empty()).collect();
                let Some(rank) = ranked(&package, &keywords) else { continue };
                let place = Place { rank, fewer: u64::MAX - row.seconds(3)?, name };
                found.entry(id).or_insert(Candidate { place, id });
            }
            Ok::<_, Error>(found.len())
        };
        let matching =
            |package: &PackageName, keywords: &[&str]| terms.rank(package, keywords).or(Some(DESCRIBED));
        if let Some((from, to)) = range_of(terms.joined()) {
            let values = values![from, to, namespace, &kind, BEGINNING];
            add(&self.database.query(BY_BASE, values).await?, &matching)?;
        }
        let mut count = 0;
        for among in [Among::Names, Among::Everything] {
            let Some(words) = matches_of(dialect, terms.words(), among, query) else { break };
            let values = values![words, namespace, &kind, CANDIDATES];
            count = add(&self.database.query(by_words(dialect), values).await?, &matching)?;
        }
        if count < FEW {
            let near = |package: &PackageName, keywords: &[&str]| terms.rank_near(package, keywords);
            if let Some(words) = misspellings(dialect, terms.words()) {
                let values = values![words, namespace, &kind, SIMILAR];
                add(&self.database.query(by_words(dialect), values).await?, &near)?;
            }
            if let Some(values) = self.sequences(terms, namespace, &kind).await? {
                add(&self.database.query(by_sequences(dialect), values).await?, &near)?;
            }
        }
        Ok(found.into_values().collect())
    }

    /// The values by which packages are found that share a sequence of three letters with what is looked for. In SQLite
    /// they are the rarest sequences, of as many packages as are compared: the others tell little, and take long to read.
    async fn sequences(&self, terms: &Terms, namespace: &str, kind: &str) -> Result<Option<Vec<Value>>> {
        let mut sequences: BTreeSet<String> = BTreeSet::new();
        for word in terms.words() {
            let letters: Vec<char> = word.chars().collect();
            sequences.extend(letters.windows(3).map(|three| three.iter().collect::<String>()));
        }
        if sequences.is_empty() {
            return Ok(None);
        }
        if self.database.dialect() == Dialect::Postgres {
            let any: Vec<_> = sequences.into_iter().collect();
            let (any, words) = (any.join("|"), terms.words().join(" "));
            return Ok(Some(values![any, namespace, kind, ALIKE, words, SIMILAR]));
        }
        // Letters and digits alone: nothing in them ends the quotes.
        let list: Vec<_> = sequences.iter().map(|three| format!("\"{three}\"")).collect();
        let sql = "SELECT counts.term, counts.doc FROM json_each('[' || $1 || ']') AS wanted \
                   JOIN package_trigram_counts AS counts ON counts.term = wanted.value ORDER BY counts.doc";
        let counts = self.database.query(sql, values![list.join(",")]).await?;
        let (mut rarest, mut together) = (Vec::new(), 0);
        for row in &counts {
            together += row.seconds(1)?;
            if !rarest.is_empty() && together > ALIKE {
                break;
            }
            rarest.push(format!("\"{}\"", row.text(0)?));
        }
        let found = !rarest.is_empty();
        Ok(found.then(|| values![rarest.join(" OR "), namespace, kind, ALIKE]))
    }

    /// What is shown of packages, in this order.
    async fn items(&self, found: &[Candidate]) -> Result<Vec<SearchItem>> {
        let sql = match self.database.dialect() {
            Dialect::Sqlite => {
                "SELECT name, newest, kinds, status, published, dependents, description, license, repository, keywords, \
                 id FROM packages WHERE id IN (SELECT value FROM json_each('[' || $1 || ']'))"
            }
            Dialect::Postgres => {
                "SELECT name, newest, kinds, status, published, dependents, description, license, repository, keywords, \
                 id FROM packages WHERE id = ANY (string_to_array($1, ',')::bigint[])"
            }
        };
        let ids: Vec<_> = found.iter().map(|candidate| candidate.id.to_string()).collect();
        let rows = self.database.query(sql, values![ids.join(",")]).await?;
        let mut items: BTreeMap<i64, SearchItem> = BTreeMap::new();
        for row in &rows {
            let (Ok(package), Ok(newest)) =
                (PackageName::parse(&row.text(0)?), Version::parse(&row.text(1)?))
            else {
                continue;
            };
            let (kinds, status, keywords) = (row.text(2)?, row.maybe_text(3)?, row.text(9)?);
            let item = SearchItem {
                package,
                newest,
                description: row.maybe_text(6)?,
                license: row.maybe_text(7)?,
                repository: row.maybe_text(8)?,
                keywords: keywords.lines().map(str::to_owned).collect(),
                kinds: kinds.split(' ').filter_map(|kind| Kind::parse(kind).ok()).collect(),
                status: status.and_then(|status| StatusAction::parse(&status)),
                published: row.seconds(4)?,
                dependents: row.seconds(5)?,
            };
            items.insert(row.integer(10)?, item);
        }
        Ok(found.iter().filter_map(|candidate| items.remove(&candidate.id)).collect())
    }
}

/// Those that patterns cover, and how many they are.
fn covered(mut found: Vec<Candidate>, patterns: Option<&Patterns>) -> (Vec<Candidate>, u64) {
    if let Some(patterns) = patterns {
        let covers = |name: &str| PackageName::parse(name).is_ok_and(|package| patterns.cover(&package));
        found.retain(|candidate| covers(&candidate.place.name));
    }
    let total = found.len() as u64;
    (found, total)
}

impl Place {
    /// What it says of the query that it is a place in.
    fn fingerprint(query: &SearchQuery) -> String {
        let SearchQuery { text, namespace, kind, .. } = query;
        let kind = kind.map_or("", |kind| kind.as_str());
        let namespace = namespace.as_ref().map_or("", |namespace| namespace.as_str());
        let digest = Digest::of(format!("{kind}\n{namespace}\n{text}").as_bytes()).to_string();
        digest.chars().take(12).collect()
    }

    fn to_cursor(&self, query: &SearchQuery) -> String {
        let Self { rank, fewer, name } = self;
        format!("{}.{rank}.{}.{name}", Self::fingerprint(query), u64::MAX - fewer)
    }

    fn parse(cursor: &str, query: &SearchQuery) -> Result<Self> {
        let read = || {
            let mut parts = cursor.splitn(4, '.');
            let of_query = parts.next()? == Self::fingerprint(query);
            let (rank, dependents): (u8, u64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let name = PackageName::parse(parts.next()?).ok()?.to_string();
            let place = Self { rank, fewer: u64::MAX - dependents, name };
            // One reading of every cursor: no signs, no zeros in front.
            (of_query && place.to_cursor(query) == cursor).then_some(place)
        };
        read().ok_or_else(|| Error::from(bad_cursor()))
    }
}

/// What the kinds of a package must be like.
fn like(kind: Option<Kind>) -> String {
    kind.map_or_else(|| "%".to_owned(), |kind| format!("%{}%", kind.as_str()))
}

/// Packages whose names begin so, the exact name first.
const BY_BASE: &str = "SELECT id, name, keyword_words, dependents FROM packages \
                       WHERE base >= $1 AND base < $2 AND ($3 = '' OR namespace = $3) AND kinds LIKE $4 \
                       ORDER BY base LIMIT $5";

fn by_words(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "SELECT p.id, p.name, p.keyword_words, p.dependents FROM package_words AS w \
             JOIN packages AS p ON p.id = w.rowid \
             WHERE package_words MATCH $1 AND ($2 = '' OR p.namespace = $2) AND p.kinds LIKE $3 LIMIT $4"
        }
        Dialect::Postgres => {
            "SELECT id, name, keyword_words, dependents FROM packages \
             WHERE words @@ to_tsquery('simple', $1) AND ($2 = '' OR namespace = $2) AND kinds LIKE $3 LIMIT $4"
        }
    }
}

fn by_sequences(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "SELECT p.id, p.name, p.keyword_words, p.dependents FROM package_trigrams AS t \
             JOIN packages AS p ON p.id = t.rowid \
             WHERE package_trigrams MATCH $1 AND ($2 = '' OR p.namespace = $2) AND p.kinds LIKE $3 LIMIT $4"
        }
        // The packages are found by the index; how like they are is found out of so many only.
        Dialect::Postgres => {
            "SELECT id, name, keyword_words, dependents FROM (\
                 SELECT id, name, keyword_words, dependents, name_words || ' ' || keyword_words AS all_words \
                 FROM packages WHERE (name_words || ' ' || keyword_words) ~ $1 AND ($2 = '' OR namespace = $2) \
                 AND kinds LIKE $3 LIMIT $4\
             ) AS alike ORDER BY similarity(all_words, $5) DESC LIMIT $6"
        }
    }
}

/// The texts that begin so: from one up to another.
fn range_of(start: &str) -> Option<(String, String)> {
    // Names are ASCII, and `~` is behind all that they have.
    let plain = !start.is_empty() && start.is_ascii();
    plain.then(|| (start.to_owned(), format!("{start}~")))
}

/// Where words are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    Names,
    Everything,
}

/// All words, each the beginning of one that is there. Words are letters and digits alone.
fn matches_of(dialect: Dialect, words: &[String], among: Among, query: &SearchQuery) -> Option<String> {
    if words.is_empty() {
        return None;
    }
    let namespace = query.namespace.as_ref().map(|namespace| Terms::new(namespace.as_str()));
    let namespace = namespace.as_ref().map(Terms::words).unwrap_or_default();
    Some(match dialect {
        Dialect::Sqlite => {
            let all = |words: &[String]| {
                words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" AND ")
            };
            let mut text = match among {
                Among::Names => format!("{{name_words}} : ({})", all(words)),
                Among::Everything => format!("({})", all(words)),
            };
            if !namespace.is_empty() {
                text.push_str(&format!(" AND {{name_words}} : ({})", all(namespace)));
            }
            text
        }
        Dialect::Postgres => {
            let weight = if among == Among::Names { "A" } else { "" };
            let words = words.iter().map(|word| format!("{word}:*{weight}"));
            words.chain(namespace.iter().map(|word| format!("{word}:*A"))).collect::<Vec<_>>().join(" & ")
        }
    })
}

/// All words or what is one slip away from them, among names and keywords; none where a word is too long for that.
fn misspellings(dialect: Dialect, words: &[String]) -> Option<String> {
    let short = |word: &String| (3..=SHORT).contains(&word.len()) && word.is_ascii();
    if words.is_empty() || words.len() > MISSPELT_WORDS || !words.iter().all(short) {
        return None;
    }
    let groups = words.iter().map(|word| {
        let slips = slips_of(word.as_bytes());
        match dialect {
            Dialect::Sqlite => {
                let any: Vec<_> = slips.iter().map(|word| format!("\"{word}\"")).collect();
                format!("({})", any.join(" OR "))
            }
            Dialect::Postgres => {
                let any: Vec<_> = slips.iter().map(|word| format!("{word}:AB")).collect();
                format!("({})", any.join(" | "))
            }
        }
    });
    let groups: Vec<_> = groups.collect();
    Some(match dialect {
        Dialect::Sqlite => format!("{{name_words keyword_words}} : ({})", groups.join(" AND ")),
        Dialect::Postgres => groups.join(" & "),
    })
}

/// A word, and all that one slip makes of it.
fn slips_of(word: &[u8]) -> BTreeSet<String> {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut slips = BTreeSet::new();
    let mut keep = |bytes: Vec<u8>| _ = slips.insert(String::from_utf8(bytes).unwrap_or_default());
    for at in 0..=word.len() {
        let (front, back) = word.split_at(at);
        for letter in LETTERS {
            keep([front, &[*letter], back].concat());
            if let Some((_, rest)) = back.split_first() {
                keep([front, &[*letter], rest].concat());
            }
        }
        if let Some((_, rest)) = back.split_first() {
            keep([front, rest].concat());
        }
        if let [one, other, rest @ ..] = back {
            keep([front, &[*other, *one], rest].concat());
        }
    }
    slips
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitte_package_core::api::search::rank::NEAR;

    #[test]
    fn a_cursor_is_of_its_query_and_of_no_other_form() {
        let query = SearchQuery { text: "json".to_owned(), ..SearchQuery::default() };
        let place = Place { rank: NEAR, fewer: u64::MAX - 3, name: "acme/json".to_owned() };
        let cursor = place.to_cursor(&query);
        assert_eq!(Place::parse(&cursor, &query).unwrap(), place);
        let other = SearchQuery { text: "xml".to_owned(), ..query.clone() };
        assert!(Place::parse(&cursor, &other).is_err(), "of another query");
        for bad in [
            String::new(),
            "x".to_owned(),
            cursor.replace(".3.", ".03."),
            cursor.replace(".3.", ".+3."),
            cursor.replace(".3.", ".-3."),
            cursor.replace("acme", "../x"),
            format!("{cursor}.x"),
        ] {
            assert!(Place::parse(&bad, &query).is_err(), "{bad}");
        }
        let better = Place { fewer: u64::MAX - 4, ..place.clone() };
        assert!(better < place && Place { rank: 0, ..place.clone() } < better);
    }

    #[test]
    fn slips_are_those_of_a_pen() {
        let slips = slips_of(b"jsno");
        for word in ["json", "jsno", "jno", "jsnow", "asno", "js1no"] {
            assert!(slips.contains(word), "{word}");
        }
        assert!(!slips.contains("xml"));
        assert_eq!(misspellings(Dialect::Sqlite, &["serialisation".to_owned()]), None);
    }
}
