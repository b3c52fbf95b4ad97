"""What holds for all parts, whatever is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from part_spans import make, mistakes, span


@given(
    st.sampled_from(["steps", "degrees", "notes", "chords", "arpeggio"]),
    st.text(alphabet="xXo_-.|12358b#',()>~ /CEGrest4t+", min_size=1, max_size=24).filter(str.strip),
)
def test_any_pattern_is_played_within_its_section_or_told_wrong(kind, text):
    on = span("2 bars", chart="| C | G7 |", before="1 bar")
    keys = {"steps": {"note": "C3"}, "arpeggio": {"rhythm": text}, "chords": {"rhythm": text}}.get(kind, {})
    part = make(kind, **keys) if kind in ("arpeggio", "chords") else make(kind, text, **keys)
    if not mistakes(part, on):
        for event in part.events(on):
            assert on.start <= event.start < event.end <= on.end and 0 < event.velocity <= 1
            assert 0 <= event.pitch <= 127
