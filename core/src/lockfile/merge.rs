//! Both sides of a lockfile in which a merge has left its marks.

use super::parse::read_tables;
use super::salvage::Salvage;
use crate::diagnostic::Span;

/// The first line that is the mark of an unfinished merge.
pub(super) fn first_mark(source: &str) -> Option<Span> {
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let text = line.strip_suffix('\n').unwrap_or(line);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let begins = ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|mark| text.starts_with(mark));
        if begins || text == "=======" {
            return Some(Span { start, end: start + text.len() });
        }
        start += line.len();
    }
    None
}

/// Both sides of every conflict in a text with merge marks, as git, Mercurial and diff3 write them. `None` when the
/// marks do not pair up or a side holds anything that a lockfile does not.
pub(super) fn both_sides(source: &str) -> Option<Salvage> {
    let (ours, theirs) = split(source)?;
    Some(Salvage::of_sides([read_tables(&ours).ok()?, read_tables(&theirs).ok()?]))
}

/// The text of each side.
fn split(source: &str) -> Option<(String, String)> {
    #[derive(PartialEq)]
    enum At {
        Both,
        Ours,
        Base,
        Theirs,
    }
    let (mut ours, mut theirs) = (String::new(), String::new());
    let mut at = At::Both;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        let is =
            |mark: &str| text == mark || text.strip_prefix(mark).is_some_and(|rest| rest.starts_with(' '));
        at = match at {
            At::Both if is("<<<<<<<") => At::Ours,
            At::Ours if is("|||||||") => At::Base,
            At::Ours | At::Base if is("=======") => At::Theirs,
            At::Theirs if is(">>>>>>>") => At::Both,
            _ if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| is(mark)) => return None,
            at => {
                if matches!(at, At::Both | At::Ours) {
                    ours.push_str(line);
                }
                if matches!(at, At::Both | At::Theirs) {
                    theirs.push_str(line);
                }
                at
            }
        };
    }
    (at == At::Both).then_some((ours, theirs))
}
