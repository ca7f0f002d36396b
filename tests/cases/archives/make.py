#!/usr/bin/env python3
"""Writes the hostile archives of this folder, and cases.json, which says what must become of each.

Written from the format documents alone and in another language, so that it shares no mistake with core. Needs the
Python package `cryptography`. Run it again after changing a case: the output depends on nothing but this file.
"""
import base64
import hashlib
import json
import os
import struct
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HERE = os.path.dirname(os.path.abspath(__file__))
EMPTY = bytes.fromhex("28b52ffd2000010000")
END = bytes.fromhex("28b52ffd60000303200000")
SKIP = bytes.fromhex("562a4d18")
RELEASE = "application/vnd.in-toto+json"
STATUS = "application/vnd.vitte.status.v1+json"
ORDER = 2**252 + 27742317777372353535851937790883648493
KEYS = {"root": 0x11, "release": 0x22, "other": 0x99}

MANIFEST = (
    b'[package]\nname = "demo/hello"\nversion = "1.0.0"\nedition = "2025"\nlicense = "MIT"\n\n[package.sections]\n'
    b'docs = ["docs/**"]\n\n[[bin]]\nname = "hello"\npath = "src/main.vit"\n'
)
HELLO = b"#!/bin/sh\necho hello\n"
GUIDE = b"# hello\n\nPrints hello.\n"


def sha(data):
    return hashlib.sha256(data).hexdigest()


def secret(name):
    return Ed25519PrivateKey.from_private_bytes(bytes([KEYS[name]]) * 32)


def spki(name):
    return secret(name).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def b64(data):
    return base64.b64encode(data).decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class File:
    def __init__(self, path, content, mode="f", section="-"):
        self.path, self.content, self.mode, self.section = path, content, mode, section
        if isinstance(path, str):
            self.path = path.encode()


def hello():
    return [File("vitte.toml", MANIFEST, section="meta"), File("bin/hello", HELLO, "x"), File("docs/guide.md", GUIDE, section="docs")]


def tree_text(files):
    out, section = b"vitte-tree 1\n", None
    for file in files:
        if file.section != section:
            section = file.section
            out += b"s " + section.encode() + b"\n"
        out += f"{file.mode} {len(file.content)} {sha(file.content)} ".encode() + file.path + b"\n"
    return out


def header(path, size, mode="f", **fields):
    """The 512 bytes of format section 4; `fields` puts other bytes at an offset, `at_156=b"2"`."""
    out = bytearray(512)
    name, prefix = b"pkg/" + path, b""
    if len(name) > 100:
        cut = max(i for i, c in enumerate(name) if c == 47 and i <= 155 and len(name) - i - 1 <= 100)
        prefix, name = name[:cut], name[cut + 1 :]
    out[0 : len(name)] = name
    out[345 : 345 + len(prefix)] = prefix
    out[100:108] = b"0000755\0" if mode == "x" else b"0000644\0"
    out[108:124] = b"0000000\0" * 2
    out[124:136] = b"%011o\0" % size
    out[136:148] = b"03560116604\0"
    out[156] = ord("0")
    out[257:265] = b"ustar\x0000"
    for place, value in fields.items():
        at = int(place[3:])
        out[at : at + len(value)] = value
    out[148:156] = b" " * 8
    out[148:156] = b"%06o\0 " % sum(out)
    return bytes(out)


def frames_of(files):
    """Raw bytes of each frame: here every section is far below 8 MiB."""
    out = []
    for number, file in enumerate(files):
        if number == 0 or file.section != files[number - 1].section:
            out.append(b"")
        out[-1] += header(file.path, len(file.content), file.mode) + file.content + b"\0" * (-len(file.content) % 512)
    return out


def store(raw):
    """The store form of format section 6."""
    size = len(raw)
    if size < 256:
        out = bytes([0x20, size])
    elif size < 65536 + 256:
        out = b"\x60" + struct.pack("<H", size - 256)
    else:
        out = b"\xa0" + struct.pack("<I", size)
    out, at = b"\x28\xb5\x2f\xfd" + out, 0
    while True:
        block = raw[at : at + 131072]
        at += len(block)
        out += struct.pack("<I", len(block) << 3 | (at >= size))[:3] + block
        if at >= size:
            return out


def table_of(raw, stored):
    lines = [f"{len(r)} {len(s)} {sha(s)}\n" for r, s in zip(raw, stored)]
    return ("vitte-frames 1\n" + "".join(lines)).encode()


