"""Single random edits, found by the comparison: PYTHONPATH=scripts python bench/diff_edits.py [COUNT [FIRST]] [-v] [-s]

COUNT edits (200) from the seed FIRST (0), of 34 kinds in turn. Each song is built before and after the edit, its stems,
buses, mix and master are compared, and stems, bars and kind must be those of the edit. With -s, the comparison also
knows which stems are equal before their effects, as it does of folders; else only delivered files, as in a zip.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/helpers"))

from built_in_process import Workshop
from compared_edits import judged
from random_songs import write_samples
from song_edits import EDITS


def main():
    numbers = [int(v) for v in sys.argv[1:] if v.isdigit()]
    count, first = [*numbers, *[200, 0][len(numbers) :]]
    right, all_of = Counter(), Counter()
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        workshop, samples = Workshop(Path(folder) / "shop"), write_samples(Path(folder) / "samples")
        for seed in range(first, first + count):
            kind = EDITS[seed % len(EDITS)].__name__
            truth, fault, found = judged(workshop, samples, seed, "-s" in sys.argv)
            all_of[kind] += 1
            right[kind] += not fault
            if fault or "-v" in sys.argv:
                print(f"{seed}: {truth.what}: {fault or 'right'}\n   {' | '.join(found.summary)}")
    for kind, total in all_of.items():
        print(f"{kind:20} {right[kind]:4} of {total}")
    print(f"{'all':20} {right.total():4} of {all_of.total()} in {time.process_time() - started:.0f} s")


main()
