//! How well a package matches what is looked for: one rule, for a server's database and for a folder that is read.
//!
//! Text is compared as words: lower case, accents left out, cut at everything that is no letter and no digit. A package
//! has one of these ranks, the best first; among packages of one rank those come first that more others depend on, then
//! the order of the alphabet decides.
//!
//! | rank | the package |
//! |-|-|
//! | 0 | is called so, with or without its namespace |
//! | 1 | has a name, without its namespace, that begins so |
//! | 2 | has in its name, namespace included, words that begin with all that is looked for |
//! | 3 | has them in its name and its keywords |
//! | 4 | has them in its name, its keywords and its description |
//! | 5 and more | has, in its name or its keywords, what is like it: the rank is 5 and the number of slips |

use crate::name::PackageName;
use crate::nearest;

/// Words that are looked for at most; what is behind them does not count.
const WORDS: usize = 8;
/// Characters of a word that count.
const WORD_LEN: usize = 64;
/// The best rank of packages that are only like what is looked for.
pub const NEAR: u8 = 5;
/// The rank of packages whose description has what is looked for.
pub const DESCRIBED: u8 = 4;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// As it was written, in lower case and without what surrounds it: it may be a name with a namespace.
    name: String,
    words: Vec<String>,
    /// The words as a name has them.
    joined: String,
}

impl Terms {
    /// Reads what somebody is looking for.
    pub fn new(text: &str) -> Self {
        let mut words = words(text);
        words.truncate(WORDS);
        Self { name: text.trim().to_lowercase(), joined: words.join("-"), words }
    }

    /// The words.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The words as a name has them, with `-` between them.
    pub fn joined(&self) -> &str {
        &self.joined
    }

    /// The rank of a package with this name and these keywords, if there is no need of its description to say so.
    pub fn rank(&self, package: &PackageName, keywords: &[&str]) -> Option<u8> {
        let base = package.base();
        if !self.joined.is_empty() && (base == self.joined || package.as_str() == self.name) {
            return Some(0);
        }
        if base.starts_with(&self.joined) {
            return Some(1);
        }
        let name = words(package.as_str());
        let in_name = |word: &String| name.iter().any(|known| known.starts_with(word));
        let in_keywords = |word: &String| keywords.iter().any(|known| known.starts_with(word));
        if self.words.iter().all(in_name) {
            return Some(2);
        }
        self.words.iter().all(|word| in_name(word) || in_keywords(word)).then_some(3)
    }

    /// The rank of a package that is like what is looked for, as that is how it may have been misspelt.
    pub fn rank_near(&self, package: &PackageName, keywords: &[&str]) -> Option<u8> {
        if self.words.is_empty() {
            return None;
        }
        let name = words(package.as_str());
        let whole = package.base().replace(['-', '_'], "");
        let known =
            || name.iter().map(String::as_str).chain([whole.as_str()]).chain(keywords.iter().copied());
        let slips = |word: &str| {
            if is_long(word) && known().any(|known| known.contains(word)) {
                return Some(0);
            }
            known().filter_map(|known| nearest::slips(word, known)).min()
        };
        let of_words = self.words.iter().try_fold(0usize, |sum, word| Some(sum + slips(word)?));
        let joined = self.joined.replace('-', "");
        let of_all = if is_long(&joined) && whole.contains(&joined) {
            Some(0)
        } else {
            nearest::slips(&joined, &whole)
        };
        let least = of_words.into_iter().chain(of_all).min()?;
        Some(NEAR.saturating_add(u8::try_from(least).unwrap_or(u8::MAX)))
    }
}

/// Whether a word says enough to be looked for inside others.
fn is_long(word: &str) -> bool {
    word.chars().nth(2).is_some()
}

/// Text as the words that are compared.
pub fn words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match plain(letter) {
            Some(plain) => folded.push_str(plain),
            None if letter.is_alphanumeric() => folded.push(letter),
            None => folded.push(' '),
        }
    }
    folded.split_whitespace().map(|word| word.chars().take(WORD_LEN).collect()).collect()
}

/// A small letter without its accent; nothing for an accent that stands alone.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' => "t",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '\u{300}'..='\u{36f}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(looked_for: &str, name: &str, keywords: &[&str]) -> Option<u8> {
        let (terms, name) = (Terms::new(looked_for), PackageName::parse(name).unwrap());
        terms.rank(&name, keywords).or_else(|| terms.rank_near(&name, keywords))
    }

    #[test]
    fn the_exact_name_comes_first_and_slips_last() {
        for (looked_for, name, keywords, expected) in [
            ("json", "acme/json", &[][..], Some(0)),
            ("acme/json", "acme/json", &[], Some(0)),
            ("JSON", "acme/json", &[], Some(0)),
            ("vitte math", "roussov/vitte-math", &[], Some(0)),
            ("vit", "roussov/vitte-math", &[], Some(1)),
            ("math", "roussov/vitte-math", &[], Some(2)),
            ("roussov ma", "roussov/vitte-math", &[], Some(2)),
            ("math sums", "roussov/vitte-math", &["sums"], Some(3)),
            ("ath", "roussov/vitte-math", &[], Some(5)),
            ("jsno", "acme/json", &[], Some(6)),
            ("vite-mth", "roussov/vitte-math", &[], Some(7)),
            ("vitemath", "roussov/vitte-math", &[], Some(6)),
            ("sms", "roussov/vitte-math", &["sums"], Some(6)),
            ("xml", "acme/json", &[], None),
            ("é", "acme/json", &[], None),
            ("", "acme/json", &[], Some(1)),
        ] {
            assert_eq!(rank(looked_for, name, keywords), expected, "{looked_for} in {name}");
        }
    }

    #[test]
    fn words_have_neither_case_nor_accents() {
        assert_eq!(
            words("Décodeur, d'ŒUVRES-4_à e\u{301}té!"),
            ["decodeur", "d", "oeuvres", "4", "a", "ete"]
        );
        assert_eq!(words("  "), Vec::<String>::new());
        assert_eq!(Terms::new(&"a ".repeat(100)).words().len(), WORDS);
        assert_eq!(words(&"x".repeat(1000))[0].len(), WORD_LEN);
    }
}
