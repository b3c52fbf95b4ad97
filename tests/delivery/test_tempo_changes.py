"""What changes, in words: where ramps end, and in the note that the song counts."""

from dataclasses import replace
from fractions import Fraction

from tempo_maps import change

from stemwright.delivery.tempo_changes import tempo_changes
from stemwright.music.timeline import TempoMap, parse_duration


def test_a_song_that_counts_dotted_quarters():
    """54 dotted quarters are 81 quarters a minute; the ramp ends at bar 4, whatever begins there is said after it."""
    first = change(1, 81, "6/8")
    counted = replace(first, time_signature=replace(first.time_signature, unit=Fraction(3, 2)))
    later = [change(2, ramp=(54, "2 bars")), change((4, 2), hold="2 beats"), change(6, 54)]
    tempo = TempoMap([counted, *later], parse_duration("1/8"))
    assert tempo_changes(tempo, Fraction(1, 2) + 6 * 3) == {
        Fraction(0): "1/4. = 54, 6/8",
        Fraction(7, 2): "ramp to 1/4. = 36",
        Fraction(19, 2): "1/4. = 36",
        Fraction(11): "hold 3.33333 s",
        Fraction(31, 2): "1/4. = 36",
    }


def test_what_is_after_the_end_is_not_said():
    tempo = TempoMap([change(1, 120, "4/4"), change(3, 60), change(4, meter="3/4")])
    assert tempo_changes(tempo, Fraction(8)) == {Fraction(0): "120 BPM, 4/4"}


def test_a_ramp_that_another_follows():
    tempo = TempoMap([change(1, 120, "4/4", ramp=(60, "1 bar")), change(2, ramp=(90, "1 bar"))])
    assert list(tempo_changes(tempo, Fraction(16)).values()) == [
        "120 BPM, 4/4, ramp to 60 BPM", "60 BPM, ramp to 90 BPM", "90 BPM"]  # fmt: skip
