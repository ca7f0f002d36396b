//! A log's time never goes back, so a wrong one would stay in it for ever.

use crate::diagnostic::{Code, Diagnostic};
use crate::message::registry as text;
use crate::registry::WriteError;

/// How far the clock may be ahead of the last entry: a registry may rest for a year.
const AHEAD: u64 = 366 * DAY;
/// How far it may be behind: clocks of machines differ.
const BEHIND: u64 = DAY;
const DAY: u64 = 86_400;

/// Refuses to log anything while the clock is far from the time of the last entry, `last`, of a log that has one.
/// Times are in Unix seconds.
///
/// # Errors
/// [`WriteError::Refused`] with `forbidden` and both days.
pub fn check_clock(now: u64, last: u64) -> Result<(), WriteError> {
    if last == 0 || (now.saturating_sub(last) <= AHEAD && last.saturating_sub(now) <= BEHIND) {
        return Ok(());
    }
    let message = text::clock_far(&day(now), &day(last));
    Err(Diagnostic::new(Code::Forbidden, message).help(text::clock_far_help()).into())
}

/// The day of a time in Unix seconds, `YYYY-MM-DD` (Howard Hinnant's `civil_from_days`).
pub fn day(time: u64) -> String {
    let days = time / DAY + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_differ_a_little_and_a_registry_may_rest() {
        let last = 1_800_000_000;
        for now in [last, last + 1, last + 300 * DAY, last - 3600, last - BEHIND, last + AHEAD] {
            assert_eq!(check_clock(now, last), Ok(()), "{now}");
        }
        for now in [last + 5 * AHEAD, last + AHEAD + 1, last - BEHIND - 1, 0] {
            assert!(check_clock(now, last).is_err(), "{now}");
        }
        assert_eq!(check_clock(0, 0), Ok(()));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (time, expected) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_767_225_599, "2025-12-31"),
            (1_800_000_000, "2027-01-15"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(day(time), expected);
        }
        let _ = day(u64::MAX);
    }
}
