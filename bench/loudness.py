"""Loudness against other meters, figures and CPU time: python bench/loudness.py FILE ...

For each file: the integrated loudness by our meter, how far those of libebur128 (where pyebur128 is installed: it has
wheels for Python up to 3.12) and of ffmpeg's ebur128 lie from it, and the CPU time of each: medians of seven
runs, in turn. Ours and libebur128 are fed the samples, in memory, and tell every 10 ms; ffmpeg is a process that also
decodes the file.
"""

import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import soundfile as sf

from stemwright.audio import BLOCK
from stemwright.measure.loudness import Loudness

try:
    import pyebur128
except ImportError:
    pyebur128 = None

RUNS = 7


def ours(path, samples, rate):
    start = time.process_time()
    meter = Loudness()
    meter.start(rate, samples.shape[1])
    for at in range(0, len(samples), BLOCK):
        meter.feed(samples[at : at + BLOCK])
    found = meter.integrated
    return found, time.process_time() - start


def libebur128(path, samples, rate):
    """Fed by steps of 10 ms and asked after each, as our meter's windows need it."""
    start = time.process_time()
    channels, step = samples.shape[1], rate // 100
    state = pyebur128.R128State(channels, rate, pyebur128.MeasurementMode.MODE_I)
    if channels == 1:
        state.set_channel(0, pyebur128.ChannelType.DUAL_MONO)
    flat = samples.reshape(-1)
    for at in range(0, len(samples) - step + 1, step):
        state.add_frames(flat[at * channels : (at + step) * channels], step)
        pyebur128.get_loudness_window(state, 10)
    found = pyebur128.get_loudness_global(state)
    return found, time.process_time() - start


def ffmpeg(path, samples, rate):
    graph = "ebur128=metadata=1:ametadata=print:key=lavfi.r128.I:file=-"
    before = os.times()
    command = ["ffmpeg", "-nostdin", "-i", path, "-filter_complex", graph, "-vn", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return float(re.findall(r"lavfi\.r128\.I=(\S+)", said)[-1]), spent


def main():
    meters = {"ours": ours, **({"libebur128": libebur128} if pyebur128 else {}), "ffmpeg": ffmpeg}
    print(f"{'LUFS':>9}" + "".join(f"{name + ', LU':>16}" for name in meters if name != "ours"), end="")
    print("".join(f"{name + ', s':>15}" for name in meters), "  file")
    for path in sys.argv[1:]:
        samples, rate = sf.read(path, always_2d=True)
        runs = [{name: meter(path, samples, rate) for name, meter in meters.items()} for _ in range(RUNS)]
        found = {name: runs[0][name][0] for name in meters}
        spent = {name: statistics.median(run[name][1] for run in runs) for name in meters}
        print(f"{found['ours']:9.3f}", end="")
        print("".join(f"{found[name] - found['ours']:+16.6f}" for name in meters if name != "ours"), end="")
        print("".join(f"{spent[name]:15.3f}" for name in meters), f"  {path} ({rate} Hz)")


main()
