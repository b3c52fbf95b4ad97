"""Powers of a complex number, against exponentials."""

from __future__ import annotations

import numpy as np

from stemwright.instruments.dsp import fourier


def test_powers_are_exponentials():
    for count, first in ((1_000, 0), (1_000, 3.5), (100, 0)):
        expected = np.exp((-0.001 + 0.01j) * (first + np.arange(count)))
        assert np.allclose(fourier.exponentials(-0.001 + 0.01j, count, first), expected)
