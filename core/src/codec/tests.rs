use super::*;
use crate::digest::Digest;
use proptest::prelude::*;

/// Bytes with all that compressors look for: runs, repeats, text, noise.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        (any::<u8>(), 0..5000usize).prop_map(|(byte, len)| vec![byte; len]),
        proptest::collection::vec(any::<u8>(), 0..3000),
        ("[a-z ]{1,40}", 1..200usize).prop_map(|(word, times)| word.repeat(times).into_bytes()),
    ];
    (proptest::collection::vec(piece, 0..6), 1..20usize)
        .prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

fn decode(codec: Codec, stored: &[u8], raw_len: usize) -> Result<Vec<u8>, CodecError> {
    let mut out = vec![1, 2, 3];
    PureDecoder::new(codec).decode(stored, raw_len, &mut out).map(|()| out)
}

fn encode(codec: Codec, raw: &[u8]) -> Vec<u8> {
    PureEncoder::new(codec).encode(raw, Level::MIN).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn decoding_undoes_encoding(raw in content()) {
        for codec in [Codec::Zstd, Codec::Lz4] {
            let stored = encode(codec, &raw);
            prop_assert_eq!(codec.check(&stored, raw.len()), Ok(()));
            prop_assert!(stored.len() as u64 <= limits::frame_stored_len(raw.len() as u64));
            prop_assert_eq!(decode(codec, &stored, raw.len()), Ok(raw.clone()));
        }
        prop_assert_eq!(decode(Codec::Zstd, &store_frame(&raw), raw.len()), Ok(raw));
    }

    #[test]
    fn the_adaptive_choice_keeps_the_bytes_and_never_costs_much(raw in content()) {
        for profile in Profile::ALL {
            let level = level_for(profile, raw.len() as u64);
            let stored = encode_adaptive(&raw, level, &mut PureEncoder::new(Codec::Zstd)).unwrap();
            prop_assert!(stored.len() <= store_frame(&raw).len());
            prop_assert_eq!(decode(Codec::Zstd, &stored, raw.len()), Ok(raw.clone()));
        }
    }

    #[test]
    fn a_changed_frame_is_refused_or_yields_the_length_it_states(
        raw in content(), at in any::<prop::sample::Index>(), xor in 1..=255u8, cut in any::<prop::sample::Index>(),
    ) {
        for (codec, mut stored) in [
            (Codec::Zstd, encode(Codec::Zstd, &raw)), (Codec::Zstd, store_frame(&raw)), (Codec::Lz4, encode(Codec::Lz4, &raw)),
        ] {
            let whole = stored.clone();
            let i = at.index(stored.len());
            stored[i] ^= xor;
            if let Ok(out) = decode(codec, &stored, raw.len()) {
                prop_assert_eq!(out.len(), raw.len());
            }
            prop_assert!(codec.check(&whole[..cut.index(whole.len())], raw.len()).is_err());
            prop_assert!(codec.check(&whole, raw.len() + 1).is_err());
            prop_assert_eq!(codec.check(&[&whole[..], &[0]].concat(), raw.len()), Err(CodecError::Trailing(1)));
        }
    }

    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600), raw_len in 0..2000usize) {
        let frame = [&zstd::MAGIC[..], &bytes].concat();
        let _ = decode(Codec::Zstd, &frame, raw_len);
        // With a good header, so that the blocks are reached.
        let mut frame = Vec::new();
        zstd::put_header(&mut frame, raw_len);
        frame.extend_from_slice(&((bytes.len() << 3 | 0b101) as u32).to_le_bytes()[..3]);
        frame.extend_from_slice(&bytes);
        if let Ok(out) = decode(Codec::Zstd, &frame, raw_len) {
            prop_assert_eq!(out.len(), raw_len);
        }
        let _ = gunzip(&[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], &bytes[..]].concat(), 10_000);
    }

    #[test]
    fn gzip_members_are_joined(parts in proptest::collection::vec(content(), 1..4), padding in 0..600usize) {
        let mut file: Vec<u8> = parts.iter().flat_map(|part| gzip_member(part)).collect();
        file.resize(file.len() + padding, 0);
        let whole = parts.concat();
        prop_assert_eq!(gunzip(&file, whole.len() as u64), Ok(whole.clone()));
        if let Some(limit) = (whole.len() as u64).checked_sub(1) {
            prop_assert!(matches!(gunzip(&file, limit), Err(CodecError::Length { .. })), "limit {limit}");
        }
    }
}

