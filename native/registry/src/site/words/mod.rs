//! What the site says, in English and French.

mod browse;
mod islands;
mod package;

pub(crate) use browse::*;
pub(crate) use islands::*;
pub(crate) use package::*;

#[cfg(test)]
mod tests {
    use super::{browse, islands, package};
    use vitte_package_core::message::style::faults;

    #[test]
    fn texts_follow_the_style() {
        let all = [package::TABLE, browse::TABLE, islands::TABLE];
        assert_eq!(faults(all.into_iter().flatten()), Vec::<String>::new());
    }
}