def core_line(files, tree, kind="vitpkg", target="any", version="1.0.0"):
    return compact({"ver": version, "kind": kind, "target": target, "tree": "vp1-sha256:" + sha(tree),
                    "manifest": "sha256:" + sha(files[0].content), "files": len(files),
                    "unpacked": sum(len(f.content) for f in files), "edition": "2025", "deps": [], "features": {}})


def statement(entries, tree, **other):
    kind, target = other.get("kind", "vitpkg"), other.get("target", "any")
    package, version = other.get("package", "demo/hello"), other.get("version", "1.0.0")
    value = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": f"{package}@{version}", "digest": {"sha256": sha(tree)}}],
        "predicateType": "https://vitte.dev/attestation/release/v1",
        "predicate": {"registry": other.get("registry", "registry.example/"), "package": package, "version": version,
                      "kind": kind, "target": target, "files": len(entries),
                      "unpacked": sum(len(f.content) for f in entries), "tree_len": len(tree),
                      "manifest": {"sha256": sha(entries[0].content)},
                      "index": {"sha256": sha(core_line(entries, tree, kind, target))}},
    }
    for name in ("files", "unpacked", "tree_len", "manifest", "index"):
        if name in other:
            value["predicate"][name] = other[name]
    return compact(value)


def pae(kind, payload):
    return b"DSSEv1 %d %s %d " % (len(kind), kind.encode(), len(payload)) + payload


def envelope(payload, signers=("release",), kind=RELEASE):
    signatures = [{"keyid": sha(spki(name)), "sig": b64(secret(name).sign(pae(kind, payload)))} for name in signers]
    return compact({"payloadType": kind, "payload": b64(payload), "signatures": signatures})


def archive(files=None, **p):
    """An archive in which everything fits together, but for the parts given."""
    files = files or hello()
    tree = p.get("tree", None) or tree_text(files)
    raw = p.get("raw") or frames_of(files)
    stored = p.get("stored") or [store(r) for r in raw]
    table = p.get("table") or table_of(p.get("table_raw") or raw, stored)
    toc = p.get("toc") or store(tree + table)
    sigs = p["sigs"] if "sigs" in p else b"[" + envelope(statement(files, tree)) + b"]"
    head = b"VITPKG\x1a\n" + struct.pack("<HHBBH", p.get("major", 1), 0, p.get("kind", 1), 1, p.get("incompat", 0))
    lengths = p.get("lengths") or (len(toc), len(tree), len(table), 0)
    head += struct.pack("<IIII", *lengths) + p.get("head_tree", hashlib.sha256(tree).digest()) + hashlib.sha256(toc).digest()
    out = EMPTY + SKIP + struct.pack("<I", 96) + head
    out += SKIP + struct.pack("<I", len(toc)) + toc
    out += SKIP + struct.pack("<I", len(sigs)) + sigs
    return out + p.get("before_frames", b"") + b"".join(stored) + p.get("end", END)


CASES = []


def case(threat, name, data, code, exit, status=None, **more):
    name = f"{threat.lower()}-{name}"
    with open(os.path.join(HERE, name + ".vitpkg"), "wb") as out:
        out.write(data)
    CASES.append({"name": name, "threat": threat, "code": code, "exit": exit, "status": status, **more})


def bad(threat, name, data, code, **more):
    """Refused as a verification failure."""
    case(threat, name, data, code, 5, more.pop("status", "tampered"), **more)


def malformed(threat, name, data, code, **more):
    case(threat, name, data, code, more.pop("exit", 3), None, **more)


def flip(data, at, bit=1):
    out = bytearray(data)
    out[at] ^= bit
    return bytes(out)


GOOD = archive()
assert sha(archive(sigs=b"")) == "fab880bacc78d3f0b027716c580b0a5c10c8aaa2106fd694243695b41816a704", "format section 13"
CONTENT = len(GOOD) - len(END) - 3 * 1034  # where the content frames begin
SIGS = 648  # where the header of SIGS begins

case("T00", "good", GOOD, None, 0, "verified", expect={"package": "demo/hello", "version": "1.0.0", "kind": "vitpkg",
     "target": "any", "registry": "registry.example/", "tree": "vp1-sha256:" + sha(tree_text(hello()))})
case("T00", "good-any-registry", GOOD, None, 0, "verified")

