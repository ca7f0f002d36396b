//! gzip (RFC 1952), for foreign archives only: every member is read, every checksum compared.

use super::CodecError;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
const FLAG_HEADER_CRC: u8 = 1 << 1;
const FLAG_EXTRA: u8 = 1 << 2;
const FLAG_NAME: u8 = 1 << 3;
const FLAG_COMMENT: u8 = 1 << 4;
const FLAGS_RESERVED: u8 = 0xe0;

/// Whether `bytes` begin as a gzip member does.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Inflates all members of `input`, at most `limit` bytes in all. Zero bytes may follow the last member.
///
/// The work is linear in the bytes of input and output, however many members there are.
///
/// # Errors
/// [`CodecError::Magic`], [`CodecError::Truncated`], [`CodecError::Reserved`], [`CodecError::Data`],
/// [`CodecError::Checksum`], [`CodecError::Output`] when a member's length differs from the one it states,
/// [`CodecError::Length`] above `limit`, [`CodecError::Trailing`] for other bytes behind the last member.
pub fn gunzip(input: &[u8], limit: u64) -> Result<Vec<u8>, CodecError> {
    let mut gunzip = Gunzip::new(input, limit);
    gunzip.run()?;
    Ok(gunzip.into_output())
}

/// One run over all members. They share the output and the decompressor's tables, which are some ten kilobytes: made
/// anew for each member, they would cost a thousand times what a small member has.
pub(super) struct Gunzip<'a> {
    input: &'a [u8],
    at: usize,
    limit: usize,
    /// What was inflated, up to `filled`; behind it zeros that the decompressor may write over.
    out: Vec<u8>,
    filled: usize,
    state: Box<DecompressorOxide>,
    /// Bytes of `out` that were set to zero.
    #[cfg(test)]
    pub(super) zeroed: u64,
}

impl<'a> Gunzip<'a> {
    pub(super) fn new(input: &'a [u8], limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (out, state) = (Vec::new(), Box::default());
        let mut gunzip = Self {
            input,
            at: 0,
            limit,
            out,
            filled: 0,
            state,
            #[cfg(test)]
            zeroed: 0,
        };
        gunzip.grow(input.len().saturating_mul(4));
        gunzip
    }

    pub(super) fn run(&mut self) -> Result<(), CodecError> {
        loop {
            self.inflate_member()?;
            let rest = &self.input[self.at..];
            if is_gzip(rest) {
                continue;
            }
            return match rest.iter().all(|&byte| byte == 0) {
                true => Ok(()),
                false => Err(CodecError::Trailing(rest.len() as u64)),
            };
        }
    }

    fn into_output(mut self) -> Vec<u8> {
        self.out.truncate(self.filled);
        self.out
    }

    /// What was inflated so far.
    #[cfg(test)]
    pub(super) fn output(&self) -> &[u8] {
        &self.out[..self.filled]
    }

    /// Makes the output `len` bytes long, or as long as it may be.
    fn grow(&mut self, len: usize) {
        let len = len.min(self.limit).max(self.out.len());
        #[cfg(test)]
        {
            self.zeroed += (len - self.out.len()) as u64;
        }
        self.out.resize(len, 0);
    }

    /// Inflates the member at `at`, and goes behind it.
    fn inflate_member(&mut self) -> Result<(), CodecError> {
        self.at = skip_header(self.input, self.at)?;
        let start = self.filled;
        self.state.init();
        loop {
            // The whole of `out` from `start` is the history, so no window has to be kept apart.
            let (status, read, written) = decompress(
                &mut self.state,
                &self.input[self.at..],
                &mut self.out[start..],
                self.filled - start,
                inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
            );
            self.at += read;
            self.filled += written;
            match status {
                TINFLStatus::Done => break,
                TINFLStatus::HasMoreOutput if self.out.len() >= self.limit => {
                    let limit = self.limit as u64;
                    return Err(CodecError::Length { got: limit, limit });
                }
                // Twice as long each time, so that all growing together costs no more than the last.
                TINFLStatus::HasMoreOutput => self.grow(self.out.len().max(64 * 1024).saturating_mul(2)),
                TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput => {
                    return Err(CodecError::Truncated(self.input.len() as u64));
                }
                failed => return Err(CodecError::Data(format!("{failed:?}"))),
            }
        }
        let trailer = self.input.get(self.at..).and_then(|rest| rest.first_chunk::<8>());
        let trailer = trailer.ok_or(CodecError::Truncated(self.input.len() as u64))?;
        let word =
            |i: usize| u32::from_le_bytes([trailer[i], trailer[i + 1], trailer[i + 2], trailer[i + 3]]);
        let member = &self.out[start..self.filled];
        // The format states the length modulo 2^32.
        if word(4) != member.len() as u32 {
            return Err(CodecError::Output { expected: u64::from(word(4)), got: member.len() as u64 });
        }
        if word(0) != crc32(member) {
            return Err(CodecError::Checksum);
        }
        self.at += 8;
        Ok(())
    }
}

/// Returns the offset of the deflate stream of the member at `at`.
fn skip_header(input: &[u8], at: usize) -> Result<usize, CodecError> {
    let cut = || CodecError::Truncated(input.len() as u64);
    let header = input.get(at..).and_then(|rest| rest.first_chunk::<10>()).ok_or_else(cut)?;
    if header[..3] != MAGIC {
        return Err(CodecError::Magic);
    }
    let flags = header[3];
    if flags & FLAGS_RESERVED != 0 {
        return Err(CodecError::Reserved(at as u64 + 3));
    }
    let mut end = at + 10;
    if flags & FLAG_EXTRA != 0 {
        let len = input.get(end..).and_then(|rest| rest.first_chunk::<2>()).ok_or_else(cut)?;
        end += 2 + usize::from(u16::from_le_bytes(*len));
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            let rest = input.get(end..).ok_or_else(cut)?;
            end += 1 + rest.iter().position(|&byte| byte == 0).ok_or_else(cut)?;
        }
    }
    if flags & FLAG_HEADER_CRC != 0 {
        let crc = input.get(end..).and_then(|rest| rest.first_chunk::<2>()).ok_or_else(cut)?;
        if u32::from(u16::from_le_bytes(*crc)) != crc32(&input[at..end]) & 0xffff {
            return Err(CodecError::Checksum);
        }
        end += 2;
    }
    match end <= input.len() {
        true => Ok(end),
        false => Err(cut()),
    }
}

/// CRC-32 as gzip has it (ISO 3309), eight bytes at a time.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let low = crc ^ u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        crc = TABLES[7][(low & 0xff) as usize]
            ^ TABLES[6][(low >> 8 & 0xff) as usize]
            ^ TABLES[5][(low >> 16 & 0xff) as usize]
            ^ TABLES[4][(low >> 24) as usize]
            ^ TABLES[3][word[4] as usize]
            ^ TABLES[2][word[5] as usize]
            ^ TABLES[1][word[6] as usize]
            ^ TABLES[0][word[7] as usize];
    }
    for &byte in words.remainder() {
        crc = crc >> 8 ^ TABLES[0][((crc ^ u32::from(byte)) & 0xff) as usize];
    }
    !crc
}

/// `TABLES[k][b]`: the CRC of byte `b` followed by `k` zero bytes.
static TABLES: [[u32; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        tables[0][i] = crc;
        i += 1;
    }
    let mut k = 1;
    while k < 8 {
        let mut i = 0;
        while i < 256 {
            let crc = tables[k - 1][i];
            tables[k][i] = crc >> 8 ^ tables[0][(crc & 0xff) as usize];
            i += 1;
        }
        k += 1;
    }
    tables
};
