//! What every text of a table has to keep to, checked by the tests of each crate that has one.

use super::Message;
use std::collections::BTreeSet;

/// Narrow no-break space: French puts it before high punctuation and inside its quotation marks.
const NARROW: char = '\u{202f}';

/// What is wrong with the texts of a table, a line a fault; nothing if all is well.
pub fn faults<'a>(messages: impl Iterator<Item = &'a Message>) -> Vec<String> {
    let mut ids = BTreeSet::new();
    let mut faults = Vec::new();
    for message in messages {
        let id = message.id;
        let mut fault = |what: &str| faults.push(format!("{id}: {what}"));
        if !ids.insert(id) {
            fault("the id is used twice");
        }
        for form in message.forms.iter().chain(message.french) {
            if form.is_empty() || form.ends_with('.') || form.trim() != *form {
                fault(&format!("empty, or ends in a full stop or a space: {form}"));
            }
        }
        if arguments(message.forms) != arguments(message.french) {
            fault("the two languages do not use the same arguments");
        }
        for form in message.french {
            for what in typography(form) {
                fault(&format!("{what}: {form}"));
            }
        }
    }
    faults
}

/// Names of the arguments that some forms use.
fn arguments(forms: &[&str]) -> BTreeSet<String> {
    let whole = forms.join(" ").replace("{{", "").replace("}}", "");
    whole.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

/// What is wrong with the spaces, quotes and apostrophes of a French text. What is between backticks is code.
pub fn typography(text: &str) -> Vec<&'static str> {
    let mut faults = Vec::new();
    for prose in text.split('`').step_by(2) {
        let characters: Vec<char> = prose.chars().collect();
        let at = |index: usize| characters.get(index).copied();
        for (index, &character) in characters.iter().enumerate() {
            let before = index.checked_sub(1).and_then(at);
            let (after, ends) = (at(index + 1), at(index + 1).is_none_or(char::is_whitespace));
            match character {
                // Within a word these are part of an address, a flag or a command.
                ':' | ';' | '!' | '?' if ends && before.is_some_and(|before| before != NARROW) => {
                    faults.push("no narrow no-break space before high punctuation");
                }
                '«' if after != Some(NARROW) => faults.push("no narrow no-break space after «"),
                '»' if before != Some(NARROW) => faults.push("no narrow no-break space before »"),
                '\'' if before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphabetic) => {
                    faults.push("a straight apostrophe");
                }
                _ => {}
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typography_is_seen() {
        for good in
            ["une clé\u{202f}: la voici", "«\u{202f}ici\u{202f}»", "voir https://a.b/ et `a: b`", "l’archive"]
        {
            assert!(typography(good).is_empty(), "{good}");
        }
        for bad in ["une clé: la voici", "une clé : la voici", "« ici »", "l'archive", "vraiment?"] {
            assert!(!typography(bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn faults_of_a_table_are_seen() {
        let good =
            Message { id: "a.b", arguments: &["n"], count: None, forms: &["one {n}"], french: &["un {n}"] };
        assert!(faults([good].iter()).is_empty());
        assert_eq!(faults([good, good].iter()).len(), 1);
        for french in [&["un"][..], &["un {n}."], &["un {n} : deux"], &["un {n}", "deux {m}"]] {
            assert!(!faults([Message { french, ..good }].iter()).is_empty(), "{french:?}");
        }
    }
}
