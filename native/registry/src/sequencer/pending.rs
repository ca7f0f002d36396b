//! What a commit writes once the head of the log was moved: kept beside the head, so that a replica that takes over can do it.

use crate::error::{Error, Result};
use crate::objects::Placed;

/// What is to be written before a checkpoint of the head may be seen. Doing it twice does no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pending {
    /// Archives to be put in their places.
    pub(super) placed: Vec<Placed>,
    /// Files and their contents.
    pub(super) puts: Vec<(String, Vec<u8>)>,
}

impl Pending {
    /// All of it in bytes: counts and lengths as 32-bit numbers, each before what it counts.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        count(&mut bytes, self.placed.len());
        for one in &self.placed {
            [&one.upload, &one.file, &one.path].iter().for_each(|text| put(&mut bytes, text.as_bytes()));
        }
        count(&mut bytes, self.puts.len());
        for (path, content) in &self.puts {
            put(&mut bytes, path.as_bytes());
            put(&mut bytes, content);
        }
        bytes
    }

    /// Reads it back.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        let mut rest = bytes;
        let pending = Self::read(&mut rest).filter(|_| rest.is_empty());
        pending.ok_or_else(|| Error::storage("its database", &"unexpected content"))
    }

    fn read(rest: &mut &[u8]) -> Option<Self> {
        let mut pending = Self::default();
        for _ in 0..number(rest)? {
            let (upload, file, path) = (text(rest)?, text(rest)?, text(rest)?);
            pending.placed.push(Placed { upload, file, path });
        }
        for _ in 0..number(rest)? {
            pending.puts.push((text(rest)?, take(rest)?.to_vec()));
        }
        Some(pending)
    }
}

fn count(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
}

fn put(bytes: &mut Vec<u8>, content: &[u8]) {
    count(bytes, content.len());
    bytes.extend(content);
}

fn number(rest: &mut &[u8]) -> Option<usize> {
    let (first, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(u32::from_be_bytes(*first) as usize)
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(rest)?;
    let (content, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(content)
}

fn text(rest: &mut &[u8]) -> Option<String> {
    String::from_utf8(take(rest)?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_back_and_nothing_else_is() {
        let text = |text: &str| text.to_owned();
        let pending = Pending {
            placed: vec![Placed { upload: text("7f"), file: text("ab"), path: text("p/a/b") }],
            puts: vec![(text("log/tile/0/000.p/1"), vec![0, 255, 7]), (text("x"), Vec::new())],
        };
        let bytes = pending.to_bytes();
        assert_eq!(Pending::parse(&bytes).unwrap(), pending);
        for end in 0..bytes.len() {
            assert!(Pending::parse(&bytes[..end]).is_err(), "{end}");
        }
        assert!(Pending::parse(&[bytes, vec![0]].concat()).is_err());
    }
}
