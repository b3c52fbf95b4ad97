"""Writes songs/*.yaml, one for each row of songs.csv, from the templates below. Run it after an edit of either."""

import csv
from pathlib import Path
from string import Template

HERE = Path(__file__).resolve().parent
HEAD = """\
# Written by make_songs.py from songs.csv: change it there.
# yaml-language-server: $$schema=../../../schema/song.schema.json
title: $name
bpm: $bpm
"""
BAND = """\
  bass:
    source:
      play:
        instrument: {preset: {name: mini-bass}}
        parts: {"*": {chords: {rhythm: $bass, voicing: shell, low: A1, high: A3}}}
        seed: $seed
    gain_db: -4
  keys:
    source:
      play:
        instrument: {preset: {name: square-lead}}
        parts: {"*": {arpeggio: {order: updown, rhythm: $keys}}}
        seed: $seed
    gain_db: -8
    pan: 0.25
"""
DRUMS = """\
  drums:
    source:
      drums:
        patterns: {"*": {kick: x---x---x---x---, snare: ----x-------x---, hat: $hat}}
        kit: {drum_kit: {room: $room}}
        seed: $seed
    effects: [{fade: {fade_out: 20 ms}}]
"""
# The last sixteenths of a loop are silent, so that all sound has died away where it begins again.
LOOP = (
    HEAD
    + """\
key: $key
strict: true
sections: [loop: {length: 4 bars, chords: "$chords"}]
stems:
"""
    + Template(DRUMS).safe_substitute(hat="x-o-x-o-x-o-----", room="0")
    + Template(BAND).safe_substitute(bass="x-x-x-x-", keys="xxxxxxx-")
    + """\
master: {target: game-portable}
gates:
  edges: {max_tail_s: 0.2}
"""
)
STINGER = (
    HEAD
    + """\
key: $key
tail: 1.5 s
sections: [hit: {length: 1 bar, chords: "$chords"}]
stems:
"""
    + Template(BAND).safe_substitute(bass="X--X--X-", keys="xxxxxxX_")
    + """\
master:
  effects: [{reverb: {room_size: 0.3, wet_level: 0.1, dry_level: 0.4}}, {fade: {fade_out: 0.5 s}}]
  target: game-portable
"""
)
FOOTSTEP = (
    HEAD
    + """\
length: 0.35 s
session: {channels: 1}
stems:
  step:
    source:
      drums:
        patterns: {"*": {tom_low: x-------, shaker: 7-o-----}} # heel and sole
        kit: {drum_kit: {variation: 1, room: 0.1}}
        timing_ms: 3
        seed: $seed # another footstep for each
    effects:
      - highpass: {cutoff_hz: 40}
      - lowpass: {cutoff_hz: 4000}
      - fade: {fade_out: 100 ms}
master:
  target: {integrated_lufs: -24}
"""
)
ITEM = (
    HEAD
    + """\
key: $key
tail: 0.5 s
sections: [music: {length: 2 bars, chords: "$chords"}]
stems:
"""
    + Template(DRUMS).safe_substitute(hat="--o---o---o---o-", room="0.3")
    + Template(BAND).safe_substitute(bass="x--x--x-", keys="xxxxxxxx")
    + """\
master:
  gain_db: -9 # the same for all, so that the stems add up to the mix with the levels that they have in it
"""
)
TEMPLATES = {"loop": LOOP, "stinger": STINGER, "footstep": FOOTSTEP, "item": ITEM}


def main():
    with open(HERE / "songs.csv", encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            text = Template(TEMPLATES[row["template"]]).substitute(row)
            (HERE / f"songs/{row['name']}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
