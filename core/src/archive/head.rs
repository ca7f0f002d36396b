//! EMPTY and HEAD: the first bytes of an archive. Their digest, the head digest, pins one encoding.

use super::ArchiveError;
use crate::codec::Codec;
use crate::digest::{Digest, TreeDigest};
use crate::limits;
use crate::target::Kind;

/// First bytes of the four skippable frames (zstd and lz4 share them): magic 0x184D2A56.
pub(super) const SKIPPABLE: [u8; 4] = [0x56, 0x2A, 0x4D, 0x18];
/// Bytes in front of the payload of a skippable frame: magic and length.
pub(super) const SKIPPABLE_HEADER: usize = 8;
const PAYLOAD: usize = 96;
const MAGIC: [u8; 8] = *b"VITPKG\x1a\n";
const MAJOR: u16 = 1;
const MINOR: u16 = 0;

const EMPTY_ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x00, 0x01, 0x00, 0x00];
const EMPTY_LZ4: &[u8] = &[0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82, 0x00, 0x00, 0x00, 0x00];
const END_ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD, 0x60, 0x00, 0x03, 0x03, 0x20, 0x00, 0x00];
const END_LZ4: &[u8] = &[
    0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82, 0x0E, 0x00, 0x00, 0x00, 0x1F, 0x00, 0x01, 0x00, 0xFF, 0xFF,
    0xFF, 0xEA, 0x50, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
];

/// The empty frame an archive of that codec begins with.
pub(super) fn empty_frame(codec: Codec) -> &'static [u8] {
    match codec {
        Codec::Zstd => EMPTY_ZSTD,
        Codec::Lz4 => EMPTY_LZ4,
    }
}

/// The constant frame an archive of that codec ends with: the trailer of the tar, 1,024 zero bytes.
pub fn end_frame(codec: Codec) -> &'static [u8] {
    match codec {
        Codec::Zstd => END_ZSTD,
        Codec::Lz4 => END_LZ4,
    }
}

/// The kind byte of HEAD.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArchiveKind {
    /// An artifact.
    Artifact(Kind),
    /// What turns one artifact into another: read by [`delta`](crate::delta).
    Delta,
}

/// EMPTY and HEAD, parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    kind: ArchiveKind,
    codec: Codec,
    toc_stored_len: u32,
    tree_len: u32,
    frames_len: u32,
    tree: TreeDigest,
    toc: Digest,
}

impl Head {
    /// Bytes needed to parse any head; one with zstd is shorter by two.
    pub const MAX_LEN: usize = EMPTY_LZ4.len() + SKIPPABLE_HEADER + PAYLOAD;

