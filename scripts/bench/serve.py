"""The jobs about the server: what it takes and what it delivers, from many clients at once."""
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

from pairs import put_away

VERDACCIO = "6.8.0"
# Outside of the repository: npm looks for projects in the folders above.
AWAY = pathlib.Path(tempfile.gettempdir()) / f"vitte-bench-verdaccio-{VERDACCIO}"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(port, process):
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with {process.returncode}")
            time.sleep(0.1)
    raise RuntimeError("the server did not begin to listen")


class Process:
    """A program that is ended with the block it is run in."""

    def __init__(self, command, port, log=subprocess.DEVNULL, **more):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, **more)
        self.port = port

    def __enter__(self):
        wait_for(self.port, self.process)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def server(bench):
    """The server's program, built to serve."""
    build = ["cargo", "build", "--profile", "server", "--locked", "-p", "vitte-registry"]
    subprocess.run(build, cwd=bench.root, check=True)
    target = subprocess.run([bench.root / "scripts/target-directory.sh"], cwd=bench.root, check=True, capture_output=True, text=True).stdout.strip()
    return pathlib.Path(target) / "server/vitte-registry"


def measured(bench, program, test, **more):
    """Runs a measurement of `tests/server/measured.rs` and gives its figures."""
    command = ["cargo", "test", "--quiet", "--locked", "-p", "vitte-registry", "--test", "server", "--", "--ignored", "--exact", "--nocapture", f"measured::{test}"]
    done = subprocess.run(command, cwd=bench.root, check=False, capture_output=True, text=True, env={**os.environ, "VITTE_TEST_REGISTRY": str(program), **more})
    found = [json.loads(line.split("bench: ", 1)[1]) for line in done.stdout.splitlines() if "bench: " in line]
    for line in done.stdout.splitlines():
        if "opened: " in line:
            found[-1]["opened"] = json.loads(line.split("opened: ", 1)[1])
    if done.returncode != 0 or not found:
        raise RuntimeError(f"{test}: {(done.stderr + done.stdout).strip()[-600:]}")
    return found


def load():
    return f"load of the machine before: {os.getloadavg()[0]:.1f}"


class Verdaccio(Process):
    """npm's registry of one's own, as it installs or with JSON web tokens, without an upstream."""

    def __init__(self, tokens):
        if not (AWAY / "node_modules/verdaccio").exists():
            AWAY.mkdir(exist_ok=True)
            # A tag that mirrors of npm may not have.
            (AWAY / "package.json").write_text('{"private":true,"overrides":{"node-fetch":"2.7.0"}}')
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"verdaccio@{VERDACCIO}"], cwd=AWAY, check=True, capture_output=True)
        folder = pathlib.Path(tempfile.mkdtemp(prefix="vitte-bench-verdaccio-data-"))
        security = "security:\n  api:\n    jwt:\n      sign:\n        expiresIn: 29d\n" if tokens else ""
        (folder / "config.yaml").write_text(
            "storage: ./storage\nauth:\n  htpasswd:\n    file: ./htpasswd\nuplinks: {}\n"
            f"packages:\n  '**':\n    access: $all\n    publish: $authenticated\n{security}log: {{type: stdout, format: json, level: error}}\n")
        port = free_port()
        super().__init__(["node", AWAY / "node_modules/verdaccio/bin/verdaccio", "--config", folder / "config.yaml", "--listen", f"127.0.0.1:{port}"], port, cwd=folder)

    def token(self):
        body = json.dumps({"name": "bench", "password": "a password to measure with"}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/-/user/org.couchdb.user:bench", body, {"Content-Type": "application/json"}, method="PUT")
        with urllib.request.urlopen(request) as response:
            return json.load(response)["token"]


def publish(bench):
    clients = os.environ.get("VITTE_BENCH_CLIENTS", "64")
    report = bench.fresh(
        "Publish from many clients",
        f"{clients} clients at once, each over a connection of its own, publish versions of a package of their own, one after the other, by one program. "
        "Ours is an upload, an archive and a commit for each; a publish that was answered is logged, signed, proved and on the disk. "
        "Verdaccio takes the whole in one request and does not wait for the disk. It checks the password of each request with bcrypt as it installs; with JSON web tokens, which its operator may turn on, it does not.")
    program = server(bench)
    runs = {}
    for run in range(bench.pairs):
        for one in measured(bench, program, "publishes_of_many_clients"):
            runs.setdefault("vitte-registry", []).append(one)
        for who, tokens in (("verdaccio as it installs", False), ("verdaccio with JWT", True)):
            with Verdaccio(tokens) as peer:
                found = measured(
                    bench, program, "publishes_of_many_clients_to_a_peer", VITTE_BENCH_PEER=f"127.0.0.1:{peer.port}",
                    VITTE_BENCH_AUTHORIZATION=f"Bearer {peer.token()}", VITTE_BENCH_WHO=who, VITTE_BENCH_PROCESS=str(peer.process.pid),
                    VITTE_BENCH_RUN=str(run), **({} if tokens else {"VITTE_BENCH_PUBLISHES": "2"}))
                runs.setdefault(who, []).extend(found)
    middle = {who: {name: statistics.median(one[name] for one in all) for name in ("rate", "p50", "p99", "cpu", "memory")} for who, all in runs.items()}
    ours = middle["vitte-registry"]["rate"]
    table = ["| server | publishes a second | **ours / theirs** | p50, ms | p99, ms | processor time a publish, ms | peak memory, MiB |", "|-|-|-|-|-|-|-|"]
    for who, one in middle.items():
        ratio = "" if who == "vitte-registry" else f"**{ours / one['rate']:.1f}**"
        table.append(f"| {who} | {one['rate']:.0f} | {ratio} | {one['p50']:.0f} | {one['p99']:.0f} | {one['cpu']:.1f} | {one['memory']:.0f} |")
    report["facts"] += ["\n".join(table), f"Verdaccio {VERDACCIO}, Node {subprocess.run(['node', '--version'], capture_output=True, text=True).stdout.strip()}; {load()}. Target: 20 times verdaccio as it installs."]
    report["commands"].append("scripts/bench.sh serve-publish")
    return report


def need(program, package):
    """The path of a program of Debian's, installed where that can be done."""
    if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"):
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=True, capture_output=True)
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")


