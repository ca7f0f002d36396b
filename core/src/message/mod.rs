//! The one table of user-facing words, an area a file.
//!
//! Each message has a stable id (`area.name`), a text and named, typed arguments, and is compiled into a
//! plain function that gives the finished sentence: no run-time parser, no missing argument. Terminal,
//! web page, npm package and documents take their words from here. Texts begin in lower case and have no
//! final stop; a hint is a command, or a line to paste.
//!
//! A text with a plural is written `[n: "one form", "other form"]`, chosen by the argument `n`.

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// Stable id, `area.name`.
    pub id: &'static str,
    /// Names of the arguments, in order.
    pub arguments: &'static [&'static str],
    /// The text; with a plural, the form for one and the form for all other counts.
    pub forms: &'static [&'static str],
}

macro_rules! messages {
    ($area:literal; $($id:ident($($arg:ident: $ty:ty),* $(,)?) = $text:tt;)*) => {
        $(
            #[doc = concat!("Message `", $area, ".", stringify!($id), "`.")]
            #[allow(clippy::too_many_arguments)]
            pub fn $id($($arg: $ty),*) -> String {
                $crate::message::messages!(@text $text)
            }
        )*
        /// The rows of this area.
        pub(super) const TABLE: &[$crate::message::Message] = &[$(
            $crate::message::Message {
                id: concat!($area, ".", stringify!($id)),
                arguments: &[$(stringify!($arg)),*],
                forms: $crate::message::messages!(@forms $text),
            }
        ),*];
    };
    (@text [$count:ident: $one:literal, $other:literal]) => {
        if $count == 1 { format!($one) } else { format!($other) }
    };
    (@text $text:literal) => { format!($text) };
    (@forms [$count:ident: $one:literal, $other:literal]) => { &[$one, $other] };
    (@forms $text:literal) => { &[$text] };
}
pub(crate) use messages;

macro_rules! areas {
    ($($area:ident),* $(,)?) => {
        $(pub mod $area;)*
        const AREAS: &[&[Message]] = &[$($area::TABLE),*];
    };
}

areas![
    archive,
    audit,
    build,
    care,
    credentials,
    demo,
    dependencies,
    evidence,
    lock,
    log,
    manifest,
    network,
    project,
    registry,
    resolve,
    store,
    ui,
    usage,
    verify,
    vocabulary,
    wasm,
    web,
];

/// Every message, area by area.
pub fn all() -> impl Iterator<Item = &'static Message> {
    AREAS.iter().flat_map(|area| area.iter())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_texts_follow_the_style() {
        let mut ids = BTreeSet::new();
        for message in super::all() {
            assert!(ids.insert(message.id), "{} twice", message.id);
            for form in message.forms {
                assert!(!form.ends_with('.') && !form.is_empty(), "{}: {form}", message.id);
                assert!(!form.starts_with(' ') && !form.ends_with(' '), "{}: {form}", message.id);
            }
        }
    }
}
