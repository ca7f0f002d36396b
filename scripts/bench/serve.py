"""The jobs about the server: what it takes and what it delivers, from many clients at once."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse
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
    if os.environ.get("VITTE_TEST_POSTGRES"):
        build += ["--features", "postgres"]
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


def wide(releases):
    """How many packages of ten releases each."""
    return {"VITTE_BENCH_PACKAGES": str(releases // 10), "VITTE_BENCH_VERSIONS": "10"}


def grown(bench, program, name, shape):
    """A registry that the writer made, and a sentence about that. It is made once: later jobs find it where it was left."""
    folder = bench.folder / "grown" / name
    data, whole = folder / "data", folder / "whole"
    if not whole.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if not data.exists():
            for command in (["init", "--id", "registry.example/"], ["user", "add", "roussov"]):
                subprocess.run([program, *command, "--data", data], check=True, capture_output=True)
        command = ["cargo", "test", "--quiet", "--profile", "server", "--locked", "-p", "vitte-registry", "--bins"]
        subprocess.run([*command, "--no-run"], cwd=bench.root, check=True)
        began = time.time()
        subprocess.run([*command, "--", "--ignored", "--exact", "ledger::grown::grown"], cwd=bench.root, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "VITTE_BENCH_DATA": str(data), **shape})
        made = time.time() - began
        # What follows the log is to be at rest when a publish is measured.
        with serving(program, data) as one:
            followed = wait_for_packages(one, int(shape["VITTE_BENCH_PACKAGES"]))
        whole.write_text(f"{made:.0f} s, its tables in {followed:.0f} s")
    return data, whole.read_text()


def serving(program, data, *more):
    port = free_port()
    return Process([program, "serve", "--data", data, "--listen", f"127.0.0.1:{port}", *more], port, env={**os.environ, "VITTE_REGISTRY_RATE_LIMITS": "off"})


def wait_for_packages(one, count):
    """Waits until so many packages can be found. Gives the seconds that took."""
    began = time.time()
    connection = http.client.HTTPConnection("127.0.0.1", one.port)
    while json.loads(get(connection, "/api/v1/search?limit=1"))["total"] < count:
        time.sleep(0.5)
    return time.time() - began


def get(connection, path):
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status} {body[:300]}")
    return body


def ask_all(port, paths, clients):
    """Asks for paths from some clients at once, each over a connection of its own. Milliseconds of each, sorted."""
    took, failed = [], []

    def client(mine):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.connect()
            # A request is sent in one piece: nothing is to wait for the next one.
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for path in mine:
                began = time.perf_counter()
                get(connection, path)
                took.append((time.perf_counter() - began) * 1000)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=client, args=(paths[number::clients],)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return sorted(took)


def part(sorted_list, share):
    return sorted_list[int((len(sorted_list) - 1) * share)]


def peak(process):
    """Peak memory of a process, in MiB, since it was asked for last."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    most = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    pathlib.Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    return most / 1024


