"""Effects: what they do to sound, against closed forms, scipy and pedalboard's whole-array results."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pedalboard
import pytest
from scipy import signal

from stemwright.audio import BLOCK
from stemwright.effects import Chain, Effect, make
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)
from stemwright.validation import registry

RATE = 48_000
EFFECTS = {
    "gain": {"gain": {"gain_db": -3.0}},
    "lowpass": {"lowpass": {"cutoff_hz": 2_000.0, "order": 5}},
    "highpass": {"highpass": {"cutoff_hz": 200.0}},
    "zero-phase lowpass": {"lowpass": {"cutoff_hz": 2_000.0, "zero_phase": True}},
    "zero-phase highpass": {"highpass": {"cutoff_hz": 500.0, "order": 2, "zero_phase": True}},
    "compressor": {"compressor": {"threshold_db": -20.0, "attack_ms": 3.0}},
    "delay": {"delay": {"delay_seconds": 0.01, "feedback": 0.5}},
    "delay of a note": {"delay": {"delay_length": "1/64t"}},
    "reverb": {"reverb": {"wet_level": 0.5}},
    "limiter": {"limiter": {"ceiling_db": -6.0}},
    "limiter of sample peaks": {"limiter": {"ceiling_db": -6.0, "true_peak": False, "lookahead_ms": 50.0}},
    "fade": {"fade": {"fade_in": "10 ms", "fade_out": "1/16", "curve": "linear"}},
}
CAUSAL = [name for name in EFFECTS if not name.startswith("zero-phase")]
each_effect = pytest.mark.parametrize("name", EFFECTS)
mono_and_stereo = pytest.mark.parametrize("channels", [1, 2])


def decibels(ratio):
    return 20 * np.log10(ratio)


def noise(frames, channels=2, level=0.3):
    return np.random.default_rng(7).normal(0, level, (frames, channels))


def sine(frequency, level_db, frames=RATE, rate=RATE, phase=0.0):
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency * np.arange(frames)[:, None] / rate + phase)


def song(bars, rate, changes=((1, 120, "4/4"),)):
    tempo = TempoMap(
        [TempoChange(bar, parse_bpm(bpm), parse_time_signature(meter)) for bar, bpm, meter in changes]
    )
    return Timeline.build(rate, tempo, parse_duration(f"{bars} bars"), [])


def apply(entry, samples, frames=None, rate=RATE, lengths=(), timeline=None):
    """The samples, in blocks of these lengths and the rest, through one effect over so many frames."""
    frames = len(samples) if frames is None else frames
    context = RenderContext(rate, samples.shape[1], frames, timeline=timeline or song(1, rate))
    blocks = np.split(samples, np.cumsum(lengths, dtype=int)) if len(lengths) else [samples]
    return np.concatenate(list(Chain([make(entry)]).process(iter(blocks), context)))


# --- what holds for all -------------------------------------------------------------------------


def test_every_kind_is_here():
    assert {kind for entry in EFFECTS.values() for kind in entry} == set(registry.kinds("stemwright.effects"))


@each_effect
@mono_and_stereo
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


@each_effect
@mono_and_stereo
@pytest.mark.parametrize("given, frames", [(500, 700), (700, 500), (1, 1), (2, 2), (1, 3), (0, 5)])
def test_as_long_as_the_canvas(name, channels, given, frames):
    result = apply(EFFECTS[name], noise(given, channels), frames)
    assert result.shape == (frames, channels)
    assert np.isfinite(result).all()


@pytest.mark.parametrize("name", CAUSAL)
@mono_and_stereo
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
    "entry, plugin",
    [
        (EFFECTS["compressor"], pedalboard.Compressor(-20, 4, 3, 100)),
        (EFFECTS["reverb"], pedalboard.Reverb(0.5, 0.5, 0.5, 0.4, 1.0)),
        (EFFECTS["delay"], pedalboard.Delay(480.5 / RATE, 0.5, 0.5)),
        (EFFECTS["limiter"], pedalboard.BrickwallLimiter(-6, 100, 5, True)),
    ],
    ids=["compressor", "reverb", "delay", "limiter"],
)
@mono_and_stereo
def test_pedalboard_in_blocks_is_pedalboard_at_once(entry, plugin, channels):
    samples = noise(2 * BLOCK + 3_001, channels)
    whole = plugin(samples.T.astype(np.float32), RATE).T
    assert np.array_equal(apply(entry, samples, lengths=[10_007] * 13), whole)


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
    make(EFFECTS[name]).check(RenderContext(RATE, 2, 100, timeline=song(1, RATE)))


# --- gain and fades -----------------------------------------------------------------------------


@mono_and_stereo
def test_gain(channels):
    samples = noise(100, channels)
    for db, factor in [(20.0, 10.0), (-40.0, 0.01), (0.0, 1.0), (-6.0, 10**-0.3)]:
        assert np.allclose(apply({"gain": {"gain_db": db}}, samples), samples * factor, rtol=1e-14, atol=0)


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


# --- filters ------------------------------------------------------------------------------------

FREQUENCIES = np.array([20, 50, 100, 440, 999, 1_000, 1_001, 2_000, 5_000, 10_000, 20_000])


FOURIER = np.exp(-2j * np.pi * FREQUENCIES[:, None] * np.arange(40_000) / RATE)


def response(entry):
    """The magnitude at `FREQUENCIES`, from the Fourier transform of the impulse response."""
    impulse = np.zeros((40_000, 1))
    impulse[20_000] = 1
    return np.abs(FOURIER @ apply(entry, impulse)[:, 0])


@pytest.mark.parametrize("kind, sign", [("lowpass", 1), ("highpass", -1)])
@pytest.mark.parametrize("order", [1, 2, 4, 7, 16])
@pytest.mark.parametrize("cutoff", [100.0, 1_000.0, 12_000.0])
def test_butterworth_magnitude(kind, sign, order, cutoff):
    """Butterworth by the bilinear transform: 1 / √(1 + (tan(π f / fs) / tan(π fc / fs))^±2n)."""
    warped = np.tan(np.pi * FREQUENCIES / RATE) / np.tan(np.pi * cutoff / RATE)
    expected = 1 / np.sqrt(1 + warped ** (sign * 2 * order))
    keys = {"cutoff_hz": cutoff, "order": order}
    assert response({kind: keys}) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert response({kind: keys | {"zero_phase": True}}) == pytest.approx(expected**2, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("kind, shape", [("lowpass", "low"), ("highpass", "high")])
@mono_and_stereo
def test_zero_phase_is_scipys(kind, shape, channels):
    samples = noise(40_000, channels)
    sections = signal.butter(4, 1_000, shape, fs=RATE, output="sos")
    expected = signal.sosfiltfilt(sections, samples, axis=0)
    result = apply({kind: {"cutoff_hz": 1_000.0, "zero_phase": True}}, samples)
    assert np.abs(result - expected)[10_000:-10_000].max() < 1e-12


def test_zero_phase_is_even_in_time():
    impulse = np.zeros((20_001, 1))
    impulse[10_000] = 1
    result = apply({"lowpass": {"cutoff_hz": 500.0, "zero_phase": True}}, impulse)
    assert np.allclose(result, result[::-1], rtol=0, atol=1e-12)
    assert np.argmax(result) == 10_000


def test_zero_phase_starts_and_ends_in_silence():
    """What rings over the canvas's ends is cut, and changes nothing within."""
    samples = noise(3_000, 1)
    entry = {"lowpass": {"cutoff_hz": 300.0, "zero_phase": True}}
    padded = apply(entry, np.concatenate([np.zeros((9_000, 1)), samples, np.zeros((9_000, 1))]))
    assert np.allclose(apply(entry, samples), padded[9_000:12_000], rtol=0, atol=1e-12)


