//! The transparency log: an append-only list of leaves that everybody can check to be the same list.
//!
//! Reading order: [`merkle`] (hashes, roots and the two proof checkers of RFC 9162), [`note`] (signed texts),
//! [`checkpoint`] (a signed size and root), [`policy`] (whose signatures make a checkpoint trusted),
//! [`tile`] (the files a log is published as), [`edge`] (what of them a client keeps), [`append`] (how a log grows by files), [`proof`] (which tiles
//! prove what, and `.tlog-proof`), [`leaf`] (what one entry says).
//!
//! Formats: C2SP `signed-note`, `tlog-checkpoint`, `tlog-tiles`, `tlog-proof`, `tlog-policy` and
//! `tlog-cosignature`; RFC 6962 §2.1 and RFC 9162 §2.1; `core/docs/trust.md`, section 6.

pub mod append;
pub mod checkpoint;
pub mod edge;
mod error;
pub mod leaf;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
#[cfg(test)]
mod published_faults;
pub mod tile;

/// Greatest size of a log and greatest time: what fits a signed 64-bit number.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// Reads a decimal number without sign, spaces or leading zeros, at most [`MAX_SIZE`].
pub(crate) fn parse_number(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    let plain = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.iter().all(u8::is_ascii_digit);
    if !plain {
        return None;
    }
    text.parse::<u64>().ok().filter(|number| *number <= MAX_SIZE)
}

/// Reads standard base64 with padding whose unused bits are zero (RFC 4648 §4 and §3.5).
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// Reads the base64 form of a 32-byte hash.
pub(crate) fn parse_hash(text: &str) -> Option<crate::digest::Digest> {
    let bytes: [u8; 32] = parse_base64(text)?.try_into().ok()?;
    Some(crate::digest::Digest::from_bytes(bytes))
}

/// Writes standard base64 with padding.
pub(crate) fn print_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(parse_number("0"), Some(0));
        assert_eq!(parse_number("9223372036854775807"), Some(MAX_SIZE));
        for bad in
            ["", "00", "01", "+1", "-1", " 1", "1 ", "9223372036854775808", "99999999999999999999", "1_0"]
        {
            assert_eq!(parse_number(bad), None, "{bad}");
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(parse_base64("AA=="), Some(vec![0]));
        for bad in ["AB==", "AA", "AA=", "A", "AA==\n", "-_=="] {
            assert_eq!(parse_base64(bad), None, "{bad}");
        }
    }
}