    /// The head of an archive with that TOC.
    ///
    /// # Errors
    /// [`ArchiveError::HeadLimit`] when one of the lengths is above its limit.
    pub(crate) fn new(
        kind: ArchiveKind,
        codec: Codec,
        tree: (usize, TreeDigest),
        frames_len: usize,
        stored_toc: &[u8],
    ) -> Result<Self, ArchiveError> {
        let fit = |field: &'static str, len: usize| {
            u32::try_from(len).map_err(|_| ArchiveError::HeadLimit {
                field,
                got: len as u64,
                limit: u32::MAX.into(),
            })
        };
        let head = Self {
            kind,
            codec,
            toc_stored_len: fit("toc_stored", stored_toc.len())?,
            tree_len: fit("tree_len", tree.0)?,
            frames_len: fit("frames_len", frames_len)?,
            tree: tree.1,
            toc: Digest::of(stored_toc),
        };
        head.check_limits()?;
        Ok(head)
    }

    /// Which codec the first bytes of a file announce. `None` while there are fewer than four.
    ///
    /// # Errors
    /// [`ArchiveError::NotAPackage`] when they announce none.
    pub fn sniff(bytes: &[u8]) -> Result<Option<Codec>, ArchiveError> {
        let known = [Codec::Zstd, Codec::Lz4].into_iter().find(|codec| {
            let magic = &empty_frame(*codec)[..4];
            bytes.iter().zip(magic).all(|(got, want)| got == want)
        });
        match known {
            Some(codec) if bytes.len() >= 4 => Ok(Some(codec)),
            Some(_) => Ok(None),
            None => Err(ArchiveError::not_a_package(bytes)),
        }
    }

    /// Bytes of EMPTY and HEAD with that codec: 113 or 115.
    pub fn encoded_len(codec: Codec) -> usize {
        empty_frame(codec).len() + SKIPPABLE_HEADER + PAYLOAD
    }

    /// Reads EMPTY and HEAD from the beginning of `bytes`.
    ///
    /// # Errors
    /// [`ArchiveError::NotAPackage`] when this is another kind of file, [`ArchiveError::HeadTooShort`] when
    /// there are too few bytes, [`ArchiveError::Major`], [`ArchiveError::Incompat`],
    /// [`ArchiveError::HeadField`] or [`ArchiveError::HeadLimit`] for a value this version does not read.
    pub fn parse(bytes: &[u8]) -> Result<Self, ArchiveError> {
        let short = || ArchiveError::HeadTooShort { got: bytes.len() as u64 };
        let codec = Self::sniff(bytes)?.ok_or_else(short)?;
        let empty = empty_frame(codec);
        let got_empty = bytes.get(..empty.len()).ok_or_else(short)?;
        if got_empty != empty {
            return Err(ArchiveError::not_a_package(bytes));
        }
        let frame = bytes.get(empty.len()..Self::encoded_len(codec)).ok_or_else(short)?;
        let mut fields = Fields(frame);
        if fields.take::<4>() != SKIPPABLE || fields.u32() != PAYLOAD as u32 || fields.take::<8>() != MAGIC {
            return Err(ArchiveError::not_a_package(bytes));
        }
        let (major, minor) = (fields.u16(), fields.u16());
        if major != MAJOR {
            return Err(ArchiveError::Major(major));
        }
        if minor != MINOR {
            return Err(ArchiveError::HeadField { field: "minor", got: minor.into() });
        }
        let [kind, codec_byte] = fields.take::<2>();
        let kind = match kind {
            1 => ArchiveKind::Artifact(Kind::Vitpkg),
            2 => ArchiveKind::Artifact(Kind::Vitmod),
            3 => ArchiveKind::Delta,
            other => return Err(ArchiveError::HeadField { field: "kind", got: other.into() }),
        };
        if codec_byte != codec.number() {
            return Err(ArchiveError::HeadField { field: "codec", got: codec_byte.into() });
        }
        let incompat = fields.u16();
        if incompat != 0 {
            return Err(ArchiveError::Incompat(incompat));
        }
        let (toc_stored_len, tree_len, frames_len, zero) =
            (fields.u32(), fields.u32(), fields.u32(), fields.u32());
        if zero != 0 {
            return Err(ArchiveError::HeadField { field: "zero", got: zero.into() });
        }
        let tree = TreeDigest::new(Digest::from_bytes(fields.take()));
        let toc = Digest::from_bytes(fields.take());
        let head = Self { kind, codec, toc_stored_len, tree_len, frames_len, tree, toc };
        head.check_limits()?;
        Ok(head)
    }

    fn check_limits(&self) -> Result<(), ArchiveError> {
        for (field, got, limit) in [
            ("toc_stored", self.toc_stored_len, limits::TOC_STORED_LEN),
            ("tree_len", self.tree_len, limits::TREE_TEXT_LEN),
            ("frames_len", self.frames_len, limits::FRAMES_TEXT_LEN),
        ] {
            if got > limit {
                return Err(ArchiveError::HeadLimit { field, got: got.into(), limit: limit.into() });
            }
        }
        Ok(())
    }

    /// EMPTY and HEAD as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::MAX_LEN);
        out.extend_from_slice(empty_frame(self.codec));
        out.extend_from_slice(&SKIPPABLE);
        out.extend_from_slice(&(PAYLOAD as u32).to_le_bytes());
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&MAJOR.to_le_bytes());
        out.extend_from_slice(&MINOR.to_le_bytes());
        let kind = match self.kind {
            ArchiveKind::Artifact(Kind::Vitpkg) => 1,
            ArchiveKind::Artifact(Kind::Vitmod) => 2,
            ArchiveKind::Delta => 3,
        };
        out.extend_from_slice(&[kind, self.codec.number(), 0, 0]);
        for len in [self.toc_stored_len, self.tree_len, self.frames_len, 0] {
            out.extend_from_slice(&len.to_le_bytes());
        }
        out.extend_from_slice(self.tree.digest().as_bytes());
        out.extend_from_slice(self.toc.as_bytes());
        out
    }

    /// SHA-256 of EMPTY and HEAD. Pins TOC and frames; may differ between mirrors of one artifact.
    pub fn head_digest(&self) -> Digest {
        Digest::of(&self.encode())
    }

    /// What the archive is.
    pub fn kind(&self) -> ArchiveKind {
        self.kind
    }

    /// How its content frames are compressed. The TOC is always zstd.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The identity the archive claims.
    pub fn tree(&self) -> TreeDigest {
        self.tree
    }

    /// Digest of the stored TOC.
    pub fn toc_digest(&self) -> &Digest {
        &self.toc
    }

    /// Bytes of the stored TOC.
    pub fn toc_stored_len(&self) -> u32 {
        self.toc_stored_len
    }

    /// Bytes of the tree text; in a delta, of its own text.
    pub fn tree_len(&self) -> u32 {
        self.tree_len
    }

    /// Bytes of the frame table text; none in a delta.
    pub fn frames_len(&self) -> u32 {
        self.frames_len
    }

    /// Bytes of tree text and frame table text: at most 40 MiB.
    pub fn toc_raw_len(&self) -> u64 {
        u64::from(self.tree_len) + u64::from(self.frames_len)
    }

    /// Bytes of EMPTY and HEAD.
    pub fn len(&self) -> usize {
        Self::encoded_len(self.codec)
    }

    /// Never: a head has at least 113 bytes.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// Little-endian fields, one behind the other, of a slice whose length was checked. Reads zeros past its end.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_first_chunk::<N>().map_or(([0; N], &[][..]), |(f, r)| (*f, r));
        self.0 = rest;
        field
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }
}
