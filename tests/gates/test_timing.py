"""Onsets, grid and tempo: against click and drum tracks whose times are known, from 60 to 200 BPM."""

from __future__ import annotations

import re
from dataclasses import asdict
from fractions import Fraction

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.measure.grid import drift, f_measure
from stemwright.measure.onsets import Onsets
from stemwright.measure.tempo import tempo
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import TempoChange, TempoMap, Timeline, TimeSignature, parse_duration
from stemwright.sources.drums import Drums

RATE = 48_000
ROCK = {"kick": "x---x---x---x---", "snare": "----x-------x---", "hat": "x-x-x-x-x-x-x-x-"}
FUNK = {"kick": "X--x--x---x--x--", "snare": "----X--o-o--X--o", "hat": "xoxoxoxoxoxoxoxo"}
FLOOR = {"kick": "x---"}
TEMPI = (60, 75, 90, 112, 120, 140, 174, 200)


def timeline(bpm, bars=8, changes=(), rate=RATE, meter="4/4"):
    meter = TimeSignature(*map(int, meter.split("/")))
    tempo = [TempoChange(1, Fraction(str(bpm)), meter)]
    tempo += [TempoChange(bar, Fraction(str(later)), meter) for bar, later in changes]
    return Timeline.build(rate, TempoMap(tempo), parse_duration(f"{bars} bars"), [])


def drummed(grid, seed="drums", **keys):
    """(samples, facts) of a drum stem."""
    keys = {"patterns": {"*": ROCK}, **keys}
    drums = Drums(**keys)
    samples = np.concatenate(list(drums.render(RenderContext(grid.rate, 1, grid.frames, seed, grid))))
    source = {"drums": asdict(drums)}
    return samples, {"timeline": grid.to_dict(), "source": source, "seed": seed, "sections": []}


def clicked(times, seconds, rate=RATE, levels=None):
    """Short bursts of noise that begin at `times` in seconds."""
    rng = np.random.default_rng(1)
    samples = np.zeros((round(seconds * rate), 1))
    burst = np.exp(-np.arange(round(0.04 * rate)) / (0.008 * rate))[:, None]
    for index, at in enumerate(times):
        frame = round(at * rate)
        part = samples[frame : frame + len(burst)]
        level = 0.3 if levels is None else levels[index]
        part += level * (burst * rng.uniform(-1, 1, (len(burst), 1)))[: len(part)]
    return samples


def beats(bpm, count, step=1.0):
    return np.arange(count) * step * 60 / bpm


def measured(samples, rate=RATE, block=1 << 16):
    meter = Onsets()
    meter.start(rate, samples.shape[1])
    for start in range(0, len(samples), block):
        meter.feed(samples[start : start + block])
    return meter


@pytest.fixture
def judged(tmp_path):
    """Checks, by name, of samples by one of the two gates."""

    def judge(gate, samples, facts, kind="stem", **limits):
        path = tmp_path / "a.wav"
        sf.write(path, samples, RATE, "FLOAT")
        subject = Subject(str(path), kind, {}, {"grid": facts} if facts else {})
        return {check.id: check for check in verify(subject, make({gate: limits})).checks}

    return judge


def statuses(checks):
    return [check.status for check in checks.values()]


# --- onsets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("bpm", TEMPI)
def test_clicks_are_placed_to_two_milliseconds(rate, bpm):
    rng = np.random.default_rng(bpm)
    times = np.sort(beats(bpm, 24, 0.5) + 0.1 + rng.normal(0, 0.008, 24))
    found = measured(clicked(times, times[-1] + 1, rate), rate).seconds
    assert len(found) == 24 and np.max(np.abs(found - times)) < 0.002