def cpu(process):
    """Seconds that a process and its children have had of the processors."""
    total = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = int(stat.parent.name), stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if process in (number, int(rest[1])):
            total += (int(rest[11]) + int(rest[12])) / os.sysconf("SC_CLK_TCK")
    return total


def hammer(wrk, server, path, seconds):
    """Requests a second, and microseconds of the processors for each."""
    before = cpu(server.process.pid)
    done = subprocess.run([wrk, "-t1", "-c32", f"-d{seconds}s", f"http://127.0.0.1:{server.port}/{path}"], check=True, capture_output=True, text=True)
    spent = cpu(server.process.pid) - before
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"{path}: {done.stdout.strip()[-300:]}")
    count = int(next(line.split()[0] for line in done.stdout.splitlines() if " requests in " in line))
    return {"rate": count / seconds, "micros": spent / count * 1e6}


def reads(bench):
    report = bench.fresh(
        "Reading the registry's files",
        "Files of one registry, from one folder, by our server and by nginx (two worker processes, `sendfile`), asked by `wrk` over 32 connections that stay open. Both write a line of their log for each request. "
        "Processor time for each request, of all threads and processes of the server, is what counts: of what is delivered in a second `wrk` has a part of the same processors.")
    program, wrk, nginx = server(bench), need("wrk", "wrk"), need("nginx", "nginx-light")
    folder = bench.folder / "serve-reads"
    put_away(folder)
    folder.mkdir(parents=True)
    measured(bench, program, "publishes_of_many_clients", VITTE_BENCH_KEEP=str(folder), VITTE_BENCH_BYTES="60000", VITTE_BENCH_CLIENTS="32", VITTE_BENCH_PUBLISHES="9")
    public = folder / "data/public"
    archive = next(path for path in sorted((public / "p/demo/own-0-1").rglob("*.vitmod")))
    files = {
        "index file": public / "index/demo/own-0-1",
        "tile": public / "log/tile/0/000",
        "checkpoint": public / "log/checkpoint",
        "archive": archive,
    }
    log = open(folder / "server.log", "w")
    ours_port, peer_port = free_port(), free_port()
    user = "user root;\n" if os.geteuid() == 0 else ""
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; {user}worker_processes 2;\nevents {{}}\n"
        f"http {{ access_log {folder}/access.log; sendfile on; tcp_nopush on; keepalive_requests 1000000000;\n{temporary}"
        f"server {{ listen 127.0.0.1:{peer_port}; root {public}; default_type application/octet-stream; }}\n}}\n")
    ours = Process([program, "serve", "--data", folder / "data", "--listen", f"127.0.0.1:{ours_port}"], ours_port, log=log)
    peer = Process([nginx, "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"], peer_port)
    table = ["| file | bytes | processor time a request, µs: ours / nginx | **nginx / ours** | requests a second: ours / nginx |", "|-|-|-|-|-|"]
    with ours, peer:
        for name, path in files.items():
            at = str(path.relative_to(public))
            runs = {"ours": [], "peer": []}
            for one in (ours, peer):
                hammer(wrk, one, at, 1)
            for _ in range(bench.pairs):
                runs["ours"].append(hammer(wrk, ours, at, 3))
                runs["peer"].append(hammer(wrk, peer, at, 3))
            ratio = statistics.median(b["micros"] / a["micros"] for a, b in zip(runs["ours"], runs["peer"]))
            middle = {who: {key: statistics.median(one[key] for one in all) for key in ("rate", "micros")} for who, all in runs.items()}
            table.append(f"| {name} | {path.stat().st_size} | {middle['ours']['micros']:.1f} / {middle['peer']['micros']:.1f} | **{ratio:.2f}** | {middle['ours']['rate']:.0f} / {middle['peer']['rate']:.0f} |")
    report["facts"] += ["\n".join(table), f"Target: 0.5 of nginx's work with the same processor time, or more. {load().capitalize()}."]
    report["commands"].append("scripts/bench.sh serve-reads")
    return report


