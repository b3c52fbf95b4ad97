"""What holds for all effects: blocks, lengths, latency, silence, chains of them, and what hangs on the timeline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pedalboard
import pytest
import yaml
from effect_runs import RATE, apply, decibels, mono_and_stereo, noise, sine, song
from marks import long_but
from plugins import StandIn, run_here

from stemwright.audio import BLOCK
from stemwright.effects import Chain, Effect, make
from stemwright.effects._stereo import StereoEffect
from stemwright.music.render_context import RenderContext
from stemwright.validation import registry

EFFECTS = {
    "gain": {"gain": {"gain_db": -3.0}},
    "lowpass": {"lowpass": {"cutoff_hz": 2_000.0, "order": 5}},
    "highpass": {"highpass": {"cutoff_hz": 200.0}},
    "zero-phase lowpass": {"lowpass": {"cutoff_hz": 2_000.0, "zero_phase": True}},
    "zero-phase highpass": {"highpass": {"cutoff_hz": 500.0, "order": 2, "zero_phase": True}},
    "compressor": {"compressor": {"threshold_db": -20.0, "attack_ms": 3.0}},
    "delay": {"delay": {"delay_seconds": 0.01, "feedback": 0.5}},
    "delay of a note": {"delay": {"delay_length": "1/64t"}},
    "delay with a loop": {
        "delay": {"delay_seconds": 0.003, "feedback": 0.7, "ping_pong": True, "lowpass_hz": 3_000.0}
    },
    "reverb": {"reverb": {"wet_level": 0.5}},
    "reverb with a pre-delay": {"reverb": {"pre_delay_ms": 5.0}},
    "limiter": {"limiter": {"ceiling_db": -6.0}},
    "limiter of sample peaks": {"limiter": {"ceiling_db": -6.0, "true_peak": False, "lookahead_ms": 50.0}},
    "vst3": {"vst3": {"file": "plugins/Limiter.vst3", "parameters": {"ceiling_db": -12.0}}},
    "fade": {"fade": {"fade_in": "10 ms", "fade_out": "1/16", "curve": "linear"}},
}
KINDS = registry.kinds("stemwright.effects")
EFFECTS |= {  # an effect that is not above is tried as its example has it
    kind: {kind: yaml.safe_load(registry.load("stemwright.effects", kind).example)}
    for kind in KINDS
    if not any(kind in entry for entry in EFFECTS.values())
}
NOT_CAUSAL = {
    "zero-phase lowpass",
    "zero-phase highpass",
    "sample_delay",  # which is what it is for
    "convolution",  # its Fourier transforms round to 1e-16 where silence was
    "match_eq",  # its filter has linear phase
    "denoise",  # its windows spread an impulse
    "de_click",  # which takes an impulse away
    "de_clip",  # which takes an impulse for a clipped peak
    "saturation",  # its resampling has linear phase
    "pitch_shift",  # as above, and its windows spread an impulse
}
CAUSAL = [name for name in EFFECTS if name not in NOT_CAUSAL]
PROGRAMS = {"insert": "sox", **dict.fromkeys(("denoise", "de_click", "de_clip"), "ffmpeg")}
UNLINKED = {"compressor": {**EFFECTS["compressor"]["compressor"], "link": False}}
each_effect = pytest.mark.parametrize("name", EFFECTS)


def with_channels(names):
    """Each effect in mono and stereo; in stereo only, if a mono song cannot have it."""
    pairs = [(name, n) for name in names for n in (1, 2)]
    held = [(name, n) for name, n in pairs if n == 2 or not isinstance(make(EFFECTS[name]), StereoEffect)]
    # Those by ffmpeg start it often: one of them is enough for `make test`.
    quick = [(name, n) for name, n in held if PROGRAMS.get(name) != "ffmpeg" or (name, n) == ("denoise", 2)]
    return pytest.mark.parametrize("name, channels", long_but(quick, held))


@pytest.fixture(autouse=True)
def programs(request, needs):
    """What some effects, or their examples, run."""
    name = getattr(request.node, "callspec", None) and request.node.callspec.params.get("name")
    if name in PROGRAMS:
        needs(PROGRAMS[name])


@pytest.fixture(autouse=True)
def plugin_in_place_of_vst3(monkeypatch):
    """A limiter of pedalboard's own; with a VST3: test_vst3.py."""
    run_here(monkeypatch)
    monkeypatch.setattr(pedalboard, "load_plugin", lambda path, **keys: StandIn())


# --- what holds for all -------------------------------------------------------------------------


def test_every_kind_is_here():
    assert {kind for entry in EFFECTS.values() for kind in entry} == set(KINDS)


