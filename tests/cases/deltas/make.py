#!/usr/bin/env python3
"""Writes the deltas of this folder, good and hostile, and cases.json, which says what must come of each.

Written from the format document alone and in another language, so that it shares no mistake with core. Run it again
after changing a case: the output depends on nothing but this file.
"""
import hashlib
import json
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
EMPTY = bytes.fromhex("28b52ffd2000010000")
END = bytes.fromhex("28b52ffd60000303200000")
SKIP = bytes.fromhex("562a4d18")
MIB = 1 << 20


def sha(data):
    return hashlib.sha256(data).hexdigest()


def noise(size, seed):
    out = b""
    while len(out) < size:
        out += hashlib.sha256(b"%d %d" % (seed, len(out))).digest()
    return out[:size]


TOML = b'[package]\nname = "demo/hello"\nversion = "%s"\n'
OLD = [
    ("vitte.toml", TOML % b"1.0.0", "meta", "f"),
    ("a.bin", noise(600, 1), "-", "f"),
    ("lib/old.bin", noise(100, 2), "-", "f"),
    ("same", b"the same\n", "-", "f"),
]


def changed(data, at, len, by):
    """The bytes as a little-endian number, with `by` added to those of a place."""
    number = (int.from_bytes(data[at : at + len], "little") + by) % (1 << 8 * len)
    return data[:at] + number.to_bytes(len, "little") + data[at + len :]


# Runs of 1, 2, 8 and 9 bytes; 300 equal ones before the third; then new bytes, and 50 old ones further on. All bytes of
# a run change, so that there is one way only to write it.
A_RUNS = [(3, 1, 5), (20, 2, 0x0102), (322, 8, 0x0807060504030201), (350, 9, 0x090807060504030201)]


def new_a():
    out = OLD[1][1][:400]
    for at, size, by in A_RUNS[:3]:
        out = changed(out, at, size, by)
    at, size, _ = A_RUNS[3]
    out = out[:at] + bytes((byte + 7 + i) % 256 for i, byte in enumerate(out[at : at + size])) + out[at + size :]
    return out + b"new bytes, not in the old file" + OLD[1][1][550:]


NEW = [
    ("vitte.toml", OLD[0][1], "meta", "f"),
    ("a.bin", new_a(), "-", "f"),
    ("lib/new.bin", changed(OLD[2][1], 40, 1, 1), "-", "f"),
    ("same", OLD[3][1], "-", "f"),
]
N = NEW[1][1] + NEW[2][1]
# Of the old contents, joined, those of lib/old.bin.
RENAMED = f"{len(OLD[0][1]) + 600}+100"
BASE = OLD[1][1] + OLD[2][1]


def tree_text(files):
    out, section = b"vitte-tree 1\n", None
    for path, content, of, mode in files:
        if of != section:
            section = of
            out += b"s " + section.encode() + b"\n"
        out += f"{mode} {len(content)} {sha(content)} {path}\n".encode()
    return out


def header(size, window=None):
    """The header of a zstd frame that states its size; in one segment, or with a window of 2^window bytes."""
    flag = 0x20 if window is None else 0
    if size < 256 and flag:
        field = bytes([0x20, size])
    elif size < 65536 + 256:
        field = (bytes([0x40 | flag]), struct.pack("<H", size - 256))
    else:
        field = (bytes([0x80 | flag]), struct.pack("<I", size))
    if isinstance(field, tuple):
        first, rest = field
        field = first + (b"" if window is None else bytes([(window - 10) << 3])) + rest
    return b"\x28\xb5\x2f\xfd" + field


def block(kind, size, content, last):
    return struct.pack("<I", size << 3 | kind << 1 | last)[:3] + content


def store(raw, window=None):
    """A frame of blocks that are not compressed."""
    out, at = header(len(raw), window), 0
    while True:
        part = raw[at : at + 131072]
        at += len(part)
        out += block(0, len(part), part, at >= len(raw))
        if at >= len(raw):
            return out


