"""What a section's harmony holds of what is played by it."""

from __future__ import annotations

from charts import laid_out

from stemwright.music.harmony.section import Harmony


def test_facts_hold_what_is_used_and_no_more():
    chords, _ = laid_out("| Am7/D | N.C. | G C |")
    harmony = Harmony("G major", chords)
    assert harmony.facts(()) == {} and harmony.facts(("key",)) == {"key": "G major"}
    again = Harmony.from_dict(harmony.facts(("key", "chords")))
    assert again.key == "G major"
    assert [
        (a.start, a.end, a.chord and (a.chord.root, a.chord.intervals, a.chord.bass)) for a in again.chords
    ] == [(a.start, a.end, a.chord and (a.chord.root, a.chord.intervals, a.chord.bass)) for a in chords]
