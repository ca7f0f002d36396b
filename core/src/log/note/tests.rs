use super::*;

const LIMIT: usize = 65_536;

/// The example of the C2SP `signed-note` page; its key is not published, its key id is.
const EXAMPLE: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

fn secret(byte: u8) -> SecretKey {
    SecretKey::from_seed(&[byte; 32])
}

fn key(name: &str, byte: u8) -> NoteKey {
    NoteKey::new(name, SignatureType::Ed25519, secret(byte).public()).unwrap()
}

#[test]
fn the_example_of_the_specification_is_read_and_written_back() {
    let note = Note::parse(EXAMPLE.as_bytes(), LIMIT).unwrap();
    assert!(note.text().ends_with("\n\ned è subito sera.\n"));
    assert_eq!(
        (note.lines[0].name.as_str(), note.lines[0].signature.len()),
        ("quasimodo.example/salvatore", 64)
    );
    assert_eq!(note.to_bytes(), EXAMPLE.as_bytes());
    assert!(matches!(
        note.verify(&[&key("quasimodo.example/salvatore", 1)]),
        Err(NoteError::Unsigned { .. })
    ));
}

/// The vkey of Go's checksum database, whose id is known to the world.
#[test]
fn a_published_vkey_has_its_id() {
    let vkey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    assert_eq!(NoteKey::parse(vkey).unwrap().to_string(), vkey);
}

#[test]
fn golden_vkeys() {
    for (name, byte, vkey) in [
        (
            "registry.example/log",
            0x33,
            "registry.example/log+2b7ca945+ARfLefsrQSDysexl5BmNbgiyjoE/6wHkpACDm4XhgIDO",
        ),
        (
            "registry.example/index",
            0x55,
            "registry.example/index+d970f9bf+AcaCJjfH0xDsV2J74AuiWdJTdJ9Kr2REcM/75To19zJC",
        ),
    ] {
        assert_eq!(key(name, byte).to_string(), vkey);
        assert_eq!(LogKey::parse(vkey).unwrap().to_string(), vkey);
        assert!(WitnessKey::parse(vkey).is_err(), "one key, one purpose");
    }
    let witness = WitnessKey::new("witness.example/w1", secret(0x44).public()).unwrap();
    let vkey = "witness.example/w1+0c3205e6+BNdZeTu8E6KBmoJ8dq22+6ikmu4Af0ny0JktmbglrSxI";
    assert_eq!(witness.to_string(), vkey);
    assert!(LogKey::parse(vkey).is_err());
}

