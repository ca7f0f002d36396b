//! Source text in colours: Vitte, TOML, JSON and Markdown. A piece of text becomes an escaped piece of HTML in a `span`
//! with a class of one letter; whatever is not understood stays plain text.

use super::escape;

/// A language that is told apart by the ending of a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grammar {
    Vitte,
    Toml,
    Json,
    Markdown,
}

const KEYWORDS: [&str; 48] = [
    "and",
    "as",
    "asm",
    "at",
    "bool",
    "break",
    "case",
    "const",
    "continue",
    "else",
    "entry",
    "enum",
    "export",
    "extern",
    "false",
    "fn",
    "for",
    "form",
    "give",
    "if",
    "import",
    "in",
    "int",
    "is",
    "let",
    "loop",
    "match",
    "module",
    "mut",
    "not",
    "or",
    "otherwise",
    "pick",
    "proc",
    "pub",
    "return",
    "select",
    "share",
    "space",
    "string",
    "struct",
    "trait",
    "true",
    "type",
    "unsafe",
    "use",
    "when",
    "while",
];

/// What goes on at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Nothing,
    /// A comment between `/*` and `*/`.
    Comment,
    /// A string of several lines, with its end.
    Long(&'static str),
    /// A block of code of Markdown, with its fence.
    Fence(&'static str),
}

/// The lines of a file, from its first on.
#[derive(Debug)]
pub(crate) struct Highlighter {
    grammar: Option<Grammar>,
    open: Open,
}

impl Highlighter {
    /// By the name of the file.
    pub(crate) fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default();
        let grammar = match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("vit" | "vitte") => Some(Grammar::Vitte),
            Some("toml") => Some(Grammar::Toml),
            Some("json") => Some(Grammar::Json),
            Some("md") => Some(Grammar::Markdown),
            _ if name == "vitte.lock" => Some(Grammar::Toml),
            _ => None,
        };
        Self { grammar, open: Open::Nothing }
    }

    /// The next line as HTML.
    pub(crate) fn line(&mut self, line: &str) -> String {
        match self.grammar {
            None => escape::text(line),
            Some(Grammar::Markdown) => self.markdown(line),
            Some(grammar) => self.code(grammar, line),
        }
    }

    fn markdown(&mut self, line: &str) -> String {
        let start = line.trim_start();
        let fence = ["```", "~~~"].into_iter().find(|fence| start.starts_with(fence));
        match (self.open, fence) {
            (Open::Fence(open), Some(fence)) if open == fence => {
                self.open = Open::Nothing;
                span('c', line)
            }
            (Open::Fence(_), _) => span('s', line),
            (_, Some(fence)) => {
                self.open = Open::Fence(fence);
                span('c', line)
            }
            _ if start.starts_with('#') => span('k', line),
            _ if start.starts_with('>') => span('c', line),
            _ => ticked(line),
        }
    }

    fn code(&mut self, grammar: Grammar, line: &str) -> String {
        let mut html = String::with_capacity(line.len() * 2);
        let mut rest = line;
        let mut is_first = true;
        while let Some(next) = rest.chars().next() {
            let (class, end) = self.token(grammar, rest, next, is_first);
            let (token, after) = rest.split_at(end.clamp(next.len_utf8(), rest.len()));
            match class {
                Some(class) => html.push_str(&span(class, token)),
                None => html.push_str(&escape::text(token)),
            }
            is_first &= token.trim().is_empty();
            rest = after;
        }
        html
    }

    /// The class of the next token, and where it ends.
    fn token(&mut self, grammar: Grammar, rest: &str, next: char, is_first: bool) -> (Option<char>, usize) {
        match self.open {
            Open::Comment => return (Some('c'), self.until(rest, 0, "*/")),
            Open::Long(end) => return (Some('s'), self.until(rest, 0, end)),
            Open::Nothing | Open::Fence(_) => {}
        }
        let is_vitte = grammar == Grammar::Vitte;
        if is_vitte && rest.starts_with("//") || grammar == Grammar::Toml && next == '#' {
            return (Some('c'), rest.len());
        }
        if is_vitte && rest.starts_with("/*") {
            self.open = Open::Comment;
            return (Some('c'), self.until(rest, 2, "*/"));
        }
        if grammar == Grammar::Toml {
            for quotes in ["\"\"\"", "'''"] {
                if rest.starts_with(quotes) {
                    self.open = Open::Long(quotes);
                    return (Some('s'), self.until(rest, 3, quotes));
                }
            }
            if is_first && next == '[' {
                let end = rest.find('#').unwrap_or(rest.len());
                return (Some('k'), end);
            }
        }
        if next == '"' || next == '\'' && grammar != Grammar::Json {
            let end = string(rest, next, grammar);
            let is_key = grammar != Grammar::Vitte
                && rest.get(end..).is_some_and(|after| after.trim_start().starts_with([':', '=']));
            return (Some(if is_key { 'f' } else { 's' }), end);
        }
        if next.is_ascii_digit() {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':');
            let exponent = |at: usize, c: char| matches!(c, '+' | '-') && rest[..at].ends_with(['e', 'E']);
            let end = rest.char_indices().find(|&(at, c)| !is_part(c) && !exponent(at, c));
            return (Some('n'), end.map_or(rest.len(), |(at, _)| at));
        }
        if next.is_alphabetic() || next == '_' {
            let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-' && grammar == Grammar::Toml;
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let class = match grammar {
                Grammar::Vitte if KEYWORDS.binary_search(&word).is_ok() => Some('k'),
                Grammar::Vitte if after.starts_with('(') => Some('f'),
                Grammar::Toml if is_first => Some('f'),
                Grammar::Toml | Grammar::Json if matches!(word, "true" | "false" | "null") => Some('k'),
                _ => None,
            };
            return (class, end);
        }
        (None, next.len_utf8())
    }

    /// The end of what is open, behind the first bytes of it.
    fn until(&mut self, rest: &str, from: usize, end: &str) -> usize {
        match rest.get(from..).and_then(|rest| rest.find(end)) {
            Some(at) => {
                self.open = Open::Nothing;
                from + at + end.len()
            }
            None => rest.len(),
        }
    }
}

