//! What only the command line says, in English and French, an area a file; and what core says.
//!
//! Made by the same macro as core's table ([`vitte_package_core::message`]), which says how a row is written. An area
//! that both have words in has core's as well, so that code here asks one module.

pub use vitte_package_core::message::{Language, Message, language, set_language, style};
pub use vitte_package_core::message::{archive, log, manifest, names, resolve, wasm, web};

pub mod help;
pub mod rule;
pub mod value_name;

macro_rules! areas {
    ($($area:ident),* $(,)?) => {
        $(pub mod $area;)*
        const AREAS: &[&[Message]] = &[$($area::TABLE),*];
    };
}

areas![
    account,
    audit,
    build,
    ci,
    credentials,
    delta,
    demo,
    dependencies,
    lock,
    maintenance,
    network,
    project,
    registry,
    sections,
    signing,
    split_view,
    store,
    ui,
    usage,
    verify,
];

/// Every message of the command line's own table, area by area.
pub fn own() -> impl Iterator<Item = &'static Message> {
    AREAS.iter().flat_map(|area| area.iter())
}

/// Every message there is, core's first.
pub fn all() -> impl Iterator<Item = &'static Message> {
    vitte_package_core::message::all().chain(own())
}

#[cfg(test)]
mod tests {
    #[test]
    fn help_follows_the_style() {
        for (english, french) in super::help::table() {
            // A heading ends in the space before its colon.
            let faults = super::style::typography(french.trim_end_matches('\u{202f}'));
            assert!(faults.is_empty(), "{english}: {faults:?}");
        }
        assert_eq!(super::help::french("Dependencies"), Some("Dépendances\u{202f}"));
        assert_eq!(super::help::french("no such text"), None);
    }

    #[test]
    fn ids_are_unique_and_texts_follow_the_style() {
        assert_eq!(super::style::faults(super::all()), Vec::<String>::new());
    }
}
