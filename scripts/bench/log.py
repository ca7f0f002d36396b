"""The job about the log: what it costs to publish into a log of up to a million leaves, to check against it, to replay it."""
import os
import subprocess

SIZES = (10_000, 100_000, 1_000_000)


def log(bench):
    report = bench.fresh("Log of a million releases", "A registry in a folder, made and measured by one program, `native/package/benches/log.rs`: one publish's writes, a client over loopback that checks a release of each of 200 packages it has never seen, and a monitor that replays every leaf, every signature and every index line. There is no peer in this run; growth is what is looked at.")
    command = ["cargo", "bench", "--locked", "--quiet", "-p", "vitte-package", "--bench", "log"]
    subprocess.run([*command, "--no-run"], cwd=bench.root, check=True)
    for size in SIZES:
        done = subprocess.run(command, cwd=bench.root, check=False, capture_output=True, text=True, env={**os.environ, "VITTE_BENCH_LEAVES": str(size)})
        if done.returncode != 0:
            report["facts"].append(f"Not measured: {size} leaves: {(done.stderr.strip().splitlines() or ['no output'])[-1][:160]}")
            continue
        report["facts"] += [line for line in done.stdout.splitlines() if line.strip()]
        report["commands"].append(f"VITTE_BENCH_LEAVES={size} {' '.join(command)}")
    return report


JOBS = {"log": log}
