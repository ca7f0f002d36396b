//! Signed notes: a text and one or more signature lines (C2SP `signed-note`, `tlog-cosignature`).
//!
//! A key is written as a *vkey*, `name+id+base64`. One key has one purpose: [`LogKey`], [`IndexKey`] and
//! [`WitnessKey`] are types of their own, so a key of one purpose is never asked about another.
//!
//! ```
//! use vitte_package_core::log::note::{LogKey, Note};
//! use vitte_package_core::sign::SecretKey;
//!
//! # fn main() -> Result<(), vitte_package_core::log::note::NoteError> {
//! let secret = SecretKey::from_seed(&[7; 32]);
//! let note = Note::sign("example.com/log\n".to_owned(), "example.com/log", &secret)?;
//! let key = LogKey::new("example.com/log", secret.public())?;
//! let read = Note::parse(&note.to_bytes(), 1024)?;
//! assert_eq!(read.verify(&[key.note_key()])?.len(), 1);
//! // Another key of the same name has not signed it.
//! let other = LogKey::new("example.com/log", SecretKey::from_seed(&[8; 32]).public())?;
//! assert!(read.verify(&[other.note_key()]).is_err());
//! # Ok(())
//! # }
//! ```

use super::{parse_base64, print_base64};
use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::Digest;
use crate::limits;
use crate::message::log as text;
use crate::sign::{PublicKey, RegistryId, SecretKey, Signature};

/// What a key's signatures are over, and the byte that says so in its vkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureType {
    /// 0x01: Ed25519 over the note's text.
    Ed25519,
    /// 0x04: Ed25519 over a time and the note's text, by a witness.
    Cosignature,
}

impl SignatureType {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }
}

/// A public key with the name it signs notes by. Name and id together tell keys apart in a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    name: String,
    id: [u8; 4],
    signature_type: SignatureType,
    key: PublicKey,
}

impl NoteKey {
    /// Names `key`.
    ///
    /// # Errors
    /// [`NoteError::KeyName`] when the name is empty or has a space, a control character or a `+`.
    pub fn new(name: &str, signature_type: SignatureType, key: PublicKey) -> Result<Self, NoteError> {
        check_name(name)?;
        let mut named = format!("{name}\n").into_bytes();
        named.push(signature_type.byte());
        named.extend_from_slice(key.as_bytes());
        let digest = Digest::of(&named);
        let [a, b, c, d, ..] = *digest.as_bytes();
        Ok(Self { name: name.to_owned(), id: [a, b, c, d], signature_type, key })
    }

    /// Reads a vkey.
    ///
    /// # Errors
    /// [`NoteError::Vkey`] when the text is malformed, the id is not that of name and key, or the key type is
    /// not one of [`SignatureType`]; [`NoteError::WeakKey`] when the key is weak or not canonical.
    pub fn parse(vkey: &str) -> Result<Self, NoteError> {
        let refuse = || NoteError::Vkey(vkey.chars().take(200).collect());
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refuse());
        };
        let data = parse_base64(data).ok_or_else(refuse)?;
        let (signature_type, bytes) = data.split_first().ok_or_else(refuse)?;
        let signature_type = match signature_type {
            1 => SignatureType::Ed25519,
            4 => SignatureType::Cosignature,
            _ => return Err(refuse()),
        };
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| refuse())?;
        let key = PublicKey::from_bytes(&bytes).map_err(|_| NoteError::WeakKey(name.to_owned()))?;
        let key = Self::new(name, signature_type, key)?;
        if key.id_hex() == id { Ok(key) } else { Err(refuse()) }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key.
    pub fn public(&self) -> &PublicKey {
        &self.key
    }

    /// What its signatures are over.
    pub fn signature_type(&self) -> SignatureType {
        self.signature_type
    }

    fn id_hex(&self) -> String {
        self.id.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Checks `signature` (without the id) over `text`; a witness's gives its time, in Unix seconds.
    fn verify(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        let (time, signature) = match self.signature_type {
            SignatureType::Ed25519 => (None, signature),
            SignatureType::Cosignature => {
                let (time, signature) = signature.split_first_chunk::<8>()?;
                (Some(u64::from_be_bytes(*time)).filter(|time| *time <= super::MAX_SIZE), signature)
            }
        };
        let signature = Signature::from_bytes(signature.try_into().ok()?);
        let good = match (self.signature_type, time) {
            (SignatureType::Ed25519, _) => self.key.verify(text.as_bytes(), &signature),
            (SignatureType::Cosignature, Some(time)) => {
                self.key.verify(cosigned_message(time, text).as_bytes(), &signature)
            }
            (SignatureType::Cosignature, None) => return None,
        };
        good.ok().map(|()| time)
    }
}

