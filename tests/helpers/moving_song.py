"""A song that moves: a pick-up, meters, ramps of both curves, a hold; and names that break careless writers."""

import yaml

from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song

HANDOFF = ["midi", "rpp", "dawproject", "labels", "tempo_map", "click", "stage_pack"]

SONG = """
title: '"quoted" <b>&amp; `ticks` é'
bpm: 96
pickup: 1 beat
key: G major
changes:
  - {bar: 2, ramp: {to: 140, over: 2 bars}}
  - {bar: 5, meter: 7/8}
  - {bar: 6, meter: 3/4, bpm: 150, ramp: {to: 60, over: 2 bars, curve: time}}
  - {bar: 8, bpm: 100}
  - {at: bar 8 beat 3, hold: 1.5 s}
sections:
  - intro: 1 beat
  - verse: {length: 4 bars, title: "it's \\"<&> `x` é"}
  - chorus: 5 bars
stems:
  bass: {source: {play: {instrument: {organ: {}}, transpose: -12, step: 1/4, swing: 0.6,
    parts: {"*": {degrees: "1 . 5 3"}}}}}
  drums: {sections: [verse], source: {drums: {patterns: {"*": {kick: x---, hat: x-x-}}, timing_ms: 9}}}
  pair: {source: {stack: {layers: {low: {source: {play: {instrument: {organ: {}}, step: 1/2,
    parts: {"chorus": {degrees: "1"}}}}}, air: {source: {tone: {note: A2}}}}}}}
"""


def moving_plan(folder, edit=lambda song: None):
    """The plan of the song that moves, with a hand-off in every format; `edit` changes its YAML."""
    song = yaml.safe_load(SONG)
    song["delivery"] = {"handoff": HANDOFF}
    edit(song)
    (folder / "x.yaml").write_text(yaml.safe_dump(song, allow_unicode=True), encoding="utf-8")
    house = load_house({"songs": ["x"], "session": {"sample_rate": 8_000}}, [])
    return Plan(load_song("x", house, str(folder / "x.yaml")), "build")
