"""The tempo map as CSV, read by Python's csv, against beats in closed form."""

import csv
import io
from dataclasses import replace
from fractions import Fraction

import pytest
from moving_song import moving_plan
from moving_times import BEATS
from tempo_maps import change

from stemwright.delivery.tempo_table import tempo_table
from stemwright.music.timeline import Duration, TempoMap, Timeline, parse_duration


def rows(timeline):
    return list(csv.DictReader(io.StringIO(tempo_table(timeline), newline="")))


def test_every_beat_and_every_change(tmp_path):
    found = rows(moving_plan(tmp_path).song.timeline)
    assert [(int(r["bar"]), int(r["beat"])) for r in found] == [(bar, beat) for bar, beat, _ in BEATS]
    assert [float(r["seconds"]) for r in found] == pytest.approx([at for *_, at in BEATS], abs=1e-8)
    assert [int(r["frame"]) for r in found] == [round(8_000 * at) for *_, at in BEATS]
    bpm = {(r["bar"], r["beat"]): r["bpm"] for r in found}
    assert [bpm[at] for at in (("0", "4"), ("3", "1"), ("5", "7"), ("7", "1"), ("8", "3"))] == [
        "96", "118", "140", f"{(150**2 + 60**2) ** 0.5 / 2**0.5:.9g}", "100"]  # fmt: skip
    assert [(r["bar"], r["beat"], r["change"]) for r in found if r["change"]] == [
        ("0", "4", "96 BPM, 4/4"), ("2", "1", "ramp to 140 BPM"), ("4", "1", "140 BPM"), ("5", "1", "7/8"),
        ("6", "1", "150 BPM, 3/4, ramp to 60 BPM"), ("8", "1", "100 BPM"), ("8", "3", "hold 1.5 s")]  # fmt: skip
    assert {r["meter"] for r in found} == {"4/4", "7/8", "3/4"} and {r["unit"] for r in found} == {"1/4"}


def test_a_song_that_counts_dotted_quarters():
    """54 dotted quarters are 81 quarters a minute."""
    first = change(1, 81, "6/8")
    counted = replace(first, time_signature=replace(first.time_signature, unit=Fraction(3, 2)))
    found = rows(Timeline.build(8_000, TempoMap([counted], Duration()), parse_duration("1 bar"), []))
    assert [(r["bpm"], r["unit"], r["seconds"]) for r in found] == [
        ("54", "1/4.", "0.000000000"), ("54", "1/4.", "1.111111111")]  # fmt: skip


def test_a_change_between_two_beats_has_a_row():
    tempo = TempoMap([change(1, 120, "2/4"), change((1, "2.5"), 60)], Duration())
    found = rows(Timeline.build(8_000, tempo, parse_duration("1 bar"), []))
    assert [(r["beat"], r["seconds"], r["change"]) for r in found] == [
        ("1", "0.000000000", "120 BPM, 2/4"), ("2", "0.500000000", ""), ("2.5", "0.750000000", "60 BPM")]  # fmt: skip