/// Prints the vkey.
impl std::fmt::Display for NoteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut data = vec![self.signature_type.byte()];
        data.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, self.id_hex(), print_base64(&data))
    }
}

macro_rules! purpose_key {
    ($(#[$doc:meta])* $name:ident, $signature_type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(NoteKey);

        impl $name {
            /// Names `key` for this purpose.
            ///
            /// # Errors
            /// [`NoteError::KeyName`] as [`NoteKey::new`].
            pub fn new(name: &str, key: PublicKey) -> Result<Self, NoteError> {
                NoteKey::new(name, SignatureType::$signature_type, key).map(Self)
            }

            /// Reads a vkey.
            ///
            /// # Errors
            /// As [`NoteKey::parse`]; [`NoteError::Vkey`] also when the key is of the wrong type.
            pub fn parse(vkey: &str) -> Result<Self, NoteError> {
                let key = NoteKey::parse(vkey)?;
                match key.signature_type {
                    SignatureType::$signature_type => Ok(Self(key)),
                    _ => Err(NoteError::Vkey(vkey.chars().take(200).collect())),
                }
            }

            /// Name, id and public key.
            pub fn note_key(&self) -> &NoteKey {
                &self.0
            }

            /// The name.
            pub fn name(&self) -> &str {
                &self.0.name
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
purpose_key! {
    /// The key of a log: signs its checkpoints. Its name is the log's origin.
    LogKey, Ed25519
}
purpose_key! {
    /// The key of an index: signs index files.
    IndexKey, Ed25519
}

impl LogKey {
    /// The name of a registry's log: its log key and every checkpoint carry it.
    pub fn name_of(registry: &RegistryId) -> String {
        format!("{registry}log")
    }
}

impl IndexKey {
    /// The name of a registry's index key.
    pub fn name_of(registry: &RegistryId) -> String {
        format!("{registry}index")
    }
}

purpose_key! {
    /// The key of a witness: cosigns checkpoints.
    WitnessKey, Cosignature
}

/// A signature line: who says to have signed, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

/// Who has signed a note: position of the key among those asked about, and a witness's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteSigner {
    /// Position in the list of keys.
    pub key: usize,
    /// Time of a cosignature, in Unix seconds.
    pub time: Option<u64>,
}

/// A text with signature lines. What it says counts for nothing until [`Note::verify`] has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    lines: Vec<Line>,
}

impl Note {
    /// Reads a note of at most `limit` bytes.
    ///
    /// # Errors
    /// [`NoteError::Length`] beyond the limit; [`NoteError::Syntax`] when the bytes are not UTF-8, have a control
    /// character other than line feed, no empty line before the signatures, a malformed signature line, none, or
    /// more than 64.
    pub fn parse(bytes: &[u8], limit: usize) -> Result<Self, NoteError> {
        if bytes.len() > limit {
            return Err(NoteError::Length { len: bytes.len() as u64, limit: limit as u64 });
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Syntax(Fault::Utf8))?;
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::Syntax(Fault::Control));
        }
        let split = note.rfind("\n\n").ok_or(NoteError::Syntax(Fault::NoSignatures))?;
        let (text, signatures) = (&note[..split + 1], &note[split + 2..]);
        let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Syntax(Fault::NoSignatures))?;
        let mut lines = Vec::new();
        for line in signatures.split('\n') {
            if lines.len() == limits::NOTE_LINES {
                return Err(NoteError::Syntax(Fault::TooManySignatures));
            }
            lines.push(parse_line(line).ok_or(NoteError::Syntax(Fault::SignatureLine))?);
        }
        Ok(Self { text: text.to_owned(), lines })
    }

    /// Signs `text` under `name` with a key of type 0x01.
    ///
    /// # Errors
    /// [`NoteError::Syntax`] when the text does not end in a line feed or has other control characters,
    /// [`NoteError::KeyName`] when the name cannot stand in a signature line.
    pub fn sign(text: String, name: &str, secret: &SecretKey) -> Result<Self, NoteError> {
        if !text.ends_with('\n') {
            return Err(NoteError::Syntax(Fault::NoSignatures));
        }
        if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::Syntax(Fault::Control));
        }
        let key = NoteKey::new(name, SignatureType::Ed25519, secret.public())?;
        let signature = secret.sign(text.as_bytes()).as_bytes().to_vec();
        Ok(Self { text, lines: vec![Line { name: key.name, id: key.id, signature }] })
    }

    /// Adds the cosignature of a witness, made at `time` (Unix seconds).
    ///
    /// # Errors
    /// [`NoteError::KeyName`] when the name cannot stand in a signature line.
    pub fn cosign(&mut self, name: &str, secret: &SecretKey, time: u64) -> Result<(), NoteError> {
        let key = NoteKey::new(name, SignatureType::Cosignature, secret.public())?;
        let mut signature = time.to_be_bytes().to_vec();
        signature.extend_from_slice(secret.sign(cosigned_message(time, &self.text).as_bytes()).as_bytes());
        self.lines.push(Line { name: key.name, id: key.id, signature });
        Ok(())
    }

    /// The text, which ends in a line feed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the note.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut note = format!("{}\n", self.text);
        for line in &self.lines {
            let data = [&line.id[..], &line.signature].concat();
            note.push_str(&format!("\u{2014} {} {}\n", line.name, print_base64(&data)));
        }
        note.into_bytes()
    }

    /// Checks the signatures of `keys`. Lines of other keys are ignored; a line of one of them that fails
    /// refuses the note as a whole. Gives each key that signed once, in the order of `keys`.
    ///
    /// # Errors
    /// [`NoteError::Signature`] when a known key's line fails, [`NoteError::Unsigned`] when none of them signed.
    pub fn verify(&self, keys: &[&NoteKey]) -> Result<Vec<NoteSigner>, NoteError> {
        let mut signers = Vec::new();
        for (position, key) in keys.iter().enumerate() {
            let mut newest: Option<NoteSigner> = None;
            for line in self.lines.iter().filter(|line| line.name == key.name && line.id == key.id) {
                let time = key
                    .verify(&self.text, &line.signature)
                    .ok_or_else(|| NoteError::Signature { name: key.name.clone() })?;
                if newest.is_none_or(|newest| newest.time < time) {
                    newest = Some(NoteSigner { key: position, time });
                }
            }
            signers.extend(newest);
        }
        if signers.is_empty() {
            let wanted = keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(NoteError::Unsigned { wanted });
        }
        Ok(signers)
    }
}

