"""The meter of drop-outs, in whatever blocks a file comes."""

from __future__ import annotations

import pytest
from damage import fed, holed, tone

from stemwright.measure.dropouts import Dropouts


@pytest.mark.parametrize("block", [48, 1_000, 1 << 16, 1 << 20])
def test_dropouts_do_not_hang_on_the_block_size(block):
    samples = tone()
    for at, ms in ((65_536 - 20, 5), (65_536 * 2, 2), (150_000, 1), (170_000, 200)):
        samples = holed(samples, ms, at)
    expected = [(65_516, 240), (131_072, 96), (150_000, 48), (170_000, 9_600)]
    assert fed(Dropouts(1, 40, -30), samples, block) == expected
