"""Drums: every hit on its frame, the same hits twice, swung and humanised."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from drum_patterns import HUMAN, PEAK_DB, context, make
from pydantic import TypeAdapter, ValidationError

from stemwright import sources
from stemwright.audio import stream
from stemwright.instruments.dsp import overlap_add
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)
from stemwright.sources import drums


def rendered(source, on):
    return np.concatenate(list(sources.render(source, on, None)))


def frames(source, on, piece=None):
    return sorted(frame for frame, name, _ in source.hits(on) if piece in (None, name))


def rounded(seconds, rate=8_000):
    return int((Fraction(seconds) * rate * 2 + 1) // 2)


def onsets(wave):
    """The frames at which sound begins after exact silence."""
    sounding = np.concatenate([[False], wave != 0])
    return np.flatnonzero(sounding[1:] & ~sounding[:-1]).tolist()


# --- when -------------------------------------------------------------------------------------


@pytest.mark.parametrize("bpm", ["97", "123.456", "400/3", "61.7"])
@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_hits_sound_on_the_timelines_frames(bpm, rate):
    on = context([("a", "25 bars")], [(1, bpm, "4/4")], rate)
    wave = rendered(make({"a": {"hat": "x---"}}), on)[:, 0]
    assert onsets(wave) == [rounded(60 * beat / Fraction(bpm), rate) for beat in range(100)]


def test_steps_of_other_lengths():
    sixth = Fraction(1, 3) / 2  # a triplet eighth at 120 BPM, in seconds
    on = context([("a", "1 bar")])
    assert frames(make({"a": {"hat": "xxx"}}, step="1/8t"), on) == [rounded(n * sixth) for n in range(12)]
    assert frames(make({"a": {"hat": "x"}}, step="1/8."), on) == [
        rounded(Fraction(n * 3, 8)) for n in range(6)
    ]


@pytest.mark.parametrize("swing", [0.5, 0.55, 0.66, 0.75])
def test_swing_moves_every_second_step(swing):
    on = context([("a", "4 bars")])
    pair = Fraction(1, 4)  # two sixteenths at 120 BPM, in seconds
    expected = [rounded(n * pair + late) for n in range(32) for late in (0, pair * Fraction(str(swing)))]
    assert frames(make({"a": {"hat": "x"}}, swing=swing), on) == expected


def test_a_tempo_change_within_a_section():
    on = context([("a", "4 bars")], [(1, 120, "4/4"), (2, 60, "3/4"), (3, "400/3", "7/8")])
    beats = [Fraction(n, 2) for n in range(4)] + [Fraction(2) + n for n in range(3)]
    beats += [Fraction(5) + n * Fraction(9, 20) for n in range(7)]
    assert frames(make({"a": {"kick": "x"}}, step="1/4"), on) == [rounded(beat) for beat in beats]


def test_a_pattern_fills_its_section_and_is_cut_at_its_end():
    on = context([("a", "5 beats"), ("b", "3 beats"), ("c", "2 beats")])
    source = make({"a": {"kick": "x-- x--|x-"}, "b": {"hat": "X" + "-" * 40 + "x"}, "*": {"snare": "..x."}})
    sixteenth = 1_000
    # The pattern of eight steps begins anew after eight, and again with its section; a bar does not matter.
    assert frames(source, on, "kick") == [n * sixteenth for n in range(20) if n % 8 in (0, 3, 6)]
    assert frames(source, on, "hat") == [20 * sixteenth]
    assert frames(source, on, "snare") == [34 * sixteenth, 38 * sixteenth]


def test_sections_of_the_same_name_play_the_same():
    on = context([("a", "1 bar"), ("b", "1 bar"), ("a", "1 bar")])
    assert frames(make({"a": {"kick": "x---------------"}}), on) == [0, 32_000]
    first, again = frames(make({"a": {"kick": "x---------------"}}, timing_ms=5.0), on)
    assert again - first != 32_000  # but no one plays the same twice


def test_swing_moves_no_step_out_of_its_section():
    on = context([("a", "5/16"), ("b", "3/16")])  # 5000 and 3000 frames
    source = make({"a": {"hat": "x"}}, step="1/4", swing=0.75)
    assert frames(source, on) == [0]


def test_a_song_without_sections_is_one():
    tempo = TempoMap([TempoChange(1, parse_bpm(120), parse_time_signature("4/4"))])
    line = Timeline.build(8_000, tempo, parse_duration("3 s"), [])
    on = RenderContext(8_000, 1, line.frames, "drums", line)
    assert frames(make({"*": {"kick": "x---"}}), on) == [0, 4_000, 8_000, 12_000, 16_000, 20_000]


def test_a_hit_rings_on_past_its_section():
    wave = rendered(
        make({"a": {"kick": "-" * 15 + "x"}, "b": {"hat": "-"}}), context([("a", "1 bar"), ("b", "1 bar")])
    )
    assert np.max(np.abs(wave[16_000:16_800])) > 0.05


# --- how loud ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sign, velocity", [("X", 1), ("x", 0.8), ("o", 0.45), *((str(n), n / 9) for n in range(1, 10))]
)
def test_velocity_is_squared(sign, velocity):
    wave = rendered(make({"a": {"snare": sign + "-" * 15}}), context())
    expected = (round(velocity * 127) / 127) ** 2 * 10 ** (PEAK_DB["snare"] / 20)
    assert np.max(np.abs(wave)) == pytest.approx(expected)


def test_levels_and_places():
    wave = rendered(make({"a": {"hat": "X---------------"}}, levels_db={"hat": -6.0}), context(channels=2))
    left, right = np.max(np.abs(wave), axis=0)
    assert right == pytest.approx(10 ** ((-14 - 6) / 20))
    assert left / right == pytest.approx(np.cos(0.3 * np.pi / 2))


def test_hits_add_up():
    on = context(channels=2)
    steps = {"kick": "x---x---", "open_hat": "--x-xx--", "crash": "x-------", "tom_low": "--xxx---"}
    both = rendered(make({"a": steps}), on)
    apart = [rendered(make({"a": {piece: steps[piece]}}), on) for piece in steps]
    assert np.allclose(both, sum(apart), atol=1e-12)


# --- hats that end each other -----------------------------------------------------------------


def test_a_closed_hat_ends_an_open_one():
    """From the closed hat's frame on, the open one fades within 12 ms; until then it is untouched."""
    on = context(rate=48_000)
    alone = rendered(make({"a": {"open_hat": "x---------------"}}), on)[:, 0]
    closed = rendered(make({"a": {"hat": "--x-------------"}}), on)[:, 0]
    both = rendered(make({"a": {"open_hat": "x---------------", "hat": "--x-------------"}}), on)[:, 0]
    at, fade = 12_000, 576
    assert np.max(np.abs(alone[at : at + 4_800])) > 0.05 * np.max(np.abs(alone))  # it would have rung on
    ended = both - closed
    assert np.array_equal(ended[:at], alone[:at])
    falling = np.cos(np.pi / 2 * (np.arange(fade) + 0.5) / fade) ** 2
    assert ended[at : at + fade] == pytest.approx(alone[at : at + fade] * falling, abs=1e-12)
    assert not ended[at + fade :].any()


