"""What is kept of sounds made has a bound."""

import numpy as np

from stemwright.instruments.dsp.sound_cache import SoundCache


def test_what_is_kept_of_sounds_made_has_a_bound():
    kept, made = SoundCache(), []

    def sound(kind):
        return kept.get(kind, lambda: made.append(kind) or np.zeros((1 << 20, 2)))  # 16 MB

    for kind in (1, 2, 3, 4, 1, 5, 1, 2):
        sound(kind)
    assert made == [1, 2, 3, 4, 5, 2]
    assert sum(part.nbytes for part in kept._sounds.values()) == 64 << 20
    for kind in range(10, 18):  # of one channel that is shown as two there is one
        kept.get(kind, lambda: np.broadcast_to(np.zeros((1 << 20, 1)), (1 << 20, 2)))
    assert list(kept._sounds) == list(range(10, 18))
    large = kept.get("large", lambda: np.zeros((5 << 20, 2)))
    assert list(kept._sounds) == ["large"] and kept.get("large", list) is large
