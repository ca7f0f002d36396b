//! What the site says, in English and French.

mod browse;
mod package;

pub(crate) use browse::*;
pub(crate) use package::*;

#[cfg(test)]
mod tests {
    use super::{browse, package};
    use vitte_package_core::message::style::faults;

    #[test]
    fn texts_follow_the_style() {
        let all = [package::TABLE, browse::TABLE];
        assert_eq!(faults(all.into_iter().flatten()), Vec::<String>::new());
    }
}
