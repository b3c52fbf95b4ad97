"""Start a song: python scripts/new_song.py [NAME] [--style STYLE] [--audio FOLDER] ...

Writes songs/NAME.yaml in the working directory, a song that builds as it is, and adds NAME to `songs` in config.yaml
(which is written if there is none). With --audio, the song plays the recordings in a folder. On a terminal, what is not
given is asked for. `snakemake new --config song=NAME audio=FOLDER` does the same.
Exit codes: 0 the song is written, 2 it is not: the command is wrong, or the song exists.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported

from stemwright.base.errors import StemwrightError
from stemwright.starting.creating import CONFIG, start_song
from stemwright.starting.from_answers import DEFAULT_STYLE, title_of
from stemwright.starting.rendering import style_names
from stemwright.validation.yaml import load_config
from stemwright.workflow.command_line import Parser, format_error, prepare_output, quiet_libraries


def main(arguments: Sequence[str] | None = None) -> int:
    parser = Parser(__doc__)
    parser.add_argument(
        "song",
        nargs="?",
        default="",
        metavar="NAME",
        help="its name: letters, digits, - and _, perhaps in folders",
    )
    parser.add_argument("--audio", default="", metavar="FOLDER", help="a folder of recordings that it plays")
    parser.add_argument("--style", default="", help=f"{', '.join(style_names())}; by default {DEFAULT_STYLE}")
    parser.add_argument("--title", default="", help="by default made of its name")
    parser.add_argument("--artist", default="", help="who makes it")
    parser.add_argument("--bpm", default="", help="beats a minute; by default those of the style")
    parser.add_argument("--key", default="", help="such as 'A minor'; by default that of the style")
    answers = vars(parser.parse_args(arguments))
    prepare_output()
    try:
        if sys.stdin.isatty() and not answers["song"]:
            ask(answers)
        with quiet_libraries():
            print(start_song(*read_config(answers)))
    except (StemwrightError, OSError) as error:
        print(re.sub("(?m)^(--)?config: ", "", format_error(error, answers["audio"])), file=sys.stderr)
        return 2
    except (EOFError, KeyboardInterrupt):
        print("\nnothing was written", file=sys.stderr)
        return 2
    return 0


def ask(answers: dict[str, str]) -> None:
    """Ask for what is not given. An empty answer leaves the default."""
    questions = {
        "song": "Name (letters, digits, - and _; perhaps in folders: rock/blue)",
        "title": "Title",
        "audio": "Folder of recordings that it plays (none)",
        "style": f"Style: {', '.join(style_names())} ({DEFAULT_STYLE})",
        "bpm": "Tempo in beats a minute (that of the style)",
        "key": "Key, such as A minor (that of the style)",
    }
    for name, question in questions.items():
        if answers[name] or (answers["audio"] and name in ("style", "bpm", "key")):
            continue
        if name == "title":
            question += f" ({title_of(answers['song'])})"
        answers[name] = input(f"{question}: ").strip()


def read_config(answers: dict[str, str]) -> tuple[dict, list[str]]:
    """The config with the answers, and the files that it is from."""
    if not os.path.lexists(CONFIG):
        return answers, []
    _, theirs = load_config(CONFIG)
    return {**theirs, **answers}, [CONFIG]


if __name__ == "__main__":
    sys.exit(main())
