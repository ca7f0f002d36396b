"""The same dependency graph for the peers: a registry of npm that is plain files, a folder of crates, a folder of
wheels; and nginx, which serves plain files to both sides."""
import base64
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import tarfile
import time
import zipfile

from pairs import put_away

KEPT = ("name", "version", "dependencies", "bin", "main", "exports", "type", "engines", "cpu", "os", "libc")


def releases(registry):
    """(name, version, [(name, requirement)]) of every release in a registry of ours that is a folder."""
    for file in sorted((registry / "index").rglob("*")):
        if not file.is_file():
            continue
        for line in file.read_text().splitlines()[1:]:
            if not line.startswith('{"core"'):
                break
            core = json.loads(line)["core"]
            yield f"{file.parent.name}/{file.name}", core["ver"], [(d["p"], d["r"]) for d in core["deps"]]


def flat(name):
    return name.split("/")[-1]


def npm_registry(source, to, url):
    """Packuments and tarballs of an installed tree. Optional and peer dependencies that the tree lacks are left out."""
    if (to / "done").exists() and (to / "done").read_text() == url:
        return
    put_away(to)
    (to / "t").mkdir(parents=True)
    found = {}
    for file in sorted(source.glob("**/package.json")):
        folder = file.parent
        above = folder.parent.parent if folder.parent.name.startswith("@") else folder.parent
        if above != source and above.name != "node_modules":
            continue
        data = json.loads(file.read_text())
        if data.get("name") and data.get("version"):
            found.setdefault(data["name"], {})[data["version"]] = (folder, data)
    for name, versions in found.items():
        packument = {"name": name, "dist-tags": {}, "versions": {}}
        for version, (folder, data) in versions.items():
            tarball = to / "t" / f"{re.sub(r'[^a-z0-9.-]', '_', name.lower())}-{version}.tgz"
            with tarfile.open(tarball, "w:gz", compresslevel=6) as archive:
                for path in sorted(folder.rglob("*")):
                    relative = path.relative_to(folder)
                    if "node_modules" not in relative.parts and path.is_file() and not path.is_symlink():
                        archive.add(path, f"package/{relative}")
            digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
            kept = {key: data[key] for key in KEPT if key in data}
            optional = {key: value for key, value in data.get("optionalDependencies", {}).items() if key in found}
            kept.update(optionalDependencies=optional, dist={"tarball": f"{url}/t/{tarball.name}", "integrity": f"sha512-{digest}"})
            packument["versions"][version] = kept
        newest = max(versions, key=lambda one: [int(part) for part in re.findall(r"\d+", one)[:3]])
        packument["dist-tags"]["latest"] = newest
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(json.dumps(packument))
    (to / "done").write_text(url)


def crates(registry, app, to):
    """The graph as crates without code, in a folder that stands for the registry of cargo."""
    put_away(to)
    newest = {}

    def section(dependencies):
        wanted = {}
        for number, (name, requirement) in enumerate(dependencies):
            wanted[f"d{number}"] = f'{{ package = "{flat(name)}", version = "{requirement}" }}'
        return "[dependencies]\n" + "".join(f"{key} = {value}\n" for key, value in wanted.items())

    for name, version, dependencies in releases(registry):
        folder = to / "vendor" / f"{flat(name)}-{version}"
        (folder / "src").mkdir(parents=True)
        (folder / "src/lib.rs").touch()
        (folder / "Cargo.toml").write_text(f'[package]\nname = "{flat(name)}"\nversion = "{version}"\nedition = "2021"\n\n{section(dependencies)}')
        (folder / ".cargo-checksum.json").write_text('{"files":{}}')
        newest[name] = version
    roots = re.findall(r'^"(npm/[^"]+)" = "([^"]+)"', (app / "vitte.toml").read_text(), re.M)
    (to / "app/src").mkdir(parents=True)
    (to / "app/src/lib.rs").touch()
    (to / "app/Cargo.toml").write_text(f'[package]\nname = "bench-app"\nversion = "0.1.0"\nedition = "2021"\n\n[workspace]\n\n{section(roots)}')
    (to / "app/.cargo").mkdir()
    (to / "app/.cargo/config.toml").write_text(f'[source.crates-io]\nreplace-with = "folder"\n[source.folder]\ndirectory = "{to}/vendor"\n')


def wheels(registry, to):
    """The newest release of each package as a wheel without code. Python has one version of each, so requirements have
    no upper end."""
    put_away(to)
    (to / "wheels").mkdir(parents=True)
    newest = {}
    for name, version, dependencies in releases(registry):
        numbers = [int(part) for part in version.split(".")]
        if name not in newest or newest[name][0] < numbers:
            newest[name] = (numbers, version, dependencies)
    for name, (_, version, dependencies) in newest.items():
        plain = f"npm_{flat(name).replace('-', '_')}"
        info = f"{plain}-{version}.dist-info"
        needs = "".join(f"Requires-Dist: npm-{flat(other)}>={requirement.lstrip('^~=<> ')}\n" for other, requirement in dependencies)
        with zipfile.ZipFile(to / "wheels" / f"{plain}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {plain}\nVersion: {version}\n{needs}")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    (to / "wanted.txt").write_text("".join(f"npm-{flat(name)}\n" for name in sorted(newest)))


class Nginx:
    """Serves two folders on two ports of loopback."""

    def __init__(self, folder, ours, theirs):
        self.folder = folder / "nginx"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports = [self.port(), self.port()]
        self.urls = [f"http://127.0.0.1:{port}" for port in self.ports]
        self.roots = [ours, theirs]
        self.child = None

    @staticmethod
    def port():
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            return one.getsockname()[1]

    def __enter__(self):
        server = "".join(
            f"server {{ listen 127.0.0.1:{port}; root {root}; default_type application/json; }}\n"
            for port, root in zip(self.ports, self.roots))
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;\n" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log; {user}worker_processes 2;\nevents {{}}\n"
            f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;\n{temporary}{server}}}\n")
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.child = subprocess.Popen([program, "-p", str(self.folder), "-e", str(self.folder / "error.log"), "-c", str(self.folder / "nginx.conf")])
        for _ in range(200):
            time.sleep(0.02)
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.ports[1])) == 0:
                    return self
        raise RuntimeError("nginx did not start")

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()
