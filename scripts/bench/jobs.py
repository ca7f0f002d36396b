"""The jobs: what is run, on which data, against which peers. Each gives title, note, rows, facts and commands."""
import gzip
import json
import os
import pathlib
import shutil
import statistics
import subprocess

import dependencies
import log
import serve
import update
from pairs import paired, put_away

TREES = {
    "typescript 5.9.2": "trees/typescript-5.9.2",
    "date-fns 4.1.0": "trees/date-fns-4.1.0",
    "node executable": "executable",
}


def label(name):
    """The name of a tree's folder."""
    return os.path.basename(TREES[name])


class Bench:
    """Folders, the binary under test, and the projects made of the fetched trees."""

    def __init__(self, root, folder, pairs):
        self.root, self.folder, self.pairs = root, folder, pairs
        self.cli = os.environ["VITTE_PACKAGE_BIN"]
        self.env = {"VITTE_HOME": str(folder / "home"), "CI": "", "NO_COLOR": "1"}
        self.rows, self.commands, self.facts = [], [], []

    def fresh(self, title, note):
        self.rows, self.commands, self.facts = [], [], []
        return {"title": title, "note": note, "rows": self.rows, "commands": self.commands, "facts": self.facts}

    def run(self, *command, **more):
        return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **self.env}, **more).stdout

    def project(self, name):
        """The tree as a project of ours; None when it could not be fetched."""
        source = self.folder / "data" / TREES[name]
        project = self.folder / "projects" / label(name)
        if not source.exists():
            self.facts.append(f"Not measured: {name} could not be fetched.")
            return None
        if not project.exists():
            part = project.with_suffix(".part")
            put_away(part)
            shutil.copytree(source, part)
            base = label(name).replace(".", "-")
            (part / "vitte.toml").write_text(
                f'[package]\nname = "bench/{base}"\nversion = "1.0.0"\nlicense = "MIT"\ndescription = "A tree to measure on"\n')
            part.rename(project)
        return project

    def archive(self, name, profile="build"):
        """The signed package of a tree."""
        project = self.project(name)
        if project is None:
            return None
        out = self.folder / "out" / profile
        out.mkdir(parents=True, exist_ok=True)
        target = out / f"{label(name).replace('.', '-')}-1.0.0.vitmod"
        if not (self.folder / "home/keys/bench.pem").exists():
            self.run(self.cli, "key", "generate", "--name", "bench")
        if not target.exists():
            self.run(self.cli, "build", "--manifest", str(project / "vitte.toml"), "--out", str(out), "--kind", "mod", "--profile", profile)
            self.run(self.cli, "sign", str(target), "--key", "bench")
        return target

    def pair(self, data, peer, ours, theirs, target, result="", ours_prepare=None, theirs_prepare=None):
        """Runs one pair of commands and adds its row. `result` may be a function called after the runs."""
        try:
            a, b, wall, cpu = paired(ours, theirs, self.pairs, ours_prepare, theirs_prepare, self.env)
        except (RuntimeError, OSError) as error:
            reason = str(error).replace(str(self.root) + "/", "").splitlines()[0][:160]
            self.facts.append(f"Not measured: {data} against {peer}: {reason}")
            return
        self.rows.append({
            "data": data, "peer": peer, "ours_wall": a.wall, "peer_wall": b.wall, "wall": wall, "cpu": cpu,
            "ours_memory": a.memory, "peer_memory": b.memory, "result": result() if callable(result) else result, "target": target,
        })
        for command in (ours, theirs):
            text = command if isinstance(command, str) else " ".join(command)
            text = text.replace(str(self.root) + "/", "")
            if text not in self.commands:
                self.commands.append(text)


def mib(path):
    return f"{path.stat().st_size / 1048576:.2f} MiB"


def peer_tree(bench, name, peer, file, text):
    """A copy of a tree with the file a peer's packager asks for."""
    folder = bench.folder / "projects" / f"{label(name)}.{peer}"
    if not folder.exists():
        part = folder.with_suffix(".part")
        put_away(part)
        shutil.copytree(bench.folder / "data" / TREES[name], part)
        (part / file).parent.mkdir(parents=True, exist_ok=True)
        (part / file).write_text(text)
        part.rename(folder)
    return folder


