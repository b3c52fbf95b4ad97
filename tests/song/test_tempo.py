"""Tempo as a song writes it: what bpm counts, pick-ups, ramps, fermatas, and a swing for all."""

from fractions import Fraction

import pytest

from stemwright.delivery.client_readme import readme
from stemwright.music.timeline.timeline import document

TONE = "stems:\n  a: {source: {tone: {note: A2}}}\n"


def beats(song):
    found = document(song.timeline, None, [None] * len(song.timeline.sections))
    return [(beat["bar"], beat["beat"], beat["frame"]) for beat in found["beats"]]


def test_96_in_six_eight_is_96_dotted_quarters(read):
    """A beat lasts 60 / 96 s: 30,000 frames, two a bar; `4 beats` are two bars."""
    song = read("bpm: 96\nmeter: 6/8\nbeat: 1/4.\nlength: 4 beats\n" + TONE)
    assert beats(song) == [(1, 1, 0), (1, 2, 30_000), (2, 1, 60_000), (2, 2, 90_000)]
    assert song.timeline.tempo.bpm(Fraction(0)) == 144
    (tempo,) = document(song.timeline, None, [])["tempo"]
    assert tempo == {"bar": 1, "frame": 0, "bpm": "96", "meter": "6/8", "unit": "1/4."}
    plain = read("bpm: 96\nmeter: 6/8\nlength: 6 beats\n" + TONE)
    assert plain.timeline.tempo.bpm(Fraction(0)) == 96 and len(beats(plain)) == 6


def test_the_name_of_a_file_has_the_written_tempo(read):
    names = "delivery: {names: {master: '{song} {bpm}'}}\n"
    song = read("bpm: 96\nmeter: 6/8\nbeat: 1/4.\nlength: 1 bar\n" + names + TONE)
    assert song.deliverables[0].file == "x 96.wav"


def test_another_beat_in_another_meter(read):
    changes = (
        "changes:\n  - {bar: 2, meter: 4/4, beat: 1/4, bpm: 120}\n  - {bar: 3, ramp: {to: 60, over: 1 bar}}\n"
    )
    song = read("bpm: 96\nmeter: 6/8\nbeat: 1/4.\nlength: 4 bars\n" + changes + TONE)
    assert [float(p.bpm) for p in song.timeline.tempo.passages()] == [144, 120, 120, 60]
    assert len(beats(song)) == 2 + 4 + 4 + 4


def test_a_ritardando_into_a_fermata(read):
    song = read(
        "bpm: 120\nsections: [a: 4 bars]\nchanges:\n  - {bar: 3, ramp: {to: 60, over: 1 bar, curve: time}}\n"
        "  - {at: bar 4 beat 4, hold: 2 beats}\n" + TONE
    )
    # Two bars of 2 s, 120 · 4 / 180 s, and a bar of 4 s with 2 s in it.
    assert song.timeline.frames == round((4 + 8 / 3 + 6) * 48_000)
    assert beats(song)[-1] == (4, 4, round((4 + 8 / 3 + 3) * 48_000))


def test_a_pickup(read):
    song = read("bpm: 60\npickup: 1 beat\nsections: [up: 1 beat, a: 1 bar]\n" + TONE)
    assert beats(song) == [(0, 4, 0), (1, 1, 48_000), (1, 2, 96_000), (1, 3, 144_000), (1, 4, 192_000)]
    found = document(song.timeline, None, [None, None])
    assert (found["pickup"], found["bars"], found["tempo"][0]["bar"]) == ("1", 1, 0)


SWUNG = """
bpm: 120
length: 1 bar
swing: 0.62
stems:
  own: {source: {drums: {patterns: {"*": {kick: x---}}, swing: 0.5}}}
  kit: {source: {drums: {patterns: {"*": {kick: x---}}}}}
  tone: {source: {tone: {note: A2}}}
  both:
    source:
      stack:
        layers:
          kit: {source: {drums: {patterns: {"*": {kick: x---}}}}}
          tone: {source: {tone: {note: A2}}}
"""


def test_a_song_s_swing_is_that_of_all_that_do_not_set_it(read):
    song = read(SWUNG)
    assert [song.source(stem).swing for stem in ("own", "kit")] == [0.5, 0.62]
    layers = song.source("both").layers
    assert layers["kit"].make_source().swing == 0.62
    without = read(SWUNG.replace("swing: 0.62\n", ""))
    assert without.source("kit").swing == 0.5 and without.source("tone") == song.source("tone")


@pytest.mark.parametrize(
    "keys, row",
    [
        ("meter: 6/8\nbeat: 1/4.\n", "Tempo    1/4. = 96 in 6/8"),
        ("changes: [{bar: 2, ramp: {to: 60, over: 1 bar}}]\n", "Tempo    96 to 60 BPM in 4/4 from bar 2"),
        ("changes: [{at: bar 2 beat 3, hold: 1.5 s}]\n", "Fermata  1.500 s at bar 2 beat 3"),
    ],
)
def test_what_the_client_is_told(read, keys, row):
    from deliveries import described

    song = read(f"bpm: 96\nlength: 4 bars\n{keys}" + TONE)
    text = readme(described(timeline=document(song.timeline, None, [])))
    assert row.split() in [line.split() for line in text.splitlines()]
    assert ", 4 bars" in text


def test_a_pickup_is_told_as_it_was_written(read):
    from deliveries import described

    song = read("bpm: 96\npickup: 1/8\nlength: 4 bars\n" + TONE)
    text = readme(described(timeline=document(song.timeline, None, [])))
    assert "\nPick-up  1/8 before bar 1\n" in text
