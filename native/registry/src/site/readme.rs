//! Readmes: Markdown of an author, as HTML that can do nothing but be read.
//!
//! Two steps, each of which would do by itself against scripts: the parser's own HTML, of which then only what a list
//! names is left. Images become links, since a page asks nothing of others; links leave the site with `nofollow
//! noopener ugc`, or lead to the package's own files.

use super::escape::{reveal, url_path};
use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use vitte_package_core::path::PackagePath;

/// What ids and fragments of a readme begin with: none is one of the page's own.
const PREFIX: &str = "readme-";
/// Bytes of HTML that a readme may come to.
const HTML_LEN: usize = 1024 * 1024;
/// How deep what is in it may be nested, and how many tags of the author's own it may have: a parser of HTML takes longer
/// with each level.
const DEPTH: usize = 48;
const TAGS: usize = 2_000;

/// Renders a readme. `files` is where the files of the package are, with a slash at the end; `folder` is the folder
/// that the readme lies in.
pub(crate) fn render(markdown: &str, files: &str, folder: &str) -> String {
    let markdown = reveal(markdown);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut events = Vec::new();
    let (mut depth, mut tags) = (0usize, 0usize);
    for event in Parser::new_ext(&markdown, options) {
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Html(html) | Event::InlineHtml(html) => tags += html.matches('<').count(),
            _ => {}
        }
        if depth > DEPTH || tags > TAGS {
            return as_written(&markdown);
        }
        events.push(match event {
            Event::Start(Tag::Image { dest_url, title, link_type, id }) => {
                Event::Start(Tag::Link { dest_url, title, link_type, id })
            }
            Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                Event::Start(Tag::Heading { level: lowered(level), id: None, classes, attrs })
            }
            Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lowered(level))),
            other => other,
        });
    }
    name_headings(&mut events);
    unnest_links(&mut events);
    let mut rendered = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut rendered, events.into_iter());
    if rendered.len() > HTML_LEN {
        // A few bytes of Markdown can come to many of HTML.
        return as_written(&markdown);
    }
    clean(&rendered, files, folder)
}

/// A readme that cannot be rendered in bounds: as it was written.
fn as_written(markdown: &str) -> String {
    format!("<pre tabindex=\"0\">{}</pre>", super::escape::text(markdown))
}

/// The readme's own headings begin at the third level: the page has those above.
fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

/// Gives every heading the id that links within readmes expect: its text in lower case, with hyphens.
fn name_headings(events: &mut [Event<'_>]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut at = 0;
    while at < events.len() {
        let is_start = matches!(events.get(at), Some(Event::Start(Tag::Heading { .. })));
        if is_start {
            let mut words = String::new();
            for event in events.iter().skip(at + 1) {
                match event {
                    Event::Text(text) | Event::Code(text) => words.push_str(text),
                    Event::End(TagEnd::Heading(_)) => break,
                    _ => {}
                }
            }
            let slug = slug(&words);
            let count = seen.entry(slug.clone()).or_default();
            let name = if *count == 0 { slug } else { format!("{slug}-{count}") };
            *count += 1;
            if let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(at)
                && !name.is_empty()
            {
                *id = Some(CowStr::from(name));
            }
        }
        at += 1;
    }
}

fn slug(words: &str) -> String {
    let kept = words.to_lowercase();
    let kept = kept.chars().filter_map(|character| match character {
        ' ' | '-' => Some('-'),
        '_' => Some('_'),
        character if character.is_alphanumeric() => Some(character),
        _ => None,
    });
    kept.take(64).collect()
}

/// Takes out links that lie within others: pictures that are links came to be such.
fn unnest_links(events: &mut Vec<Event<'_>>) {
    let mut depth = 0u32;
    events.retain(|event| match event {
        Event::Start(Tag::Link { .. }) => {
            depth += 1;
            depth == 1
        }
        Event::End(TagEnd::Link) => {
            depth = depth.saturating_sub(1);
            depth == 0
        }
        _ => true,
    });
}

fn clean(rendered: &str, files: &str, folder: &str) -> String {
    let (files, folder) = (files.to_owned(), folder.to_owned());
    let tags: HashSet<&str> = [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "dd",
        "del",
        "details",
        "dl",
        "dt",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "ul",
        "var",
    ]
    .into();
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .clean_content_tags(["script", "style", "template", "textarea", "title", "noscript"].into())
        .generic_attributes(["id", "dir", "lang", "title"].into())
        .tag_attributes([("a", ["href"].into()), ("ol", ["start"].into())].into())
        .id_prefix(Some(PREFIX))
        .link_rel(Some("nofollow noopener ugc"))
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(UrlRelative::Custom(Box::new(Within { files, folder })));
    let cleaned = builder.clean(rendered).to_string();
    // What may be wider than the page scrolls by itself, which the keyboard must be able to do as well.
    cleaned.replace("<pre>", "<pre tabindex=\"0\">")
}

/// Where relative addresses of a readme lead.
struct Within {
    files: String,
    folder: String,
}

impl ammonia::UrlRelativeEvaluate<'_> for Within {
    fn evaluate<'url>(&self, address: &'url str) -> Option<Cow<'url, str>> {
        within(address, &self.files, &self.folder)
    }
}

