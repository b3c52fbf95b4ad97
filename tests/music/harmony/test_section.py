"""What a section's harmony holds of what is played by it."""

from __future__ import annotations

from charts import charted

from stemwright.music.harmony.section import Harmony


def test_facts_hold_what_is_used_and_no_more():
    chords, _ = charted("| Am7/D | N.C. | G C |")
    harmony = Harmony("G major", chords)
    assert harmony.to_dict(()) == {} and harmony.to_dict(("key",)) == {"key": "G major"}
    again = Harmony.from_dict(harmony.to_dict(("key", "chords")))
    assert again.key == "G major"
    assert [
        (a.start, a.end, a.chord and (a.chord.root, a.chord.intervals, a.chord.bass)) for a in again.chords
    ] == [(a.start, a.end, a.chord and (a.chord.root, a.chord.intervals, a.chord.bass)) for a in chords]
