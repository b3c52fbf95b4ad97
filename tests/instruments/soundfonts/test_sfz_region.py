"""Regions of SFZ files: opcodes under their other names, offsets, and what is left out."""

import pytest

from stemwright.base.errors import StemwrightError
from stemwright.instruments.soundfonts.sfz_region import Region, parse_region
from stemwright.instruments.soundfonts.sfz_text import RawRegion


def parsed(control=None, **opcodes):
    return parse_region(RawRegion({"sample": "a.wav", **opcodes}, control or {}, "x.sfz:1"))


def test_other_names_of_opcodes():
    loop = {"loopmode": "loop_continuous", "loopstart": "10", "loopend": "19"}
    region, unread = parsed(**loop, offby="2", hilev="9", gain="-3", pitch="50")
    assert isinstance(region, Region) and not unread
    assert (region.loop, region.off_by, region.velocities) == ((10, 20), 2, (0, 9))
    assert (region.volume, region.tuning) == (-3, 0.5)


def test_offsets_move_keys_and_their_centre():
    region, _ = parsed({"note_offset": "-5", "octave_offset": "1"}, key="60")
    assert isinstance(region, Region) and (region.keys, region.center) == ((67, 67), 67)


@pytest.mark.parametrize(
    ("opcodes", "reason"),
    [
        ({"end": "-1"}, "end=-1"),
        ({"locc7": "101"}, "a controller out of its range"),  # the volume is 100 at first,
        ({"hicc10": "63"}, "a controller out of its range"),  # the pan 64,
        ({"hicc11": "126"}, "a controller out of its range"),  # the expression 127,
        ({"locc1": "1"}, "a controller out of its range"),  # and others 0
    ],
)
def test_what_is_left_out(opcodes, reason):
    assert parsed(**opcodes) == (reason, set())


def test_what_of_a_loop_is_not_played():
    sustained = {"loop_mode": "loop_sustain", "loop_start": "1", "loop_end": "9"}
    assert parsed(**sustained)[1] == {"loop_sustain, which loops on"}
    assert parsed(loop_mode="loop_continuous")[1] == {"loop points in the samples, which loop as a whole"}
    with pytest.raises(StemwrightError, match="loop_end must be after loop_start"):
        parsed(loop_mode="loop_continuous", loop_start="9", loop_end="9")
