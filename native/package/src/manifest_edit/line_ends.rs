//! The byte order mark and the line ends of a text that is edited: what the author's editor writes stays.

use std::borrow::Cow;

const MARK: char = '\u{feff}';

/// Whether a text's lines end in CR LF, as its first one does.
pub fn is_crlf(text: &str) -> bool {
    text.find('\n').is_some_and(|at| text[..at].ends_with('\r'))
}

/// The text with LF alone and without a byte order mark, as TOML is edited.
pub(crate) fn plain(source: &str) -> Cow<'_, str> {
    let text = source.strip_prefix(MARK).unwrap_or(source);
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

/// The edited text with the byte order mark of `source` and its line ends: each line that stays keeps its own, a new one
/// gets that of the first line.
pub(crate) fn like(source: &str, edited: &str) -> String {
    let mark = if source.starts_with(MARK) { "\u{feff}" } else { "" };
    let source = source.strip_prefix(MARK).unwrap_or(source);
    if !source.contains('\r') {
        return format!("{mark}{edited}");
    }
    let usual = if is_crlf(source) { "\r\n" } else { "\n" };
    let mut before: &[(&str, &str)] = &source.split_inclusive('\n').map(cut).collect::<Vec<_>>();
    let mut out = String::from(mark);
    for line in edited.split_inclusive('\n') {
        let (text, end) = cut(line);
        out.push_str(text);
        if end.is_empty() {
            continue;
        }
        // The next line that reads the same is the one it was.
        match before.iter().position(|(known, _)| *known == text) {
            Some(at) if !text.is_empty() || at == 0 => {
                out.push_str(if before[at].1.is_empty() { usual } else { before[at].1 });
                before = &before[at + 1..];
            }
            _ => out.push_str(usual),
        }
    }
    out
}

/// A line and its end.
fn cut(line: &str) -> (&str, &str) {
    let text = line.strip_suffix('\n').map_or(line, |text| text.strip_suffix('\r').unwrap_or(text));
    line.split_at(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_the_ends_they_had() {
        let source = "\u{feff}a = 1\r\n\r\n[b]\nc = 2\r\nd = 3";
        assert_eq!(plain(source), "a = 1\n\n[b]\nc = 2\nd = 3");
        assert_eq!(like(source, &plain(source)), source);
        let edited = "a = 1\n\n[b]\nc = 2\nnew = 1\nd = 3\nlast = 1\n";
        assert_eq!(
            like(source, edited),
            "\u{feff}a = 1\r\n\r\n[b]\nc = 2\r\nnew = 1\r\nd = 3\r\nlast = 1\r\n"
        );
        assert_eq!(like("a\n", "a\nb\n"), "a\nb\n");
    }
}
