"""Where the CPU time of a full build of five-stems goes: python bench/profile_build.py [TREE]

Every process of the build looks at its own stack each 2 ms of its CPU time, and adds what has passed since to the kind
of work that it finds there, from the inside out. What is in no sample is the start and end of processes, as the kernel
counts it. On one core, so that nothing is done by threads. With TREE, the same of another working tree, in turn.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

from five_stems import ROOT, SNAKEMAKE, lay_out, write_song
from long_song import PR_SET_CHILD_SUBREAPER
from rows import Row, as_text

START = "start and end of processes"
KINDS = (START, "imports", "Snakemake", "plans and records", "audio", "gates", "hashing", "deflate")
# Python runs a module of this name at its start. Jobs are forks, and end by os._exit.
SAMPLER = """
import atexit, json, os, signal, time

AUDIO = ("audio", "effects", "sources", "mixing", "music", "instruments", "measure")
spent, last = {}, time.process_time()


def kind_of(frame):
    files, inner = [], None
    while frame:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if file.startswith("<frozen importlib"):
            return "imports"
        files.append((file, name))
        frame = frame.f_back
    for file, name in files:  # from the inside
        if file.endswith("hashlib.py") or (name in ("read", "_unpack") and "/delivery/zip_" in file):
            return "hashing"
        if "/delivery/zip_" in file or "isal" in file:
            return "deflate"
        if "/stemwright/gates/" in file:
            return "gates"
        if "/stemwright/" in file or "snakemake" in file:
            break
    if any("/stemwright/gates/" in file for file, _ in files):
        return "gates"
    for file, _ in files:
        if "/stemwright/snakemake_patches/" in file:
            return "Snakemake"
        if "/stemwright/" in file:
            room = file.split("/stemwright/", 1)[1].split("/")[0]
            return "audio" if room in AUDIO else "plans and records"
        if "/site-packages/snakemake" in file:
            return "Snakemake"
    return "Snakemake"


def look(number, frame):
    global last
    now = time.process_time()
    kind = kind_of(frame)
    spent[kind] = spent.get(kind, 0) + now - last
    last = now


def begin():
    global last
    spent.clear()
    last = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, 0.002, 0.002)


def note():
    signal.setitimer(signal.ITIMER_PROF, 0)
    with open(os.environ["SAMPLES"], "a") as file:
        file.write(json.dumps(spent) + "\\n")
    spent.clear()


def note_and_leave(status, leave=os._exit):
    note()
    leave(status)


signal.signal(signal.SIGPROF, look)
signal.siginterrupt(signal.SIGPROF, False)
os.register_at_fork(after_in_child=begin)
atexit.register(note)
os._exit = note_and_leave
begin()
"""


def shares(tree=ROOT, cores=1):
    """CPU-seconds of a full build by kind of work."""
    with tempfile.TemporaryDirectory(prefix="profile-") as name:
        folder = Path(name)
        lay_out(folder)
        write_song(folder)
        (folder / "at_start").mkdir()
        (folder / "at_start/sitecustomize.py").write_text(SAMPLER, encoding="utf-8")
        samples = folder / "samples.jsonl"
        environment = {**os.environ, "PYTHONPATH": str(folder / "at_start"), "SAMPLES": str(samples)}
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [SNAKEMAKE, "-s", tree / "Snakefile", "--cores", cores]
        done = subprocess.run(
            list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True
        )
        with suppress(ChildProcessError):
            while True:
                os.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        found = Counter()
        for line in samples.read_text().splitlines():
            found.update(json.loads(line))
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found[START] = whole - found.total()
    return found


def rows(runs=2):
    """CPU time by kind of work, beside that of the whole build."""
    found = [shares() for _ in range(runs)]
    wholes = [each.total() for each in found]
    return [
        Row.of(f"full build: {kind}", "the whole", [each[kind] for each in found], wholes, unit="CPU-s")
        for kind in KINDS
    ]


def compared(tree, runs=3):
    """The same beside another working tree, in turn, which has built once (and so is compiled)."""
    shares(tree)
    found = [(shares(), shares(tree)) for _ in range(runs)]
    for kind in (*KINDS, "all"):
        ours, theirs = (
            [each[kind] if kind in KINDS else each.total() for each in side]
            for side in zip(*found, strict=True)
        )
        yield Row.of(kind, tree.name, ours, theirs, unit="CPU-s")


if __name__ == "__main__":
    print(as_text(list(compared(Path(sys.argv[1]).resolve())) if len(sys.argv) > 1 else rows()))
