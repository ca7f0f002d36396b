//! Searching, on every kind of database.

use super::{Packages, Shown};
use crate::database::{Statement, tests::databases, values};
use vitte_package_core::api::search::{SearchQuery, SearchResults};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::target::Kind;

fn shown(description: &str, keywords: &str, kinds: &str) -> Shown {
    Shown {
        newest: "1.2.0".to_owned(),
        kinds: kinds.to_owned(),
        published: 7,
        created: 3,
        releases: 2,
        description: Some(description.to_owned()),
        license: Some("MIT".to_owned()),
        keywords: keywords.replace(' ', "\n"),
        ..Shown::default()
    }
}

async fn add(packages: &Packages, namespace: &str, rows: &[(&str, &str, &str, &str)]) {
    let of = |name: &str| PackageName::parse(&format!("{namespace}/{name}")).unwrap();
    let statements = rows
        .iter()
        .map(|(name, description, keywords, kinds)| shown(description, keywords, kinds).statement(&of(name)));
    packages.database.write(statements.collect()).await.unwrap();
}

fn names(found: &SearchResults) -> Vec<&str> {
    found.items.iter().map(|item| item.package.base()).collect()
}

#[tokio::test]
async fn what_is_looked_for_is_found_alike_in_every_database() {
    for (number, database) in databases("search").await.into_iter().enumerate() {
        let packages = Packages::new(database);
        let namespace = format!("t{}n{number}", std::process::id());
        let rows = [
            ("json", "Reads and writes JSON", "json parser", "vitmod"),
            ("json-path", "Finds things in documents", "json query", "vitmod"),
            ("fast-json", "JSON, faster", "json", "vitmod vitpkg"),
            ("toml", "A parser of TOML", "toml config", "vitmod"),
            ("serialize", "Writes anything as json or toml", "", "vitmod"),
            ("vitte-math", "Sums, éléments and matrices", "algèbre", "vitpkg"),
            ("compressor", "Makes things smaller", "zip", "vitpkg"),
        ];
        add(&packages, &namespace, &rows).await;
        let popular = "UPDATE packages SET dependents = 5 WHERE name = $1";
        let popular = Statement::new(popular, values![format!("{namespace}/fast-json")]);
        packages.database.write(vec![popular]).await.unwrap();
        let within = Namespace::parse(&namespace).unwrap();
        let query = |text: &str| SearchQuery {
            text: text.to_owned(),
            namespace: Some(within.clone()),
            ..SearchQuery::default()
        };
        for (text, expected) in [
            // The name; what begins so; what has it in the name, the most used first; in the description.
            ("json", &["json", "json-path", "fast-json", "serialize"][..]),
            ("JSON", &["json", "json-path", "fast-json", "serialize"]),
            (&format!("{namespace}/json"), &["json", "fast-json", "json-path", "serialize"]),
            ("json parser", &["json"]),
            ("parser", &["json", "toml"]),
            ("elements", &["vitte-math"]),
            ("algebre", &["vitte-math"]),
            ("éLÉ sum", &["vitte-math"]),
            // Slips of the pen.
            ("jsno", &["fast-json", "json", "json-path"]),
            ("vite-math", &["vitte-math"]),
            ("compresor", &["compressor"]),
            ("comprssr", &["compressor"]),
            ("ressor", &["compressor"]),
            ("nothing of this sort", &[]),
            ("\" NOT ^zzz*", &[]),
            ("-", &[]),
            ("a:* & !b | (", &[]),
            ("नमस्ते", &[]),
        ] {
            let found = packages.find(&query(text)).await.unwrap();
            assert_eq!(names(&found), expected, "{text} in database {number}");
            assert_eq!((found.total, found.next), (expected.len() as u64, None), "{text}");
        }
        let all = packages.find(&query("")).await.unwrap();
        let expected = ["fast-json", "compressor", "json", "json-path", "serialize", "toml", "vitte-math"];
        assert_eq!((names(&all), all.total), (expected.to_vec(), 7));
        let binaries = SearchQuery { kind: Some(Kind::Vitpkg), ..query("json") };
        assert_eq!(names(&packages.find(&binaries).await.unwrap()), ["fast-json"]);
        let item = &all.items[0];
        assert_eq!((item.description.as_deref(), item.dependents), (Some("JSON, faster"), 5));
        assert_eq!(item.kinds, [Kind::Vitmod, Kind::Vitpkg]);

        // Page by page the same list, though something comes in before it meanwhile.
        for text in ["json", "", "jsno"] {
            let whole = packages.find(&query(text)).await.unwrap();
            let mut pages: Vec<String> = Vec::new();
            let mut next = None;
            loop {
                let page = SearchQuery { limit: 1, cursor: next, ..query(text) };
                let page = packages.find(&page).await.unwrap();
                pages.extend(names(&page).into_iter().map(str::to_owned));
                assert!(pages.len() <= whole.items.len(), "{text}: it has no end");
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            assert_eq!(pages, names(&whole), "{text}");
        }
        let first = packages.find(&SearchQuery { limit: 1, ..query("json") }).await.unwrap();
        let foreign = SearchQuery { cursor: first.next, ..query("toml") };
        assert!(packages.find(&foreign).await.is_err(), "the cursor of another query");
    }
}

#[tokio::test]
async fn what_is_said_again_takes_the_place_of_what_was_said() {
    for (number, database) in databases("said-again").await.into_iter().enumerate() {
        let packages = Packages::new(database);
        let namespace = format!("a{}n{number}", std::process::id());
        add(&packages, &namespace, &[("one", "Reads JSON", "json", "vitmod")]).await;
        add(&packages, &namespace, &[("one", "Reads TOML", "toml", "vitmod")]).await;
        let within = Namespace::parse(&namespace).ok();
        for (text, expected) in [("json", 0), ("toml", 1)] {
            let query =
                SearchQuery { text: text.to_owned(), namespace: within.clone(), ..SearchQuery::default() };
            assert_eq!(packages.find(&query).await.unwrap().total, expected, "{text}");
        }
    }
}
