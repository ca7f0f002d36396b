"""Runs two commands in turn (A B A B ...) and gives medians and ratios of wall, CPU and peak memory."""
import os
import pathlib
import shutil
import statistics
import subprocess
import time

TRASH = pathlib.Path(__file__).resolve().parents[2] / "target/bench/trash"


def put_away(path):
    """Takes a file or folder out of the way, so that the next run makes it anew. Nothing is removed before all jobs are
    done (`empty_trash`): a file system that has just removed thousands of files is slow to make new ones (ext4 does not
    reuse an inode within five seconds, and looks for another), and that would be measured."""
    if os.path.lexists(path):
        TRASH.mkdir(parents=True, exist_ok=True)
        os.rename(path, TRASH / str(time.monotonic_ns()))


def empty_trash():
    shutil.rmtree(TRASH, ignore_errors=True)


class Figures:
    """Medians over the counted runs of one command: seconds, seconds, MiB."""

    def __init__(self, runs):
        self.wall = statistics.median(r[0] for r in runs)
        self.cpu = statistics.median(r[1] for r in runs)
        self.memory = max(r[2] for r in runs)


def once(command, prepare=None, env=None):
    """Runs `command` (a list, or a string for the shell) once; refuses a failing one. What is in `prepare` comes before,
    and is not measured: paths are put away, functions are called."""
    for one in prepare or []:
        one() if callable(one) else put_away(one)
    # What others have yet to write would be written by whoever flushes first.
    os.sync()
    shell = isinstance(command, str)
    began = time.perf_counter()
    child = subprocess.Popen(
        ["bash", "-o", "pipefail", "-c", command] if shell else command,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **(env or {})},
    )
    complaint = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode != 0:
        raise RuntimeError(f"{command}: exit {child.returncode}: {complaint.decode(errors='replace')[-400:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def paired(ours, theirs, pairs, ours_prepare=None, theirs_prepare=None, env=None):
    """One warm-up each, then `pairs` pairs. Gives (our figures, theirs, median of wall ratios, of CPU ratios)."""
    once(ours, ours_prepare, env)
    once(theirs, theirs_prepare, env)
    a, b = [], []
    for _ in range(pairs):
        a.append(once(ours, ours_prepare, env))
        b.append(once(theirs, theirs_prepare, env))
    wall = statistics.median(x[0] / max(y[0], 1e-9) for x, y in zip(a, b))
    cpu = statistics.median(x[1] / max(y[1], 1e-9) for x, y in zip(a, b))
    return Figures(a), Figures(b), wall, cpu