def test_an_open_hat_ends_a_closed_one():
    on = context(rate=48_000, changes=((1, 300, "4/4"),))  # a sixteenth is 50 ms, a closed hat 140 ms
    closed = rendered(make({"a": {"hat": "x---------------"}}), on)[:, 0]
    opened = rendered(make({"a": {"open_hat": "-x--------------"}}), on)[:, 0]
    both = rendered(make({"a": {"hat": "x---------------", "open_hat": "-x--------------"}}), on)[:, 0]
    assert np.array_equal((both - opened)[:2_400], closed[:2_400])
    assert not (both - opened)[2_400 + 576 :].any() and closed[2_400 + 576 :].any()


@pytest.mark.parametrize("other", ["open_hat", "kick", "ride"])
def test_nothing_else_ends_an_open_hat(other):
    on = context(rate=8_000)
    steps = {"open_hat": "x-------x-------", "other": "--x-------------"}
    if other == "open_hat":  # struck again, it goes on ringing
        once, again = (rendered(make({"a": {"open_hat": s}}), on) for s in ("x" + "-" * 15, "--x" + "-" * 13))
        assert np.allclose(
            rendered(make({"a": {"open_hat": "x-x" + "-" * 13}}), on), once + again, atol=1e-12
        )
        return
    apart = [
        rendered(make({"a": {p: s}}), on)
        for p, s in (("open_hat", steps["open_hat"]), (other, steps["other"]))
    ]
    both = rendered(make({"a": {"open_hat": steps["open_hat"], other: steps["other"]}}), on)
    assert np.allclose(both, sum(apart), atol=1e-12)


def test_of_two_hats_at_once_neither_ends_the_other():
    on = context(rate=8_000)
    apart = [rendered(make({"a": {piece: "x---------------"}}), on) for piece in ("hat", "open_hat")]
    both = rendered(make({"a": {"hat": "x---------------", "open_hat": "x---------------"}}), on)
    assert np.allclose(both, sum(apart), atol=1e-12)


def test_the_first_of_several_closed_hats_ends_the_open_one():
    on = context(rate=8_000)
    closed = rendered(make({"a": {"hat": "-xxxxxxx--------"}}), on)
    both = rendered(make({"a": {"open_hat": "x---------------", "hat": "-xxxxxxx--------"}}), on)
    assert (both - closed)[:1_000].any() and not (both - closed)[1_000 + 96 :].any()