def pack(bench):
    report = bench.fresh("P1 build a package", "Our side reads, digests, lays out, compresses at level 9 and writes; the result column gives the sizes.")
    out = bench.folder / "out/pack"
    for name in TREES:
        project = bench.project(name)
        if project is None:
            continue
        out.mkdir(parents=True, exist_ok=True)
        files = sum(1 for path in project.rglob("*") if path.is_file())
        report["facts"].append(f"{name}: {files} files, so {files * 32 / 1048576:.3f} MiB of our archive are their digests, which do not compress; a tar has none.")
        ours_file = out / f"{label(name).replace('.', '-')}-1.0.0.vitmod"
        ours = [bench.cli, "build", "--manifest", str(project / "vitte.toml"), "--out", str(out), "--kind", "mod", "--profile", "build"]

        def sizes(path):
            return lambda: f"{mib(ours_file)} / {mib(path)}, size ratio {ours_file.stat().st_size / path.stat().st_size:.3f}"

        tarball = out / "peer.tar.zst"
        bench.pair(name, "tar, zstd -9 -T0", ours, f"tar -C {project} -cf - . | zstd -q -9 -T0 -f -o {tarball}", "wall ≤ 1.0, size ≤ 1.03", sizes(tarball), [ours_file])
        if name == "node executable":
            continue
        packed = out / "npm"
        pnpm = bench.folder / "npm/node_modules/.bin/pnpm"
        for tool, peer in (("npm pack --ignore-scripts", "npm pack"), (f"{pnpm} pack --config.ignore-scripts=true", "pnpm pack")):
            packed.mkdir(exist_ok=True)
            bench.pair(name, peer, ours, f"cd {project} && {tool} --pack-destination {packed}", "wall ≤ 0.5", "", [ours_file])
        crate = peer_tree(bench, name, "crate", "Cargo.toml", '[package]\nname = "peer"\nversion = "1.0.0"\nedition = "2021"\n[lib]\npath = "peer.rs"\n[workspace]\n')
        (crate / "peer.rs").touch()
        bench.pair(name, "cargo package", ours, f"cd {crate} && cargo package -q --no-verify --allow-dirty --offline --target-dir {out}/crate", "wall ≤ 0.5", "", [ours_file], [str(out / "crate")])
        debian = peer_tree(bench, name, "debian", "DEBIAN/control", "Package: peer\nVersion: 1.0.0\nArchitecture: all\nMaintainer: A Peer <peer@example.org>\nDescription: A tree to measure on\n")
        deb = out / "peer.deb"
        bench.pair(name, "dpkg-deb -Zzstd -z9", ours, f"dpkg-deb --root-owner-group -Zzstd -z9 --build {debian} {deb}", "wall ≤ 0.5", sizes(deb), [ours_file], [str(deb)])
        conda = out / "peer-1-0.conda"
        bench.pair(name, "cph create", ours, f"{bench.folder}/py/bin/cph create {project} {conda.name} --out-folder {out}", "wall ≤ 0.5", sizes(conda), [ours_file], [conda])
    return report


def extract(bench):
    report = bench.fresh("P2 extract to disk", "Our side verifies the signature and every byte before the folder appears; the peers verify nothing.")
    for name in TREES:
        archive = bench.archive(name)
        if archive is None:
            continue
        ours_dir, theirs_dir = bench.folder / "out/x-ours", bench.folder / "out/x-peer"
        ours = [bench.cli, "extract", str(archive), str(ours_dir)]
        made = f"mkdir -p {theirs_dir} &&"
        prepare = ([str(ours_dir)], [str(theirs_dir)])
        bench.pair(name, "GNU tar, zstd", ours, f"{made} tar -I zstd -xf {archive} -C {theirs_dir}", "wall ≤ 0.8", "", *prepare)
        bench.pair(name, "bsdtar", ours, f"{made} bsdtar -xf {archive} -C {theirs_dir}", "", "", *prepare)
        made_of = bench.folder / f"out/{label(name)}-1-0.conda"
        if not made_of.exists() and name != "node executable" and (bench.folder / "py/bin/cph").exists():
            bench.run(str(bench.folder / "py/bin/cph"), "create", str(bench.project(name)), made_of.name, "--out-folder", str(made_of.parent))
        if made_of.exists():
            bench.pair(name, "cph extract", ours, f"{bench.folder}/py/bin/cph extract {made_of} --dest {theirs_dir}", "", "", *prepare)
        zipped = bench.folder / f"out/{label(name)}.zip"
        if not zipped.exists():
            shutil.make_archive(str(zipped.with_suffix("")), "zip", bench.project(name))
        if shutil.which("unzip"):
            bench.pair(name, "unzip", ours, f"unzip -q {zipped} -d {theirs_dir}", "", "", *prepare)
        bench.pair(name, "cp -r", ours, f"cp -r {bench.project(name)} {theirs_dir}", "wall ≤ 1.3" if name.startswith("date-fns") else "", "", *prepare)
    return report


