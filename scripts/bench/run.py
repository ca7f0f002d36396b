"""Measures the jobs asked for and rewrites BENCHMARKS.md from the newest results of every job."""
import argparse
import atexit
import datetime
import json
import os
import pathlib
import platform
import subprocess

import jobs
from pairs import empty_trash

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "target/bench"
RESULTS = BENCH / "results.json"

HEAD = """# Benchmarks

Whole processes, ours and the peer in turn (A B A B ...) in the same run on the same data, after one warm-up each.
A figure counts only as the ratio beside it: machines differ and are noisy. Ratios are medians of the pairs' ratios;
below 1 we are faster. The file system is flushed (`sync`) before each timed command of either side, nothing is removed
while a job runs, and cached files are dropped from memory before each job. Memory is the peak of the largest process of the command, in MiB. Reproduce with
`./scripts/bench.sh`; nothing here is asserted by a test.
"""


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (done.stdout or done.stderr).strip().splitlines()[0]
    except (OSError, IndexError):
        return f"{command[0]}: not available"


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    flags = next((line for line in open("/proc/cpuinfo") if line.startswith("flags")), "")
    return f"{model}, {os.cpu_count()} cores, SHA instructions: {'yes' if ' sha_ni' in flags else 'no'}, {platform.system()} {platform.release()}"


def kept(report):
    """The sections of a report by their titles."""
    parts = report.split("\n## ")[1:]
    return {part.split("\n", 1)[0]: "## " + part.rstrip("\n") + "\n" for part in parts}


def render(results, before, measured):
    """The report: what was measured, and of all else what an earlier run, perhaps of another checkout, said."""
    sections = kept(before)
    versions = sections.pop("Versions", None)
    for name in jobs.JOBS:
        if name not in results:
            continue
        job, out = results[name], []
        out.append(f"## {job['title']}\n\n{job['date']}; {job['machine']}; {job['pairs']} pair{'' if job['pairs'] == 1 else 's'}. {job['note']}\n")
        if job["rows"]:
            out.append("| data | peer | wall, s: ours / peer | **wall ratio** | CPU ratio | memory, MiB: ours / peer | result | target |")
            out.append("|-|-|-|-|-|-|-|-|")
        for row in job["rows"]:
            out.append("| {data} | {peer} | {ours_wall:.3f} / {peer_wall:.3f} | **{wall:.2f}** | {cpu:.2f} | {ours_memory:.0f} / {peer_memory:.0f} | {result} | {target} |".format(**row))
        for line in job["facts"]:
            out.append(f"\n{line}")
        if job["commands"]:
            out.append("\nCommands:\n\n```sh\n" + "\n".join(job["commands"]) + "\n```\n")
        sections[job["title"]] = "\n".join(out)
    if versions is None or not all(name.startswith("serve-") for name in measured):
        versions = [first_line("zstd", "--version"), first_line("tar", "--version"), first_line("bsdtar", "--version"), first_line("openssl", "version"), "node " + first_line("node", "--version"), first_line("git", "--version")]
        versions = "## Versions\n\n" + "\n".join(f"- {version}" for version in versions) + "\n"
    return "\n".join([HEAD, *sections.values(), versions])


def settle():
    """Gives the memory of cached files back: a virtual machine is slow to hand out memory that was never used, and then
    whoever uses more of it is slow. Only the owner of the machine may."""
    os.sync()
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"of {', '.join(jobs.JOBS)}")
    given = parser.parse_args()
    unknown = [name for name in given.jobs if name not in jobs.JOBS]
    if unknown:
        parser.error(f"no such job: {', '.join(unknown)}; there are {', '.join(jobs.JOBS)}")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    bench = jobs.Bench(ROOT, BENCH, given.pairs)
    atexit.register(empty_trash)  # not between jobs: the next would be slower for it
    for name in given.jobs or jobs.JOBS:
        print(f"bench: {name}", flush=True)
        settle()
        report = jobs.JOBS[name](bench)
        report.update(date=datetime.date.today().isoformat(), machine=machine(), pairs=given.pairs)
        results[name] = report
        RESULTS.write_text(json.dumps(results, indent=1))
        for row in report["rows"]:
            print("  {data:24} {peer:34} wall {wall:.2f}  cpu {cpu:.2f}  {result}".format(**row), flush=True)
        for fact in report["facts"]:
            print("  " + fact)
    report = ROOT / "BENCHMARKS.md"
    report.write_text(render(results, report.read_text() if report.exists() else "", given.jobs or jobs.JOBS))


if __name__ == "__main__":
    main()