/// Where a relative address of a readme leads: to a heading of the readme or to a file of the package.
fn within<'a>(address: &str, files: &str, folder: &str) -> Option<Cow<'a, str>> {
    if let Some(fragment) = address.strip_prefix('#') {
        let is_plain =
            !fragment.is_empty() && fragment.chars().all(|c| c.is_alphanumeric() || "-_%".contains(c));
        return is_plain.then(|| Cow::Owned(format!("#{PREFIX}{fragment}")));
    }
    // Another site, or the top of this one: neither is a file of the package.
    if address.starts_with('/') || address.contains(['\\', ':']) {
        return None;
    }
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path = super::escape::decode(path)?;
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    let path = PackagePath::parse(&parts.join("/")).ok()?;
    Some(Cow::Owned(format!("{files}{}", url_path(path.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(markdown: &str) -> String {
        render(markdown, "/acme/one/1.0.0/files/", "docs")
    }

    #[test]
    fn markdown_becomes_plain_html() {
        let html = shown(
            "# One\n\nSums of *all* sorts, `code`.\n\n| a | b |\n|-|-|\n| 1 | 2 |\n\n```vitte\nlet x = 1 < 2\n```\n",
        );
        for part in [
            "<h3 id=\"readme-one\">One</h3>",
            "<em>all</em>",
            "<code>code</code>",
            "<td>2</td>",
            "<pre tabindex=\"0\"><code>let x = 1 &lt; 2\n</code></pre>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let twice = shown("## Same\n\n## Same\n\n## L'été & `x`\n");
        for id in ["readme-same\"", "readme-same-1\"", "readme-lété--x\""] {
            assert!(twice.contains(id), "{id}: {twice}");
        }
    }

    #[test]
    fn nothing_of_a_readme_runs_loads_or_hides() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "![x](https://evil.example/pixel.png)",
            "<a href=\"javascript:alert(1)\">x</a>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](vbscript:x)",
            "<style>body{display:none}</style>",
            "<p style=\"position:fixed\" class=\"trust\" onclick=\"x()\">x</p>",
            "<form action=/sign-in><input name=password></form>",
            "<iframe src=https://evil.example></iframe>",
            "<svg><script>alert(1)</script></svg>",
            "<svg><use href=\"#verified\"/></svg>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<vitte-verify package=\"a/b\">x</vitte-verify>",
            "<base href=https://evil.example>",
            "<meta http-equiv=refresh content=0>",
            "<link rel=stylesheet href=https://evil.example/x.css>",
            "<div data-state=\"verified\">✔</div>",
            "<p id=\"main\">x</p>",
            "<!-- <b> -->",
            "<![CDATA[<script>alert(1)</script>]]>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        ] {
            let html = shown(hostile);
            let lower = html.to_ascii_lowercase();
            for never in [
                "<script",
                "onerror=",
                "onclick=",
                "<img",
                "href=\"javascript",
                "href=\"data",
                "href=\"vbscript",
                "<style",
                "style=",
                "class=",
                "<form",
                "<input",
                "<iframe",
                "<svg",
                "<math",
                "<vitte",
                "<base",
                "<meta",
                "<link",
                "data-state",
                "id=\"main\"",
            ] {
                assert!(!lower.contains(never), "{hostile}: {never}: {html}");
            }
        }
        let hidden = shown("evil \u{202e}txt.exe\u{2069} [a\u{202e}b](https://a.example/\u{202e})");
        assert!(
            !hidden.contains(['\u{202e}', '\u{2069}']) && hidden.contains("[U+202E]txt.exe[U+2069]"),
            "{hidden}"
        );
    }

    #[test]
    fn links_leave_marked_or_lead_to_files() {
        for (given, expected) in [
            (
                "[x](https://a.example/b)",
                "<a href=\"https://a.example/b\" rel=\"nofollow noopener ugc\">x</a>",
            ),
            ("[x](mailto:a@b.example)", "<a href=\"mailto:a@b.example\" rel=\"nofollow noopener ugc\">x</a>"),
            ("[x](guide.md#top)", "href=\"/acme/one/1.0.0/files/docs/guide.md\""),
            ("[x](../src/a%20b.vit)", "href=\"/acme/one/1.0.0/files/src/a%20b.vit\""),
            ("[x](#Part-One)", "href=\"#readme-Part-One\""),
            (
                "![a picture](https://a.example/x.png)",
                "<a href=\"https://a.example/x.png\" rel=\"nofollow noopener ugc\">a picture</a>",
            ),
            (
                "[![badge](b.svg)](https://a.example)",
                "<a href=\"https://a.example\" rel=\"nofollow noopener ugc\">badge</a>",
            ),
        ] {
            let html = shown(given);
            assert!(html.contains(expected), "{given}: {html}");
        }
        for nowhere in
            ["[x](/sign-out)", "[x](//evil.example)", "[x](../../../etc/passwd)", "[x](\\\\evil)", "[x](#)"]
        {
            let html = shown(nowhere);
            assert!(!html.contains("href"), "{nowhere}: {html}");
        }
    }

    #[test]
    fn what_is_deep_or_long_has_an_end() {
        for deep in [">", "<b>", "- ", "<table><tr><td>"] {
            let html = shown(&format!("{}x", deep.repeat(4_000)));
            assert!(html.starts_with("<pre tabindex=\"0\">") && html.ends_with("x</pre>"), "{deep}");
        }
        let many = "[a]: /b\n".repeat(3_000) + &"[a]".repeat(3_000);
        assert!(shown(&many).len() < 2 * HTML_LEN);
        let wide = format!("|{}\n|{}\n{}", "a|".repeat(500), "-|".repeat(500), "|\n".repeat(5_000));
        assert!(shown(&wide).len() < 2 * HTML_LEN, "short rows of a wide table");
    }
}
