//! Numbers of a delta: LEB128, at most five bytes, the shortest form only, below 2^32.

/// Bytes of the longest number.
const MAX_LEN: usize = 5;

/// Takes a number from the prelude of `input`; `None` when there is none in the shortest form below 2^32.
pub(super) fn take(input: &mut &[u8]) -> Option<u32> {
    let mut value = 0u64;
    for (at, &byte) in input.iter().take(MAX_LEN).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let is_shortest = byte != 0 || at == 0;
            let value = u32::try_from(value).ok().filter(|_| is_shortest)?;
            *input = input.get(at + 1..)?;
            return Some(value);
        }
    }
    None
}

/// Appends a number.
pub(super) fn put(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A signed number as an unsigned one: 0, -1, 1, -2, … become 0, 1, 2, 3, …
pub(super) const fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

/// The signed number that [`zigzag`] made this of.
pub(super) const fn unzigzag(value: u32) -> i32 {
    (value >> 1) as i32 ^ -((value & 1) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_have_one_form() {
        for value in [0, 1, 127, 128, 300, 16_383, 16_384, 1 << 21, 1 << 28, u32::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert!(bytes.len() <= MAX_LEN);
            bytes.push(9);
            let mut rest = &bytes[..];
            assert_eq!((take(&mut rest), rest), (Some(value), &[9][..]));
        }
        for bytes in [&[][..], &[0x80], &[0x80, 0], &[0xff, 0], &[0xff, 0xff, 0xff, 0xff, 0x1f], &[0x80; 6]] {
            assert_eq!(take(&mut &bytes[..]), None, "{bytes:x?}");
        }
        for value in [0, 1, -1, i32::MAX, i32::MIN, 77, -78] {
            assert_eq!(unzigzag(zigzag(value)), value);
        }
    }
}