# T01, T02: a bit flipped, and everything around it mended as far as the attacker can.
bad("T01", "flipped-content", flip(GOOD, CONTENT + 1034 + 10 + 512), "frame-digest")
bad("T01", "flipped-last-frame", flip(GOOD, len(GOOD) - len(END) - 1), "frame-digest")
raw = frames_of(hello())
raw[1] = flip(raw[1], 512)
bad("T01", "flipped-content-table-mended", archive(raw=raw), "file-digest")
bad("T02", "flipped-tree-digest", flip(GOOD, 17 + 32), "tree-digest")
bad("T02", "flipped-toc-digest", flip(GOOD, 17 + 64), "toc-digest")
bad("T02", "flipped-toc", flip(GOOD, 113 + 8 + 30), "toc-digest")
files = hello()
files[1].content = b"#!/bin/sh\necho pwned\n"
OTHER = archive(files, sigs=b"[" + envelope(statement(hello(), tree_text(hello()))) + b"]")
bad("T02", "rewritten-consistently", OTHER, "tree-digest")
bad("T02", "rewritten-against-the-index", OTHER, "tree-digest", expect={"tree": "vp1-sha256:" + sha(tree_text(hello()))})

# T03: cut short. A transfer of unknown length may be fetched again; a file of known length is malformed or altered.
for at, where in [(50, "head"), (300, "toc"), (SIGS + 20, "signatures"), (CONTENT + 700, "frame"), (len(GOOD) - 3, "end")]:
    malformed("T03", f"cut-in-{where}", GOOD[:at], "truncated", exit=6, read="stream")

# T04: something behind.
bad("T04", "byte-appended", GOOD + b"\0", "trailing-data")
bad("T04", "frame-appended", GOOD + store(b"hello"), "trailing-data")
bad("T04", "archive-appended", GOOD + GOOD, "trailing-data")
bad("T04", "end-altered", GOOD[:-1] + b"\1", "trailing-data")

# T07, T08, T11: a good archive in the place of another.
bad("T07", "older-version", GOOD, "subject-mismatch", expect={"version": "1.0.1"})
bad("T07", "other-package", GOOD, "subject-mismatch", expect={"package": "demo/hallo"})
bad("T07", "other-target", GOOD, "subject-mismatch", expect={"target": "x86_64-unknown-linux-gnu"})
bad("T07", "other-kind", GOOD, "subject-mismatch", expect={"kind": "vitmod"})
bad("T07", "other-tree-in-the-index", GOOD, "tree-digest", expect={"tree": "vp1-sha256:" + "0" * 64})
bad("T07", "kind-changed-in-head", archive(kind=2), "subject-mismatch")
bad("T08", "other-registry", GOOD, "registry-mismatch", status="untrusted", expect={"registry": "other.example/"})
bad("T10", "index-line-of-another", GOOD, "index-line-digest", expect={"index": "sha256:" + "0" * 64})
bad("T11", "signatures-stripped", archive(sigs=b""), "unsigned", status="unsigned")
bad("T11", "empty-list-of-signatures", archive(sigs=b"[]"), "unsigned", status="unsigned")
bad("T11", "signature-by-a-stranger", archive(sigs=b"[" + envelope(statement(hello(), tree_text(hello())), ["other"]) + b"]"),
    "key-not-authorised", status="untrusted")
bad("T20", "trusted-for-another-namespace", GOOD, "key-not-authorised", status="untrusted",
    policy={"trust": [{"key": "release", "for": "other/*"}]})

# T29 to T33: signatures.
PAYLOAD = statement(hello(), tree_text(hello()))
TWO = {"chain": {"package": "demo/hello", "keys": ["release", "root"], "threshold": 2}}
case("T29", "two-keys", archive(sigs=b"[" + envelope(PAYLOAD, ["release", "root"]) + b"]"), None, 0, "verified", policy=TWO)
bad("T29", "same-key-twice", archive(sigs=b"[" + envelope(PAYLOAD, ["release", "release"]) + b"]"), "threshold",
    status="untrusted", policy=TWO)
