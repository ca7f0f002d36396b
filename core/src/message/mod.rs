//! The table of user-facing words in English and French, an area a file.
//!
//! Each message has a stable id (`area.name`), named, typed arguments and a text in each language, and is compiled into
//! a plain function that gives the finished sentence in the [chosen language](set_language): no run-time parser, no
//! missing argument. Terminal, web page, npm package and documents take their words from here; what only the command
//! line says is in its own table, made by the same macro, [`messages!`](crate::messages). Texts begin in lower case and
//! have no final stop; a hint is a command, or a line to paste.
//!
//! A text with a plural is written `[n: "one form", "other form"]`, chosen by the argument `n`. In English the first
//! form is for 1, in French for 0 and 1.

mod language;
mod size;
pub mod style;
pub mod term;

pub use language::{Language, in_language, language, set_language};
pub use size::size;
pub use term::term;

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// Stable id, `area.name`.
    pub id: &'static str,
    /// Names of the arguments, in order.
    pub arguments: &'static [&'static str],
    /// The argument that a plural is chosen by, if the text has one.
    pub count: Option<&'static str>,
    /// The English text; with a plural, the form for one and the form for all other counts.
    pub forms: &'static [&'static str],
    /// The French text, in the same way.
    pub french: &'static [&'static str],
}

/// Makes a function of each message of an area, and the area's `TABLE`. A row is
/// `name(argument: Type, …) = "English", "French";`; one without French does not compile.
///
/// ```
/// mod example {
///     vitte_package_core::messages! { "example";
///         /* id and arguments */ found(count: u64) =
///             [count: "{count} file", "{count} files"],
///             [count: "{count} fichier", "{count} fichiers"];
///     }
/// }
/// assert_eq!(example::found(2), "2 files");
/// assert_eq!(example::TABLE[0].count, Some("count"));
/// assert_eq!(example::TABLE[0].french, ["{count} fichier", "{count} fichiers"]);
/// ```
///
/// ```compile_fail
/// mod example {
///     vitte_package_core::messages! { "example";
///         found() = "only English";
///     }
/// }
/// ```
#[macro_export]
macro_rules! messages {
    ($area:literal; $($id:ident($($arg:ident: $ty:ty),* $(,)?) = $english:tt, $french:tt;)*) => {
        $(
            #[doc = concat!("Message `", $area, ".", stringify!($id), "`.")]
            #[allow(clippy::too_many_arguments)]
            pub fn $id($($arg: $ty),*) -> String {
                match $crate::message::language() {
                    $crate::message::Language::English => $crate::messages!(@english $english),
                    $crate::message::Language::French => $crate::messages!(@french $french),
                }
            }
        )*
        /// The rows of this area.
        pub const TABLE: &[$crate::message::Message] = &[$(
            $crate::message::Message {
                id: concat!($area, ".", stringify!($id)),
                arguments: &[$(stringify!($arg)),*],
                count: $crate::messages!(@count $english),
                forms: $crate::messages!(@forms $english),
                french: $crate::messages!(@forms $french),
            }
        ),*];
    };
    (@english [$count:ident: $one:literal, $other:literal $(,)?]) => {
        if $count == 1 { format!($one) } else { format!($other) }
    };
    (@french [$count:ident: $one:literal, $other:literal $(,)?]) => {
        if $count < 2 { format!($one) } else { format!($other) }
    };
    (@english $text:literal) => { format!($text) };
    (@french $text:literal) => { format!($text) };
    (@forms [$count:ident: $one:literal, $other:literal $(,)?]) => { &[$one, $other] };
    (@forms $text:literal) => { &[$text] };
    (@count [$count:ident: $one:literal, $other:literal $(,)?]) => { Some(stringify!($count)) };
    (@count $text:literal) => { None };
}

macro_rules! areas {
    ($($area:ident),* $(,)?) => {
        $(pub mod $area;)*
        const AREAS: &[&[Message]] = &[$($area::TABLE),*];
    };
}

areas![
    archive, build, delta, lock, log, manifest, names, network, registry, resolve, server, signing, usage,
    verify, wasm, web,
];

/// Every message, area by area.
pub fn all() -> impl Iterator<Item = &'static Message> {
    AREAS.iter().flat_map(|area| area.iter())
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_unique_and_texts_follow_the_style() {
        assert_eq!(super::style::faults(super::all()), Vec::<String>::new());
    }
}