@pytest.mark.parametrize("pattern, missed", [(ROCK, 0.15), (FLOOR, 0.0), (FUNK, 0.35)])
@pytest.mark.parametrize("bpm", TEMPI)
def test_drum_hits_are_found_where_they_are(pattern, missed, bpm):
    samples, _ = drummed(timeline(bpm), patterns={"*": pattern})
    context = RenderContext(RATE, 1, len(samples), "drums", timeline(bpm))
    written = np.array(sorted({frame for frame, *_ in Drums(patterns={"*": pattern}).hits(context)})) / RATE
    found = measured(samples).seconds
    late = found - written[np.argmin(np.abs(written[:, None] - found), axis=0)]
    assert np.mean(np.abs(late) < 0.003) >= 0.9 and abs(np.median(late)) < 0.001
    assert 1 - missed <= len(found) / len(written) < 1.05


def test_an_onset_on_the_first_sample():
    assert measured(clicked([0.0, 1.0], 2)).seconds == pytest.approx([0, 1], abs=0.002)


def test_onsets_do_not_hang_on_the_block_size():
    samples, _ = drummed(timeline(133), timing_ms=9.0, patterns={"*": FUNK})
    whole = measured(samples, block=len(samples)).seconds
    for block in (999, 30_000, 1 << 16):
        assert np.array_equal(measured(samples, block=block).seconds, whole)


@pytest.mark.parametrize("samples", [np.zeros((RATE, 2)), np.full((RATE, 1), 0.5), np.zeros((10, 1))])
def test_where_nothing_begins_there_are_no_onsets(samples):
    assert len(measured(samples).seconds) <= 1  # the constant begins


def test_steady_tones_have_no_onsets_and_noise_has_few():
    fade = np.minimum(1, np.arange(5 * RATE) / RATE)[:, None]
    tone = 0.1 * np.sin(2 * np.pi * 220 * np.arange(5 * RATE) / RATE)[:, None]
    assert not np.any(measured(tone * fade).seconds > 0.1)
    noise = 0.1 * np.random.default_rng(0).standard_normal((5 * RATE, 1))
    assert len(measured(noise * fade).seconds) < 20


def test_what_is_not_finite_is_told():
    samples = clicked(beats(120, 10), 6)
    samples[50_000] = np.nan
    meter = measured(samples)
    assert len(meter.seconds) < 10 and not meter.finite


# --- the arithmetic -----------------------------------------------------------------------------


def test_f_measure_by_hand():
    written, level = np.arange(10) * 0.5, np.zeros(10)
    assert f_measure(written, level, written, 0.05)[0] == 1
    assert f_measure(written, level, written + 0.049, 0.05)[0] == 1
    assert f_measure(written, level, written + 0.051, 0.05)[0] == 0
    share, pairs = f_measure(written, level, np.sort([*written[2:], 0.25, 0.75]), 0.05)
    assert share == pytest.approx(2 * 8 / (10 + 10)) and len(pairs) == 8  # 8 hit, 2 missed, 2 more
    assert f_measure(written, level, np.zeros(0), 0.05)[0] == 0
    assert f_measure(np.zeros(0), np.zeros(0), written, 0.05)[0] == 0


def test_written_onsets_that_sound_as_one_are_one():
    share, pairs = f_measure(np.array([0, 0.02, 1]), np.zeros(3), np.array([0.001, 1]), 0.05)
    assert share == 1 and pairs.tolist() == [[0, 0.001], [1, 1]]


def test_what_is_masked_may_be_missed_and_may_be_found():
    written, levels = np.array([0, 0.1, 1]), np.array([0.0, -10, 0])
    assert f_measure(written, levels, np.array([0, 1]), 0.05)[0] == 1
    assert f_measure(written, levels, np.array([0, 0.1, 1]), 0.05)[0] == 1
    assert f_measure(written, np.zeros(3), np.array([0, 1]), 0.05)[0] == pytest.approx(0.8)


def test_drift_with_outliers():
    seconds = np.arange(200.0)
    offsets = 3 + 0.1 * seconds
    offsets[::17] += 40
    slope, error = drift(seconds, offsets)
    assert slope == pytest.approx(6) and error < 1e-6
    noisy = np.random.default_rng(0).normal(0, 5, 200)
    slope, error = drift(seconds, noisy)
    assert abs(slope) < 4 * error and 0.1 < error < 1