#[test]
fn vkeys_have_one_spelling() {
    let good = key("a.example", 7).to_string();
    assert!(NoteKey::parse(&good).is_ok());
    let weak = {
        // The neutral point: signatures under it prove nothing.
        let mut point = [0u8; 32];
        point[0] = 1;
        let named = [b"w\n".as_slice(), &[1], &point].concat();
        let id: String =
            Digest::of(&named).as_bytes()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("w+{id}+{}", print_base64(&[&[1u8][..], &point].concat()))
    };
    assert_eq!(NoteKey::parse(&weak), Err(NoteError::WeakKey("w".to_owned())));
    for bad in [
        String::new(),
        "a.example".to_owned(),
        good.replacen("a.", "b.", 1),
        good.to_uppercase(),
        format!("{good} "),
        format!("{good}\n"),
        good.trim_end_matches('=').to_owned() + "A",
        good.replace("a.example", "a example"),
    ] {
        assert!(NoteKey::parse(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn signed_and_checked() {
    let note = Note::sign("hello\n".to_owned(), "a.example", &secret(1)).unwrap();
    let read = Note::parse(&note.to_bytes(), LIMIT).unwrap();
    assert_eq!(read, note);
    let signers = read.verify(&[&key("b.example", 2), &key("a.example", 1)]).unwrap();
    assert_eq!(signers, [NoteSigner { key: 1, time: None }]);
    // Same name, other key: another id, so unknown.
    assert!(matches!(read.verify(&[&key("a.example", 2)]), Err(NoteError::Unsigned { .. })));
    assert!(matches!(read.verify(&[]), Err(NoteError::Unsigned { .. })));
}

#[test]
fn unknown_lines_are_ignored_and_a_failing_known_one_refuses_the_note() {
    let mut note = Note::sign("hello\n".to_owned(), "a.example", &secret(1)).unwrap();
    let other = Note::sign("other\n".to_owned(), "b.example", &secret(2)).unwrap();
    note.lines.extend(other.lines);
    let (a, b) = (key("a.example", 1), key("b.example", 2));
    assert_eq!(note.verify(&[&a]).unwrap().len(), 1);
    assert_eq!(note.verify(&[&a, &b]), Err(NoteError::Signature { name: "b.example".to_owned() }));
    // The same key twice counts once.
    let twice = Note { text: note.text.clone(), lines: vec![note.lines[0].clone(), note.lines[0].clone()] };
    assert_eq!(twice.verify(&[&a]).unwrap().len(), 1);
}

#[test]
fn cosignatures_carry_a_time() {
    let mut note = Note::sign("log\n1\nroot\n".to_owned(), "log", &secret(1)).unwrap();
    note.cosign("witness.example/w1", &secret(0x44), 1_763_800_000).unwrap();
    let witness = WitnessKey::new("witness.example/w1", secret(0x44).public()).unwrap();
    let signers = note.verify(&[witness.note_key()]).unwrap();
    assert_eq!(signers, [NoteSigner { key: 0, time: Some(1_763_800_000) }]);
    // The time is signed.
    note.lines[1].signature[7] ^= 1;
    assert!(matches!(note.verify(&[witness.note_key()]), Err(NoteError::Signature { .. })));
}

#[test]
fn malformed_notes_are_refused() {
    let good = String::from_utf8(Note::sign("a\n".to_owned(), "k", &secret(1)).unwrap().to_bytes()).unwrap();
    let line = good.lines().last().unwrap().to_owned();
    for (name, bad) in [
        ("empty", String::new()),
        ("text only", "a\n".to_owned()),
        ("no empty line", format!("a\n{line}\n")),
        ("signature lines only", format!("{line}\n")),
        ("no final line feed", good.trim_end().to_owned()),
        ("carriage return", good.replace('\n', "\r\n")),
        ("NUL", good.replacen('a', "\0", 1)),
        ("tab", good.replacen('a', "\t", 1)),
        ("empty line behind", format!("{good}\n")),
        ("hyphen for dash", good.replace('\u{2014}', "-")),
        ("name with plus", good.replace(" k ", " k+ ")),
        ("name with space", good.replace(" k ", " k k ")),
        ("name with wide space", good.replace(" k ", " k\u{3000} ")),
        ("empty name", good.replace(" k ", "  ")),
        ("no signature", good.replace(&line, "\u{2014} k ")),
        ("short signature", good.replace(&line, "\u{2014} k AAAAAA==")),
        ("not base64", good.replace(&line, "\u{2014} k !!!!")),
        ("loose base64", good.replace(&line, "\u{2014} k AAAAAAB=")),
        ("line of text behind", format!("{good}more\n")),
        ("too many lines", format!("a\n\n{}", format!("{line}\n").repeat(65))),
    ] {
        assert!(Note::parse(bad.as_bytes(), LIMIT).is_err(), "{name}");
    }
    assert!(Note::parse(b"a\n\n\xe2\x80\x94 k AAAAAAA=\n", LIMIT).is_ok());
    assert!(Note::parse(b"\xff\n\n\xe2\x80\x94 k AAAAAAA=\n", LIMIT).is_err());
    assert!(matches!(Note::parse(good.as_bytes(), good.len() - 1), Err(NoteError::Length { .. })));
    assert_eq!(
        Note::parse(format!("a\n\n{}", format!("{line}\n").repeat(64)).as_bytes(), LIMIT)
            .map(|n| n.lines.len()),
        Ok(64)
    );
}

#[test]
fn the_last_empty_line_separates() {
    let note = Note::sign("a\n\n\nb\n".to_owned(), "k", &secret(1)).unwrap();
    let read = Note::parse(&note.to_bytes(), LIMIT).unwrap();
    assert_eq!(read.text(), "a\n\n\nb\n");
    assert!(read.verify(&[&key("k", 1)]).is_ok());
    assert!(Note::sign("a".to_owned(), "k", &secret(1)).is_err());
    assert!(Note::sign("a\r\n".to_owned(), "k", &secret(1)).is_err());
    assert!(Note::sign("a\n".to_owned(), "k k", &secret(1)).is_err());
}

proptest::proptest! {
    #[test]
    fn parsing_never_panics_and_print_is_its_inverse(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        if let Ok(note) = Note::parse(&bytes, LIMIT) {
            proptest::prop_assert_eq!(note.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_flipped_bit_is_noticed(at in 0usize..200, bit in 0u8..8) {
        let note = Note::sign("log\n17\nhash\n".to_owned(), "k.example", &secret(1)).unwrap();
        let mut bytes = note.to_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let checked = Note::parse(&bytes, LIMIT).and_then(|note| note.verify(&[&key("k.example", 1)]));
        proptest::prop_assert!(checked.is_err());
    }
}