def sequence(literals, offset, match):
    """A compressed block of literals and one match of 3 to 34 bytes: raw literals, every code of a table of its own that
    holds nothing else (RFC 8878, section 3.1.1.3)."""
    assert len(literals) < 16 and 3 <= match <= 34
    value = offset + 3
    code = value.bit_length() - 1
    # From the last bit to the first: a one that ends them, then the bits of the offset.
    bits = 1 << code | value - (1 << code)
    stream = bits.to_bytes((code + 8) // 8, "little")
    return bytes([len(literals) << 3]) + literals + bytes([1, 0x54, len(literals), code, match - 3]) + stream


def prefixed(new, base, pieces):
    """A frame of method 1. `pieces` are bytes as they are, or a place in the base and a length, taken from there."""
    out, at = header(len(new)), 0
    for number, piece in enumerate(pieces):
        last = number + 1 == len(pieces)
        if isinstance(piece, bytes):
            out += block(0, len(piece), piece, last)
            at += len(piece)
        else:
            place, size = piece
            body = sequence(b"", len(base) + at - place, size)
            out += block(2, len(body), body, last)
            at += size
    assert at == len(new), (at, len(new))
    return out


def leb(value):
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def difference(columns, parts=None, lens=None):
    """A patch of method 2 of these columns, by number."""
    columns = [columns.get(number, b"") for number in range(16)]
    joined = b"".join(columns)
    out = b"".join(leb(size) for size in lens or [len(column) for column in columns])
    for part in parts if parts is not None else [joined]:
        stored = store(part)
        out += leb(len(part)) + leb(len(stored)) + stored
    return out


def number(at, size):
    old = int.from_bytes(OLD[1][1][at : at + size], "little")
    new = int.from_bytes(NEW[1][1][at : at + size], "little")
    return ((new - old) % (1 << 8 * size)).to_bytes(size, "little")


# Two steps: 400 old bytes with four runs and 30 new ones; 150 places on, 50 of the file, and the whole of the renamed
# one, with one run.
COLUMNS = {
    0: leb(400) + leb(150),
    1: leb(30) + leb(0),
    2: leb(0) + leb(150 << 1),
    # 3; 20 - 4; 322 - 22 = 300; 350 - 330; then 41 to the end of the step, 50, and 40 of the renamed file.
    3: bytes([3, 16, 255, 20, 41 + 50 + 40]),
    4: leb(300 - 255),
    5: leb(1) + leb(2) + leb(8) + leb(9) + leb(1),
    6: number(3, 1) + b"\x01",
    7: number(20, 2),
    13: number(322, 8),
    14: bytes((NEW[1][1][350 + i] - OLD[1][1][350 + i]) % 256 for i in range(9)),
    15: NEW[1][1][400:430],
}
DIFFERENCE = difference(COLUMNS)
# What method 1 has: whole pieces of both old files, 20 bytes each, and all else as it is.
PREFIXED = prefixed(
    N, BASE, [N[:360], (360, 34), N[394:430], (550, 34), N[464:480], (600, 34), N[514:]]
)


def delta(method=2, patch=None, **p):
    """A delta from OLD to NEW in which everything fits together, but for the parts given."""
    patch = DIFFERENCE if patch is None else patch
    old, new = tree_text(OLD), p.get("new_tree", tree_text(NEW))
    head_patch = p.get("head_patch") or store(new)
    contents = p.get("contents", [(method, p.get("raw_len", len(N)), patch, p.get("base", f"=,{RENAMED}"))])
    text = p.get("first", "vitte-delta 1") + "\n"
    text += f"from {sha(p.get('from_tree', old))}\nto {sha(new)}\ntree {len(old)} {len(new)}\n"
    text += f"p 1 {len(new)} {len(head_patch)} {sha(head_patch)} tree\n"
    for method, raw_len, stored, base in contents:
        text += f"p {method} {raw_len} {p.get('stored_len', len(stored))} {sha(stored)} {base}\n"
    text = text.encode()
    toc = store(text)
    head = b"VITPKG\x1a\n" + struct.pack("<HHBBH", 1, 0, p.get("kind", 3), p.get("codec", 1), 0)
    head += struct.pack("<IIII", len(toc), len(text), p.get("frames_len", 0), 0)
    head += p.get("head_tree", hashlib.sha256(new).digest()) + hashlib.sha256(toc).digest()
    out = EMPTY + SKIP + struct.pack("<I", 96) + head + SKIP + struct.pack("<I", len(toc)) + toc
    out += SKIP + struct.pack("<I", 2) + b"[]" + head_patch
    for _, _, stored, _ in contents:
        out += stored[: p.get("cut", len(stored))]
    return out + p.get("end", END)


CASES = []


def case(name, data, code, **more):
    with open(os.path.join(HERE, name + ".vitdelta"), "wb") as out:
        out.write(data)
    CASES.append({"name": name, "code": code, **more})


def columns(**changes):
    return difference({**COLUMNS, **{int(key[1:]): value for key, value in changes.items()}})


def bad_columns(name, **changes):
    case("t73-" + name, delta(patch=columns(**changes)), "delta")


case("good-difference", delta(), None)
case("good-prefix", delta(1, PREFIXED), None)
case("good-parts", delta(patch=difference(COLUMNS, [b"".join(COLUMNS.values())[i : i + 7] for i in range(0, len(b"".join(COLUMNS.values())), 7)])), None)
case("good-two-patches", delta(contents=[(1, 100, store(N[:100]), "-"), (1, len(N) - 100, store(N[100:]), "=")]), None)

# Other bytes than the new list of files says.
case("t73-other-bytes", delta(1, store(N[:-1] + b"?")), "file-digest")
case("t73-other-run", delta(patch=columns(_6=b"\x06\x01")), "file-digest")
case("t73-other-tree-in-head", delta(head_tree=bytes(32)), "delta")
case("t73-other-tree-from-patch", delta(head_patch=store(tree_text(NEW)[:-2] + b"!\n")), "tree-digest")
case("t73-from-another-tree", delta(from_tree=b"another"), "delta")
case("t73-tree-that-is-none", delta(new_tree=b"vitte-tree 9\n"), "tree-syntax")
# Lengths that nothing is allocated for.
case("t73-huge-result", delta(raw_len=64 * MIB + 1), "limit")
case("t73-many-huge-results", delta(contents=[(2, 64 * MIB, DIFFERENCE, "-")] * 1024), "limit")
case("t73-huge-patch", delta(stored_len=len(N) + len(N) // 128 + 65), "limit")
case("t73-huge-base", delta(base="=,0+67108865"), "delta")
case("t73-long-result", delta(raw_len=64 * MIB), "delta")
case("t73-huge-columns", delta(patch=difference({}, [], [len(N) + 65537] + [0] * 15)), "delta")
case("t73-columns-of-nothing", delta(patch=difference({}, [], [60000] + [0] * 15)), "delta")
case("t73-window", delta(1, store(N, 28)), "delta")
case("t73-size-of-another-frame", delta(1, store(N + b"?")), "delta")
case("t73-two-frames", delta(1, store(N[:200]) + store(N[200:])), "delta")
# Places outside.
case("t73-base-behind-the-end", delta(base=f"=,{RENAMED[:-3]}200"), "delta")
case("t73-base-overlaps", delta(base="0+10,5+10"), "delta")
case("t73-base-of-nothing", delta(base="5+0"), "delta")
case("t73-match-before-the-base", delta(1, prefixed(N, BASE, [N[:360], (-5, 34), N[394:]])), "delta")
bad_columns("before-the-base", _2=leb(1) + leb(150 << 1))
bad_columns("behind-the-base", _2=leb(0) + leb(151 << 1))
bad_columns("step-of-nothing", _0=leb(400) + leb(0), _1=leb(30) + leb(0))
bad_columns("more-than-is-missing", _0=leb(401) + leb(150))
bad_columns("run-beyond-its-step", _5=leb(1) + leb(2) + leb(8) + leb(60) + leb(1))
bad_columns("run-of-nothing", _5=leb(0) + leb(2) + leb(8) + leb(9) + leb(1))
bad_columns("gap-left-over", _3=COLUMNS[3] + b"\x01")
bad_columns("column-left-over", _15=COLUMNS[15] + b"!")
bad_columns("column-too-short", _15=COLUMNS[15][:-1])
bad_columns("number-not-shortest", _4=b"\xad\x00")
bad_columns("number-too-large", _4=b"\xff\xff\xff\xff\x7f")
# The outside.
case("t73-unknown-method", delta(3), "delta")
case("t73-another-version", delta(first="vitte-delta 2"), "delta")
case("t73-sum", delta(contents=[(1, 100, store(N[:100]), "-")]), "delta")
case("t73-lz4", delta(codec=2), "unsupported-format")
case("t73-frames", delta(frames_len=1), "unsupported-format")
case("t73-a-package", delta(kind=1), "delta")
case("t73-cut", delta()[:-40], "archive-length")
case("t73-patch-cut", delta(cut=50), "archive-length")
case("t73-end", delta(end=END[:-1] + b"\x01"), "trailing-data")
case("t73-appended", delta() + b"\0", "trailing-data")

with open(os.path.join(HERE, "cases.json"), "w") as out:
    files = lambda files: [{"path": p, "section": s, "content": c.hex()} for p, c, s, _ in files]
    out.write('{"old": [\n  ' + ",\n  ".join(map(json.dumps, files(OLD))) + "],\n")
    out.write(' "new": [\n  ' + ",\n  ".join(map(json.dumps, files(NEW))) + "],\n")
    out.write(' "cases": [\n  ' + ",\n  ".join(map(json.dumps, CASES)) + "]}\n")