named = json.loads(envelope(PAYLOAD, ["release", "release"]))
named["signatures"][0]["keyid"] = ""
bad("T29", "same-key-without-its-id", archive(sigs=b"[" + compact(named) + b"]"), "threshold", status="untrusted", policy=TWO)
named["signatures"][0]["keyid"] = "f" * 64
bad("T29", "same-key-under-another-id", archive(sigs=b"[" + compact(named) + b"]"), "threshold", status="untrusted", policy=TWO)
twice = envelope(PAYLOAD) + b"," + envelope(PAYLOAD)
bad("T29", "same-envelope-twice", archive(sigs=b"[" + twice + b"]"), "threshold", status="untrusted", policy=TWO)


def with_signature(change):
    value = json.loads(envelope(PAYLOAD))
    sig = base64.b64decode(value["signatures"][0]["sig"])
    value["signatures"][0]["sig"] = b64(change(sig))
    return archive(sigs=b"[" + compact(value) + b"]")


def malleable(sig):
    return sig[:32] + (int.from_bytes(sig[32:], "little") + ORDER).to_bytes(32, "little")


bad("T30", "malleable-s", with_signature(malleable), "signature")
bad("T30", "small-order-r", with_signature(lambda sig: b"\1" + bytes(31) + sig[32:]), "signature")
bad("T30", "zero-signature", with_signature(lambda sig: bytes(64)), "signature")
bad("T30", "short-signature", with_signature(lambda sig: sig[:63]), "signature")
bad("T30", "non-canonical-r", with_signature(lambda sig: b"\xee" + b"\xff" * 30 + b"\x7f" + sig[32:]), "signature")
bad("T31", "status-record-as-release", archive(sigs=b"[" + envelope(PAYLOAD, kind=STATUS) + b"]"), "payload-type")
bad("T31", "something-else-signed", archive(sigs=b"[" + envelope(b'{"registry":"registry.example/"}') + b"]"), "envelope")

GOODSIGS = b"[" + envelope(PAYLOAD) + b"]"
last = GOODSIGS.rindex(b'=="')
for name, sigs in {
    "member-twice": GOODSIGS.replace(b'{"payloadType"', b'{"payloadType":"x","payloadType"', 1),
    "member-twice-by-escape": GOODSIGS.replace(b'{"payloadType"', b'{"payloadT\\u0079pe":"x","payloadType"', 1),
    "unknown-member": GOODSIGS.replace(b'{"payloadType"', b'{"note":1,"payloadType"', 1),
    "trailing-data": GOODSIGS + b"[]",
    "nan": GOODSIGS.replace(b'{"payloadType"', b'{"n":NaN,"payloadType"', 1),
    "deep": b"[" + b'{"a":' * 5000,
    "long-string": b'["' + b"x" * 60000 + b'"]',
    "many-elements": b"[" + b"0," * 20000 + b"0]",
    "array-for-object": b'[["application/vnd.in-toto+json","e30=",[{"sig":""}]]]',
    "line-break": GOODSIGS.replace(b",", b",\n", 1),
    "base64-trailing-bits": GOODSIGS[: last - 1] + {b"A": b"B", b"Q": b"R", b"g": b"h", b"w": b"x"}[GOODSIGS[last - 1 : last]] + GOODSIGS[last:],
    "base64-without-padding": GOODSIGS[:last] + GOODSIGS[last + 2 :],
    "seventeen-envelopes": b"[" + b",".join([envelope(PAYLOAD)] * 17) + b"]",
    "seventeen-signatures": b"[" + envelope(PAYLOAD, ["release"] * 17) + b"]",
    "not-utf8": GOODSIGS.replace(b"vnd.in", b"vnd\xffin", 1),
    "bundle-not-last": b'[{"vitte-bundle":1},' + GOODSIGS[1:],
    "two-bundles": GOODSIGS[:-1] + b',{"vitte-bundle":1},{"vitte-bundle":1}]',
}.items():
    bad("T32", name, archive(sigs=sigs), "envelope")
malformed("T32", "signatures-too-long", archive(sigs=b" " * 262145), "limit")
lie = json.loads(envelope(PAYLOAD, ["other"]))
lie["signatures"][0]["keyid"] = sha(spki("release"))
bad("T33", "id-of-a-trusted-key", archive(sigs=b"[" + compact(lie) + b"]"), "signature")
bad("T33", "beside-a-good-one", archive(sigs=b"[" + envelope(PAYLOAD) + b"," + compact(lie) + b"]"), "signature")

# T42, T45, T50: paths. The archive is otherwise in order, and signed.


def with_paths(*paths):
    files = [File("vitte.toml", MANIFEST, section="meta")]
    return archive(files + [File(path, b"x\n") for path in sorted(p.encode() if isinstance(p, str) else p for p in paths)])