fn parse_line(line: &str) -> Option<Line> {
    let (name, data) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    check_name(name).ok()?;
    let data = parse_base64(data)?;
    let (id, signature) = data.split_first_chunk::<4>()?;
    if signature.is_empty() {
        return None;
    }
    Some(Line { name: name.to_owned(), id: *id, signature: signature.to_vec() })
}

fn check_name(name: &str) -> Result<(), NoteError> {
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c < ' ' || c == '+') {
        return Err(NoteError::KeyName(name.chars().take(200).collect()));
    }
    Ok(())
}

fn cosigned_message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// How a note is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Not UTF-8.
    Utf8,
    /// A control character other than line feed.
    Control,
    /// No empty line, or no signature line behind the last one, or no final line feed.
    NoSignatures,
    /// A signature line of another form.
    SignatureLine,
    /// More than 64 signature lines.
    TooManySignatures,
}

/// A note or its key is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteError {
    /// Longer than such notes may be.
    Length {
        /// Bytes of the note.
        len: u64,
        /// Most bytes.
        limit: u64,
    },
    /// Malformed.
    Syntax(Fault),
    /// A name that cannot be a key's.
    KeyName(String),
    /// Not a vkey of the type needed. Holds at most 200 characters of it.
    Vkey(String),
    /// The key of this name is weak or not in canonical form.
    WeakKey(String),
    /// The signature of a known key fails.
    Signature {
        /// Name of the key.
        name: String,
    },
    /// None of the known keys has signed.
    Unsigned {
        /// Names of the keys.
        wanted: String,
    },
}

impl Diagnose for NoteError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Length { len, limit } => Diagnostic::new(Code::Note, text::note_length(*len, *limit)),
            Self::Syntax(fault) => {
                let what = match fault {
                    Fault::Utf8 => text::note_utf8(),
                    Fault::Control => text::note_control(),
                    Fault::NoSignatures => text::note_no_signatures(),
                    Fault::SignatureLine => text::note_signature_line(),
                    Fault::TooManySignatures => text::note_too_many_signatures(limits::NOTE_LINES as u64),
                };
                Diagnostic::new(Code::Note, what)
            }
            Self::KeyName(name) => Diagnostic::new(Code::Note, text::note_key_name(name)),
            Self::Vkey(vkey) => Diagnostic::new(Code::Note, text::note_vkey(vkey)),
            Self::WeakKey(name) => Diagnostic::new(Code::WeakKey, text::note_weak_key(name)),
            Self::Signature { name } => Diagnostic::new(Code::Note, text::note_signature(name)),
            Self::Unsigned { wanted } => Diagnostic::new(Code::Note, text::note_unsigned(wanted)),
        }
    }
}
display_as_message!(NoteError);

#[cfg(test)]
mod tests;
