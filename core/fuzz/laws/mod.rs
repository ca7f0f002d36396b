//! What must hold for every input of a parser. Run by the fuzz targets on whatever libFuzzer thinks of, and by
//! `core/tests/fuzz_corpus.rs`, among the ordinary tests, on the inputs kept in `corpus/`.
//!
//! A law that fails panics. Wherever a parser accepts, more than "no panic" is asked: what was read, written
//! again, is what was given.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

pub mod delta;

use vitte_package_core::archive::foreign::{EntryKind, ForeignArchive};
use vitte_package_core::archive::{ArchiveEvent, ArchiveReader, Head, TotalLen};
use vitte_package_core::codec::{Codec, FrameDecoder, PureDecoder, store_frame};
use vitte_package_core::diagnostic::{Code, Diagnose as _};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::manifest::{Manifest, pack};
use vitte_package_core::sign::{
    Envelope, PublicKey, ReleaseFacts, ReleaseStatement, SecretKey, Signatures, TrustPolicy,
};
use vitte_package_core::tree::{Tree, TreeBuilder};

/// A manifest that is read can be packed, and its packed form is read too and packs to itself.
pub fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Manifest::parse(text) {
        Err(errors) => assert!(!errors.to_string().is_empty()),
        Ok(manifest) => {
            if let Ok(once) = pack(text, None) {
                let again = Manifest::parse(&once).unwrap();
                assert_eq!((again.name(), again.version()), (manifest.name(), manifest.version()));
                assert_eq!(pack(&once, None).unwrap(), once);
            }
        }
    }
}

/// A tree that is read has exactly one text, and is the one its entries build.
pub fn tree(data: &[u8]) {
    let Ok(tree) = Tree::parse(data) else { return };
    assert_eq!(tree.text(), data);
    assert_eq!(tree.digest(), TreeDigest::of(data));
    let mut builder = TreeBuilder::new();
    for section in tree.sections() {
        for entry in section.entries() {
            builder.add(section.name(), entry.path().clone(), entry.mode(), entry.size(), *entry.digest());
        }
    }
    // The builder moves what belongs to `meta` there; a tree may leave it in another section when `meta` would
    // be too long. Otherwise both agree.
    if let Ok(built) = builder.build()
        && built.sections().len() == tree.sections().len()
        && built
            .sections()
            .zip(tree.sections())
            .all(|(one, other)| one.entries().len() == other.entries().len())
    {
        assert_eq!(built.text(), data);
    }
    assert_eq!(tree.entries().len(), tree.file_count());
    let sum: u64 = tree.entries().iter().map(|entry| entry.size()).sum();
    assert_eq!(sum, tree.content_len());
}

/// A head that is read is written as the bytes it was read from.
pub fn head(data: &[u8]) {
    let Ok(head) = Head::parse(data) else { return };
    let written = head.encode();
    // `minor` is informative and not kept.
    let mut given = data[..written.len()].to_vec();
    let minor = written.len() - 96 + 10;
    given[minor..minor + 2].copy_from_slice(&written[minor..minor + 2]);
    assert_eq!(written, given);
}

/// Any cutting of an archive gives the same events and the same class of fault, and frames decode within their limits.
///
/// The first byte chooses between the bytes as they are and bytes with the digests in HEAD put right, without
/// which nothing behind the TOC would ever be reached.
pub fn archive(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let bytes = if first & 1 == 0 { rest.to_vec() } else { mended(rest) };
    let total = if first & 2 == 0 { TotalLen::Unknown } else { TotalLen::Known(bytes.len() as u64) };
    let (events, fault) = read(&bytes, bytes.len().max(1), total);
    let cut = 1 + usize::from(first >> 2);
    assert_eq!(read(&bytes, cut, total), (events.clone(), fault));
    let mut toc = None;
    let mut decoder = None;
    for event in events {
        match event {
            ArchiveEvent::Head(head) => decoder = Some(PureDecoder::new(head.codec())),
            ArchiveEvent::Toc(read) => toc = Some(read),
            ArchiveEvent::Signatures(payload) => signatures(&payload),
            ArchiveEvent::Frame { index, stored } => {
                let info = toc.as_ref().unwrap().frames().frames()[index];
                assert_eq!(info.stored_len, stored.len() as u64);
                let mut raw = Vec::new();
                if decoder.as_mut().unwrap().decode(&stored, info.raw_len as usize, &mut raw).is_ok() {
                    assert_eq!(raw.len() as u64, info.raw_len);
                }
            }
            ArchiveEvent::End => {}
        }
    }
}

/// The events up to the first fault, and its class. Values in a fault may tell how much had been seen.
fn read(bytes: &[u8], cut: usize, total: TotalLen) -> (Vec<ArchiveEvent>, Option<Code>) {
    let mut reader = ArchiveReader::new(total);
    let mut events = Vec::new();
    for piece in bytes.chunks(cut) {
        reader.push(piece);
        while let Some(event) = reader.next() {
            match event {
                Ok(event) => events.push(event),
                Err(error) => return (events, Some(error.code())),
            }
        }
    }
    let fault = reader.finish().err().map(|error| error.code());
    (events, fault)
}