# --- grid: stems that write their onsets ----------------------------------------------------------


@pytest.mark.parametrize("bpm", TEMPI)
@pytest.mark.parametrize(
    "keys",
    [{}, {"swing": 0.66}, {"swing": 0.58, "timing_ms": 15.0}, {"step": "1/8t"}],
    ids=["straight", "swing", "human", "triplets"],
)
def test_drums_as_written_are_on_the_grid(judged, bpm, keys):
    checks = judged("grid", *drummed(timeline(bpm), **keys))
    assert checks["grid.f_measure"].status == checks["grid.offset"].status == "pass"
    assert checks["grid.f_measure"].measured > 0.9 and abs(checks["grid.offset"].measured) < 1
    assert checks["grid.drift"].status in ("pass", "skip")


@pytest.mark.parametrize(
    "ms, status", [(0, "pass"), (9, "pass"), (11, "fail"), (-9, "pass"), (-11, "fail"), (30, "fail")]
)
def test_a_late_or_early_stem(judged, ms, status):
    samples, facts = drummed(timeline(112), swing=0.54, timing_ms=4.0)
    check = judged("grid", np.roll(samples, round(ms / 1000 * RATE), axis=0), facts)["grid.offset"]
    assert check.status == status and check.measured == pytest.approx(ms, abs=0.8)


@pytest.mark.parametrize(
    "ms, status", [(0, "pass"), (4.5, "pass"), (5.5, "fail"), (-5.5, "fail"), (60, "fail")]
)
def test_a_stem_that_drifts(judged, ms, status):
    grid = timeline(120, bars=30)
    _, facts = drummed(grid, patterns={"*": FLOOR})
    times = beats(120, 120) * (1 + ms / 60_000)
    check = judged("grid", clicked(times, 60), facts)["grid.drift"]
    assert check.status == status and check.measured == pytest.approx(ms, abs=0.4)


@pytest.mark.parametrize("every, status", [(0, "pass"), (4, "pass"), (2, "fail"), (1, "fail")])
def test_a_stem_that_misses_hits(judged, every, status):
    """F = 2 (1 - p) / (2 - p) for a share p of missing hits: 0.86 for a quarter, 0.67 for a half."""
    grid = timeline(120)
    _, facts = drummed(grid, patterns={"*": FLOOR})
    times = [t for i, t in enumerate(beats(120, 32)) if not every or i % every]
    assert judged("grid", clicked(times, 16), facts)["grid.f_measure"].status == status


@pytest.mark.parametrize("least, status", [(0.85, "pass"), (0.87, "fail")])
def test_just_inside_and_just_outside_the_limit_of_f(judged, least, status):
    _, facts = drummed(timeline(120), patterns={"*": FLOOR})
    times = [t for i, t in enumerate(beats(120, 32)) if i % 4]  # F = 48/56
    check = judged("grid", clicked(times, 16), facts, f_measure=least)["grid.f_measure"]
    assert check.status == status and check.measured == pytest.approx(48 / 56, abs=1e-3)


@pytest.mark.parametrize("bpm", [90, 120, 174])
def test_a_stem_at_another_tempo(judged, bpm):
    samples, _ = drummed(timeline(bpm * 1.03), patterns={"*": ROCK})
    _, facts = drummed(timeline(bpm))
    assert "fail" in statuses(judged("grid", samples, facts))


def test_a_stem_follows_changes_of_tempo(judged):
    grid = timeline(100, bars=12, changes=[(5, 140), (9, "250/3")])
    assert statuses(judged("grid", *drummed(grid))) == ["pass"] * 3