for name, path in {
    "parent": "../evil", "parent-inside": "a/../../evil", "absolute": "/etc/evil", "drive": "C:/evil", "drive-relative": "C:evil",
    "device-path": "\\\\?\\C:\\evil", "backslash": "a\\b", "nul": "a\0b", "trailing-dot": "a./b", "trailing-space": "a /b",
    "device": "con", "device-with-extension": "NUL.txt", "stream": "a:b", "empty-component": "a//b", "dot-component": "a/./b",
    "control": "a\x1bb", "bidi": "a\u202eb", "not-utf8": b"a\xffb", "too-long": "a/" * 60 + "b" * 81, "deep": "a/" * 32 + "b",
    "c1-control": "a\u009bb",
}.items():
    malformed("T42", name, with_paths(path), "tree-syntax" if name == "not-utf8" else "path")
for name, paths in {
    "case-fold": ["README.txt", "readme.txt"], "case-fold-sharp-s": ["stra\u00dfe", "strasse"], "case-fold-folder": ["A/x", "a/x"],
    "file-and-folder": ["a", "a/b"], "file-and-folder-fold": ["A", "a/b"],
}.items():
    malformed("T45", name, with_paths(*paths), "duplicate-path")
for name, path in {"decomposed": "cafe\u0301", "zero-width-joiner": "a\u200db", "byte-order-mark": "\ufeffa", "unassigned": "a\U000e0fff"}.items():
    malformed("T45", name, with_paths(path), "path")
for name, path in {"store-marker": ".vitte-ok", "store-marker-case": "a/.VITTE-ok", "git": ".git/hooks/post-checkout", "git-case": ".Git/config"}.items():
    malformed("T50", name, with_paths(path), "reserved-name")

# T43, T44, T46: the tar says something else than the tree.


def with_header(**fields):
    raw = frames_of(hello())
    raw[1] = header(b"bin/hello", len(HELLO), "x", **fields) + raw[1][512:]
    return archive(raw=raw)


for name, kind in {"symlink": b"2", "hard-link": b"1", "character-device": b"3", "block-device": b"4", "folder": b"5", "fifo": b"6",
                   "sparse": b"S", "unknown-type": b"Z", "old-regular": b"\0", "contiguous": b"7"}.items():
    link = {"at_157": b"../../etc/passwd"} if kind in b"12" else {}
    bad("T43", name, with_header(at_156=kind, **link), "header-mismatch")
malformed("T43", "link-in-the-tree", archive(tree=tree_text(hello()).replace(b"x 21", b"l 21")), "tree-syntax")
for name, kind in {"pax": b"x", "pax-global": b"g", "long-name": b"L", "long-link": b"K"}.items():
    bad("T44", name, with_header(at_156=kind), "header-mismatch")
bad("T44", "size-larger", with_header(at_124=b"00000000777\0"), "header-mismatch")
bad("T44", "size-zero", with_header(at_124=b"00000000000\0"), "header-mismatch")
bad("T44", "size-base-256", with_header(at_124=b"\x80" + bytes(10) + bytes([21])), "header-mismatch")
bad("T44", "name-of-another", with_header(at_0=b"pkg/bin/hallo"), "header-mismatch")
bad("T44", "name-with-prefix", with_header(at_345=b".."), "header-mismatch")
raw = frames_of(hello())
raw[1] = raw[1][:600] + b"hidden" + raw[1][606:]
bad("T44", "padding-not-zero", archive(raw=raw), "header-mismatch")
for name, fields in {"setuid": {"at_100": b"0004755\0"}, "sticky": {"at_100": b"0001755\0"}, "world-writable": {"at_100": b"0000777\0"},
                     "owner": {"at_108": b"0001750\0"}, "owner-name": {"at_265": b"root"}, "future": {"at_136": b"77777777777\0"},
                     "now": {"at_136": b"14720000000\0"}, "wrong-checksum-form": {}}.items():
    if fields:
        bad("T46", name, with_header(**fields), "header-mismatch")
raw = frames_of(hello())
raw[1] = raw[1][:148] + b"%07o\0" % int(raw[1][148:154], 8) + raw[1][156:]
bad("T46", "other-checksum-form", archive(raw=raw), "header-mismatch")

# T47: frames that cost more than they say.