/// Reads `data` as a tree length, a TOC text, and all that follows the TOC; gives an archive whose HEAD fits.
fn mended(data: &[u8]) -> Vec<u8> {
    let [low, high, t0, t1, rest @ ..] = data else { return Vec::new() };
    let toc_len = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
    let (text, behind) = rest.split_at(toc_len);
    let tree_len = usize::from(u16::from_le_bytes([*t0, *t1])).min(text.len());
    let stored = store_frame(text);
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0, 0x56, 0x2a, 0x4d, 0x18, 96, 0, 0, 0];
    out.extend_from_slice(b"VITPKG\x1a\n\x01\0\0\0\x01\x01\0\0");
    for len in [stored.len(), tree_len, text.len() - tree_len, 0] {
        out.extend_from_slice(&(len as u32).to_le_bytes());
    }
    out.extend_from_slice(Digest::of(&text[..tree_len]).as_bytes());
    out.extend_from_slice(Digest::of(&stored).as_bytes());
    out.extend_from_slice(&[0x56, 0x2a, 0x4d, 0x18]);
    out.extend_from_slice(&(stored.len() as u32).to_le_bytes());
    out.extend_from_slice(&stored);
    out.extend_from_slice(behind);
    out
}

/// A frame decodes to exactly the length asked for, or leaves nothing; the same both times.
pub fn frame(data: &[u8]) {
    let [codec, l0, l1, l2, stored @ ..] = data else { return };
    let codec = if codec & 1 == 0 { Codec::Zstd } else { Codec::Lz4 };
    let raw_len = u32::from_le_bytes([*l0, *l1, *l2, 0]) as usize;
    if raw_len > 8 * 1024 * 1024 {
        return;
    }
    let mut decoder = PureDecoder::new(codec);
    let (mut one, mut two) = (vec![7; 3], Vec::new());
    let first = decoder.decode(stored, raw_len, &mut one);
    let second = decoder.decode(stored, raw_len, &mut two);
    assert_eq!(first, second);
    assert_eq!(one, two);
    assert_eq!(one.len(), if first.is_ok() { raw_len } else { 0 });
    #[cfg(feature = "second-decoder")]
    if codec == Codec::Zstd && first.is_ok() {
        // What the second decoder accepts alone says nothing: it accepts more than there is in the format.
        vitte_package_core::codec::SecondDecoder::new().decode(stored, raw_len, &mut two).unwrap();
        assert!(one == two);
    }
}

/// A foreign archive that is read keeps within its limit, and what a package may hold of it is what it lists.
pub fn foreign(data: &[u8]) {
    const LIMIT: u64 = 1 << 20;
    let Ok(archive) = ForeignArchive::read(data, LIMIT) else { return };
    let entries = archive.entries();
    assert!(entries.iter().map(|entry| entry.size()).sum::<u64>() <= LIMIT);
    for entry in entries {
        assert_eq!(archive.content(entry).len() as u64, entry.size());
        assert!(!entry.name().chars().any(char::is_control));
    }
    let listed: Vec<_> = entries.iter().filter(|entry| *entry.kind() == EntryKind::File).collect();
    match archive.files() {
        Ok(files) => {
            assert!(entries.iter().all(|entry| matches!(entry.kind(), EntryKind::File | EntryKind::Folder)));
            assert_eq!(files.len(), listed.len());
            for (file, entry) in files.iter().zip(listed) {
                assert_eq!(file.content, archive.content(entry));
            }
        }
        Err(faults) => {
            assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.to_string().is_empty()))
        }
    }
}

/// Envelopes, statements, lists of envelopes and PEM keys: read, they are written as they were; and nothing that
/// libFuzzer writes is ever signed by a key it does not have.
pub fn dsse(data: &[u8]) {
    signatures(data);
    if let Ok(envelope) = Envelope::parse(data) {
        assert_eq!(envelope.as_bytes(), data);
        judged(&envelope);
    }
    if let Ok(statement) = ReleaseStatement::parse(data) {
        let payload = statement.to_payload().unwrap();
        assert_eq!(ReleaseStatement::parse(&payload).unwrap(), statement);
        assert_eq!(statement.check(&ReleaseFacts::default()), Ok(()));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        if let Ok(key) = PublicKey::from_pem(text) {
            assert_eq!(PublicKey::from_pem(&key.to_pem()).unwrap(), key);
        }
        if let Ok(key) = SecretKey::from_pkcs8_pem(text) {
            assert_eq!(SecretKey::from_pkcs8_pem(&key.to_pkcs8_pem()).unwrap().id(), key.id());
        }
    }
}

fn signatures(payload: &[u8]) {
    let Ok(signatures) = Signatures::parse(payload) else { return };
    assert_eq!(Signatures::parse(&signatures.to_bytes()).unwrap(), signatures);
    let _ = TrustPolicy::new().judge(&signatures, &ReleaseFacts::default());
    signatures.envelopes().iter().for_each(judged);
}

fn judged(envelope: &Envelope) {
    // The key of the trust document's example has signed exactly one payload.
    let key = SecretKey::from_seed(&[0x22; 32]).public();
    if envelope.verify(envelope.payload_type(), &[key], 1).is_ok() {
        let golden = "a84f0819c34c9e6055a651a6af9ba9cb7ed4544c227b10b41b95555181508314";
        assert_eq!(Digest::of(envelope.unverified_payload()).to_string(), golden);
    }
}