def search(bench):
    releases = int(os.environ.get("VITTE_BENCH_SIZES", "1000000").split(",")[-1])
    clients = 16
    report = bench.fresh(
        "Search",
        f"Among {releases // 10:,} packages with words as common and as rare as a language has them, of ten releases each, in a registry that the writer made; over HTTP, from the server's program: "
        "whole names, words, two words, a slip of the pen, the first two letters of a name, and words that are in no package; one search after the other, over one connection, each asked for once. There is no peer in this run. "
        f"Memory is the most that the server had: until it had the tables that are searched, during those searches, while {clients} clients searched at once, and while as many read index files and archives of packages all over the registry.")
    program = server(bench)
    data, took = grown(bench, program, str(releases), wide(releases))
    asked = [line for line in (data / "searches.txt").read_text().splitlines() if line]
    paths = ["/api/v1/search?q=" + urllib.parse.quote(text) for text in asked]
    public = data / "public"
    files = []
    for namespace in sorted((public / "index").iterdir())[:: max(1, releases // 200000)]:
        for package in list(namespace.iterdir())[:20]:
            files.append(f"/index/{namespace.name}/{package.name}")
            files.append(f"/p/{namespace.name}/{package.name}/1.0.9/{package.name}-1.0.9.vitmod")
    files = [path for path in files if (public / path[1:]).is_file()]
    databases = [("SQLite", [])]
    if os.environ.get("VITTE_TEST_POSTGRES"):
        databases.append(("PostgreSQL", ["--database", os.environ["VITTE_TEST_POSTGRES"]]))
    table = ["| database | searches | p50, ms | p90, ms | **p99, ms** | longest, ms | processor time of the server, each, ms |", "|-|-|-|-|-|-|-|"]
    memory = ["| database | memory, MiB, once its tables are made | searched | searched by many | read by many | searches by many: a second, p99, ms |", "|-|-|-|-|-|-|"]
    for name, flags in databases:
        with serving(program, data, *flags) as one:
            wait_for_packages(one, releases // 10)
            most = [peak(one.process)]
            ask_all(one.port, paths[:50], 1)
            before = cpu(one.process.pid)
            alone = ask_all(one.port, paths, 1)
            spent = (cpu(one.process.pid) - before) / len(paths) * 1000
            most.append(peak(one.process))
            began = time.time()
            together = ask_all(one.port, paths, clients)
            rate = len(paths) / (time.time() - began)
            most.append(peak(one.process))
            ask_all(one.port, files, clients)
            most.append(peak(one.process))
        table.append(f"| {name} | {len(alone)} | {part(alone, 0.5):.1f} | {part(alone, 0.9):.1f} | **{part(alone, 0.99):.1f}** | {alone[-1]:.1f} | {spent:.1f} |")
        memory.append(f"| {name} | {most[0]:.0f} | {most[1]:.0f} | {most[2]:.0f} | {most[3]:.0f} | {rate:.0f}, {part(together, 0.99):.0f} |")
    report["facts"] += ["\n".join(table), "\n".join(memory), f"The registry was made in {took}; {len(files)} files were read. Target: p99 of 50 ms or less. {load().capitalize()}."]
    report["commands"].append("scripts/bench.sh serve-search")
    return report


def scale(bench):
    sizes = [int(one) for one in os.environ.get("VITTE_BENCH_SIZES", "1000,100000,1000000").split(",")]
    deep = [int(one) for one in os.environ.get("VITTE_BENCH_DEPTHS", "10,1000,10000").split(",")]
    report = bench.fresh(
        "A server's registry as it grows",
        "Registries made by the code that admits, logs and derives every publish, a thousand releases to a batch, ten to a package. The server is started on each and takes publishes of new versions of packages of the clients' own, "
        "first from one client, then from 64 at once. Then the same from one client, of one package that has many releases already. There is no peer in this run; growth is what is looked at.")
    program = server(bench)
    table = ["| releases | made in | opened in, ms | memory once open, MiB | one client: p50, p99, processor time, ms | 64 clients: publishes a second, p50, p99, processor time, ms | peak memory, MiB | files, MiB on the disk |", "|-|-|-|-|-|-|-|-|"]
    # Whatever was published to it before has other names.
    run = int(time.time())

    def published(data, **more):
        nonlocal run
        run += 1
        return measured(bench, program, "publishes_of_many_clients", VITTE_BENCH_DATA=str(data), VITTE_BENCH_RUN=str(run), **more)[0]

    for size in sizes:
        data, took = grown(bench, program, str(size), wide(size))
        used = subprocess.run(["du", "-sm", data / "public"], check=True, capture_output=True, text=True).stdout.split()[0]
        one = published(data, VITTE_BENCH_CLIENTS="1", VITTE_BENCH_PUBLISHES="100")
        many = published(data)
        table.append(f"| {size:,} | {took} | {one['opened']['ms']:.0f} | {one['opened']['memory']} | {one['p50']:.1f}, {one['p99']:.1f}, {one['cpu']:.1f} | {many['rate']:.0f}, {many['p50']:.0f}, {many['p99']:.0f}, {many['cpu']:.1f} | {many['memory']} | {used} |")
    of_one = ["| releases of the package | bytes of its index file | one client: p50, p99, processor time, ms | peak memory, MiB |", "|-|-|-|-|"]
    for depth in deep:
        data, _ = grown(bench, program, f"one-{depth}", {"VITTE_BENCH_PACKAGES": "1", "VITTE_BENCH_VERSIONS": str(depth)})
        package = f"n0/{(data / 'searches.txt').read_text().splitlines()[1]}-0"
        one = published(data, VITTE_BENCH_CLIENTS="1", VITTE_BENCH_PUBLISHES="20", VITTE_BENCH_PACKAGE=package)
        size = (data / "public/index" / package).stat().st_size
        of_one.append(f"| {depth:,} | {size:,} | {one['p50']:.1f}, {one['p99']:.1f}, {one['cpu']:.1f} | {one['memory']} |")
    report["facts"] += ["\n".join(table), "\n".join(of_one), f"{load().capitalize()}."]
    report["commands"].append("scripts/bench.sh serve-scale")
    return report


JOBS = {"serve-publish": publish, "serve-reads": reads, "serve-search": search, "serve-scale": scale}
