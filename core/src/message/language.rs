//! Which language messages are in.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

/// A language of the table of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// What is shown where nothing else was chosen.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// Every language, with its tag of BCP 47.
    pub const ALL: &'static [(Self, &'static str)] = &[(Self::English, "en"), (Self::French, "fr")];

    /// Its tag: `en`, `fr`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// The language that a tag (`fr`, `fr-CA`) or a POSIX locale (`fr_FR.UTF-8`) means, if there are messages in it.
    /// `C` and `POSIX` mean English.
    pub fn parse(text: &str) -> Option<Self> {
        let primary = text.split(['-', '_', '.', '@']).next().unwrap_or_default();
        if primary == "C" || primary == "POSIX" {
            return Some(Self::English);
        }
        Self::ALL.iter().find(|(_, tag)| primary.eq_ignore_ascii_case(tag)).map(|(language, _)| *language)
    }
}

static FRENCH: AtomicBool = AtomicBool::new(false);

/// Chooses the language of every message made from now on. This crate reads no environment: the program or page calls
/// this once, before its first message. Without the feature `french` it has no effect.
pub fn set_language(language: Language) {
    FRENCH.store(language == Language::French, Ordering::Relaxed);
}

thread_local! {
    static HERE: Cell<Option<Language>> = const { Cell::new(None) };
}

/// Makes the messages of some work in another language, for whoever it is done for: a server has readers of each.
pub fn in_language<T>(language: Language, work: impl FnOnce() -> T) -> T {
    struct Before(Option<Language>);
    impl Drop for Before {
        fn drop(&mut self) {
            HERE.set(self.0);
        }
    }
    let _before = Before(HERE.replace(Some(language)));
    work()
}

/// The language that messages are made in. Without the feature `french` it is English at compile time, and the French
/// texts are left out of what is built.
#[inline]
pub fn language() -> Language {
    if !cfg!(feature = "french") {
        return Language::English;
    }
    match HERE.get() {
        Some(language) => language,
        None if FRENCH.load(Ordering::Relaxed) => Language::French,
        None => Language::English,
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, in_language, language};

    #[test]
    fn some_work_is_done_in_another_language() {
        let french = if cfg!(feature = "french") { Language::French } else { Language::English };
        let inside = || (language(), in_language(Language::English, language), language());
        assert_eq!(in_language(Language::French, inside), (french, Language::English, french));
        assert_eq!(language(), Language::English);
    }

    #[test]
    fn tags_and_locales_are_read() {
        for french in ["fr", "FR", "fr-CA", "fr_FR", "fr_FR.UTF-8", "fr_BE@euro"] {
            assert_eq!(Language::parse(french), Some(Language::French), "{french}");
        }
        for english in ["en", "en-GB", "en_US.UTF-8", "C", "C.UTF-8", "POSIX"] {
            assert_eq!(Language::parse(english), Some(Language::English), "{english}");
        }
        for unknown in ["", "de", "de_DE.UTF-8", "frr", "french", "_FR"] {
            assert_eq!(Language::parse(unknown), None, "{unknown}");
        }
    }
}
