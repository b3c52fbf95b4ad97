"""How far effects reach: a stretch that begins as much earlier is as in the whole, and one that begins later is not."""

from dataclasses import replace

import numpy as np
import pytest
from blocks import split

from stemwright.effects import Chain
from stemwright.music.render_context import RenderContext, Window
from stemwright.validation import registry

RATE, FRAMES, START = 8_000, 6 * 8_000, 35_392  # inside of a burst
RNG = np.random.default_rng(3)
SOUND = RNG.normal(0, 0.2, (FRAMES, 2)) * (np.arange(FRAMES) % 2_500 < 600)[:, None]


def moving(value, depth):
    return {"value": value, "lfo": {"rate_hz": 1.7, "depth": depth}}


EFFECTS = [
    {"auto_pan": {"rate_hz": 1.3, "depth": 0.7}},
    {"bitcrush": {"bit_depth": moving(6, 2)}},
    {"chorus": {"rate_hz": 0.8, "delay_ms": 12, "depth_ms": 2, "feedback": -0.6}},
    {"compressor": {"threshold_db": -30, "ratio": 8, "attack_ms": 20, "release_ms": 300}},
    {"compressor": {"threshold_db": moving(-30, 9), "knee_db": 6, "link": False}},
    {"de_esser": {"frequency_hz": 2_000, "threshold_db": -40}},
    {"delay": {"delay_seconds": 0.11, "feedback": 0.5}},
    {"delay": {"delay_seconds": 0.11, "feedback": moving(0.4, 0.2), "ping_pong": True, "lowpass_hz": 900}},
    {"distortion": {"drive_db": moving(18, 6)}},
    {"eq": {"bands": [{"peak": {"frequency_hz": 90, "gain_db": 9, "q": 9}}]}},
    {"eq": {"bands": [{"low_shelf": {"frequency_hz": 60, "gain_db": 6}}]}},
    {"eq": {"bands": [{"high_shelf": {"frequency_hz": 300, "gain_db": -9}}], "zero_phase": True}},
    {"eq": {"bands": [{"notch": {"frequency_hz": moving(400, 300), "q": 4}}]}},
    {"fade": {"fade_in": "5 s", "fade_out": "3 s"}},
    {"flanger": {"rate_hz": 0.4, "delay_ms": 2.5, "depth_ms": 1.5, "feedback": 0.8}},
    {"gain": {"gain_db": moving(-3, 3)}},
    {"highpass": {"cutoff_hz": 20, "order": 8}},
    {"ladder": {"cutoff_hz": 300, "resonance": 0.6}},
    {"lowpass": {"cutoff_hz": moving(900, 600)}},
    {"lowpass": {"cutoff_hz": 200, "zero_phase": True}},
    {
        "mid_side": {
            "mid": [{"compressor": {"threshold_db": -30}}],
            "side": [{"gain": {"gain_db": moving(0, 3)}}],
        }
    },
    {"noise_gate": {"threshold_db": -20, "hold_ms": 80}},
    {"phaser": {"rate_hz": 0.7, "centre_hz": 400, "octaves": 2, "feedback": 0.8}},
    {"polarity": {"channel": "right"}},
    {"reverb": {"room_size": 0.2, "wet_level": 0.5, "pre_delay_ms": 40}},
    {"sample_delay": {"ms": 300}},
    {"saturation": {"drive_db": moving(9, 6)}},
    {"transient_shaper": {"attack_db": 9, "sustain_db": -9}},
    {"tremolo": {"rate_hz": 3, "depth": 0.9}},
    {"width": {"width": 1.3}},
]
ELSEWHERE = {"convolution", "ducker"}
"""They read files: tests/workflow/test_windows.py."""

WHOLE = {"de_click", "de_clip", "denoise", "insert", "limiter", "match_eq", "pitch_shift", "vst3"}


def kind_of(entry):
    return next(iter(entry))


def stretch(chain, before, after):
    """The second from START on, rendered from and to so many frames more."""
    context = RenderContext(RATE, 2, FRAMES)
    first, end = max(0, START - before) // 64 * 64, min(FRAMES, START + RATE + after)
    own = replace(context, frames=end - first, window=Window(first, FRAMES))
    made = np.concatenate(list(chain.process(split(SOUND[first:end], [777, 5_000]), own)))
    return made[START - first :][:RATE]


@pytest.mark.parametrize(
    "entry", EFFECTS, ids=[f"{kind_of(entry)}-{index}" for index, entry in enumerate(EFFECTS)]
)
def test_a_stretch_is_as_in_the_whole(entry):
    chain = Chain.make([entry])
    reach = chain.reach(RenderContext(RATE, 2, FRAMES))
    assert reach.before < START  # or nothing would be proven
    whole = np.concatenate(list(chain.process(split(SOUND, [4_096]), RenderContext(RATE, 2, FRAMES))))
    whole = whole[START : START + RATE]
    limit = 10 ** (-90 / 20) * np.abs(whole).max()
    assert np.abs(stretch(chain, reach.before, reach.after) - whole).max() < limit
    if reach.before > 500:  # and it is not only the bound that makes it so
        assert np.abs(stretch(chain, 0, reach.after) - whole).max() > limit


def test_every_effect_is_tried_or_has_no_reach():
    kinds = set(registry.kinds("stemwright.effects"))
    assert kinds == {kind_of(entry) for entry in EFFECTS} | ELSEWHERE | WHOLE
    known = {kind for kind in kinds if "reach" in vars(registry.load("stemwright.effects", kind))}
    inherited = {"highpass", "lowpass", "chorus", "flanger"}
    assert known | inherited == kinds - WHOLE


def test_a_chain_reaches_as_far_as_all_its_effects():
    context = RenderContext(RATE, 2, FRAMES)
    delays = [{"sample_delay": {"frames": 700}}, {"sample_delay": {"frames": 90}}]
    assert Chain.make(delays).reach(context).before == 790
    assert Chain.make([*delays, {"limiter": {}}]).reach(context) is None
    for ladder in ({"cutoff_hz": 300, "resonance": 0.8}, {"cutoff_hz": moving(300, 100)}):
        assert Chain.make([{"ladder": ladder}]).reach(context) is None


def test_mid_side_reaches_as_far_as_the_longer_of_its_chains():
    context = RenderContext(RATE, 2, FRAMES)
    mid, side = [{"sample_delay": {"frames": 700}}], [{"sample_delay": {"frames": 90}}]
    assert Chain.make([{"mid_side": {"mid": mid, "side": side}}]).reach(context).before == 700
    assert Chain.make([{"mid_side": {"mid": [], "side": side}}]).reach(context).before == 90
    assert Chain.make([{"mid_side": {"mid": mid, "side": [{"limiter": {}}]}}]).reach(context) is None
