//! Did you mean: the candidate nearest to what was typed.

/// The candidate at the smallest edit distance, if it is near enough to be a slip of the fingers: a third
/// of the longer word. Of equally near ones, the first.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(typed, candidate), candidate))
        .filter(|(distance, candidate)| distance * 3 <= typed.chars().count().max(candidate.chars().count()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let words = ["build", "install", "list"];
        assert_eq!(nearest("instal", words), Some("install"));
        assert_eq!(nearest("biuld", words), Some("build"));
        assert_eq!(nearest("frobnicate", words), None);
        assert_eq!(nearest("ls", words), None);
    }
}