def test_only_the_sections_in_which_a_stem_sounds(judged):
    grid = Timeline.build(
        RATE, TempoMap([TempoChange(1, Fraction(120), TimeSignature(4, 4))]), None,
        [(name, parse_duration("4 bars"), None) for name in "abab"],
    )  # fmt: skip
    samples, facts = drummed(grid)
    for a, b in grid.spans(["a"]):
        samples[a:b] = 0
    assert judged("grid", samples, facts)["grid.f_measure"].status == "fail"
    assert judged("grid", samples, {**facts, "sections": ["b"]})["grid.f_measure"].measured == 1


# --- grid: recordings -----------------------------------------------------------------------------


@pytest.mark.parametrize("bpm", TEMPI)
@pytest.mark.parametrize("step", [0.25, 1 / 3, 0.5])
def test_a_recording_on_the_grid(judged, bpm, step):
    rng = np.random.default_rng(0)
    count = round(32 / step)
    times = np.sort(np.abs(beats(bpm, count, step) + rng.normal(0, 0.003, count)))
    checks = judged("grid", clicked(times, 32 * 60 / bpm), {"timeline": timeline(bpm).to_dict()}, "reference")
    assert checks["grid.on_grid"].status == checks["grid.offset"].status == "pass"
    assert checks["grid.on_grid"].measured > 0.95 and abs(checks["grid.offset"].measured) < 2


@pytest.mark.parametrize("wrong", [0.97, 1.015, 1.1])
@pytest.mark.parametrize("bpm", [75, 120, 174])
def test_a_recording_at_another_tempo(judged, bpm, wrong):
    facts = {"timeline": timeline(bpm, bars=16).to_dict()}
    times = beats(bpm * wrong, 120, 0.5)
    checks = judged("grid", clicked(times, times[-1] + 1), facts, "reference")
    assert checks["grid.on_grid"].status == "fail" and checks["grid.on_grid"].measured < 0.65


@pytest.mark.parametrize("ms, status", [(9, "pass"), (11, "fail"), (-11, "fail"), (28, "fail")])
def test_a_recording_that_begins_late(judged, ms, status):
    times = beats(112, 64, 0.5) + 1 + ms / 1000
    grid = timeline(60, bars=8).to_dict() | {"tempo": [[1, "112", "4/4"]]}
    check = judged("grid", clicked(times - 1 + 4 * 60 / 112, 40), {"timeline": grid}, "reference")[
        "grid.offset"
    ]
    assert check.status == status and check.measured == pytest.approx(ms, abs=0.8)


def test_swing_is_no_fault_of_a_recording(judged):
    samples, facts = drummed(timeline(112), swing=0.6)
    checks = judged("grid", samples, {"timeline": facts["timeline"]}, "reference")
    assert statuses(checks) == ["pass"] * 3


def test_a_recording_with_changes_of_tempo(judged):
    grid = timeline(100, bars=12, changes=[(5, 140)])
    samples, facts = drummed(grid)
    assert statuses(judged("grid", samples, {"timeline": facts["timeline"]}, "reference")) == ["pass"] * 3
    steady = {"timeline": timeline(100, bars=12).to_dict()}
    assert "fail" in statuses(judged("grid", samples, steady, "reference"))


# --- tempo ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bpm", [*TEMPI, 66.6, 101.5, 187])
@pytest.mark.parametrize("jitter_ms", [0, 5])
def test_tempo_of_clicks(bpm, jitter_ms):
    rng = np.random.default_rng(3)
    times = np.sort(beats(bpm, 64) + rng.normal(0, jitter_ms / 1000 + 1e-9, 64))
    found = tempo(times, np.full(64, 10.0))
    fold = found / bpm
    assert min(abs(fold / f - 1) for f in (0.5, 1, 2)) < 0.002
    assert fold == pytest.approx(1, abs=0.002) or bpm > 160  # a quick pulse is heard at half its tempo