fn gzip_member(content: &[u8]) -> Vec<u8> {
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    member.extend(miniz_oxide::deflate::compress_to_vec(content, 6));
    member.extend(super::gzip::crc32(content).to_le_bytes());
    member.extend((content.len() as u32).to_le_bytes());
    member
}

#[test]
fn crc32_has_its_check_value() {
    // The check value of CRC-32/ISO-HDLC, and one that passes the eight-byte loop twice.
    assert_eq!(super::gzip::crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(super::gzip::crc32(b"The quick brown fox jumps over the lazy dog"), 0x414f_a339);
}

#[test]
fn t79_gzip_of_many_members_is_linear() {
    // Ten times as many members are ten times the work, and not a hundred times.
    let work = |members: usize, content: &[u8]| {
        let input = gzip_member(content).repeat(members);
        let mut gunzip = gzip::Gunzip::new(&input, 1 << 30);
        gunzip.run().unwrap();
        assert!(gunzip.output() == content.repeat(members));
        (gunzip.zeroed, (input.len() + content.len() * members) as u64)
    };
    for content in [&b""[..], b"a", &[7; 3000]] {
        for members in [1, 10, 100, 1000, 10_000] {
            let (zeroed, bytes) = work(members, content);
            assert!(zeroed <= 4 * bytes + (1 << 17), "{members} members: {zeroed} of {bytes}");
        }
    }
}

#[test]
fn gzip_faults_are_told_apart() {
    let good = gzip_member(b"hello hello hello");
    let with = |at: usize, xor: u8| {
        let mut file = good.clone();
        file[at] ^= xor;
        gunzip(&file, 1000)
    };
    let len = good.len();
    assert!(matches!(with(0, 1), Err(CodecError::Magic)));
    assert!(matches!(with(3, 0x80), Err(CodecError::Reserved(3))));
    assert!(matches!(with(len - 8, 1), Err(CodecError::Checksum)));
    assert!(matches!(with(len - 1, 1), Err(CodecError::Output { .. })));
    assert!(matches!(gunzip(&good[..len - 1], 1000), Err(CodecError::Truncated(_))));
    assert!(matches!(gunzip(&good[..12], 1000), Err(CodecError::Truncated(_))));
    assert!(matches!(gunzip(&[&good[..], b"x"].concat(), 1000), Err(CodecError::Trailing(1))));
    // Every optional field of the header, written by `gzip -N` and friends: extra, name, comment, header CRC.
    let mut head = vec![0x1f, 0x8b, 8, 0b1_1110, 0, 0, 0, 0, 0, 3, 2, 0, b'a', b'b'];
    head.extend(b"name\0comment\0");
    let crc = super::gzip::crc32(&head) as u16;
    head.extend(crc.to_le_bytes());
    head.extend(&good[10..]);
    assert_eq!(gunzip(&head, 1000).unwrap(), b"hello hello hello");
    head[12] ^= 1;
    assert_eq!(gunzip(&head, 1000), Err(CodecError::Checksum));
}

#[test]
fn store_frames_have_fixed_bytes() {
    assert_eq!(store_frame(b""), [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0]);
    let frame = store_frame(&[7; 1024]);
    assert_eq!(frame[..10], [0x28, 0xb5, 0x2f, 0xfd, 0x60, 0x00, 0x03, 0x01, 0x20, 0x00]);
    assert_eq!(frame.len(), 1034);
    let raw = vec![9; 300_000];
    let frame = store_frame(&raw);
    assert_eq!(frame[4..9], [0xa0, 0xe0, 0x93, 0x04, 0x00]);
    assert_eq!(frame.len(), 9 + 3 * 3 + raw.len());
    for len in [255, 256, 65_791, 65_792, 131_072, 131_073] {
        assert_eq!(
            decode(Codec::Zstd, &store_frame(&raw[..len.min(raw.len())]), len),
            Ok(raw[..len].to_vec())
        );
    }
}

#[test]
fn lz4_frames_have_the_shape_of_the_document() {
    let frame = encode(Codec::Lz4, b"");
    assert_eq!(frame[..14], [0x04, 0x22, 0x4d, 0x18, 0x68, 0x70, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(frame.len(), 19);
    let noise: Vec<u8> =
        (0..400_000u32).flat_map(|i| *Digest::of(&i.to_le_bytes()).as_bytes()).take(9 << 20).collect();
    let frame = encode(Codec::Lz4, &noise);
    assert_eq!(frame[15..19], (4u32 << 20 | 1 << 31).to_le_bytes());
    assert_eq!(frame.len(), 15 + noise.len() + 3 * 4 + 4);
    assert_eq!(decode(Codec::Lz4, &frame, noise.len()), Ok(noise));
    // A block that claims to be compressed and is not shorter; a cut block; blocks that go on too long.
    let mut bad = encode(Codec::Lz4, b"ab");
    bad[18] = 0;
    assert!(decode(Codec::Lz4, &bad, 2).is_err());
    let mut flags = encode(Codec::Lz4, b"ab");
    flags[4] |= 4;
    assert_eq!(decode(Codec::Lz4, &flags, 2), Err(CodecError::Reserved(4)));
    let mut checksum = encode(Codec::Lz4, b"ab");
    checksum[14] ^= 1;
    assert_eq!(decode(Codec::Lz4, &checksum, 2), Err(CodecError::Reserved(14)));
}

/// Frame of one raw block with the given descriptor and fields.
fn crafted(fields: &[u8], content: &[u8]) -> Vec<u8> {
    let mut frame = zstd::MAGIC.to_vec();
    frame.extend_from_slice(fields);
    frame.extend_from_slice(&(content.len() << 3 | 1).to_le_bytes()[..3]);
    frame.extend_from_slice(content);
    frame
}

#[test]
fn hostile_headers_are_refused_before_decoding() {
    let hello = b"hello";
    let check = |frame: &[u8]| zstd::check(frame, 5).map(drop);
    assert_eq!(check(&crafted(&[0x20, 5], hello)), Ok(()));
    assert_eq!(check(&crafted(&[0x00, 0x00], hello)), Err(CodecError::NoContentSize));
    assert_eq!(check(&crafted(&[0x20, 6], hello)), Err(CodecError::ContentSize { expected: 5, got: 6 }));
    assert_eq!(check(&crafted(&[0x21, 0, 5], hello)), Err(CodecError::Dictionary));
    assert_eq!(check(&crafted(&[0x23, 1, 0, 0, 0, 5], hello)), Err(CodecError::Dictionary));
    assert_eq!(check(&crafted(&[0x28, 5], hello)), Err(CodecError::Reserved(4)));
    assert_eq!(check(&crafted(&[0x30, 5], hello)), Err(CodecError::Reserved(4)));
    // Windows of 8 MiB, 9 MiB, 16 MiB and 3.75 TiB.
    let windowed = |byte| crafted(&[0x80, byte, 5, 0, 0, 0], hello);
    assert_eq!(check(&windowed(13 << 3)), Ok(()));
    assert_eq!(check(&windowed(13 << 3 | 1)), Err(CodecError::Window(9 << 20)));
    assert_eq!(check(&windowed(14 << 3)), Err(CodecError::Window(16 << 20)));
    assert_eq!(check(&windowed(0xff)), Err(CodecError::Window(15 << 38)));
    // Eight bytes of content size, as large as can be.
    assert!(matches!(
        check(&crafted(&[0xe0, 255, 255, 255, 255, 255, 255, 255, 255], hello)),
        Err(CodecError::ContentSize { .. })
    ));
    // Skippable frame, LZ4 frame, zstd 0.7, nothing.
    assert_eq!(check(&[0x50, 0x2a, 0x4d, 0x18, 255, 255, 255, 255]), Err(CodecError::Magic));
    assert_eq!(check(&[0x04, 0x22, 0x4d, 0x18, 0x60]), Err(CodecError::Magic));
    assert_eq!(check(&[0x27, 0xb5, 0x2f, 0xfd, 0x20, 5]), Err(CodecError::Magic));
    assert_eq!(check(&[]), Err(CodecError::Truncated(0)));
    // Two frames in one place; an unknown block type; a checksum that is missing.
    let two = [crafted(&[0x20, 5], hello), crafted(&[0x20, 0], b"")].concat();
    assert_eq!(check(&two), Err(CodecError::Trailing(9)));
    let mut reserved = crafted(&[0x20, 5], hello);
    reserved[6] |= 0b110;
    assert_eq!(check(&reserved), Err(CodecError::Reserved(6)));
    assert_eq!(check(&crafted(&[0x24, 5], hello)), Err(CodecError::Truncated(14)));
    // More than any length there is.
    assert!(matches!(zstd::check(&[], limits::TOC_RAW_LEN + 1), Err(CodecError::Length { .. })));
    assert!(matches!(
        PureEncoder::new(Codec::Zstd).encode(&vec![0; limits::TOC_RAW_LEN + 1], Level::MIN),
        Err(CodecError::Length { .. })
    ));
}

#[test]
fn bombs_are_refused_before_decoding() {
    // A run of 2 MiB in a block that may yield 128 KiB; then many runs in a frame that states 5 bytes.
    let mut frame = zstd::MAGIC.to_vec();
    frame.extend([0x20, 5]);
    frame.extend(&((0x1f_ffff << 3 | 0b11) as u32).to_le_bytes()[..3]);
    frame.push(0);
    assert!(matches!(zstd::check(&frame, 5), Err(CodecError::Block { .. })));
    let mut frame = zstd::MAGIC.to_vec();
    frame.extend([0xa0, 0, 0, 16, 0]);
    for _ in 0..9 {
        frame.extend(&((131_072 << 3 | 0b10) as u32).to_le_bytes()[..3]);
        frame.push(0);
    }
    frame.extend([1, 0, 0]);
    assert!(matches!(
        zstd::check(&frame, 1 << 20),
        Err(CodecError::Output { expected: 1_048_576, got: 1_179_648 })
    ));
    // A million empty blocks are walked without memory, and yield too little.
    let mut frame = zstd::MAGIC.to_vec();
    frame.extend([0x20, 5]);
    frame.extend([0, 0, 0].repeat(1_000_000));
    frame.extend([1, 0, 0]);
    assert_eq!(zstd::check(&frame, 5), Err(CodecError::Output { expected: 5, got: 0 }));
}

#[test]
fn a_checksum_in_the_frame_is_compared() {
    let raw = b"some bytes, some bytes, some bytes";
    // The compressor's own frame, with checksum, but a content size in front.
    let own = ruzstd::encoding::compress_to_vec(&raw[..], ruzstd::encoding::CompressionLevel::Fastest);
    let header = zstd::FrameHeader::parse(&own).unwrap();
    assert!(header.checksum && header.content_size.is_none());
    let mut frame = zstd::MAGIC.to_vec();
    frame.extend([0x24, raw.len() as u8]);
    frame.extend(&own[header.len..]);
    assert_eq!(decode(Codec::Zstd, &frame, raw.len()), Ok(raw.to_vec()));
    *frame.last_mut().unwrap() ^= 1;
    assert_eq!(decode(Codec::Zstd, &frame, raw.len()), Err(CodecError::Checksum));
}

#[test]
fn levels_follow_profile_and_length() {
    let level = |profile, mib: u64| level_for(profile, mib << 20).get();
    assert_eq!((level(Profile::Dev, 9999), level(Profile::Build, 9999)), (1, 9));
    assert_eq!([64, 65, 512, 513].map(|mib| level(Profile::Publish, mib)), [19, 12, 12, 9]);
    assert!(Level::new(0).is_none() && Level::new(20).is_none());
}

/// Encoder that only counts, and claims a fixed result for all but the probe.
struct Pretend {
    probe: usize,
    result: usize,
    levels: Vec<u8>,
}

impl FrameEncoder for Pretend {
    fn encode(&mut self, _: &[u8], level: Level) -> Result<Vec<u8>, CodecError> {
        self.levels.push(level.get());
        Ok(vec![0; if self.levels.len() == 1 { self.probe } else { self.result }])
    }
}

#[test]
fn the_choice_is_made_by_the_stated_ratios() {
    let raw = vec![0; 1 << 20];
    let choose = |probe, result| {
        let mut encoder = Pretend { probe, result, levels: Vec::new() };
        let stored = encode_adaptive(&raw, Level(9), &mut encoder).unwrap().len() > raw.len();
        (stored, encoder.levels)
    };
    let sample = 3 * 65_536;
    assert_eq!(choose(sample * 100 / 105 + 1, 0), (true, vec![1]));
    assert_eq!(choose(sample * 100 / 105, raw.len() * 98 / 100), (false, vec![1, 9]));
    assert_eq!(choose(sample * 100 / 105, raw.len() * 98 / 100 + 1), (true, vec![1, 9]));
}
