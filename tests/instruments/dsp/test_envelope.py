"""Envelopes, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.instruments.dsp.envelope import Envelope

RATE = 48_000


def test_an_envelope_goes_through_its_corners():
    envelope = Envelope(attack_ms=10, decay_ms=100, sustain=0.4, release_ms=200)
    frames = envelope.frames(9_600, RATE)
    level = envelope.level(9_600, RATE, frames)
    assert frames == len(level) == 9_600 + 9_600
    assert level[240] == pytest.approx(0.5, abs=0.01) and level[479] == pytest.approx(1.0, abs=1e-4)
    # After a time constant, a fifth of the decay, e^-1 of the way is left.
    assert level[480 + 960] == pytest.approx(0.4 + 0.6 * np.exp(-1), abs=0.004)
    assert np.all(level[5_280:9_600] == 0.4)
    assert level[9_600 + 1_920] == pytest.approx(0.4 * np.exp(-1), abs=0.004)
    assert level[-1] < 1e-4 and np.max(np.abs(np.diff(level))) < 0.004


def test_a_note_let_go_early_falls_from_where_it_is():
    level = Envelope(attack_ms=100, release_ms=10).level(2_400, RATE, 2_880)
    assert level[2_399] == pytest.approx(0.5, abs=0.001) and level[2_400] < level[2_399] < 0.51


@pytest.mark.parametrize("held", [100, 700, 9_600])
def test_a_piece_of_an_envelope_is_that_piece(held):
    envelope = Envelope(attack_ms=10, decay_ms=20, sustain=0.4, release_ms=30)
    whole = np.pad(envelope.level(held, RATE, held + 1_440), 1_000)
    for first in (-1_000, -3, 0, 90, 470, 1_000, held - 1, held, held + 500, held + 1_430):
        for frames in (1, 20, 1_000):
            piece = envelope.level(held, RATE, frames, first)
            expected = whole[first + 1_000 : first + 1_000 + frames]
            assert np.allclose(piece[: len(expected)], expected, atol=1e-6)
            assert not piece[len(expected) :].any()


def test_a_note_without_sustain_ends_by_itself():
    envelope = Envelope(attack_ms=10, decay_ms=90, sustain=0, release_ms=50)
    assert envelope.frames(RATE, RATE) == 4_800
    assert envelope.frames(2_000, RATE) == 2_000 + 2_400
