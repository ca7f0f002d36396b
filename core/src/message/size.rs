//! Numbers of bytes for people.

use super::{Language, language};

/// A number of bytes in binary units, with three significant digits at most: `637 B`, `2.0 KiB`, `41 MiB`. In French
/// `637 o`, `2,0 Kio`, `41 Mio`, with a no-break space.
///
/// ```
/// use vitte_package_core::message::size;
/// assert_eq!(size(637), "637 B");
/// assert_eq!(size(2048), "2.0 KiB");
/// ```
pub fn size(bytes: u64) -> String {
    let french = language() == Language::French;
    let (space, point) = if french { ('\u{a0}', ',') } else { (' ', '.') };
    let units = if french { ["o", "Kio", "Mio", "Gio", "Tio"] } else { ["B", "KiB", "MiB", "GiB", "TiB"] };
    // Tenths of a byte, so that it is the same everywhere: no floating point.
    let (exact, mut unit) = (u128::from(bytes) * 10, 0);
    while exact >= (if unit == 0 { 10_240 } else { 9_995 << (10 * unit) }) && unit + 1 < units.len() {
        unit += 1;
    }
    let rounded =
        |number: u128| if unit == 0 { number } else { (number + (1 << (10 * unit - 1))) >> (10 * unit) };
    let (tenths, whole) = (rounded(exact), rounded(u128::from(bytes)));
    let name = units.get(unit).copied().unwrap_or_default();
    match unit > 0 && tenths < 100 {
        true => format!("{}{point}{}{space}{name}", tenths / 10, tenths % 10),
        false => format!("{whole}{space}{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    const SIZES: [u64; 9] = [0, 1023, 1024, 10_138, 10_200, 1_023_487, 1_023_488, 1 << 30, u64::MAX];

    #[test]
    fn sizes_have_three_digits_at_most() {
        let shown = [
            "0 B",
            "1023 B",
            "1.0 KiB",
            "9.9 KiB",
            "10 KiB",
            "999 KiB",
            "1.0 MiB",
            "1.0 GiB",
            "16777216 TiB",
        ];
        assert_eq!(SIZES.map(size), shown);
    }

    #[cfg(feature = "french")]
    #[test]
    fn in_french_they_have_french_units() {
        use crate::message::{Language, in_language};
        let shown = in_language(Language::French, || [0, 1024, 10_200].map(size));
        assert_eq!(shown, ["0\u{a0}o", "1,0\u{a0}Kio", "10\u{a0}Kio"]);
    }
}