def verify(bench):
    report = bench.fresh("P3 verify without writing", "Signature, stored digests and full content on our side; a digest of the stored file, or of the unpacked stream, on the other.")
    for name in TREES:
        archive = bench.archive(name)
        if archive is None:
            continue
        ours = [bench.cli, "verify", str(archive)]
        bench.pair(name, "zstd -dc, openssl dgst", ours, f"zstd -dc {archive} | openssl dgst -sha256", "wall ≤ 1.1", mib(archive))
        bench.pair(name, "openssl dgst of the file", ours, f"openssl dgst -sha256 {archive}", "", mib(archive))
        if shutil.which("minisign"):
            home = bench.folder / "minisign"
            if not (home / "key.pub").exists():
                home.mkdir(exist_ok=True)
                bench.run("minisign", "-G", "-W", "-f", "-p", str(home / "key.pub"), "-s", str(home / "key.sec"))
            bench.run("minisign", "-S", "-W", "-s", str(home / "key.sec"), "-m", str(archive), "-x", str(home / f"{archive.name}.sig"))
            bench.pair(name, "minisign -V", ours, f"minisign -V -q -p {home}/key.pub -m {archive} -x {home}/{archive.name}.sig", "", mib(archive))
        signature = bench.folder / "gpg" / f"{archive.name}.sig"
        if shutil.which("gpg") and shutil.which("gpgv"):
            home = signature.parent
            gpg = ["gpg", "--homedir", str(home), "--batch", "--yes", "--quiet"]
            if not (home / "key.gpg").exists():
                home.mkdir(mode=0o700, exist_ok=True)
                bench.run(*gpg, "--passphrase", "", "--quick-generate-key", "peer@example.org", "ed25519", "sign", "never")
                bench.run(*gpg, "--output", str(home / "key.gpg"), "--export", "peer@example.org")
            bench.run(*gpg, "--output", str(signature), "--detach-sign", str(archive))
            bench.pair(name, "gpgv", ours, f"gpgv -q --keyring {home}/key.gpg {signature} {archive}", "", mib(archive))
        if shutil.which("signify-openbsd"):
            home = bench.folder / "signify"
            if not (home / "key.pub").exists():
                home.mkdir(exist_ok=True)
                bench.run("signify-openbsd", "-G", "-n", "-p", str(home / "key.pub"), "-s", str(home / "key.sec"))
            bench.run("signify-openbsd", "-S", "-s", str(home / "key.sec"), "-m", str(archive), "-x", str(home / f"{archive.name}.sig"))
            bench.pair(name, "signify -V", ours, f"signify-openbsd -V -q -p {home}/key.pub -m {archive} -x {home}/{archive.name}.sig", "", mib(archive))
    return report


def wasm(bench):
    report = bench.fresh("P8 verify as WebAssembly, in Node and Chromium", "The same check of the same file by the wasm module; the peers are our native binary on one thread, and a JavaScript stack (WebCrypto digest of the file, fzstd of its frames, WebCrypto digest of the content).")
    public = bench.folder / "home/keys/bench.pub"
    for name in TREES:
        archive = bench.archive(name)
        if archive is None:
            continue
        ours = ["node", str(bench.root / "scripts/bench/verify.mjs"), str(archive), str(public)]
        native = ["env", "VITTE_JOBS=1", bench.cli, "verify", str(archive)]
        bench.pair(name, "native, one thread", ours, native, "wall ≤ 2.5", mib(archive))
        stack = ["node", str(bench.root / "scripts/bench/javascript-stack.mjs"), str(archive), str(bench.folder / "npm/node_modules/fzstd")]
        bench.pair(name, "WebCrypto + fzstd", ours, stack, "wall ≤ 1.0", mib(archive))
        bench.facts.append(browser(bench, name, archive, public))
    return report


