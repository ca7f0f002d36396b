//! Numbers, sizes and dates as a reader of either language writes them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::borrow::Borrow;
use vitte_package_core::message::{Language, language};

/// Narrow no-break space: the French thousands separator.
const NARROW: char = '\u{202f}';
/// No-break space: between a number and its unit.
const NO_BREAK: char = '\u{a0}';

const MONTHS: [[&str; 12]; 2] = [
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."],
];

fn is_french() -> bool {
    language() == Language::French
}

/// A whole number with its thousands apart.
pub(crate) fn number(number: impl Borrow<u64>) -> String {
    let separator = if is_french() { NARROW } else { ',' };
    let digits = number.borrow().to_string();
    let mut shown = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(separator);
        }
        shown.push(digit);
    }
    shown
}

/// A number of bytes: `612 B`, `38.5 KiB`, `4.2 MiB`.
pub(crate) fn size(bytes: impl Borrow<u64>) -> String {
    let units = if is_french() { ["o", "Kio", "Mio", "Gio"] } else { ["B", "KiB", "MiB", "GiB"] };
    let mut unit = 0;
    // In tenths, rounded half up; without floating point, so that it is the same everywhere.
    let mut tenths = bytes.borrow().saturating_mul(10);
    while tenths >= 10_240 && unit + 1 < units.len() {
        tenths = (tenths + 512) / 1024;
        unit += 1;
    }
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let point = if is_french() { ',' } else { '.' };
    let unit_name = units.get(unit).copied().unwrap_or_default();
    match unit == 0 || whole >= 100 {
        true => format!("{}{NO_BREAK}{unit_name}", number((tenths + 5) / 10)),
        false => format!("{whole}{point}{tenth}{NO_BREAK}{unit_name}"),
    }
}

/// A day: `26 Nov 2026`.
pub(crate) fn day(seconds: impl Borrow<u64>) -> String {
    let seconds = *seconds.borrow();
    let Some(time) = civil(seconds) else { return number(seconds) };
    let months = if is_french() { &MONTHS[1] } else { &MONTHS[0] };
    let month = usize::try_from(time.month() - 1).ok().and_then(|month| months.get(month)).unwrap_or(&"");
    // The first of a month is written `1er` in French.
    let day = if is_french() && time.day() == 1 { "1er".to_owned() } else { time.day().to_string() };
    format!("{day} {month} {}", time.year())
}

/// A day and its time: `26 Nov 2026, 11:18:04`.
pub(crate) fn time(seconds: impl Borrow<u64>) -> String {
    let seconds = *seconds.borrow();
    let Some(time) = civil(seconds) else { return number(seconds) };
    format!("{}, {:02}:{:02}:{:02}", day(seconds), time.hour(), time.minute(), time.second())
}

/// A time for programs: `2026-11-26T11:18:04Z`.
pub(crate) fn machine_time(seconds: impl Borrow<u64>) -> String {
    let seconds = *seconds.borrow();
    timestamp(seconds).map_or_else(|| seconds.to_string(), |time| time.to_string())
}

fn timestamp(seconds: u64) -> Option<Timestamp> {
    i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok())
}

fn civil(seconds: u64) -> Option<jiff::civil::DateTime> {
    timestamp(seconds).map(|time| time.to_zoned(TimeZone::UTC).datetime())
}

/// What stands behind a label.
pub(crate) fn colon() -> &'static str {
    if is_french() { "\u{202f}:" } else { ":" }
}

/// Words of somebody else, between the marks of the language.
pub(crate) fn quoted(text: &str) -> String {
    if is_french() { format!("«{NARROW}{text}{NARROW}»") } else { format!("“{text}”") }
}

/// A long digest with its middle left out: `vp1-sha256:dc9c5edb…92110622`.
pub(crate) fn shortened(digest: &str) -> String {
    let (tag, hex) = digest.rsplit_once(':').map_or(("", digest), |(tag, hex)| (tag, hex));
    let colon = if tag.is_empty() { "" } else { ":" };
    match (hex.get(..8), hex.len().checked_sub(8).and_then(|from| hex.get(from..))) {
        (Some(front), Some(back)) if hex.len() > 20 => format!("{tag}{colon}{front}…{back}"),
        _ => digest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitte_package_core::message::in_language;

    #[test]
    fn numbers_sizes_and_dates_are_of_the_language() {
        let shown = || {
            let sizes: Vec<_> = [0, 612, 1023, 1024, 39_424, 1_048_575, 104_857_600, 1 << 40]
                .into_iter()
                .map(|bytes| size(bytes).replace(NO_BREAK, " "))
                .collect();
            (number(1_234_567), number(999), sizes.join("; "), time(1_764_155_884))
        };
        let english = in_language(Language::English, shown);
        assert_eq!((english.0.as_str(), english.1.as_str()), ("1,234,567", "999"));
        assert_eq!(english.2, "0 B; 612 B; 1,023 B; 1.0 KiB; 38.5 KiB; 1.0 MiB; 100 MiB; 1,024 GiB");
        assert_eq!(english.3, "26 Nov 2025, 11:18:04");
        let french = in_language(Language::French, shown);
        assert_eq!(french.0, "1\u{202f}234\u{202f}567");
        assert!(french.2.contains("612 o; 1\u{202f}023 o; 1,0 Kio; 38,5 Kio"), "{}", french.2);
        assert_eq!(french.3, "26 nov. 2025, 11:18:04");
        assert_eq!(in_language(Language::French, || day(1_759_276_800)), "1er oct. 2025");
        assert_eq!(machine_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(day(u64::MAX), number(u64::MAX));
    }

    #[test]
    fn the_middle_of_a_digest_is_left_out() {
        let hex = "dc9c5edb8b2d479e697b4b0b8ab874f32b325138598ce9e7b759eb8292110622";
        assert_eq!(shortened(&format!("vp1-sha256:{hex}")), "vp1-sha256:dc9c5edb…92110622");
        assert_eq!(shortened(hex), "dc9c5edb…92110622");
        assert_eq!(shortened("abc"), "abc");
    }
}
