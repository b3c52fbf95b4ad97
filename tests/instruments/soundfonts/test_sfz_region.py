"""Regions of SFZ files: opcodes under their other names."""

from stemwright.instruments.soundfonts.sfz_region import Region, parse_region
from stemwright.instruments.soundfonts.sfz_text import RawRegion


def test_other_names_of_opcodes():
    opcodes = {"loopmode": "loop_continuous", "loopstart": "10", "loopend": "19", "offby": "2", "hilev": "9"}
    region, unread = parse_region(RawRegion({"sample": "a.wav", "gain": "-3", **opcodes}, {}, "x.sfz:1"))
    assert isinstance(region, Region) and not unread
    assert (region.loop, region.off_by, region.velocities, region.volume) == ((10, 20), 2, (0, 9), -3)
