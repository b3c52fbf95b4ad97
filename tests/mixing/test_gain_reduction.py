"""How much a limiter works, against gains that are known."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.effects import GainEffect
from stemwright.mixing.gain_reduction import gain_reduction
from stemwright.music.render_context import RenderContext


class Known(GainEffect):
    """Gains of 1, but for 100 frames at 0.5 and 50 at 0.995, in blocks; more than there are frames of sound."""

    def gains(self, blocks, context):
        curve = np.ones((1_300, 1))
        curve[300:400], curve[600:650] = 0.5, 0.995
        curve[1_000:] = 0.1
        yield from np.split(curve, [7, 350, 900])


def test_the_greatest_reduction_and_its_share_of_the_time():
    found = gain_reduction(iter(()), Known(), RenderContext(8_000, 1, 1_000))
    assert found.max_db == pytest.approx(6.0206, abs=1e-4)
    assert found.share == 0.1  # 0.995 is 0.04 dB


def test_no_frames():
    assert gain_reduction(iter(()), Known(), RenderContext(8_000, 1, 0)) == (0.0, 0.0)
