//! `deltas.json`: which deltas there are to the archives of a release.
//!
//! `core/docs/registry-format.md`, section 2. Nobody signs it and nothing is decided by it but which file is asked for: a
//! delta leads to the tree that the index names, or it is of no use.

use crate::digest::TreeDigest;
use crate::json::{Json, JsonError};
use std::fmt::Write as _;

/// What `config.json` has among its features where there may be deltas.
pub const FEATURE: &str = "deltas";

/// A delta that a registry has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfferedDelta {
    /// The archive it leads to: the last part of its path.
    pub file: String,
    /// The tree it begins from.
    pub from: TreeDigest,
    /// The tree it leads to.
    pub to: TreeDigest,
    /// Its bytes.
    pub size: u64,
    /// Bytes of the archive.
    pub whole: u64,
}

/// The deltas to the archives of one release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeltaList {
    deltas: Vec<OfferedDelta>,
}

impl DeltaList {
    /// Bytes of a list at most.
    pub const LEN: u64 = 256 * 1024;
    /// Deltas in it at most.
    pub const COUNT: usize = 1_024;

    /// A list of these, in the order in which it is written.
    pub fn new(mut deltas: Vec<OfferedDelta>) -> Self {
        deltas.sort();
        deltas.dedup_by(|one, other| one.file == other.file && one.from == other.from);
        deltas.truncate(Self::COUNT);
        Self { deltas }
    }

    /// Reads `deltas.json`. Members that are not known are ignored.
    ///
    /// # Errors
    /// [`JsonError`] when it has more than [`LEN`](Self::LEN) bytes or [`COUNT`](Self::COUNT) deltas, is not JSON, a
    /// member is missing or of another type, or `v` is not 1.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let shape = |member: &str, wanted| JsonError::Shape { member: member.to_owned(), wanted };
        if bytes.len() as u64 > Self::LEN {
            return Err(shape("", "a document of at most 256 KiB"));
        }
        let mut object = Json::parse_object(bytes, 8)?;
        if object.number("v")? != 1 {
            return Err(shape("v", "1"));
        }
        let listed = object.list("deltas")?;
        if listed.len() > Self::COUNT {
            return Err(shape("deltas", "at most 1024 deltas"));
        }
        let mut deltas = Vec::with_capacity(listed.len());
        for delta in listed {
            let Json::Object(mut delta) = delta else { return Err(shape("deltas", "objects")) };
            let file = delta.text("file")?;
            let mut tree = |member: &str| {
                let text = delta.text(member)?;
                TreeDigest::parse(&text).map_err(|_| shape(member, "a tree digest"))
            };
            let (from, to) = (tree("from")?, tree("to")?);
            let (size, whole) = (delta.number("size")?, delta.number("whole")?);
            deltas.push(OfferedDelta { file, from, to, size, whole });
        }
        Ok(Self::new(deltas))
    }

    /// Writes `deltas.json`, a delta a line, ending in a line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = String::from("{\"v\":1,\"deltas\":[");
        for (number, OfferedDelta { file, from, to, size, whole }) in self.deltas.iter().enumerate() {
            let (comma, file) = (if number == 0 { "" } else { "," }, serde_json::Value::from(file.as_str()));
            let _infallible = write!(
                out,
                "{comma}\n{{\"file\":{file},\"from\":\"{from}\",\"to\":\"{to}\",\"size\":{size},\"whole\":{whole}}}"
            );
        }
        out.push_str("\n]}\n");
        out.into_bytes()
    }

    /// The deltas, by archive and tree.
    pub fn deltas(&self) -> &[OfferedDelta] {
        &self.deltas
    }

    /// The deltas that lead to a tree of this archive, the smallest first.
    pub fn to(&self, file: &str, tree: &TreeDigest) -> Vec<&OfferedDelta> {
        let mut found: Vec<_> =
            self.deltas.iter().filter(|delta| delta.file == file && delta.to == *tree).collect();
        found.sort_by_key(|delta| delta.size);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(file: &str, from: &[u8], size: u64) -> OfferedDelta {
        let (from, to) = (TreeDigest::of(from), TreeDigest::of(b"new"));
        OfferedDelta { file: file.to_owned(), from, to, size, whole: 100 }
    }

    #[test]
    fn a_list_is_read_back() {
        let list = DeltaList::new(vec![delta("b.vitmod", b"1", 9), delta("a\"+.vitpkg", b"2", 7)]);
        assert_eq!(DeltaList::parse(&list.to_bytes()), Ok(list.clone()));
        let more = String::from_utf8(list.to_bytes()).unwrap().replacen('{', "{\"later\":[1],", 1);
        assert_eq!(DeltaList::parse(more.as_bytes()), Ok(list));
        assert_eq!(DeltaList::parse(&DeltaList::default().to_bytes()), Ok(DeltaList::default()));
    }

    #[test]
    fn the_smallest_comes_first() {
        let list = DeltaList::new(vec![delta("a", b"1", 9), delta("a", b"2", 7), delta("b", b"2", 1)]);
        let sizes = |file: &str, to: &[u8]| {
            list.to(file, &TreeDigest::of(to)).iter().map(|delta| delta.size).collect::<Vec<_>>()
        };
        assert_eq!(sizes("a", b"new"), [7, 9]);
        assert_eq!(sizes("a", b"other"), [0; 0]);
        assert_eq!(sizes("c", b"new"), [0; 0]);
    }

    #[test]
    fn what_is_not_a_list_is_refused() {
        let good = String::from_utf8(DeltaList::new(vec![delta("a", b"1", 9)]).to_bytes()).unwrap();
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("\"size\":9", "\"size\":-9"),
            ("\"size\":9", "\"size\":\"9\""),
            ("vp1-sha256:", "sha256:"),
            ("\"file\":\"a\",", ""),
            ("[\n{", "[\n1,{"),
        ] {
            assert!(good.contains(from), "{from}");
            assert!(DeltaList::parse(good.replacen(from, to, 1).as_bytes()).is_err(), "{from} by {to}");
        }
        let many = vec!["1"; DeltaList::COUNT + 1].join(",");
        assert!(DeltaList::parse(format!("{{\"v\":1,\"deltas\":[{many}]}}").as_bytes()).is_err());
        assert!(DeltaList::parse(&vec![b' '; DeltaList::LEN as usize + 1]).is_err());
    }
}
