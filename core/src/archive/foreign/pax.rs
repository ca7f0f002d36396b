//! PAX records (POSIX.1-2001, `pax` extended header): `LENGTH KEY=VALUE\n`, read without mercy.

use super::Ambiguity;

/// What records say about the next entry, as far as it is used.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    pub(super) path: Option<Vec<u8>>,
    pub(super) linkpath: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
}

/// Reads the records of a local header. Keys about times, owners and attributes are passed over.
pub(super) fn parse(bytes: &[u8]) -> Result<Records, Ambiguity> {
    let mut records = Records::default();
    for record in each(bytes) {
        let (key, value) = record?;
        match key {
            b"path" => put(&mut records.path, text(value)?)?,
            b"linkpath" => put(&mut records.linkpath, text(value)?)?,
            b"size" => put(&mut records.size, decimal(value)?)?,
            b"hdrcharset" => return Err(Ambiguity::Pax),
            _ if key.starts_with(b"GNU.sparse.") => return Err(Ambiguity::Sparse),
            _ => {}
        }
    }
    Ok(records)
}

/// Accepts a global header only if it is about nothing that is used: git writes one with a comment.
pub(super) fn check_global(bytes: &[u8]) -> Result<(), Ambiguity> {
    for record in each(bytes) {
        if record?.0 != b"comment" {
            return Err(Ambiguity::Global);
        }
    }
    Ok(())
}

fn each(bytes: &[u8]) -> impl Iterator<Item = Result<(&[u8], &[u8]), Ambiguity>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let record = split(rest);
        rest = match &record {
            Some((_, tail)) => tail,
            None => &[],
        };
        Some(record.map(|(record, _)| record).ok_or(Ambiguity::Pax))
    })
}

type Record<'a> = (&'a [u8], &'a [u8]);

/// Splits off the first record.
fn split(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let space = bytes.iter().position(|&byte| byte == b' ')?;
    let len = usize::try_from(decimal(&bytes[..space]).ok()?).ok()?;
    let record = bytes.get(space + 1..len)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|&byte| byte == b'=')?;
    match equals {
        0 => None,
        _ => Some(((&record[..equals], &record[equals + 1..]), &bytes[len..])),
    }
}

/// A value is used once, and not empty: an empty one would mean "as if it were not there" to some.
fn put<T>(slot: &mut Option<T>, value: T) -> Result<(), Ambiguity> {
    match slot.replace(value) {
        Some(_) => Err(Ambiguity::Pax),
        None => Ok(()),
    }
}

fn text(value: &[u8]) -> Result<Vec<u8>, Ambiguity> {
    match value.is_empty() || value.contains(&0) {
        true => Err(Ambiguity::Name),
        false => Ok(value.to_vec()),
    }
}

fn decimal(digits: &[u8]) -> Result<u64, Ambiguity> {
    if digits.is_empty() || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Ambiguity::Pax);
    }
    Ok(digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0')))
}
