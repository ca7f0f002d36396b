"""The job about moving one locked package of many to a release that has come out since."""
import json
import pathlib
import shutil
import subprocess
import tarfile

import dependencies
import graph
from pairs import put_away

OURS, THEIRS, OLD, NEW = "npm/lodash-merge", "lodash.merge", "4.6.2", "4.6.3"


def publish_ours(bench, data, registry, home):
    """A copy of the registry in which the new release is out, and a home that knows it."""
    put_away(registry)
    shutil.copytree(data.registry, registry)
    put_away(home)
    for name in ("keys", "trust"):
        shutil.copytree(bench.folder / "home" / name, home / name)
    work = registry.parent / "update-work"
    put_away(work)
    shutil.copytree(data.folder / "source" / THEIRS, work, ignore=shutil.ignore_patterns("node_modules"))
    (work / "vitte.toml").write_text(f'[package]\nname = "{OURS}"\nversion = "{NEW}"\nlicense = "MIT"\ndescription = "A package to measure on"\n')
    env = {"VITTE_HOME": str(home)}
    out = json.loads(bench.run(bench.cli, "build", "--manifest", str(work / "vitte.toml"), "--out", str(work / "out"), "--kind", "mod", "--json"))
    path = out["result"]["artifacts"][0]["path"]
    bench.run(bench.cli, "sign", path, "--key", "bench")
    command = [bench.cli, "publish", path, "--registry", str(registry), "--yes"]
    subprocess.run(command, check=True, capture_output=True, env={**dependencies.os.environ, **bench.env, **env})
    put_away(work)


def publish_theirs(folder, url):
    """The new release in a registry of npm that is plain files: the old tarball under another name and number."""
    packument = json.loads((folder / THEIRS).read_text())
    if NEW in packument["versions"]:
        return
    old = folder / "t" / f"{THEIRS}-{OLD}.tgz"
    new = folder / "t" / f"{THEIRS}-{NEW}.tgz"
    work = folder / "work"
    with tarfile.open(old) as archive:
        archive.extractall(work, filter="data")
    manifest = work / "package/package.json"
    manifest.write_text(manifest.read_text().replace(OLD, NEW))
    with tarfile.open(new, "w:gz", compresslevel=6) as archive:
        archive.add(work / "package", "package")
    put_away(work)
    digest = graph.base64.b64encode(graph.hashlib.sha512(new.read_bytes()).digest()).decode()
    release = json.loads(json.dumps(packument["versions"][OLD]))
    release["version"] = NEW
    release["dist"] = {"tarball": f"{url}/t/{new.name}", "integrity": f"sha512-{digest}"}
    packument["versions"][NEW] = release
    packument["dist-tags"]["latest"] = NEW
    (folder / THEIRS).write_text(json.dumps(packument))


def keep(folder, names, copies):
    """Copies what `names` are in `folder`, and gives what puts it back."""
    put_away(copies)
    copies.mkdir(parents=True)

    def copy(name, start, end):
        put_away(end / name)
        if (start / name).is_dir():
            shutil.copytree(start / name, end / name, symlinks=True)
        else:
            (end / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(start / name, end / name)

    for name in names:
        copy(name, folder, copies)
    return lambda: [copy(name, copies, folder) for name in names]


def update(bench):
    """Issue 5: update of one package."""
    report = bench.fresh("Update of one package of many, over loopback", "All packages are locked and in place; of one a new release has come out, which neither side has met. Ours asks the registry how far its log is, reads what has changed, proves the release, moves the lockfile and installs: two commands. Nothing else may move.")
    data = dependencies.Dependencies(bench)
    if not data.count:
        return report
    folder = data.folder / "update"
    folder.mkdir(exist_ok=True)
    registry, home, app = folder / "registry", folder / "home", folder / "app"
    publish_ours(bench, data, registry, home)
    with graph.Nginx(folder, registry, folder / "npm-registry") as nginx:
        ours, theirs = nginx.urls
        graph.npm_registry(data.folder / "source", folder / "npm-registry", theirs)
        publish_theirs(folder / "npm-registry", theirs)
        # Ours, before: everything at the old release.
        put_away(app)
        app.mkdir()
        (app / "vitte.toml").write_text((data.app / "vitte.toml").read_text())
        cli = f"cd {app} && export VITTE_HOME={home} && {bench.cli}"

        def shell(command):
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env={**dependencies.os.environ, **bench.env})
            if done.returncode != 0:
                raise RuntimeError(f"{command}: {(done.stderr or done.stdout).strip()[-300:]}")
            return done.stdout

        shell(f"{cli} update {OURS} --precise {OLD} --registry {ours} && {bench.cli} install --registry {ours}")
        before = keep(app, ["vitte.lock", ".vitte"], folder / "before")
        memory = keep(home, ["trust", "cache/registries"], folder / "before-home")
        store = home / "store/v1/pkg"
        held = {path for path in store.glob("*/*")}
        archives = set((home / "cache/archives").iterdir())
        quick = f"{cli} update {OURS} --registry {ours} && {bench.cli} install --registry {ours}"
        shell(quick)
        new = [path for path in store.glob("*/*") if path not in held]
        new += [path for path in (home / "cache/archives").iterdir() if path not in archives]
        if len(new) != 2 or NEW not in (app / "vitte.lock").read_text():
            raise RuntimeError(f"the update moved {len(new) // 2} packages")

        # Theirs, before.
        project, cache = folder / "project", folder / "cache"
        for path in (project, cache):
            put_away(path)
        project.mkdir()
        manifest = {"private": True, "name": "app", "version": "0.0.0", "dependencies": {**dependencies.ROOTS, THEIRS: OLD}}
        (project / "bunfig.toml").write_text(f'[install]\nregistry = "{theirs}"\n[install.cache]\ndir = "{cache}"\n')
        pnpm = f"--ignore-scripts --config.minimum-release-age=0 --config.registry={theirs} --config.cache-dir={cache}/c --store-dir={cache}/s"
        for peer, install, move in (
            ("bun", "bun install --ignore-scripts", f"bun update {THEIRS} --ignore-scripts"),
            ("pnpm", f"pnpm install {pnpm}", f"pnpm update {THEIRS} {pnpm}"),
        ):
            for name in ("node_modules", "bun.lock", "pnpm-lock.yaml"):
                put_away(project / name)
            (project / "package.json").write_text(json.dumps(manifest))
            shell(f"cd {project} && {data.peers}/{install}")
            (project / "package.json").write_text(json.dumps({**manifest, "dependencies": {**manifest["dependencies"], THEIRS: f"^{OLD}"}}))
            shell(f"cd {project} && {data.peers}/{install}")
            lock = "bun.lock" if peer == "bun" else "pnpm-lock.yaml"
            old = keep(project, ["package.json", lock, f"node_modules/{THEIRS}"] + (["node_modules/.pnpm/lock.yaml", "node_modules/.modules.yaml"] if peer == "pnpm" else []), folder / f"before-{peer}")
            forget = [old]
            if peer == "bun":
                forget.append(lambda: [put_away(path) for path in cache.glob(f"*{THEIRS}@{NEW}*")])
            else:
                report["facts"].append("pnpm keeps what it fetched once: of its store and its metadata nothing is taken away between the runs.")
            bench.pair(f"{data.count} packages of npm, one moves", peer, quick, f"cd {project} && {data.peers}/{move}", "", ours_prepare=[before, memory, *new], theirs_prepare=forget)
            if NEW not in (project / lock).read_text():
                bench.facts.append(f"{peer} did not move to {NEW}: its row says nothing.")
    return report


JOBS = {"update": update}
