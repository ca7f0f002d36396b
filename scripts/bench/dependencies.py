"""The jobs about a project's dependencies. The data is real: the packages that npm brings for four large tools, each
made into a package of ours with the same files (but machine code, which publishing asks about), in one registry that
is a folder."""
import json
import os
import re
import shutil
import statistics
import subprocess

import graph
from pairs import once, put_away

ROOTS = {"webpack": "5.99.9", "eslint": "9.30.1", "jest": "30.0.4", "@babel/preset-env": "7.28.0"}
NAME = re.compile(r"[a-z](-?[a-z0-9]){0,60}$")
PATH = re.compile(r"[A-Za-z0-9._@+-]+(/[A-Za-z0-9._@+-]+)*$")
RESERVED = {"con", "prn", "aux", "nul"}


def ours(name):
    """A package's name here."""
    flat = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    flat = flat if flat[0].isalpha() else f"n{flat}"
    return f"npm/{flat}" if NAME.match(flat) and flat not in RESERVED else None


def span(version):
    """The range of compatibility."""
    major, minor, patch = re.match(r"(\d+)\.(\d+)\.(\d+)", version).groups()
    return major if major != "0" else f"0.{minor}" if minor != "0" else f"0.0.{patch}"


def order(version):
    return [int(part) for part in re.match(r"(\d+)\.(\d+)\.(\d+)", version).groups()]