@pytest.mark.parametrize("cutoff", [4_000.0, 5_000.0])
def test_a_cutoff_that_the_sample_rate_does_not_hold(cutoff):
    effect = make({"highpass": {"cutoff_hz": cutoff}})
    effect.check(RenderContext(48_000, 1, 100))
    with pytest.raises(ValueError, match=rf"must be below half the sample rate, 4000 \(is {cutoff:g}\)"):
        effect.check(RenderContext(8_000, 1, 100))


# --- dynamics -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "level, threshold, ratio", [(-6, -18, 4), (0, -40, 10), (-12, -20, 2), (-3, -30, 1.5)]
)
@pytest.mark.parametrize("frequency", [100, 1_000, 5_000])
@mono_and_stereo
def test_compressor_static_curve(level, threshold, ratio, frequency, channels):
    samples = np.repeat(sine(frequency, level, 2 * RATE), channels, axis=1)
    entry = {"compressor": {"threshold_db": float(threshold), "ratio": float(ratio)}}
    settled = slice(RATE, None)
    gain = decibels(np.std(apply(entry, samples)[settled], axis=0) / np.std(samples[settled], axis=0))
    assert gain == pytest.approx(-(level - threshold) * (1 - 1 / ratio), abs=0.5)


def test_compressor_leaves_what_is_below_its_threshold():
    samples = sine(1_000, -19)
    assert np.array_equal(apply({"compressor": {"threshold_db": -18.0}}, samples), samples.astype(np.float32))


