"""The master: loudness and true peak as others measure, in bounded time and memory."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np
import pytest
import soundfile as sf

from stemwright.audio import reader, spool, stream
from stemwright.effects import Chain, _pedalboard
from stemwright.effects.gain import Gain
from stemwright.effects.limiter import Limiter
from stemwright.measure.true_peak import TruePeak
from stemwright.mixing import master
from stemwright.mixing.master import final_effects, render_master
from stemwright.music.render_context import RenderContext

RATE = 24_000


def written(path, samples, rate=RATE):
    sf.write(path, samples, rate, "FLOAT")
    return str(path)


def music(seconds=3.0, channels=2, rate=RATE, level=0.1):
    """Kicks, hats and chords, dense enough to be made loud."""
    t = np.arange(round(seconds * rate)) / rate
    kick = np.sin(2 * np.pi * 55 * t) * np.exp(-(t % 0.5) / 0.12)
    chord = sum(np.sin(2 * np.pi * f * t + f) for f in (196.0, 246.94, 293.66, 783.99, 1_567.98))
    noise = np.random.default_rng(7).normal(0, 0.2, (len(t), channels))
    return level * (
        0.8 * (kick + 0.3 * chord)[:, None] + noise * (0.2 + np.exp(-((t + 0.25) % 0.5) / 0.05))[:, None]
    )


def mastered(tmp_path, samples, target=None, limiter=None, gain_db=0.0, effects=(), rate=RATE):
    """What the chain ended with, and its samples."""
    path = written(tmp_path / "mix.wav", samples, rate)
    context = RenderContext(rate, samples.shape[1], len(samples))
    finished = render_master(
        path, Chain(effects), context, gain_db=gain_db, limiter=limiter, target=_aim(target)
    )
    return finished, np.concatenate(list(finished.audio.blocks()))


def _aim(target):
    return {"integrated_lufs": target} if isinstance(target, float) else target


def true_peak(samples):
    """The peak in dB, 8 times oversampled."""
    from scipy.signal import resample_poly

    return 20 * np.log10(np.max(np.abs(resample_poly(samples, 8, 1, axis=0, window=("kaiser", 12.0)))))


def ffmpeg_loudness(ffmpeg, path):
    graph = "ebur128=peak=true"
    command = [ffmpeg, "-nostdin", "-i", str(path), "-filter_complex", graph, "-f", "null", "-"]
    summary = subprocess.run(command, capture_output=True, text=True, check=True).stderr.rpartition(
        "Summary:"
    )[2]
    return tuple(float(re.search(rf"{name}:\s+(\S+)", summary)[1]) for name in ("I", "Peak"))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    "target, ceiling", [(-20.0, -1.0), (-14.0, -1.0), (-14.0, -6.0), (-9.0, -1.0), (-9.0, -0.1)]
)
def test_loudness_is_reached_under_the_ceiling(tmp_path, needs, target, ceiling, channels):
    target -= 3.0 * (channels == 1)  # one channel, as ffmpeg measures it
    finished, samples = mastered(
        tmp_path, music(channels=channels, rate=48_000), target, Limiter(ceiling), rate=48_000
    )
    assert samples.shape == (144_000, channels)
    integrated, peak = ffmpeg_loudness(needs("ffmpeg"), written(tmp_path / "master.wav", samples, 48_000))
    assert integrated == pytest.approx(target, abs=0.15)  # ffmpeg tells tenths
    assert finished.integrated_lufs == pytest.approx(target, abs=0.05)
    assert peak <= ceiling + 0.1 and true_peak(samples) <= ceiling + 0.1
    assert finished.true_peak_dbtp <= ceiling


@pytest.mark.parametrize("channels", [1, 2])
def test_audiobooks_are_brought_to_an_rms(tmp_path, channels):
    finished, samples = mastered(tmp_path, music(channels=channels), {"rms_dbfs": -20.5}, Limiter(-3.0))
    assert 10 * np.log10(np.mean(np.square(samples))) == pytest.approx(-20.5, abs=0.05)
    assert finished.rms_dbfs == pytest.approx(-20.5, abs=0.05) and np.max(np.abs(samples)) <= 10 ** (-3 / 20)


def test_silence_is_not_brought_to_an_rms(tmp_path):
    finished, samples = mastered(tmp_path, np.zeros((RATE, 2)), {"rms_dbfs": -20.5}, Limiter())
    assert (finished.gain_db, finished.rms_dbfs) == (0, None) and not samples.any()


@pytest.mark.parametrize("target", [-30.0, -14.0, -3.0])
def test_without_a_limiter_the_target_is_a_gain(tmp_path, target):
    finished, samples = mastered(tmp_path, music(), target)
    assert finished.limiter is None
    assert finished.integrated_lufs == pytest.approx(target, abs=0.05)
    expected = music().astype(np.float32).astype(np.float64) * 10 ** (finished.gain_db / 20)
    assert np.array_equal(samples, expected.astype(np.float32))


@pytest.mark.parametrize("gain_db", [0.0, -3.0, 12.0])
def test_without_a_target_the_gain_is_as_given(tmp_path, gain_db):
    finished, samples = mastered(tmp_path, music(), gain_db=gain_db)
    assert finished.gain_db == gain_db
    assert np.allclose(samples, music() * 10 ** (gain_db / 20), atol=1e-6)


def test_without_a_target_the_ceiling_holds(tmp_path):
    finished, samples = mastered(tmp_path, music(), limiter=Limiter(-3.0), gain_db=18.0)
    assert finished.gain_db == 18
    assert -3.5 < finished.true_peak_dbtp <= -3
    assert true_peak(samples) <= -2.9


def test_the_limiter_is_run_once(tmp_path):
    """What exceeds its ceiling between samples is turned down after it."""
    t = np.arange(3 * 48_000) / 48_000
    beat = (0.1 + np.exp(-(t % 0.5) / 0.12))[:, None]
    samples = (
        0.1
        * beat
        * np.column_stack([np.sin(440 * np.pi * t) + np.sin(5_210 * np.pi * t), np.sin(991 * np.pi * t)])
    )
    Counting.runs.clear()
    noise = np.random.default_rng(1).normal(0, 0.3, samples.shape)
    for mix in (samples, noise):
        Counting.runs.clear()
        finished, out = mastered(tmp_path, mix, limiter=Counting(-3.0), gain_db=18.0, rate=48_000)
        assert len(Counting.runs) == 1
        assert finished.limiter.ceiling_db == -3
        assert -3.05 < finished.true_peak_dbtp <= -3
        meter = TruePeak()
        meter.start(48_000, 2)
        meter.feed(out)
        assert meter.true_peak == pytest.approx(finished.true_peak_dbtp, abs=1e-4) and meter.true_peak <= -3
    assert finished.trim_db < -0.01


@pytest.mark.parametrize(
    "level, target, gains", [(1.0, None, [True]), (0.01, None, [False]), (1.0, -20.0, [False, False])]
)
def test_the_plain_mix_is_measured_only_where_it_tells_something(tmp_path, monkeypatch, level, target, gains):
    """Without a target, a mix that is too loud goes to the limiter at once; with one, its loudness gives the gain."""
    limited = []

    def noted(spool, context, gain_db, limiter, *others):
        limited.append(limiter is not None)
        return render(spool, context, gain_db, limiter, *others)

    render = master._render
    monkeypatch.setattr(master, "_render", noted)
    mastered(tmp_path, music(level=level), target, Limiter())
    assert limited[: len(gains)] == gains
    assert target is not None or all(limited) == gains[0]


def test_what_is_right_already_is_left_alone(tmp_path):
    first, samples = mastered(tmp_path, music(), -20.0, Limiter())
    again, same = mastered(tmp_path, samples, -20.0, Limiter())
    assert (again.gain_db, again.limiter) == (0, Limiter())
    assert np.array_equal(same, samples)
    assert first.gain_db != 0


@pytest.mark.parametrize("gain_db", [0.0, -3.7])
def test_a_limiter_under_its_ceiling_is_not_run_as_it_would_change_nothing(tmp_path, gain_db):
    samples, context = music() * 0.5, RenderContext(RATE, 2, len(music()))
    Counting.runs.clear()
    finished, out = mastered(tmp_path, samples, limiter=Counting(), gain_db=gain_db)
    assert finished.limiter == Counting() and not Counting.runs
    limited = list(
        Chain([Gain(gain_db), Limiter()]).process(iter([samples.astype(np.float32).astype(float)]), context)
    )
    assert np.array_equal(out, np.concatenate(limited).astype(np.float32))
    mastered(tmp_path, samples, limiter=Counting(ceiling_db=-20), gain_db=12)
    assert Counting.runs


def test_the_final_effects_make_the_master_of_its_mix_again(tmp_path):
    """With the limiter where it was run, and without it where the master stays below its ceiling by itself."""
    context = RenderContext(RATE, 2, len(music()))
    for gain_db, ceiling_db, limited in ((-12.0, -1.0, False), (12.0, -20.0, True)):
        finished, out = mastered(tmp_path, music(), limiter=Limiter(ceiling_db), gain_db=gain_db)
        assert finished.limited is limited and finished.limiter is not None
        settings = {
            "gain_db": finished.gain_db,
            "limiter": asdict(finished.limiter),
            "limited": finished.limited,
            "trim_db": finished.trim_db,
        }
        effects = final_effects(settings)
        assert any(isinstance(effect, Limiter) for effect in effects) is limited
        blocks = Chain(effects).process(iter([music().astype(np.float32).astype(float)]), context)
        assert np.array_equal(np.concatenate(list(blocks)).astype(np.float32), out)


def test_effects_come_before_loudness(tmp_path):
    plain, _ = mastered(tmp_path, music(), -20.0, Limiter())
    lower, samples = mastered(tmp_path, music(), -20.0, Limiter(), effects=[Gain(-6.0)])
    assert lower.gain_db == pytest.approx(plain.gain_db + 6, abs=0.05)
    assert lower.integrated_lufs == pytest.approx(-20, abs=0.05) and np.max(np.abs(samples)) > 0.1


@dataclass(frozen=True)
class Counting(Limiter):
    runs: ClassVar[list] = []

    def process(self, blocks, context):
        self.runs.append(self)
        return super().process(blocks, context)


def clicks(bed=0.0):
    samples = np.random.default_rng(3).normal(0, bed, (3 * RATE, 2))
    samples[:: RATE // 2] += 0.5
    return samples


def burst():
    """20 ms at full scale in five seconds of noise at -60 dB: limited, it no longer decides the loudness."""
    samples = np.random.default_rng(3).normal(0, 1e-3, (5 * RATE, 2))
    samples[RATE : RATE + RATE // 50] += np.sin(2 * np.pi * 440 * np.arange(RATE // 50) / RATE)[:, None]
    return samples


def two_levels(lower_db):
    samples = np.random.default_rng(3).normal(0, 0.1, (6 * RATE, 2))
    samples[2 * RATE :] *= 10 ** (-lower_db / 20)
    return samples


@pytest.mark.parametrize(
    "samples, target, limiter",
    [
        (two_levels(9), -9.0, Limiter()),  # louder with more gain only after it has become quieter
        (two_levels(11), -9.0, Limiter(true_peak=False)),
        (two_levels(11), -9.0, Limiter(release_ms=1, lookahead_ms=0.1)),
        (burst(), -9.0, Limiter()),
        (burst(), -16.0, Limiter(-6.0, release_ms=2_000)),  # jumps over it
        (clicks(1e-3), -30.0, Limiter()),
        (music(level=1e-4), -30.0, None),  # under -70 LUFS at first
        (music(level=1e-4), -31.0, Limiter()),
        (music(level=0.5, channels=1).clip(-1, 1), -12.2, Limiter(true_peak=False)),
        (two_levels(20), {"rms_dbfs": -13.5}, Limiter()),
        (clicks(1e-3), {"rms_dbfs": -20.5}, Limiter(-3.0)),
    ],
)
def test_what_can_be_reached_is_reached(tmp_path, needs, samples, target, limiter):
    finished, out = mastered(tmp_path, samples, target, limiter)
    assert finished.missed == ""
    integrated, peak = ffmpeg_loudness(needs("ffmpeg"), written(tmp_path / "master.wav", out))
    if isinstance(target, dict):
        assert 10 * np.log10(np.mean(np.square(out))) == pytest.approx(target["rms_dbfs"], abs=0.1)
    else:
        assert integrated == pytest.approx(target, abs=0.15)  # ffmpeg tells tenths
    # Interpolators differ near half the rate.
    assert limiter is None or min(peak, true_peak(out)) <= limiter.ceiling_db + 0.4


@pytest.mark.parametrize(
    "samples, limiter, missed",
    [
        (np.zeros((RATE, 2)), Limiter(), "silent"),
        (music(level=1e-5), Limiter(), "quiet"),
        (music(level=1e-5), None, "quiet"),
        (clicks(), Limiter(), "limiter"),
        (music(0.3, level=1.0), Limiter(-12.0), "limiter"),
        (music(0.3), None, ""),
    ],
)
def test_a_missed_target_has_its_reason(tmp_path, samples, limiter, missed):
    finished, _ = mastered(tmp_path, samples, -14.0, limiter)
    assert finished.missed == missed
    assert (finished.gain_db == 60) == (missed == "quiet")


@pytest.mark.parametrize(
    "samples, target", [(clicks(), -9.0), (music(), -1.0), (np.zeros((RATE, 2)), -14.0), (music(0.3), -14.0)]
)
def test_what_cannot_be_reached_ends_soon_and_sanely(tmp_path, samples, target):
    Counting.runs.clear()
    finished, out = mastered(tmp_path, samples, target, Counting())
    assert len(Counting.runs) <= 20
    assert np.isfinite(out).all() and abs(finished.gain_db) <= 60
    assert finished.true_peak_dbtp is None or finished.true_peak_dbtp <= -1
    if finished.integrated_lufs is None:  # silent: nothing to go by
        assert finished.gain_db == 0 and not Counting.runs
    else:
        # No gain by hand comes much nearer.
        by_hand = [
            mastered(tmp_path, samples, None, Limiter(), gain)[0].integrated_lufs for gain in range(0, 60, 4)
        ]
        assert finished.integrated_lufs > min(target, max(by_hand)) - 0.5


@pytest.mark.parametrize("seconds", [0.05, 0.3])
def test_a_one_shot_is_brought_to_its_target(tmp_path, seconds):
    """The loudness of the 400 ms that it is the beginning of: here its energy, by the K-weighting of 1 kHz."""
    time = np.arange(round(seconds * RATE)) / RATE
    samples = np.tile(0.05 * np.sin(2 * np.pi * 1_000 * time)[:, None], 2)
    finished, out = mastered(tmp_path, samples, -23.0, Limiter())
    expected = 10 * np.log10(np.sum(out**2) / (0.4 * RATE))
    assert finished.integrated_lufs == pytest.approx(-23, abs=0.05) == pytest.approx(expected, abs=0.2)


def test_noise_is_not_made_into_music(tmp_path):
    assert mastered(tmp_path, music(level=0.001), -1.0)[0].gain_db == 60


@pytest.mark.parametrize("size", [4_096, 10_007])
def test_blocks_do_not_matter(tmp_path, monkeypatch, size):
    before, samples = mastered(tmp_path, music(), -12.0, Limiter())
    for module in (stream, reader, _pedalboard):
        monkeypatch.setattr(module, "BLOCK", size)
    monkeypatch.setattr(spool.Spool.blocks, "__defaults__", (size,))
    after, same = mastered(tmp_path, music(), -12.0, Limiter())
    assert np.array_equal(samples, same)
    assert (before.gain_db, before.limiter, before.integrated_lufs) == (
        after.gain_db,
        after.limiter,
        after.integrated_lufs,
    )


MEMORY = """
import resource, sys
import numpy as np
from stemwright.audio import write_audio
from stemwright.music.render_context import RenderContext
from stemwright.effects import Chain
from stemwright.effects.limiter import Limiter
from stemwright.mixing.master import render_master
from stemwright.mixing.faders import Fader, Faders
from stemwright.mixing.sums import mix
from stemwright.music.curve import Curve

