//! Did you mean: the known word nearest to one that is not known.

use crate::name::PackageName;

/// The word of `known` nearest to `given`, if it is near enough to be suggested.
///
/// Distance counts inserted, deleted and changed characters and swapped neighbours as one each; near enough is
/// one third of the longer word, at least one. Of equally near words the first one wins. Words longer than 64
/// characters are not compared.
pub fn nearest<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let given: Vec<char> = given.chars().take(MAX + 1).collect();
    let mut best: Option<(usize, &str)> = None;
    for word in known {
        let letters: Vec<char> = word.chars().take(MAX + 1).collect();
        if given.len() > MAX || letters.len() > MAX {
            continue;
        }
        let allowed = (given.len().max(letters.len()) / 3).max(1);
        let distance = distance(&given, &letters);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, word));
        }
    }
    best.map(|(_, word)| word)
}

/// How many slips of the pen lead from one word to another, if the second may have been meant: as [`nearest`] counts them,
/// at most one third of the longer word.
pub fn slips(given: &str, known: &str) -> Option<usize> {
    let letters = |word: &str| word.chars().take(MAX + 1).collect::<Vec<_>>();
    let (given, known) = (letters(given), letters(known));
    let longer = given.len().max(known.len());
    let allowed = (longer / 3).max(1);
    if longer > MAX || given.len().abs_diff(known.len()) > allowed || longer < 3 {
        return None;
    }
    Some(distance(&given, &known)).filter(|distance| *distance <= allowed)
}

/// The package nearest to one that is not known: another spelling in the same namespace, or the same name in a namespace
/// of another spelling, or in any if none was given.
pub fn nearest_package<'k>(given: &PackageName, known: &'k [PackageName]) -> Option<&'k PackageName> {
    let namespace = given.namespace_or_none();
    let in_namespace = || known.iter().filter(|name| name.namespace_or_none() == namespace);
    if let Some(base) = nearest(given.base(), in_namespace().map(PackageName::base)) {
        return in_namespace().find(|name| name.base() == base);
    }
    let mut called_so = known.iter().filter(|name| name.base() == given.base());
    match given.namespace() {
        None => called_so.next(),
        Some(namespace) => called_so.find(|name| {
            let other = name.namespace_or_none();
            nearest(namespace.as_str(), [other.as_str()]).is_some()
        }),
    }
}

const MAX: usize = 64;

/// Optimal string alignment distance, three rows at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_understood_and_another_word_is_not() {
        let known = ["description", "version", "license", "name"];
        for (given, suggested) in [
            ("descripton", Some("description")),
            ("verison", Some("version")),
            ("licence", Some("license")),
            ("nmae", Some("name")),
            ("Name", Some("name")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, known), suggested, "{given}");
        }
        assert_eq!(nearest(&"a".repeat(100_000), known), None);
    }

    #[test]
    fn a_namespace_is_no_part_of_the_likeness() {
        let known =
            ["roussov/tool", "roussov/vitte-math", "acme/json"].map(|name| PackageName::parse(name).unwrap());
        let near =
            |given| nearest_package(&PackageName::parse(given).unwrap(), &known).map(PackageName::as_str);
        assert_eq!(near("roussov/vite-math"), Some("roussov/vitte-math"));
        assert_eq!(near("rousov/tool"), Some("roussov/tool"));
        assert_eq!(near("tool"), Some("roussov/tool"));
        assert_eq!(near("roussov/math"), None, "`tool` is as long and nothing else");
        assert_eq!(near("evil/json"), None, "somebody else's namespace is not offered");
    }

    #[test]
    fn distance_agrees_with_its_definition() {
        let of = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!([of("", "abc"), of("abc", ""), of("abc", "abc")], [3, 3, 0]);
        assert_eq!([of("ab", "ba"), of("kitten", "sitting"), of("ca", "abc")], [1, 3, 3]);
    }
}