@pytest.mark.parametrize("bpm", TEMPI)
@pytest.mark.parametrize("pattern", [ROCK, FUNK, FLOOR])
def test_tempo_of_drums(judged, bpm, pattern):
    samples, facts = drummed(timeline(bpm, bars=12), swing=0.58, timing_ms=5.0, patterns={"*": pattern})
    check = judged("tempo", samples, facts)["tempo"]
    folded = float(check.measured.split()[0])
    assert folded == pytest.approx(bpm, rel=0.003)
    assert (check.status == "pass") == ("raw" not in check.measured)
    if 90 <= bpm <= 120:
        assert check.status == "pass"


@pytest.mark.parametrize(
    "off, status", [(0, "pass"), (0.9, "pass"), (-0.9, "pass"), (1.1, "fail"), (-1.1, "fail"), (7, "fail")]
)
def test_tempo_limit(judged, off, status):
    times = beats(112 * (1 + off / 100), 64)
    check = judged(
        "tempo", clicked(times, times[-1] + 1), {"timeline": timeline(112).to_dict()}, "reference"
    )["tempo"]
    assert check.status == status
    assert float(check.measured.split()[0]) == pytest.approx(112 * (1 + off / 100), rel=0.001)


@pytest.mark.parametrize(
    "written, fold", [(50, "2"), (200, "1/2"), (66.6667, "3/2"), (150, "2/3"), (300, "1/3"), (33.3333, "3")]
)
def test_folded_tempi_warn_and_say_both(judged, written, fold):
    times = beats(100, 64)
    facts = {"timeline": timeline(written).to_dict()}
    check = judged("tempo", clicked(times, 40), facts, "reference")["tempo"]
    folded, raw, said = re.fullmatch(r"(\S+) \(raw (\S+), (\S+) of it\)", check.measured).groups()
    assert (check.status, said) == ("warn", fold)
    assert (float(folded), float(raw)) == pytest.approx((written, 100), rel=0.001)


def test_each_stretch_of_a_tempo_is_measured_by_itself(judged):
    grid = timeline(100, bars=20, changes=[(9, 120), (17, 90)])
    checks = judged("tempo", *drummed(grid))
    assert list(checks) == ["tempo.bar_1", "tempo.bar_9", "tempo.bar_17"]
    assert statuses(checks) == ["pass"] * 3
    wrong = {"timeline": timeline(100, bars=20, changes=[(9, 130)]).to_dict()}
    assert statuses(judged("tempo", drummed(grid)[0], wrong)) == ["pass", "fail"]


# --- what cannot be measured ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "gate, reason", [("grid", "fewer than 20 were found"), ("tempo", "0 onsets: fewer than 12")]
)
def test_silence_is_skipped_with_a_reason(judged, gate, reason):
    (check,) = judged(gate, np.zeros((RATE, 1)), {"timeline": timeline(120).to_dict()}, "reference").values()
    assert check.status == "skip" and reason in check.reason


def test_a_silent_drum_stem_fails(judged):
    samples, facts = drummed(timeline(120))
    assert judged("grid", 0 * samples, facts)["grid.f_measure"].status == "fail"


def test_a_stem_that_writes_next_to_nothing_is_skipped(judged):
    check = judged("grid", *drummed(timeline(120, bars=1), patterns={"*": FLOOR}))["grid"]
    assert (check.status, check.measured, check.reason) == ("skip", 4, "its source has fewer than 8")


def test_no_pulse_is_no_tempo(judged):
    rng = np.random.default_rng(5)
    facts = {"timeline": timeline(120, bars=16).to_dict()}
    check = judged("tempo", clicked(np.sort(rng.uniform(0, 30, 90)), 31), facts, "reference")["tempo"]
    assert check.status == "skip" and "no steady pulse" in check.reason


@pytest.mark.parametrize("gate", ["grid", "tempo"])
def test_not_finite_is_refused_and_no_timeline_skipped(judged, gate):
    samples, facts = drummed(timeline(120))
    assert statuses(judged(gate, samples, None)) == ["skip"]
    samples[RATE] = np.inf
    (check,) = judged(gate, samples, facts).values()
    assert check.status == "fail" and "not finite" in check.reason