def page(bench):
    """Three sizes of the same bytes, so that what a check costs at all and what it costs by the byte can be told apart."""
    report = bench.fresh("P8 the page in Chromium: 1, 10 and 100 MB", "The first bytes of an executable as one file, packed and signed. What a package of 100 MB takes until its first file is shown, in requests and bytes, is held by `wasm/js/test/ranges.test.mjs`.")
    data = bench.folder / "data" / TREES["node executable"]
    files = sorted((path for path in data.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size) if data.exists() else []
    if not files:
        bench.facts.append("Not measured: the executable could not be fetched.")
        return report
    content = files[-1].read_bytes()
    out = bench.folder / "out/page"
    out.mkdir(parents=True, exist_ok=True)
    if not (bench.folder / "home/keys/bench.pem").exists():
        bench.run(bench.cli, "key", "generate", "--name", "bench")
    for megabytes in (1, 10, 100):
        archive = out / f"page-{megabytes}-1.0.0.vitmod"
        project = bench.folder / f"projects/page-{megabytes}"
        if not archive.exists():
            project.mkdir(parents=True, exist_ok=True)
            (project / "vitte.toml").write_text(
                f'[package]\nname = "bench/page-{megabytes}"\nversion = "1.0.0"\nlicense = "MIT"\ndescription = "Bytes to measure on"\n')
            length = megabytes * 1_000_000
            (project / "content").write_bytes((content * (length // len(content) + 1))[:length])
            bench.run(bench.cli, "build", "--manifest", str(project / "vitte.toml"), "--out", str(out), "--kind", "mod", "--profile", "build")
            bench.run(bench.cli, "sign", str(archive), "--key", "bench")
        bench.facts.append(browser(bench, f"{megabytes} MB ({mib(archive)} packed)", archive, bench.folder / "home/keys/bench.pub"))
    return report


def browser(bench, name, archive, public):
    """The page in Chromium; it is one process for all pairs, so there is no row of CPU time and memory."""
    script = bench.root / "scripts/bench/browser.mjs"
    command = ["node", str(script), str(bench.pairs), str(archive), str(public), bench.cli, "verify", str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **bench.env})
    if done.returncode != 0:
        return f"Not measured: {name} in Chromium: {(done.stderr.strip().splitlines() or ['no output'])[-1][:160]} (the page is built by the stage `web` of scripts/test.sh)"
    told = json.loads(done.stdout)
    ratio = statistics.median(one / other for one, other in zip(told["page"], told["native"]))
    busy = f"the main thread was busy for {told['longest']:.0f} ms at a stretch once" if told["longest"] else "the main thread was never busy for more than 50 ms at a stretch"
    bench.commands.append(" ".join(command).replace(str(bench.root) + "/", ""))
    return (f"{name} on the page in Chromium, from the choice of the file to the verdict on the screen: median {statistics.median(told['page']) / 1000:.3f} s, "
            f"**{ratio:.2f}** × native on one thread; {busy} (target: 50 ms).")


def start(bench):
    report = bench.fresh("P10 start", "Process start to end.")
    for flag in ("--version", "--help"):
        uv = str(bench.folder / "py/bin/uv")
        for peer in (["git", flag], ["cargo", flag], [uv, flag]):
            bench.pair(flag, f"{os.path.basename(peer[0])} {flag}", [bench.cli, flag], peer, "wall ≤ 1.0" if peer[0] == uv else "")
    return report


def size(bench):
    report = bench.fresh("P11 size", "Bytes of what is shipped.")
    report["facts"].append(f"CLI, release, stripped: {mib(pathlib.Path(bench.cli))} (target ≤ 8 MB).")
    whole = 0
    for name in ("core", "registry", "resolver"):
        module = bench.root / f"wasm/js/vitte_{name}_bg.wasm"
        if not module.exists():
            report["facts"].append(f"wasm module vitte_{name}: not built.")
            continue
        data = module.read_bytes()
        packed = len(gzip.compress(data, 9))
        whole += packed
        target = " (inspect and verify: target ≤ 250 KiB)" if name == "core" else ""
        report["facts"].append(f"wasm module vitte_{name}: {len(data) / 1024:.0f} KiB, gzip {packed / 1024:.0f} KiB{target}.")
    report["facts"].append(f"wasm modules together: gzip {whole / 1024:.0f} KiB (target ≤ 450 KiB). A page loads the first; each of the others when it is asked for.")
    return report


JOBS = {"pack": pack, "extract": extract, "verify": verify, "wasm": wasm, "page": page, "start": start, "size": size, **dependencies.JOBS, **update.JOBS, **log.JOBS, **serve.JOBS}
