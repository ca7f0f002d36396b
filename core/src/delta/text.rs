//! The text of a delta: which tree it begins from, which it leads to, and its patches.

use super::error::{DeltaError, DeltaRule, limit};
use super::pool::Base;
use crate::digest::{Digest, TreeDigest};
use crate::limits;
use crate::tree::{decimal, lines};
use std::fmt::Write as _;

const FIRST_LINE: &str = "vitte-delta 1";

/// How a patch was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Number 1: one zstd frame that may refer to the base as if it came before it.
    Prefix,
    /// Number 2: a suffix-array difference, in columns.
    Difference,
}

impl Method {
    /// The number in the text.
    pub const fn number(self) -> u8 {
        match self {
            Self::Prefix => 1,
            Self::Difference => 2,
        }
    }

    fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Prefix),
            2 => Some(Self::Difference),
            _ => None,
        }
    }
}

/// One patch, as the text lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PatchInfo {
    /// How it was made.
    pub method: Method,
    /// Bytes it gives.
    pub raw_len: u64,
    /// Bytes it has in the file.
    pub stored_len: u64,
    /// Digest of these.
    pub digest: Digest,
}

/// The text, read. The first patch gives the new list of files, the others the files that are not reused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeltaText {
    /// The tree it begins from.
    pub from: TreeDigest,
    /// The tree it leads to.
    pub to: TreeDigest,
    /// Bytes of the old tree text.
    pub old_tree_len: u64,
    /// The patch that gives the new tree text, from the old one.
    pub tree: PatchInfo,
    /// The patches of contents, in the order of what they give, each with what it begins from.
    pub patches: Vec<(PatchInfo, Base)>,
}

impl DeltaText {
    /// Reads the text.
    ///
    /// # Errors
    /// [`DeltaError::Text`] with the first line that breaks a rule, [`DeltaError::Limit`] for more than
    /// [`limits::DELTA_PATCHES`] patches, or a length above its limit.
    pub fn parse(text: &[u8]) -> Result<Self, DeltaError> {
        let broken = |rule| move |line: u64| DeltaError::Text(u32::try_from(line).unwrap_or(u32::MAX), rule);
        let mut lines = lines(text).map_err(|_| DeltaError::Text(0, DeltaRule::FirstLine))?;
        let mut next = |rule| lines.next().ok_or(DeltaError::Text(0, rule));
        let (number, line) = next(DeltaRule::FirstLine)?;
        if line != FIRST_LINE {
            return Err(broken(DeltaRule::FirstLine)(number));
        }
        let mut digest = |word: &str, rule| {
            let (number, line) = next(rule)?;
            let hex = line.strip_prefix(word).and_then(|rest| rest.strip_prefix(' '));
            let digest = hex.and_then(|hex| Digest::from_hex(hex).ok());
            digest.map(TreeDigest::new).ok_or_else(|| broken(rule)(number))
        };
        let from = digest("from", DeltaRule::From)?;
        let to = digest("to", DeltaRule::To)?;
        let (number, line) = next(DeltaRule::Tree)?;
        let lens = line.strip_prefix("tree ").and_then(|rest| rest.split_once(' '));
        let lens = lens.and_then(|(old, new)| Some((decimal(old)?, decimal(new)?)));
        let (old_tree_len, new_tree_len) = lens.ok_or_else(|| broken(DeltaRule::Tree)(number))?;
        let (number, line) = next(DeltaRule::Patch)?;
        let (tree, base) = patch(number, line)?;
        if base != "tree" {
            return Err(broken(DeltaRule::Base)(number));
        }
        if tree.raw_len != new_tree_len {
            return Err(broken(DeltaRule::Sum)(number));
        }
        for (what, got) in [("OLD_TREE_LEN", old_tree_len), ("NEW_TREE_LEN", new_tree_len)] {
            limit(what, got, limits::TREE_TEXT_LEN.into())?;
        }
        let mut patches = Vec::new();
        for (number, line) in lines {
            limit("patches", patches.len() as u64 + 2, limits::DELTA_PATCHES)?;
            let (info, base) = patch(number, line)?;
            limit("RAW_LEN", info.raw_len, limits::DELTA_PATCH_LEN)?;
            let base = Base::parse(base).ok_or_else(|| broken(DeltaRule::Base)(number))?;
            patches.push((info, base));
        }
        Ok(Self { from, to, old_tree_len, tree, patches })
    }

    /// The text, in its one form.
    pub fn print(&self) -> String {
        let mut out = format!("{FIRST_LINE}\nfrom {}\nto {}\n", self.from.digest(), self.to.digest());
        let _infallible = writeln!(out, "tree {} {}", self.old_tree_len, self.tree.raw_len);
        let mut patch = |info: &PatchInfo, base: &dyn std::fmt::Display| {
            let PatchInfo { method, raw_len, stored_len, digest } = info;
            let _infallible = writeln!(out, "p {} {raw_len} {stored_len} {digest} {base}", method.number());
        };
        patch(&self.tree, &"tree");
        for (info, base) in &self.patches {
            patch(info, base);
        }
        out
    }

    /// Bytes that all patches of contents give.
    pub fn content_len(&self) -> u64 {
        self.patches.iter().map(|(info, _)| info.raw_len).sum()
    }

    /// Bytes of all patches in the file.
    pub fn stored_len(&self) -> u64 {
        self.tree.stored_len + self.patches.iter().map(|(info, _)| info.stored_len).sum::<u64>()
    }
}

fn patch(number: u64, line: &str) -> Result<(PatchInfo, &str), DeltaError> {
    let read = || {
        let mut fields = line.strip_prefix("p ")?.splitn(5, ' ');
        let mut field = || fields.next();
        let method = Method::from_number(decimal(field()?)?)?;
        let (raw_len, stored_len) = (decimal(field()?)?, decimal(field()?)?);
        let digest = Digest::from_hex(field()?).ok()?;
        Some((PatchInfo { method, raw_len, stored_len, digest }, field()?))
    };
    let line_number = u32::try_from(number).unwrap_or(u32::MAX);
    let (info, base) = read().ok_or(DeltaError::Text(line_number, DeltaRule::Patch))?;
    if info.raw_len == 0 {
        return Err(DeltaError::Text(line_number, DeltaRule::Patch));
    }
    limit("RAW_LEN", info.raw_len, limits::DELTA_PATCH_LEN)?;
    limit("STORED_LEN", info.stored_len, limits::frame_stored_len(info.raw_len))?;
    Ok((info, base))
}