def with_frame(frame, number=1):
    raw = frames_of(hello())
    stored = [store(r) for r in raw]
    stored[number] = frame
    return archive(stored=stored)


size = struct.pack("<H", 1024 - 256)
body = store(frames_of(hello())[1])[7:]
MAGIC = b"\x28\xb5\x2f\xfd"
for name, frame in {
    "dictionary": MAGIC + b"\x61" + b"\x07" + size + body[0:],
    "no-content-size": MAGIC + b"\x00\x58" + body,
    "other-content-size": MAGIC + b"\x60" + struct.pack("<H", 1025 - 256) + body,
    "huge-content-size": MAGIC + b"\xe0" + b"\xff" * 7 + b"\x7f" + body,
    "window-2-gib": MAGIC + b"\x40\xa8" + size + body,
    "window-16-mib": MAGIC + b"\x40\x70" + size + body,
    "reserved-bit": MAGIC + b"\x68" + size + body,
    "bomb": MAGIC + b"\x60" + size + struct.pack("<I", (0x1FFFFF << 3) | 2 | 1)[:3] + b"\0",
    "two-frames": store(frames_of(hello())[1][:512]) + store(frames_of(hello())[1][512:]),
    "skippable": b"\x50\x2a\x4d\x18" + struct.pack("<I", 1026) + bytes(1026),
    "skippable-4-gib": b"\x50\x2a\x4d\x18" + b"\xff" * 4 + bytes(1026),
    "behind-the-frame": store(frames_of(hello())[1]) + b"\0\0\0",
    "legacy-zstd": b"\x27" + store(frames_of(hello())[1])[1:],
    "not-compressed": frames_of(hello())[1],
    "reserved-block": MAGIC + b"\x60" + size + struct.pack("<I", (1024 << 3) | 6 | 1)[:3] + frames_of(hello())[1],
}.items():
    malformed("T47", name, with_frame(frame), "limit" if name.startswith("window") else "frame-syntax")
# Legal, and bounded: a frame may not be much longer than its content.
case("T47", "empty-blocks", with_frame(MAGIC + b"\x60" + size + b"\0\0\0" * 20 + body), None, 0, "verified")
malformed("T47", "too-many-empty-blocks", with_frame(MAGIC + b"\x60" + size + b"\0\0\0" * 2000 + body), "frame-syntax")
malformed("T47", "stored-longer-than-plain", with_frame(store(frames_of(hello())[1]) + b"\0" * 300), "frame-syntax")
raw = frames_of(hello())
stored = [store(r) for r in raw]
many = stored[:1] + [store(b"")] * 1000 + stored[1:]
malformed("T47", "thousand-empty-frames", archive(stored=many, table_raw=raw[:1] + [b""] * 1000 + raw[1:]), "frame-syntax")
bad("T47", "extra-skippable-frame", archive(before_frames=b"\x50\x2a\x4d\x18\0\0\0\0"), "trailing-data")

# T48: lengths, sums and counts.
TREE = tree_text(hello())
for name, lengths in {"tree-too-long": (517 + 10, 2**25 + 1, 240, 0), "table-too-long": (527, 277, 2**23 + 1, 0), "toc-too-long": (2**24 + 1, 277, 240, 0),
                      "toc-4-gib": (2**32 - 1, 277, 240, 0)}.items():
    malformed("T48", name, archive(lengths=lengths), "limit")
malformed("T48", "head-zero-field", archive(lengths=(527, 277, 240, 1)), "unsupported-format")
for name, old, new in [("size-2-64", b"x 21 ", b"x 18446744073709551616 "), ("size-negative", b"x 21 ", b"x -21 "), ("size-leading-zero", b"x 21 ", b"x 021 "),
                       ("size-hex", b"x 21 ", b"x 0x15 "), ("two-spaces", b"x 21 ", b"x  21 "), ("carriage-return", b"bin/hello\n", b"bin/hello\r\n"),
                       ("no-final-newline", b"guide.md\n", b"guide.md"), ("upper-case-digest", b"x 21 b", b"x 21 B"), ("other-version", b"vitte-tree 1", b"vitte-tree 2"),
                       ("empty-section", b"s docs\n", b"s a\ns docs\n"), ("section-order", b"s meta\n", b"s -\n"), ("section-name", b"s docs", b"s Docs")]:
    exit_code = "path" if name == "carriage-return" else "tree-syntax"
    malformed("T48", name, archive(tree=TREE.replace(old, new, 1)), exit_code)
