//! Texts of lines: UTF-8, LF behind every line, numbers without leading zeros. Tree and frame table share them.

/// Why a text is not a text of lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LineFault {
    /// Not UTF-8, on this line.
    Utf8(u64),
    /// The last line, this one, has no LF.
    Unended(u64),
}

/// The lines of `text` with their numbers from 1, without their LF.
pub(crate) fn lines(text: &[u8]) -> Result<impl Iterator<Item = (u64, &str)>, LineFault> {
    let number_at = |end: usize| 1 + text[..end].iter().filter(|byte| **byte == b'\n').count() as u64;
    let text_str =
        std::str::from_utf8(text).map_err(|error| LineFault::Utf8(number_at(error.valid_up_to())))?;
    if !text_str.ends_with('\n') {
        return Err(LineFault::Unended(number_at(text.len())));
    }
    Ok((1u64..).zip(text_str.split_terminator('\n')))
}

/// Reads a decimal number without sign or leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_ends_in_lf() {
        let read = |text: &'static [u8]| lines(text).map(Iterator::collect::<Vec<_>>);
        assert_eq!(read(b"a\n\nb\n"), Ok(vec![(1, "a"), (2, ""), (3, "b")]));
        assert_eq!(read(b"a\nb"), Err(LineFault::Unended(2)));
        assert_eq!(read(b""), Err(LineFault::Unended(1)));
        assert_eq!(read(b"a\n\xff\n"), Err(LineFault::Utf8(2)));
    }

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(
            [decimal("0"), decimal("10"), decimal("18446744073709551615")],
            [Some(0), Some(10), Some(u64::MAX)]
        );
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "18446744073709551616", "1_0", "x"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }
}
