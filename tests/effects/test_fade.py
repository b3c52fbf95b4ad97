"""Fades, against closed forms, and in musical time."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import apply, song

from stemwright.effects import make
from stemwright.music.render_context import RenderContext, Slice


def faded(keys, frames=1_000, rate=1_000, timeline=None):
    return apply({"fade": keys}, np.ones((frames, 1)), rate=rate, timeline=timeline)[:, 0]


@pytest.mark.parametrize(
    "curve, shape", [("cosine", lambda x: np.sin(np.pi * x / 2) ** 2), ("linear", lambda x: x)]
)
def test_fade_shapes(curve, shape):
    rising = shape((np.arange(250) + 0.5) / 250)
    gain = faded({"fade_in": "250 ms", "curve": curve})
    assert np.allclose(gain, [*rising, *np.ones(750)], rtol=0, atol=1e-12)
    gain = faded({"fade_out": "250 ms", "curve": curve})
    assert np.allclose(gain, [*np.ones(750), *rising[::-1]], rtol=0, atol=1e-12)
    gain = faded({"fade_in": "250 ms", "fade_out": "0.25 s", "curve": curve})
    assert np.allclose(gain, [*rising, *np.ones(500), *rising[::-1]], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "fade_in, seconds",
    [
        ("1 bar", 2),
        ("3 beats", 1.5),
        ("1/2t", 2 / 3),
        ("2 bars + 1 beat", 5),
        ("1 bar + 1 s", 3),
        ("1:01", 61),
    ],
)
def test_musical_fade_in(fade_in, seconds):
    changes = [(1, 120, "4/4"), (3, 60, "3/4")]  # 2 s a bar, then 3 s
    gain = faded({"fade_in": fade_in, "curve": "linear"}, 10_000, timeline=song(4, 1_000, changes))
    assert gain == pytest.approx(np.minimum((np.arange(10_000) + 0.5) / round(1_000 * seconds), 1))


@pytest.mark.parametrize(
    "fade_out, seconds",
    [("2 bars", 6), ("3 bars", 7.5), ("8 bars", 15), ("1 beat", 1), ("1/8.", 0.75), ("1 bar + 500 ms", 3.5)],
)
def test_musical_fade_out(fade_out, seconds):
    """Bars and beats are of the end's meter, 3/4; before bar 3 a quarter lasts half as long."""
    changes = [(1, 120, "4/4"), (3, 60, "3/4")]
    gain = faded({"fade_out": fade_out, "curve": "linear"}, 10_000, timeline=song(4, 1_000, changes))
    from_end = np.minimum((np.arange(10_000) + 0.5) / round(1_000 * seconds), 1)
    assert gain == pytest.approx(from_end[::-1])


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"fade_in": "9 s", "fade_out": "1 s"}, None),  # as long as the song
        ({"fade_in": "10.001 s"}, "10.001 s long, the song 10.000 s"),
        ({"fade_out": "1:22"}, "82.000 s long"),
        ({"fade_in": "6 s", "fade_out": "5 s"}, "11.000 s long"),
        ({"fade_in": "2 bars", "fade_out": "2 bars"}, None),  # 4 s and 6 s
        ({"fade_in": "2 bars", "fade_out": "2 bars + 1/8"}, "10.250 s long"),
        ({"fade_out": "9 bars"}, "16.500 s long"),  # as if the first tempo went on before bar 1
    ],
)
def test_fades_longer_than_the_song_are_a_mistake(keys, told):
    """Two bars of 2 s each, then two of 3 s each."""
    timeline = song(4, 1_000, [(1, 120, "4/4"), (3, 60, "3/4")])
    context = RenderContext(1_000, 1, 10_000, timeline=timeline)
    mistakes = [message for _, message in make({"fade": keys}).problems(context)]
    assert (told is None) == (mistakes == []) and all(told in message for message in mistakes), mistakes


def test_a_slice_of_a_song_fades_out_where_the_song_ends():
    """What is rendered of it goes on for 1.5 s: it rings on after the slice."""
    context = RenderContext(1_000, 1, 1_500, slice=Slice(200, 300, 0, 1_000))
    fade = make({"fade": {"fade_out": "250 ms", "curve": "linear"}})
    (gain,) = fade.process(iter([np.ones((1_500, 1))]), context)
    falling = (np.arange(250)[::-1] + 0.5) / 250
    assert np.allclose(gain[:, 0], [*np.ones(750), *falling, *np.zeros(500)], rtol=0, atol=1e-12)