def true_peak(samples):
    return decibels(np.abs(signal.resample_poly(samples, 8, 1, axis=0)).max())


LOUD = {
    "sine at fs/4, 45°": sine(RATE / 4, 3, phase=np.pi / 4),
    "sine at fs/6, 60°": sine(RATE / 6, 3, phase=np.pi / 3),
    "bass": sine(50, 10),
    "square": 1.5 * np.sign(sine(97, 0) + 1e-9),
    "drums": noise(RATE, 1, 1.0) * np.exp(-30 * (np.arange(RATE) / RATE % 0.5))[:, None],
    "bursts": sine(3_000, 5) * np.where(np.arange(RATE) % 12_000 < 2_400, 1, 0.05)[:, None],
}


@pytest.mark.parametrize("name", LOUD)
@pytest.mark.parametrize("ceiling, lookahead", [(-1.0, 5.0), (-6.0, 1.0)])
@mono_and_stereo
def test_limiter_holds_the_true_peak(name, ceiling, lookahead, channels):
    samples = LOUD[name] * np.array([1.0, 0.5])[:channels]
    assert true_peak(samples) > 0
    result = apply({"limiter": {"ceiling_db": ceiling, "lookahead_ms": lookahead}}, samples)
    assert true_peak(result) < ceiling + 0.2
    assert true_peak(result) > ceiling - 0.5
    sampled = apply({"limiter": {"ceiling_db": ceiling, "true_peak": False}}, samples)
    assert decibels(np.abs(sampled).max()) == pytest.approx(ceiling, abs=0.01)


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000, 384_000])
@pytest.mark.parametrize("lookahead", [0.1, 5.0, 50.0])
@pytest.mark.parametrize("is_true_peak", [True, False])
def test_limiter_leaves_quiet_audio_to_the_bit(rate, lookahead, is_true_peak):
    samples = noise(30_000, 2, 0.05)
    entry = {"limiter": {"lookahead_ms": lookahead, "true_peak": is_true_peak}}
    assert np.array_equal(apply(entry, samples, rate=rate), samples.astype(np.float32))


@pytest.mark.parametrize("frames", [BLOCK - 10, BLOCK + 1_000])
def test_limiter_sees_silence_after_the_end(frames):
    samples = np.full((frames, 1), 0.1)
    samples[:1_500] = 4.0
    result = apply({"limiter": {}}, samples)
    assert result[:1_500].max() < 1
    assert result[-1_000:] == pytest.approx(0.1, rel=1e-3)


