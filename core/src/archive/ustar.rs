//! Tar headers: made here for writers and verifiers alike, parsed nowhere.

use crate::path::PackagePath;
use crate::tree::{Mode, TAR_BLOCK};

const BLOCK: usize = TAR_BLOCK as usize;

/// The header of a member of the canonical tar (POSIX ustar; archive format document, section 4).
///
/// `size` is in bytes and at most 2^31 - 1, which eleven octal digits hold. Owner, group and time are
/// constants.
pub fn header(path: &PackagePath, size: u64, mode: Mode) -> [u8; BLOCK] {
    let mut header = [0u8; BLOCK];
    let mut put = |at: usize, text: &[u8]| {
        for (to, from) in header.iter_mut().skip(at).zip(text) {
            *to = *from;
        }
    };
    let (prefix, name) = path.ustar_fields();
    put(0, name.as_bytes());
    put(100, format!("{:07o}\0", mode.unix()).as_bytes());
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    // 1985-10-26T08:15:00Z: zero and times before 1980 break other tools.
    put(136, b"03560116604\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(345, prefix.as_bytes());
    // The sum counts its own field as spaces, so it is written last.
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    let digits = format!("{sum:06o}\0 ");
    for (to, from) in header.iter_mut().skip(148).zip(digits.as_bytes()) {
        *to = *from;
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `tar` crate, written by others, reads back what the header is meant to say.
    #[test]
    fn an_independent_reader_agrees() {
        let long = format!("{}/{}", "d".repeat(90), "f".repeat(100));
        let deep = format!("{}/{}/x.vit", "a".repeat(60), "b".repeat(80));
        for (path, size, mode) in [
            ("vitte.toml", 0, Mode::Regular),
            ("bin/hello", 21, Mode::Executable),
            ("src/été/naïve file.vit", (1 << 31) - 1, Mode::Regular),
            (&long, 513, Mode::Executable),
            (&deep, 1, Mode::Regular),
        ] {
            let ours = header(&PackagePath::parse(path).unwrap(), size, mode);
            let theirs = tar::Header::from_byte_slice(&ours);
            assert_eq!(theirs.path_bytes().as_ref(), format!("pkg/{path}").as_bytes());
            assert_eq!((theirs.size().unwrap(), theirs.mode().unwrap()), (size, mode.unix()));
            assert_eq!((theirs.uid().unwrap(), theirs.gid().unwrap()), (0, 0));
            assert_eq!(theirs.mtime().unwrap(), 499_162_500);
            assert!(theirs.as_ustar().is_some() && theirs.entry_type().is_file());
            let mut again = theirs.clone();
            again.set_cksum();
            assert_eq!(again.cksum().unwrap(), theirs.cksum().unwrap());
        }
    }
}
