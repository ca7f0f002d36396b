//! The files a log is published as: tiles of 256 hashes, and bundles of 256 entries (C2SP `tlog-tiles`).
//!
//! ```
//! use vitte_package_core::log::append::Appender;
//! use vitte_package_core::log::tile::{BundleId, TileId, parse_tile};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut log = Appender::empty();
//! for leaf in 0..300_u32 {
//!     log.append(&leaf.to_be_bytes())?;
//! }
//! // A full tile of leaf hashes, the rest of them, and the tile above.
//! let tiles = log.take_tiles();
//! let paths: Vec<String> = tiles.iter().map(|(id, _)| id.path()).collect();
//! assert_eq!(paths, ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]);
//! let (id, bytes) = &tiles[1];
//! assert_eq!(parse_tile(*id, bytes)?.len(), 44);
//! // The same log goes on from its right edge alone.
//! let edge: Vec<Vec<u8>> = tiles[1..].iter().map(|(_, bytes)| bytes.clone()).collect();
//! assert_eq!(Appender::resume(300, &log.root(), &edge)?.size(), 300);
//! assert_eq!(TileId::at(0, 1, 300), Some(*id));
//! assert_eq!(BundleId::at(1, 300).map(|bundle| bundle.path()).as_deref(), Some("tile/entries/001.p/44"));
//! # Ok(())
//! # }
//! ```

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::Digest;
use crate::limits;
use crate::message::log as text;

/// Hashes of a full tile, and entries of a full bundle.
pub const WIDTH: u64 = 256;
/// Binary logarithm of [`WIDTH`]: levels of the tree that one level of tiles spans.
pub const HEIGHT: u32 = 8;
/// Levels of tiles of the greatest log.
pub const LEVELS: u8 = 8;

/// Names a tile of hashes: `index`th of its `level`, holding the first `width` of its 256 hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    level: u8,
    index: u64,
    width: u16,
}

impl TileId {
    /// The tile `index` at `level` as it is in a log of `size` leaves: full, or partial at the right edge;
    /// `None` when it has no hashes then.
    pub fn at(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(u32::from(level) * HEIGHT).unwrap_or(0);
        let width = hashes.checked_sub(index.checked_mul(WIDTH)?)?.min(WIDTH) as u16;
        (width > 0).then_some(Self { level, index, width })
    }

    /// The tiles at the right edge of a log of `size` leaves, from level 0 upwards; levels whose last tile is
    /// full have none. From them the root follows, and they are all that is needed to append.
    pub fn right_edge(size: u64) -> Vec<Self> {
        (0..LEVELS)
            .filter_map(|level| {
                let hashes = size.checked_shr(u32::from(level) * HEIGHT).unwrap_or(0);
                let width = (hashes % WIDTH) as u16;
                (width > 0).then_some(Self { level, index: hashes / WIDTH, width })
            })
            .collect()
    }

    /// Level, 0 for tiles of leaf hashes.
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// Number of the tile in its level.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Hashes held, 1 to 256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether all 256 hashes are there: such a tile never changes.
    pub const fn is_full(&self) -> bool {
        self.width as u64 == WIDTH
    }

    /// The same tile when full. It may be read where a partial one is gone.
    #[must_use]
    pub const fn full(&self) -> Self {
        Self { level: self.level, index: self.index, width: WIDTH as u16 }
    }

    /// The path below the log's address, such as `tile/0/x001/x234/067.p/5`.
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, numbered(self.index, self.width))
    }
}

/// Names a bundle of entries: the leaves `index * 256` and following, `width` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleId {
    index: u64,
    width: u16,
}

impl BundleId {
    /// The bundle `index` as it is in a log of `size` leaves; `None` when it has no entries then.
    pub fn at(index: u64, size: u64) -> Option<Self> {
        TileId::at(0, index, size).map(|tile| Self { index, width: tile.width })
    }

    /// Number of the bundle.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Entries held, 1 to 256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// The same bundle when full.
    #[must_use]
    pub const fn full(&self) -> Self {
        Self { index: self.index, width: WIDTH as u16 }
    }

    /// The log index of the bundle's first entry.
    pub const fn first(&self) -> u64 {
        self.index * WIDTH
    }

    /// The path below the log's address, such as `tile/entries/x001/x234/067.p/5`.
    pub fn path(&self) -> String {
        format!("tile/entries/{}", numbered(self.index, self.width))
    }
}

/// `N[.p/W]`, where N is in groups of three digits, all but the last behind an `x`.
fn numbered(index: u64, width: u16) -> String {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    let path = groups.join("/");
    if u64::from(width) == WIDTH { path } else { format!("{path}.p/{width}") }
}

/// Reads the hashes of tile `id`. The bytes of the full tile are taken too, and cut: a partial one may be gone.
///
/// # Errors
/// [`TileError::Length`] when the bytes are neither exactly the tile nor the full tile.
pub fn parse_tile(id: TileId, bytes: &[u8]) -> Result<Vec<Digest>, TileError> {
    let width = usize::from(id.width);
    if bytes.len() != width * 32 && bytes.len() as u64 != WIDTH * 32 {
        return Err(TileError::Length {
            path: id.path(),
            expected: width as u64 * 32,
            got: bytes.len() as u64,
        });
    }
    let hashes = bytes.chunks_exact(32).take(width).filter_map(|hash| hash.try_into().ok());
    Ok(hashes.map(Digest::from_bytes).collect())
}