def test_limiter_turns_both_sides_down():
    samples = np.full((10_000, 2), 0.1)
    samples[5_000, 0] = 4.0
    result = apply({"limiter": {}}, samples)
    assert result[5_001, 0] == result[5_001, 1] < 0.05


# --- delay and reverb ---------------------------------------------------------------------------


def echoes(keys, frames, rate=RATE, timeline=None):
    """Where an impulse sounds, and how loud."""
    impulse = np.zeros((frames, 1))
    impulse[0] = 1
    result = apply({"delay": keys}, impulse, rate=rate, timeline=timeline)[:, 0]
    return {int(at): result[at] for at in np.flatnonzero(result)}


def test_an_eighth_at_120_is_a_quarter_of_a_second():
    keys = {"delay_length": "1/8", "feedback": 0.5, "mix": 0.25}
    assert echoes(keys, 40_000) == {0: 0.75, 12_000: 0.25, 24_000: 0.125, 36_000: 0.0625}
    assert echoes(keys | {"delay_length": "1/8.", "mix": 1.0}, 40_000) == {18_000: 1, 36_000: 0.5}


@pytest.mark.parametrize("bpm", ["120", "140", "97", "400/3", "123.456"])
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_delays_are_exact_to_the_frame(bpm, rate):
    timeline = song(1, rate, [(1, bpm, "4/4")])
    notes = {"1/4": 1, "1/8": 0.5, "1/8.": 0.75, "1/8t": Fraction(1, 3), "1/64": Fraction(1, 16)}
    for note, quarters in notes.items():
        expected = int(Fraction(quarters) * 60 / Fraction(bpm) * rate + Fraction(1, 2))
        assert echoes({"delay_length": note, "mix": 1.0}, rate, rate, timeline) == {expected: 1}


@pytest.mark.parametrize("frames", [1, 2, 3, 441, 12_345, 44_099, 100_003, 239_999, 240_000])
def test_delays_in_seconds(frames):
    keys = {"delay_seconds": frames / 8_000, "mix": 1.0}
    assert echoes(keys, 240_001, 8_000) == {frames: 1}
    assert echoes({"delay_length": f"{frames / 8} ms", "mix": 1.0}, 240_001, 8_000) == {frames: 1}


@pytest.mark.parametrize(
    "keys",
    [{"delay_length": "16 bars"}, {"delay_length": "31 s"}, {"delay_length": "0 s"}, {"delay_seconds": 0.0}],
)
def test_delays_that_cannot_be(keys):
    with pytest.raises(ValueError, match="echoes must be one frame to 30 s apart"):
        make({"delay": keys}).check(RenderContext(RATE, 2, 100, timeline=song(1, RATE)))


@pytest.mark.parametrize("keys", [{}, {"delay_seconds": 0.5, "delay_length": "1/8"}])
def test_a_delay_has_one_length(keys):
    with pytest.raises(ValueError, match="needs one of delay_seconds and delay_length"):
        make({"delay": keys})


@mono_and_stereo
def test_reverb_rings_on(channels):
    def tail(room):
        """Levels in dB of the half seconds after the sound's end."""
        result = apply({"reverb": {"room_size": room}}, noise(5_000, channels), 5_000 + 2 * RATE)
        return [decibels(np.std(part)) for part in np.split(result[5_000:], 4)]

    small, large = tail(0.2), tail(0.9)
    assert np.all(np.diff(small) < -3)
    assert np.all(np.diff(large) < -1)
    assert small[0] > -60
    assert np.all(np.array(large) > small)


def test_reverb_is_dry_if_told():
    samples = noise(1_000)
    result = apply({"reverb": {"wet_level": 0.0, "dry_level": 0.5}}, samples)
    assert np.allclose(result, samples, rtol=0, atol=1e-6)


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
