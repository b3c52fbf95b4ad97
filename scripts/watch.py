"""Build a file again whenever what it is made from is saved, and play it: python scripts/watch.py FILE

FILE is a window of a song, such as build/SONG/preview/bar9-17.wav or build/SONG/preview/chorus.wav, or any other sound
that is built, such as a stem. The page at the address that is printed plays it, and goes on with what was built last.
Watched are songs/, config.yaml and the files that the song is made from. Ctrl-C ends it.
Exit codes: 0 ended by Ctrl-C or SIGTERM, 2 the command is wrong.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported

from stemwright.base.printable import printable
from stemwright.records.paths import SONGS, artifact_of, sentinel_of
from stemwright.validation import yaml
from stemwright.workflow.command_line import Parser, prepare_output
from stemwright.workflow.watching.building import Builder
from stemwright.workflow.watching.files import CONFIG, Watched, source_files
from stemwright.workflow.watching.server import Page, State

_PAUSE_S = 1
_LONGEST = 1 << 28
"""Bytes of a file that a page can play: half an hour of stereo."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = Parser(__doc__)
    parser.add_argument(
        "file", metavar="FILE", help="the sound that is built and played, below the output root"
    )
    target = artifact_of(os.path.normpath(parser.parse_args(arguments).file))
    prepare_output()
    results = _results()
    if not target.startswith(f"{results}{os.sep}") or not target.endswith(".wav"):
        parser.error(
            f"FILE must be a .wav below {results}/, such as {results}/SONG/preview/bar9-17.wav (is {target})"
        )
    if not os.path.isfile(CONFIG) or not os.path.isdir(SONGS):
        parser.error(f"there is no {CONFIG}, or no {SONGS}/, here: run this in the folder that has both")
    stopped = threading.Event()

    def stop(number: int, frame: Any) -> None:
        stopped.set()
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    try:
        with Page(target) as page, Builder([target, sentinel_of(target)]) as builder:
            print(f"{page.url} plays {printable(target)}; Ctrl-C ends it", flush=True)
            _follow(target, results, page, builder, stopped)
    except KeyboardInterrupt:
        pass
    return 0


def _follow(target: str, results: str, page: Page, builder: Builder, stopped: threading.Event) -> None:
    """Build, and build again after each change, until interrupted, or stopped where Python loses the interrupt."""
    watched, state = Watched(), State()
    while not stopped.is_set():
        watched.changed.clear()  # before the build: what is saved while it runs is built after it
        page.tell(State("building", state.version, "", state.seconds))
        built = builder.build()
        watched.follow(source_files(target, results))
        sound, error = (None, built.error) if built.error else _sound(target)
        version = state.version + (sound is not None)
        state = State("failed" if error else "done", version, error, round(built.seconds, 2))
        page.tell(state, sound)
        print(error or f"{printable(target)}: built in {built.seconds:.1f} s", flush=True)
        while not (watched.changed.wait(_PAUSE_S) or stopped.is_set()):
            pass


def _sound(target: str) -> tuple[bytes | None, str]:
    """The bytes of a file that was built, and why the page cannot play it."""
    try:
        if os.path.getsize(target) > _LONGEST:
            return None, f"{target}: is built, and too long for a browser: open the file"
        return Path(target).read_bytes(), ""
    except OSError as error:
        return None, f"{target}: cannot be read: {error.strerror}"


def _results() -> str:
    """The output root, as the config has it."""
    try:
        return str(yaml.load(CONFIG).data["pathvars"]["results"])
    except Exception:  # Snakemake tells what is wrong with it
        return "build"


if __name__ == "__main__":
    sys.exit(main())