/// Writes the bytes of a tile.
pub fn print_tile(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// Cuts bundle `id` into its entries. A bundle with more entries than asked is taken and cut.
///
/// # Errors
/// [`TileError::Bundle`] when an entry is cut off, there are too few of them, or more than 256.
pub fn parse_bundle(id: BundleId, bytes: &[u8]) -> Result<Vec<&[u8]>, TileError> {
    let refuse = |entries: usize| TileError::Bundle {
        path: id.path(),
        expected: u64::from(id.width),
        got: entries as u64,
    };
    let (mut entries, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let (length, tail) = rest.split_first_chunk::<2>().ok_or_else(|| refuse(entries.len()))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, tail) = tail.split_at_checked(length).ok_or_else(|| refuse(entries.len()))?;
        if entries.len() as u64 == WIDTH {
            return Err(refuse(entries.len() + 1));
        }
        entries.push(entry);
        rest = tail;
    }
    if entries.len() < usize::from(id.width) {
        return Err(refuse(entries.len()));
    }
    entries.truncate(usize::from(id.width));
    Ok(entries)
}

/// Appends an entry to the bytes of a bundle.
///
/// # Errors
/// [`TileError::Entry`] when the entry has more than 65,535 bytes.
pub fn print_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TileError> {
    let length = u16::try_from(entry.len()).map_err(|_| TileError::Entry { len: entry.len() as u64 })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// A tile or bundle is malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TileError {
    /// A tile has another length.
    Length {
        /// Its path.
        path: String,
        /// Bytes expected.
        expected: u64,
        /// Bytes got.
        got: u64,
    },
    /// A bundle does not hold its entries.
    Bundle {
        /// Its path.
        path: String,
        /// Entries expected.
        expected: u64,
        /// Whole entries found.
        got: u64,
    },
    /// An entry is longer than a bundle can say.
    Entry {
        /// Its bytes.
        len: u64,
    },
}

impl Diagnose for TileError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Length { path, expected, got } => {
                Diagnostic::new(Code::Inclusion, text::tile_length(path, *expected, *got))
            }
            Self::Bundle { path, expected, got } => {
                Diagnostic::new(Code::Leaf, text::bundle_entries(path, *expected, *got))
            }
            Self::Entry { len } => {
                Diagnostic::new(Code::Limit, text::entry_length(*len, limits::LEAF_LEN as u64))
            }
        }
    }
}
display_as_message!(TileError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let tile = TileId { level: 0, index: 1_234_067, width: 256 };
        assert_eq!(tile.path(), "tile/0/x001/x234/067");
        // The specification's example: a log of 70,000 leaves.
        let edge: Vec<_> = TileId::right_edge(70_000).iter().map(TileId::path).collect();
        assert_eq!(edge, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
        assert_eq!(TileId::at(0, 273, 70_000).map(|tile| tile.width()), Some(112));
        assert_eq!(TileId::at(1, 0, 70_000).map(|tile| tile.path()), Some("tile/1/000".to_owned()));
        assert_eq!(TileId::at(0, 274, 70_000), None);
        assert_eq!(TileId::at(3, 0, 70_000), None);
        assert_eq!(BundleId::at(273, 70_000).map(|id| id.path()), Some("tile/entries/273.p/112".to_owned()));
        assert_eq!(TileId::at(200, u64::MAX, u64::MAX), None);
    }

    #[test]
    fn bundles_give_their_entries_back() {
        let mut bytes = Vec::new();
        for entry in [&b"one"[..], b"", b"three"] {
            print_entry(&mut bytes, entry).unwrap();
        }
        let id = |width| BundleId { index: 0, width };
        assert_eq!(parse_bundle(id(3), &bytes).unwrap(), [&b"one"[..], b"", b"three"]);
        assert_eq!(parse_bundle(id(2), &bytes).unwrap(), [&b"one"[..], b""]);
        assert!(parse_bundle(id(4), &bytes).is_err());
        for cut in 1..bytes.len() {
            assert!(parse_bundle(id(3), &bytes[..cut]).is_err(), "{cut}");
        }
        assert!(matches!(print_entry(&mut bytes, &vec![0; 65_536]), Err(TileError::Entry { .. })));
        assert!(print_entry(&mut bytes, &vec![0; 65_535]).is_ok());
        assert!(parse_bundle(id(256), &[0; 2 * 257]).is_err());
    }

    #[test]
    fn tiles_have_exactly_their_length() {
        let id = TileId { level: 0, index: 0, width: 2 };
        assert_eq!(parse_tile(id, &[7; 64]).unwrap().len(), 2);
        assert_eq!(parse_tile(id, &[7; 8192]).unwrap().len(), 2);
        for bad in [0, 32, 63, 65, 96, 8191] {
            assert!(parse_tile(id, &vec![0; bad]).is_err(), "{bad}");
        }
    }
}