@with_channels(EFFECTS)
def test_block_sizes_do_not_matter(name, channels):
    samples = noise(4_099, channels)
    whole = apply(EFFECTS[name], samples)
    for lengths in (
        [1] * 300,
        [2] * 300,
        [7, 0, 0, 31, 1, 2_003],
        [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024],
        [509] * 8,
        [2_048, 2_048],
        [4_098],
    ):
        assert np.array_equal(apply(EFFECTS[name], samples, lengths=lengths), whole)


@with_channels(EFFECTS)
@pytest.mark.parametrize("given, frames", [(500, 700), (700, 500), (1, 1), (2, 2), (1, 3), (0, 5)])
def test_as_long_as_the_canvas(name, channels, given, frames):
    result = apply(EFFECTS[name], noise(given, channels), frames)
    assert result.shape == (frames, channels)
    assert np.isfinite(result).all()


@with_channels(CAUSAL)
@pytest.mark.parametrize("rate", [22_050, 48_000, 192_000])
def test_no_latency(name, channels, rate):
    impulse = np.zeros((40_000, channels))
    impulse[20_000] = 0.25
    result = apply(EFFECTS[name], impulse, rate=rate)
    assert not result[:20_000].any()
    assert result[20_000].all()


@each_effect
def test_silence_stays_silence(name):
    assert not apply(EFFECTS[name], np.zeros((5_000, 2))).any()


@pytest.mark.parametrize(
    "entry, plugin, level",
    [
        (UNLINKED, pedalboard.Compressor(-20, 4, 3, 100), 1),
        (EFFECTS["reverb"], pedalboard.Reverb(0.5, 0.5, 0.5, 0.4, 1.0), 2**16),  # at which it is exact
        (EFFECTS["delay"], pedalboard.Delay(480.5 / RATE, 0.5, 0.5), 1),
        (EFFECTS["limiter"], pedalboard.BrickwallLimiter(-6, 100, 5, True), 1),
    ],
    ids=["compressor", "reverb", "delay", "limiter"],
)
@mono_and_stereo
def test_pedalboard_in_blocks_is_pedalboard_at_once(entry, plugin, level, channels):
    samples = noise(2 * BLOCK + 3_001, channels)
    whole = plugin((samples.T * level).astype(np.float32), RATE).T / np.float32(level)
    assert np.array_equal(apply(entry, samples, lengths=[10_007] * 13).astype(np.float32), whole)


def test_a_chain_runs_in_order():
    context = RenderContext(RATE, 1, 1_000)
    loud, limited = make({"gain": {"gain_db": 20.0}}), make({"limiter": {"ceiling_db": -6.0}})
    peaks = [
        decibels(
            np.abs(np.concatenate(list(Chain(effects).process(iter([sine(997, -3, 1_000)]), context)))).max()
        )
        for effects in ([], [loud], [loud, limited], [limited, loud])
    ]
    assert peaks == pytest.approx([-3, 17, -6, 14], abs=0.05)


def test_a_chain_cuts_what_an_effect_gives_too_much():
    @dataclass(frozen=True)
    class Longer(Effect):
        def process(self, blocks, context):
            yield from blocks
            yield np.ones((10, 1))

    context = RenderContext(RATE, 1, 100)
    echo = make({"delay": {"delay_seconds": 5 / RATE, "mix": 1.0}})
    result = np.concatenate(
        list(Chain([Longer(), echo, Longer()]).process(iter([np.zeros((100, 1))]), context))
    )
    assert result.shape == (100, 1)
    assert not result.any()


@each_effect
def test_sound_keys_pass_the_check(name):
    make(EFFECTS[name]).check(RenderContext(RATE, 2, RATE, timeline=song(1, RATE)))


# --- what hangs on the timeline -----------------------------------------------------------------


@pytest.mark.parametrize(
    "entry, needs_timeline",
    [
        ({"gain": {"gain_db": 1.0}}, False),
        ({"fade": {"fade_in": "1 s"}}, False),
        ({"fade": {"fade_in": "1 bar"}}, True),
        ({"fade": {"fade_out": "1/4"}}, True),
        ({"delay": {"delay_seconds": 1.0}}, False),
        ({"delay": {"delay_length": "100 ms"}}, False),
        ({"delay": {"delay_length": "1/8"}}, True),
    ],
)
def test_in_time(entry, needs_timeline):
    effect = make(entry)
    assert effect.needs_timeline is needs_timeline
    if not needs_timeline:
        blocks = Chain([effect]).process(
            iter([noise(100)]), RenderContext(RATE, 2, 100)
        )  # which has no timeline
        assert len(np.concatenate(list(blocks))) == 100