folder, minutes = sys.argv[1], int(sys.argv[2])
frames = minutes * 60 * 4_000
block = np.random.default_rng(1).normal(0, 0.1, (60 * 4_000, 1))
options = dict(rate=4_000, channels=1, frames=frames)
write_audio(f"{folder}/stem.wav", (block for _ in range(minutes)), **options)
write_audio(f"{folder}/mix.wav", mix([f"{folder}/stem.wav"] * 3, [Faders([Fader(Curve.of(-6))], 1)] * 3), **options)
context = RenderContext(4_000, 1, frames)
target = {"integrated_lufs": -20.0}
finished = render_master(f"{folder}/mix.wav", Chain([]), context, gain_db=0.0, limiter=Limiter(), target=target)
write_audio(f"{folder}/master.wav", finished.audio.blocks(), **options)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_song(tmp_path):
    """At 4 kHz, a song of 20 minutes has 38 MB of float64, one of 5 has 10 MB."""
    kilobytes = []
    for minutes in ("5", "20"):
        command = [sys.executable, "-c", MEMORY, str(tmp_path), minutes]
        env = {"PYTHONPATH": ":".join(sys.path)}
        kilobytes.append(
            int(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
        )
    assert kilobytes[1] - kilobytes[0] < 8_000


def looped(tmp_path, turn, entries, **keys):
    """The master of a loop, and the same chain on the loop played 16 times over."""
    path, chain = written(tmp_path / "mix.wav", turn, 8_000), Chain.make(entries)
    context = RenderContext(8_000, turn.shape[1], len(turn))
    finished = render_master(path, chain, context, gain_db=0.0, is_loop=True, **keys)
    whole = Chain([*chain.effects, Gain(finished.gain_db), *([finished.limiter] if finished.limited else [])])
    long = RenderContext(8_000, turn.shape[1], 16 * len(turn))
    played = np.concatenate(list(whole.process(iter([np.tile(turn, (16, 1))]), long)))
    return finished, np.concatenate(list(finished.audio.blocks())), played


def test_a_loop_is_mastered_without_a_seam(tmp_path):
    """It is any later turn of the loop, played over and over."""
    turn = music(1.0, rate=8_000)
    reverb = {"reverb": {"room_size": 0.4, "dry_level": 0.7, "wet_level": 0.3}}
    entries, target = [reverb, {"compressor": {"threshold_db": -20, "ratio": 2}}], {"integrated_lufs": -14.0}
    finished, found, played = looped(tmp_path, turn, entries, limiter=Limiter(ceiling_db=-7), target=target)
    assert finished.limited and finished.integrated_lufs == pytest.approx(-14, abs=0.11)
    assert found.shape == turn.shape and true_peak(found) < -6.9
    assert np.abs(found - played[14 * 8_000 : 15 * 8_000]).max() < 1e-5


def test_what_moves_at_another_pace_than_a_loop_has_no_seam(tmp_path):
    """A tremolo of 1.3 Hz on a tone that peaks at the seam: its level would jump there, and is faded."""
    turn = 0.5 * np.cos(2 * np.pi * 50 * np.arange(8_000) / 8_000)[:, None]
    _, found, played = looped(
        tmp_path, turn, [{"tremolo": {"rate_hz": 1.3, "depth": 0.5}}], limiter=None, target=None
    )
    jump = np.abs(np.diff(found, axis=0, prepend=found[-1:]))
    assert abs(played[14 * 8_000 - 1] - played[13 * 8_000]) > 0.1  # the step without a fade
    assert jump[0] <= jump[1:].max() < 0.03


def test_a_loop_that_is_turned_down_after_its_limiter_is_as_long_as_before():
    noise = np.random.default_rng(1).normal(0, 0.3, (RATE, 2))
    finished = master.master_stream(
        lambda: iter([noise]),
        Chain(()),
        RenderContext(RATE, 2, RATE),
        gain_db=0.0,
        limiter=Limiter(-3.0, true_peak=False),
        target={"integrated_lufs": -9.0},
        is_loop=True,
    )
    samples = np.concatenate(list(finished.audio.blocks()))
    assert finished.trim_db < -0.1 and samples.shape == noise.shape
    assert true_peak(np.tile(samples, (3, 1))) < -2.5
