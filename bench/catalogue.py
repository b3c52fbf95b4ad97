"""A catalogue of short songs: python bench/catalogue.py FOLDER [SONGS [STEMS]]

Writes SONGS songs (100) of STEMS stems (8), a second each at 8 kHz, into FOLDER.
"""

import sys
from pathlib import Path

import yaml

NOTES = ("A1", "E2", "A2", "C3", "E3", "G3", "A3", "C4", "E4", "G4", "A4", "C5", "E5", "G5", "A5", "C6")


def song(number, stems):
    """A song of one second: tones of their own pitch and level, each through a low-pass."""
    return {
        "title": f"Song {number}",
        "bpm": 100 + number % 50,
        "length": "1 s",
        "sections": [{"all": "remainder"}],
        "stems": {
            f"stem{i}": {
                "source": {"tone": {"note": NOTES[(number + i) % len(NOTES)], "level_db": -20 - i}},
                "effects": [{"lowpass": {"cutoff_hz": 2_000 + number}}],
                "gain_db": -1 - i,
            }
            for i in range(stems)
        },
    }


def write_catalogue(folder, songs, stems):
    """The songs, and a config that lists them."""
    (folder / "songs").mkdir(parents=True, exist_ok=True)
    names = [f"song-{number:04d}" for number in range(songs)]
    for number, name in enumerate(names):
        text = yaml.safe_dump(song(number, stems), sort_keys=False)
        (folder / f"songs/{name}.yaml").write_text(text, encoding="utf-8")
    config = {
        "songs": names,
        "session": {"sample_rate": 8_000, "channels": 1},
        "gates": {"placeholder": False, "duplicate": {"severity": "warn"}},
        "report": False,
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def main():
    folder, *numbers = sys.argv[1:]
    songs, stems = [*map(int, numbers), *[100, 8][len(numbers) :]]
    write_catalogue(Path(folder), songs, stems)


main()