# --- humanising -------------------------------------------------------------------------------

LONG = [("a", "100 bars"), ("b", "4 bars")]


def test_humanising_is_as_wide_as_asked():
    on = context(LONG, rate=48_000)
    hits = sorted(make({"a": {"hat": "x"}}, **HUMAN).hits(on))
    late = [(frame - n * 6_000) / 48 for n, (frame, _, _) in enumerate(hits)]  # ms; in order, 125 ms apart
    assert len(late) == 1_600 and max(map(abs, late[1:])) <= 15.02
    assert statistics.stdev(late) == pytest.approx(5, rel=0.1)
    assert statistics.mean(late) == pytest.approx(0, abs=0.5)
    assert statistics.stdev(velocity for _, _, velocity in hits) == pytest.approx(0.08, rel=0.1)
    assert min(frame for frame, _, _ in hits) >= 0


def test_humanising_is_the_same_twice_and_hangs_on_the_stem():
    source = make({"*": {"kick": "x---", "hat": "x"}}, **HUMAN)
    on, other = context(channels=2), context(channels=2, seed="percussion")
    assert rendered(source, on).tobytes() == rendered(source, on).tobytes()
    assert sorted(source.hits(on)) != sorted(source.hits(other))
    seeded = make({"*": {"kick": "x---", "hat": "x"}}, seed=7, **HUMAN)
    assert sorted(seeded.hits(on)) == sorted(seeded.hits(other)) != sorted(source.hits(on))


def test_the_seed_chooses_the_takes_of_the_kit():
    """One-shots of one pattern differ by their seeds, whatever their stems are called."""
    hit, kit = {"*": {"snare": "x---"}}, {"drum_kit": {}}
    by_stem = [rendered(make(hit, seed=7, kit=kit), context(seed=stem)) for stem in ("one", "two")]
    assert np.array_equal(*by_stem)
    takes = {rendered(make(hit, seed=seed, kit=kit), context()).tobytes() for seed in range(8)}
    assert len(takes) > 2


def test_humanising_is_the_same_in_another_process():
    code = """if True:
        from drum_patterns import HUMAN, context, make
        print(sorted(make({"a": {"kick": "x---", "hat": "x"}}, **HUMAN).hits(context(rate=48_000))))
    """
    told = []
    for hash_seed in ("1", "2"):
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": hash_seed}
        told.append(
            subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True).stdout
        )
    assert told[0] == told[1] and told[0].count(b"kick") == 4


def test_what_is_edited_elsewhere_moves_no_hit():
    on = context([("a", "1 bar"), ("b", "1 bar")])
    before = sorted(make({"a": {"kick": "x---"}, "b": {"kick": "x-x-", "hat": "x"}}, **HUMAN).hits(on))
    after = sorted(
        make({"a": {"kick": "xxxx", "clap": "x"}, "b": {"kick": "x-xx", "hat": "x"}}, **HUMAN).hits(on)
    )
    assert set(before) < set(after)


def test_humanised_hits_stay_in_the_song():
    for seed in range(30):
        hits = make({"a": {"hat": "x"}}, timing_ms=30.0, seed=seed).hits(context(rate=48_000))
        assert all(0 <= frame < 96_000 for frame, _, _ in hits)


# --- blocks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [100, 777, 16_000])
def test_blocks_do_not_matter(monkeypatch, size):
    source = make({"*": {"kick": "x--x", "snare": "--X-", "open_hat": "oxo1"}}, swing=0.6, **HUMAN)
    on = context([("a", "2 bars")], channels=2)
    before = rendered(source, on)
    for module in (overlap_add, stream):
        monkeypatch.setattr(module, "BLOCK", size)
    assert np.array_equal(rendered(source, on), before)


# --- what is written --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys, told",
    [
        ({"patterns": {"a": {"kick": "x-?-"}}}, r"step 3 must be x \(hit\)"),
        ({"patterns": {"a": {"kick": "0"}}}, "step 1 must be x"),
        ({"patterns": {"a": {"kick": " | "}}}, "must have at least one step"),
        (
            {"patterns": {"a": {"gong": "x"}}},
            "must be a piece of the kit: kick, rim, snare, clap, hat, pedal_hat, open_hat, tom_low",
        ),
        ({"patterns": {"a": {"kick": "x"}}, "step": "1 bar"}, "must be a note length such as 1/16"),
        ({"patterns": {"a": {"kick": "x"}}, "step": "0/4"}, "must be a note length such as 1/16"),
        ({"patterns": {}}, "at least 1"),
    ],
)
def test_mistakes(keys, told):
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(drums.Drums).validate_python(keys)


def test_sections_it_names():
    source = make({"*": {"kick": "x"}, "a": {"kick": "x"}})
    assert source.sections() == [(("patterns", "a"), "a")]
    assert source.needs_timeline