fn span(class: char, text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("<span class=\"{class}\">{}</span>", escape::text(text))
    }
}

/// Markdown with what is between backticks in colour.
fn ticked(line: &str) -> String {
    let (mut html, mut rest) = (String::with_capacity(line.len()), line);
    while let Some(start) = rest.find('`') {
        let Some(length) = rest.get(start + 1..).and_then(|after| after.find('`')) else { break };
        let (before, from) = rest.split_at(start);
        let (code, after) = from.split_at(length + 2);
        html.push_str(&escape::text(before));
        html.push_str(&span('s', code));
        rest = after;
    }
    html + &escape::text(rest)
}

/// Where a string ends that begins with this quote: behind the next that is not escaped, or at the end of the line.
fn string(rest: &str, quote: char, grammar: Grammar) -> usize {
    let escapes = !(grammar == Grammar::Toml && quote == '\'');
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if escapes => is_escaped = true,
            character if character == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shows(path: &str, lines: &[(&str, &str)]) {
        let mut highlighter = Highlighter::of(path);
        for (line, html) in lines {
            assert_eq!(highlighter.line(line), *html, "{line}");
        }
    }

    #[test]
    fn words_strings_numbers_and_comments_are_told_apart() {
        assert!(KEYWORDS.is_sorted());
        shows(
            "src/a.vit",
            &[
                (
                    "proc sum(a: int) { // 1 < 2",
                    "<span class=\"k\">proc</span> <span class=\"f\">sum</span>(a: <span class=\"k\">int</span>) { <span class=\"c\">// 1 &lt; 2</span>",
                ),
                (
                    "give \"<\\\"\" + 1.5e-3 /* a",
                    "<span class=\"k\">give</span> <span class=\"s\">&quot;&lt;\\&quot;&quot;</span> + <span class=\"n\">1.5e-3</span> <span class=\"c\">/* a</span>",
                ),
                ("b */ é", "<span class=\"c\">b */</span> é"),
            ],
        );
        shows(
            "vitte.toml",
            &[
                ("[package] # it", "<span class=\"k\">[package] </span><span class=\"c\"># it</span>"),
                ("min-age = true", "<span class=\"f\">min-age</span> = <span class=\"k\">true</span>"),
                (
                    "\"a/b\" = 'x\\'",
                    "<span class=\"f\">&quot;a/b&quot;</span> = <span class=\"s\">&#39;x\\&#39;</span>",
                ),
                (
                    "t = \"\"\"one",
                    "<span class=\"f\">t</span> = <span class=\"s\">&quot;&quot;&quot;one</span>",
                ),
                ("two\"\"\"", "<span class=\"s\">two&quot;&quot;&quot;</span>"),
            ],
        );
        shows(
            "a.json",
            &[(
                "{\"k\": [null, \"v\", 2]}",
                "{<span class=\"f\">&quot;k&quot;</span>: [<span class=\"k\">null</span>, <span class=\"s\">&quot;v&quot;</span>, <span class=\"n\">2</span>]}",
            )],
        );
        shows(
            "README.md",
            &[
                ("# A <b>", "<span class=\"k\"># A &lt;b&gt;</span>"),
                ("a `b` `c", "a <span class=\"s\">`b`</span> `c"),
                ("```vitte", "<span class=\"c\">```vitte</span>"),
                ("# no <heading>", "<span class=\"s\"># no &lt;heading&gt;</span>"),
                ("```", "<span class=\"c\">```</span>"),
                ("plain", "plain"),
            ],
        );
        shows("a.bin", &[("proc <x>", "proc &lt;x&gt;")]);
    }

    #[test]
    fn no_line_is_anything_but_spans_of_escaped_text() {
        let parts = [
            "\"", "'", "/*", "*/", "//", "#", "\"\"\"", "`", "```", "<b>", "&", "\\", "é", "\u{202e}", "1e-",
            "a", "[", "=", " ",
        ];
        for path in ["a.vit", "a.toml", "a.json", "a.md"] {
            let mut seed = 1u64;
            for _ in 0..2_000 {
                let mut highlighter = Highlighter::of(path);
                for _ in 0..3 {
                    let mut line = String::new();
                    for _ in 0..6 {
                        seed = seed
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        line.push_str(parts[(seed >> 33) as usize % parts.len()]);
                    }
                    let mut html = highlighter.line(&line);
                    for class in ['k', 's', 'n', 'f', 'c'] {
                        html = html.replace(&format!("<span class=\"{class}\">"), "");
                    }
                    assert_eq!(html.replace("</span>", ""), escape::text(&line), "{path}: {line:?}");
                }
            }
        }
    }
}