def search(bench):
    report = bench.fresh(
        "Search",
        "Among 100,000 packages with words as common and as rare as a language has them: whole names, words, two words, a slip of the pen and the first two letters of a name, one search after the other. "
        "Only the tables that are searched are made, not the archives they are made from. There is no peer in this run. Processor time is of the server's side of SQLite and of our ranking; a machine that is busy otherwise adds waiting.")
    command = ["cargo", "test", "--quiet", "--profile", "server", "--locked", "-p", "vitte-registry", "--bins"]
    if os.environ.get("VITTE_TEST_POSTGRES"):
        command += ["--features", "postgres"]
    done = subprocess.run([*command, "--", "--ignored", "--nocapture", "among_many"], cwd=bench.root, check=True, capture_output=True, text=True)
    found = [json.loads(line.split("bench: ", 1)[1]) for line in done.stdout.splitlines() if "bench: " in line]
    table = ["| database | packages | searches | p50, ms | p90, ms | p99, ms | longest, ms | processor time, ms: p50, p99 |", "|-|-|-|-|-|-|-|-|"]
    table += ["| {who} | {packages} | {searches} | {p50:.1f} | {p90:.1f} | **{p99:.1f}** | {longest:.1f} | {cpu50:.1f}, {cpu99:.1f} |".format(**one) for one in found]
    report["facts"] += ["\n".join(table), f"Target: p99 of 50 ms or less. {load().capitalize()}."]
    report["commands"].append("scripts/bench.sh serve-search")
    return report


def scale(bench):
    report = bench.fresh(
        "A server's registry as it grows",
        "One registry, grown by the writer that writes every release, in batches of 2,000; ten releases to a package. After each step the server is started on it and takes publishes of new versions of packages of the clients' own, "
        "first from one client, then from 64 at once. There is no peer in this run; growth is what is looked at.")
    program = server(bench)
    folder = bench.folder / "serve-scale"
    put_away(folder)
    folder.mkdir(parents=True)
    data = folder / "data"
    env = {"VITTE_REGISTRY_RATE_LIMITS": "off"}
    for command in (["init", "--id", "registry.example/"], ["user", "add", "bench"]):
        subprocess.run([program, *command, "--data", data], check=True, capture_output=True)
    # The namespace, before anything is grown in it.
    measured(bench, program, "publishes_of_many_clients", VITTE_BENCH_DATA=str(data), VITTE_BENCH_CLIENTS="1", VITTE_BENCH_PUBLISHES="1", **env)
    table = ["| entries of the log | opened in, ms | memory once open, MiB | one client: p50, p99, processor time, ms | 64 clients: publishes a second, p50, p99, ms | peak memory, MiB | files, MiB on the disk |", "|-|-|-|-|-|-|-|"]
    for run, size in enumerate(int(one) for one in os.environ.get("VITTE_BENCH_SIZES", "1000,10000,100000").split(",")):
        command = ["cargo", "test", "--quiet", "--locked", "-p", "vitte-registry", "--bins", "--", "--ignored", "--exact", "sequencer::grown::grown"]
        began = time.time()
        subprocess.run(command, cwd=bench.root, check=True, capture_output=True, env={**os.environ, "VITTE_BENCH_DATA": str(data), "VITTE_BENCH_RELEASES": str(size)})
        report["facts"].append(f"Grown to {size} entries in {time.time() - began:.0f} s, by an unoptimised build.")
        used = subprocess.run(["du", "-sm", data / "public"], check=True, capture_output=True, text=True).stdout.split()[0]
        more = {"VITTE_BENCH_DATA": str(data), **env}
        one = measured(bench, program, "publishes_of_many_clients", VITTE_BENCH_CLIENTS="1", VITTE_BENCH_PUBLISHES="50", VITTE_BENCH_RUN=str(2 * run + 1), **more)[0]
        many = measured(bench, program, "publishes_of_many_clients", VITTE_BENCH_RUN=str(2 * run + 2), **more)[0]
        table.append(f"| {size} | {one['opened']['ms']:.0f} | {one['opened']['memory']} | {one['p50']:.0f}, {one['p99']:.0f}, {one['cpu']:.1f} | {many['rate']:.0f}, {many['p50']:.0f}, {many['p99']:.0f} | {many['memory']} | {used} |")
    report["facts"] = ["\n".join(table), *report["facts"], f"{load().capitalize()}."]
    report["commands"].append("scripts/bench.sh serve-scale")
    put_away(folder)
    return report


JOBS = {"serve-publish": publish, "serve-reads": reads, "serve-search": search, "serve-scale": scale}