malformed("T48", "size-over-limit", archive(tree=TREE.replace(b"x 21 ", b"x 2147483648 ", 1)), "limit")
files = [File("vitte.toml", MANIFEST, section="meta"), File("b", b"x\n"), File("a", b"x\n")]
malformed("T48", "paths-out-of-order", archive(files), "tree-syntax")
TABLE = table_of(frames_of(hello()), [store(r) for r in frames_of(hello())])
for name, old, new in [("raw-len-2-64", b"1024 1034", b"18446744073709551616 1034"), ("raw-len-other", b"1024 1034", b"512 1034"),
                       ("stored-len-huge", b"1024 1034", b"1024 99999"), ("stored-len-zero", b"1024 1034", b"1024 0"),
                       ("frame-missing", TABLE[15 : TABLE.index(b"\n", 15) + 1], b""), ("frame-twice", b"vitte-frames 1\n", TABLE[: TABLE.index(b"\n", 15) + 1])]:
    malformed("T48", "table-" + name, archive(table=TABLE.replace(old, new, 1)), "frame-syntax")
bad("T48", "table-lens-sum-up-wrong", archive(table=TABLE.replace(b"1024 1034", b"1024 1033", 1)), "trailing-data")
malformed("T48", "incompat-bit", archive(incompat=1), "unsupported-format")
malformed("T48", "major-2", archive(major=2), "unsupported-format")

# T49: which manifest.


def files_with(*files):
    return archive([File("vitte.toml", MANIFEST, section="meta"), *files])


malformed("T49", "two-manifests", archive(tree=TREE.replace(b"s -\n", TREE.split(b"\n")[2] + b"\ns -\n", 1)), "duplicate-path")
malformed("T49", "manifest-in-another-case", files_with(File("VITTE.TOML", b"x")), "duplicate-path")
malformed("T49", "manifest-not-first", archive([File("README", b"x", section="meta"), File("vitte.toml", MANIFEST, section="meta")]), "tree-syntax")
malformed("T49", "manifest-missing", archive([File("README", MANIFEST, section="meta")]), "tree-syntax")
signed = lambda **other: archive(sigs=b"[" + envelope(statement(hello(), TREE, **other)) + b"]")
bad("T49", "signed-manifest-is-another", signed(manifest={"sha256": sha(b"other")}), "manifest")
bad("T49", "signed-index-line-is-another", signed(index={"sha256": sha(b"other")}), "index-line-digest")
bad("T49", "signed-for-another-version", signed(version="1.0.1"), "manifest")
bad("T49", "signed-for-another-package", signed(package="demo/other"), "manifest")
bad("T49", "signed-count-is-another", signed(files=4), "tree-digest")
bad("T49", "signed-size-is-another", signed(unpacked=211), "tree-digest")
bad("T49", "signed-tree-length-is-another", signed(tree_len=278), "tree-digest")
renamed = [File("vitte.toml", MANIFEST.replace(b"demo/hello", b"demo/other"), section="meta")] + hello()[1:]
bad("T49", "manifest-of-another-package", archive(renamed), "manifest")
files = [File("vitte.toml", b"not a manifest", section="meta")] + hello()[1:]
malformed("T49", "manifest-unreadable", archive(files), "manifest-syntax")

# T78: empty files, each in folders of its own, so that a small archive unpacks to more inodes than its entries say.


def zeros(size):
    """A zstd frame of zeros: what cannot pass, at next to no cost."""
    out = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", size)
    while size:
        block = min(size, 131072)
        size -= block
        out += struct.pack("<I", block << 3 | 2 | (size == 0))[:3] + b"\0"
    return out


deep = [File("%04x/" % n + "d/" * 30 + "f", b"") for n in range(2050)]
files = [File("vitte.toml", MANIFEST, section="meta"), *deep]
raw = frames_of(files)
malformed("T78", "empty-files-in-deep-folders", archive(files, raw=raw, stored=[store(raw[0]), zeros(len(raw[1]))]), "limit")

with open(os.path.join(HERE, "cases.json"), "w") as out:
    keys = {name: b64(spki(name)) for name in KEYS}
    lines = ",\n".join("  " + json.dumps(c) for c in CASES)
    out.write('{"keys": ' + json.dumps(keys) + ',\n "cases": [\n' + lines + "\n]}\n")
print(len(CASES), "cases")