class Dependencies:
    """The npm project, the same packages of ours, a registry with them and a project that needs them."""

    def __init__(self, bench):
        self.bench = bench
        self.folder = bench.folder / "dependencies"
        self.npm = self.folder / "npm"
        self.app = self.folder / "app"
        self.registry = self.folder / "registry"
        self.peers = bench.folder / "npm/node_modules/.bin"
        self.count = 0
        if not self.prepare():
            bench.facts.append("Not measured: the packages could not be fetched.")

    def prepare(self):
        self.npm.mkdir(parents=True, exist_ok=True)
        (self.npm / "package.json").write_text(json.dumps({"private": True, "name": "app", "version": "0.0.0", "dependencies": ROOTS}))
        tree = self.npm / "node_modules"
        if not (self.folder / "fetched").exists():
            done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=self.npm, capture_output=True, check=False)
            if done.returncode != 0:
                return False
            put_away(self.folder / "source")
            shutil.copytree(tree, self.folder / "source", symlinks=True)
            (self.folder / "fetched").touch()
        packages = self.read(self.folder / "source")
        self.count = len(packages)
        if not (self.folder / "published").exists():
            self.publish(packages)
            (self.folder / "published").touch()
        return True

    def read(self, tree):
        """One release for each package and range of compatibility: the newest."""
        found = {}
        for file in sorted(tree.glob("**/package.json")):
            if file.parent.parent.name != "node_modules" and not file.parent.parent.name.startswith("@") and file.parent.parent != tree:
                continue
            data = json.loads(file.read_text())
            name, version = data.get("name"), data.get("version", "")
            if not name or not re.match(r"\d+\.\d+\.\d+$", version) or ours(name) is None:
                continue
            key = (ours(name), span(version))
            if key not in found or order(found[key][1]["version"]) < order(version):
                found[key] = (file.parent, data)
        return found

    def publish(self, packages):
        bench, work = self.bench, self.folder / "work"
        put_away(work)
        put_away(self.registry)
        if not (bench.folder / "home/keys/bench.pem").exists():
            bench.run(bench.cli, "key", "generate", "--name", "bench")
        bench.run(bench.cli, "registry", "init", str(self.registry))
        names = {}
        for name, compatible in packages:
            names.setdefault(name, []).append(compatible)
        edges = {}

        def reaches(start, goal, seen):
            return start == goal or any(reaches(to, goal, seen | {start}) for to in edges.get(start, ()) if to not in seen)

        archives = {}
        for (name, compatible), (source, data) in packages.items():
            project = work / f"{name.replace('/', '-')}-{compatible}"
            for path in source.rglob("*"):
                relative = path.relative_to(source)
                if path.is_file() and not path.is_symlink() and "node_modules" not in relative.parts and PATH.match(str(relative)) and path.suffix != ".node":
                    (project / relative).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, project / relative)
            project.mkdir(parents=True, exist_ok=True)
            lines = []
            for wanted, requirement in sorted(data.get("dependencies", {}).items()):
                target = ours(wanted)
                digits = re.search(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", requirement)
                if target not in names or not digits:
                    continue
                asked = span(".".join(part or "0" for part in digits.groups()))
                other = asked if asked in names[target] else sorted(names[target])[-1]
                # What circles in npm is cut: no circle can be published here.
                if reaches((target, other), (name, compatible), frozenset()):
                    continue
                edges.setdefault((name, compatible), []).append((target, other))
                lines.append(f'"{target}" = "{packages[(target, other)][1]["version"]}"')
            (project / "vitte.toml").write_text(
                f'[package]\nname = "{name}"\nversion = "{data["version"]}"\nlicense = "MIT"\ndescription = "A package to measure on"\n\n[dependencies]\n' + "\n".join(dict.fromkeys(lines)) + "\n")
            out = work / "out"
            answer = bench.run(bench.cli, "build", "--manifest", str(project / "vitte.toml"), "--out", str(out), "--kind", "mod", "--profile", "dev", "--json")
            path = json.loads(answer)["result"]["artifacts"][0]["path"]
            bench.run(bench.cli, "sign", path, "--key", "bench")
            archives[(name, compatible)] = path
        done, waiting = set(), list(archives)
        while waiting:
            ready = [one for one in waiting if all(to in done for to in edges.get(one, ()))][:60]
            bench.run(bench.cli, "publish", *[archives[one] for one in ready], "--registry", str(self.registry), "--yes")
            done.update(ready)
            waiting = [one for one in waiting if one not in done]
        put_away(work)
        self.app.mkdir(exist_ok=True)
        lines = {}
        for (name, compatible), (_, data) in packages.items():
            lines.setdefault(name, f'"{name}" = "{data["version"]}"')
        (self.app / "vitte.toml").write_text('[package]\nname = "bench/app"\nversion = "0.1.0"\n\n[dependencies]\n' + "\n".join(lines.values()) + "\n")

    def cli(self, command):
        return f"cd {self.app} && {self.bench.cli} {command}"

    def settle(self):
        """Each peer has its own lockfile and everything in its cache."""
        for command in ("bun install --ignore-scripts", "pnpm install --ignore-scripts --config.minimum-release-age=0"):
            put_away(self.npm / "node_modules")
            done = subprocess.run(["bash", "-c", self.peer(command)], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                self.bench.facts.append(f"Not measured: {command.split()[0]}: {(done.stderr or done.stdout).strip()[-160:]}")

    def peer(self, command):
        return f"cd {self.npm} && {self.peers}/{command}"


def warm(bench):
    """P4"""
    report = bench.fresh("Warm install from a lockfile (P4)", "")
    data = Dependencies(bench)
    if not data.count:
        return report
    data.settle()
    registry = f"--registry {data.registry}"
    subprocess.run(["bash", "-c", data.cli(f"install {registry}")], check=True, capture_output=True, env={**os.environ, **bench.env})
    label = f"{data.count} packages of npm"
    report["note"] = "Everything is in each tool's store or cache. Ours links nothing: it verifies that each package is there and writes where the compiler finds it; the others fill `node_modules`."
    for name, prepare in (("install", [str(data.app / ".vitte")]), ("install again", [])):
        theirs = [str(data.npm / "node_modules")] if prepare else []
        bench.pair(f"{label}: {name}", "bun", data.cli("install --offline"), data.peer("bun install --frozen-lockfile --ignore-scripts"), "≤ 0.1 CPU and wall", ours_prepare=prepare, theirs_prepare=theirs)
        bench.pair(f"{label}: {name}", "pnpm", data.cli("install --offline"), data.peer("pnpm install --offline --frozen-lockfile --ignore-scripts --config.minimum-release-age=0"), "", ours_prepare=prepare, theirs_prepare=theirs)
    source = data.folder / "source"
    bench.pair(f"{label}: install", "cp -rl (no check)", data.cli("install --offline"), f"cp -rl {source} {data.folder}/copy", "", ours_prepare=[str(data.app / ".vitte")], theirs_prepare=[str(data.folder / "copy")])
    crates = data.folder / "crates"
    graph.crates(data.registry, data.app, crates)
    subprocess.run(["cargo", "generate-lockfile", "--offline"], cwd=crates / "app", capture_output=True, check=False)
    bench.pair(f"{label}: install again", "cargo fetch --offline (empty crates)", data.cli("install --offline"), f"cd {crates}/app && cargo fetch --offline --locked", "")
    bench.facts.append(no_op(bench, data))
    return report


def no_op(bench, data):
    """The command most often typed: `install` of 200 dependencies that are in place, in CPU time of the process."""
    project = data.folder / "app-200"
    project.mkdir(exist_ok=True)
    head, lines = (data.app / "vitte.toml").read_text().split("[dependencies]\n")
    (project / "vitte.toml").write_text(head + "[dependencies]\n" + "\n".join(lines.splitlines()[:200]) + "\n")
    manifest = ["--manifest", str(project / "vitte.toml")]
    bench.run(bench.cli, "install", "--registry", str(data.registry), *manifest)
    runs = [once([bench.cli, "install", *manifest], env=bench.env) for _ in range(11)]
    cpu, wall = (statistics.median(run[at] for run in runs) * 1000 for at in (1, 0))
    held = (project / "vitte.lock").read_text().count("[[package]]") - 1
    return f"No-op `install` of 200 direct dependencies, {held} packages in all, in place: median of 11 runs {cpu:.1f} ms of CPU, {wall:.1f} ms wall (target: at most 10 ms of CPU)."


def resolve(bench):
    """P6"""
    report = bench.fresh("Resolve and write the lockfile, warm index (P6)", "")
    data = Dependencies(bench)
    if not data.count:
        return report
    label = f"{data.count} packages of npm"
    lock = [str(data.app / "vitte.lock")]
    report["note"] = "Ours also checks each release against the registry's log and its signatures; the others believe their cache."
    bench.pair(label, "bun --lockfile-only", data.cli(f"lock --registry {data.registry}"), data.peer("bun install --lockfile-only --ignore-scripts"), "≤ 1.0", ours_prepare=lock, theirs_prepare=[str(data.npm / "bun.lock")])
    bench.pair(label, "pnpm --lockfile-only", data.cli(f"lock --registry {data.registry}"), data.peer("pnpm install --offline --lockfile-only --ignore-scripts --config.minimum-release-age=0"), "≤ 1.0", ours_prepare=lock, theirs_prepare=[str(data.npm / "pnpm-lock.yaml")])
    crates, wheels = data.folder / "crates", data.folder / "wheels"
    graph.crates(data.registry, data.app, crates)
    bench.pair(f"{label}, as crates", "cargo generate-lockfile", data.cli(f"lock --registry {data.registry}"), f"cd {crates}/app && cargo generate-lockfile --offline", "≤ 1.0", ours_prepare=lock, theirs_prepare=[str(crates / "app/Cargo.lock")])
    uv = bench.folder / "py/bin/uv"
    if uv.exists():
        graph.wheels(data.registry, wheels)
        bench.pair(f"{label}, as wheels", "uv pip compile", data.cli(f"lock --registry {data.registry}"), f"{uv} pip compile -q --offline --no-index --find-links {wheels}/wheels {wheels}/wanted.txt -o {wheels}/locked.txt", "≤ 1.0", ours_prepare=lock, theirs_prepare=[str(wheels / "locked.txt")])
        bench.facts.append("As wheels: the newest release of each package only, requirements without an upper end, since Python has one version of each.")
    else:
        bench.facts.append("Not measured: uv could not be installed.")
    return report


def cold(bench):
    """P5"""
    report = bench.fresh("Cold install over loopback, all checks on (P5)", "No lockfile, store, cache or `node_modules`; nothing is known of our registry's log but its trust root. Both sides come from plain files served by one nginx: ours the registry, theirs packuments and tarballs of the same files. Ours verifies signatures, log proofs and content, and flushes to the disk; the others compare a digest.")
    data = Dependencies(bench)
    if not data.count:
        return report
    source, label = data.folder / "source", f"{data.count} packages of npm"
    remembered = [str(one / name) for one in (bench.folder / "home/trust").glob("*") for name in ("proved", "checkpoint", "state.json")]
    ours_gone = [str(bench.folder / "home/store"), str(bench.folder / "home/cache"), str(data.app / ".vitte"), str(data.app / "vitte.lock"), *remembered]
    project, cache = data.folder / "cold", data.folder / "cold-cache"
    put_away(project)
    project.mkdir()
    with graph.Nginx(data.folder, data.registry, data.folder / "npm-registry") as nginx:
        ours, theirs = nginx.urls
        graph.npm_registry(source, data.folder / "npm-registry", theirs)
        (project / "package.json").write_text(json.dumps({"private": True, "name": "app", "version": "0.0.0", "dependencies": ROOTS}))
        (project / "bunfig.toml").write_text(f'[install]\nregistry = "{theirs}"\n[install.cache]\ndir = "{cache}"\n')
        gone = [str(cache), *[str(project / name) for name in ("node_modules", "bun.lock", "pnpm-lock.yaml", "package-lock.json")]]
        quick = data.cli(f"install --registry {ours}")
        for peer, command in (
            ("bun", f"{data.peers}/bun install --ignore-scripts"),
            ("pnpm", f"{data.peers}/pnpm install --ignore-scripts --config.minimum-release-age=0 --config.registry={theirs} --config.cache-dir={cache}/c --store-dir={cache}/s"),
        ):
            target = "≤ 0.7 wall and CPU" if peer == "bun" else ""
            bench.pair(label, peer, quick, f"cd {project} && {command}", target, ours_prepare=ours_gone, theirs_prepare=gone)
        bench.pair(label, "cp -r (no check)", quick, f"cp -r {source} {data.folder}/copy", "", ours_prepare=ours_gone, theirs_prepare=[str(data.folder / "copy")])
    return report


JOBS = {"warm": warm, "cold": cold, "resolve": resolve}
