"""Edits of one recording together: their order, the song's time, other files, fades, and mistakes."""

from __future__ import annotations

import random

import numpy as np
import pytest
import soundfile as sf
import soxr
from rendering import noise, on, rendered, timeline

from stemwright import sources
from stemwright.audio import Spool, reader, stream
from stemwright.audio import edit_list as edit_list_module
from stemwright.base.errors import StemwrightError

S = 8_000
CLIP = noise(4)


@pytest.fixture
def clip(tmp_path):
    sf.write(tmp_path / "clip.wav", CLIP, S, "FLOAT")
    return tmp_path / "clip.wav"


def entry(*edits, **keys):
    return {"audio": {"file": "clip.wav", "edits": list(edits), **keys}}


MANY = [
    {"cut": {"start": "0.5 s", "end": "0.75 s"}},
    {"silence": {"start": "1 s", "end": "1.25 s"}},
    {"reverse": {"start": "1.25 s", "end": "1.5 s", "crossfade": "20 ms"}},
    {"repeat": {"start": "1.75 s", "end": "2 s"}},
    {"gain": {"start": "2 s", "end": "2.25 s", "gain_db": 3.0}},
    {"replace": {"start": "2.5 s", "end": "2.75 s", "by": "0.6 s", "curve": "linear"}},
    {"move": {"start": "3 s", "end": "3.25 s", "to": "3.5 s", "ripple": True}},
    {"fade_out": {"start": "3.75 s", "end": "4 s"}},
]


def test_the_order_of_edits_does_not_matter(clip):
    expected = rendered(entry(*MANY), on(timeline(), file=clip))
    shuffled = random.Random(1).sample(MANY, len(MANY))
    assert shuffled != MANY
    assert np.array_equal(rendered(entry(*shuffled), on(timeline(), file=clip)), expected)


@pytest.mark.parametrize("size", [777, 1_000])
@pytest.mark.parametrize("keys", [{}, {"loop_bars": 3, "start": "0.3 s"}])
def test_blocks_do_not_matter(clip, monkeypatch, size, keys):
    before = rendered(entry(*MANY, **keys), on(timeline(), file=clip))
    for module in (stream, reader, edit_list_module):
        monkeypatch.setattr(module, "BLOCK", size)
    monkeypatch.setattr(Spool.blocks, "__defaults__", (size,))
    assert np.array_equal(rendered(entry(*MANY, **keys), on(timeline(), file=clip)), before)


def test_what_is_edited_is_read_where_it_is(clip, monkeypatch):
    """Nothing is buffered of a file that can be read from anywhere, and blocks stay small."""
    monkeypatch.setattr(edit_list_module, "Spool", None)
    monkeypatch.setattr(edit_list_module, "BLOCK", 1_000)
    monkeypatch.setattr(reader, "BLOCK", 1_000)
    blocks = list(sources.make(entry(*MANY)).render(on(timeline(), file=clip)))
    assert max(map(len, blocks)) <= 1_000


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3", "a.flac"])
def test_formats_that_can_only_be_decoded_from_their_start(tmp_path, name):
    """Edited as the same samples in a WAV are."""
    smooth = np.convolve(CLIP[:, 0], np.hanning(9) / 5, "same")
    sf.write(tmp_path / name, smooth, S)
    whole = rendered({"audio": {"file": name}}, on(timeline(), file=tmp_path / name))[: 4 * S]
    sf.write(tmp_path / "clip.wav", whole, S, "DOUBLE")
    one, other = (rendered(entry(*MANY), on(timeline(), file=tmp_path / each)) for each in (name, "clip.wav"))
    assert np.array_equal(one, other)


@pytest.mark.parametrize("at, start", [("bar 1", "0 s"), ("bar 3 beat 2", "0 s"), ("bar 2", "0.5 s")])
def test_positions_of_the_song_are_those_where_the_recording_stands(clip, at, start):
    """At 120 BPM, a beat is half a second."""
    line, clipped = timeline(bpm=120), {"at": at, "start": start}
    first = {"bar 1": 0, "bar 3 beat 2": 4.5, "bar 2": 2}[at] - float(start.split()[0])
    beats = [
        round(first * 2) + n for n in (2, 4)
    ]  # from the start of the song, of the frames 1 s and 2 s of the file
    bars = [f"bar {1 + n // 4} beat {1 + n % 4}" for n in beats]
    by_song = {"silence": {"start": bars[0], "end": bars[1]}}
    by_file = {"silence": {"start": "1 s", "end": "2 s"}}
    assert sources.make(entry(by_song)).needs_timeline and not sources.make(entry(by_file)).needs_timeline
    one, other = (rendered(entry(each, **clipped), on(line, file=clip)) for each in (by_song, by_file))
    assert np.array_equal(one, other)
    middle = round((first + 1.5) * S)
    assert not one[middle - 3_900 : middle + 3_900].any()


def test_another_take(tmp_path, clip):
    """It counts as recorded beside the first; at another rate and in stereo, it is converted by itself."""
    other = noise(4, 11_025, 2)[::-1].astype(float)
    sf.write(tmp_path / "take.wav", other, 11_025, "DOUBLE")
    edit = {"replace": {"start": "1 s", "end": "2 s", "file": "take.wav", "gain_db": -6.0}}
    files = {"file": clip, "edits.0.replace.file": tmp_path / "take.wav"}
    source = sources.make(entry(edit))
    assert source.modules() == ["stemwright.sources.edits.replace"]
    assert source.input_files() == [(("file",), "clip.wav"), (("edits", 0, "replace", "file"), "take.wav")]
    out = rendered(entry(edit), on(timeline(), **files))[: 4 * S]
    converted = soxr.resample(other.mean(axis=1), 11_025, S, "VHQ")[:, None] * 10 ** (-6 / 20)
    assert out[S + 20 : 2 * S - 20] == pytest.approx(converted[S + 20 : 2 * S - 20], abs=1e-9)
    assert np.array_equal(out[: S - 20], CLIP[: S - 20])
    assert np.array_equal(out[2 * S + 20 :], CLIP[2 * S + 20 :])


def test_a_file_of_another_rate_is_edited_at_its_own(tmp_path):
    sound = noise(4, 11_025)
    sf.write(tmp_path / "clip.wav", sound, 11_025, "FLOAT")
    out = rendered(
        entry({"cut": {"start": "1 s", "end": "2 s", "crossfade": "0 s"}}),
        on(timeline(), file=tmp_path / "clip.wav"),
    )
    expected = soxr.resample(np.delete(sound[:, 0], slice(11_025, 22_050)).astype(float), 11_025, S, "VHQ")
    assert out[: 3 * S, 0] == pytest.approx(expected, abs=1e-9)


def test_length_is_that_of_the_edited_recording(clip):
    edit = {"cut": {"start": "1 s", "end": "2 s"}}
    out = rendered(entry(edit, length="2 s", fade_out="10 ms"), on(timeline(), file=clip))
    assert np.array_equal(out[S + 20 : 2 * S - 80], CLIP[2 * S + 20 : 3 * S - 80])
    assert not out[2 * S :].any()


# --- a declick is never added to an explicit fade ------------------------------------------------


def flat(tmp_path, *edits, **keys):
    sf.write(tmp_path / "flat.wav", np.full((4 * S, 1), 0.5), S, "DOUBLE")
    return rendered(entry(*edits, **keys), on(timeline(), file=tmp_path / "flat.wav"))[:, 0]


@pytest.mark.parametrize("fade", [5, 10, 200])
@pytest.mark.parametrize("keys", [{}, {"loop_bars": 1}])
def test_two_slices_that_overlap_by_their_fades_add_up(tmp_path, fade, keys):
    """Raised cosines add up to 1: there was a dip of 2.7 dB where the fade of a cut was multiplied in."""
    frames, fades = fade * S // 1_000, f"{fade} ms"
    second = (S - frames) / S
    looped = {"loop_length": "1 s", **keys} if keys else {}
    one = flat(tmp_path, start="0.5 s", length="1 s", fade_out=fades, **looped)
    other = flat(tmp_path, start="1 s", length="1 s", fade_in=fades, at=f"{second} s", **looped)
    assert (one + other)[200 : 2 * S - frames - 200] == pytest.approx(0.5, abs=1e-9)


def test_a_part_that_fades_out_is_not_declicked_where_it_is_cut(tmp_path):
    out = flat(
        tmp_path, {"fade_out": {"start": "1 s", "end": "1.1 s"}}, {"cut": {"start": "1.1 s", "end": "2 s"}}
    )
    falling = 0.5 * np.cos(np.pi / 2 * (np.arange(800) + 0.5) / 800) ** 2
    assert out[8_000:8_780] == pytest.approx(falling[:780], abs=1e-12)  # then comes what the cut fades in
    rising = 0.5 * np.sin(np.pi / 2 * (np.arange(40) + 0.5) / 40)
    assert out[8_780:8_820] == pytest.approx(rising + np.append(falling[780:], np.zeros(20)), abs=1e-12)


@pytest.mark.parametrize("edge, kind, keys", [(0, "fade_in", {"start": "1 s"}), (-1, "fade_out", {})])
def test_an_edit_that_fades_at_an_end_of_the_clip(tmp_path, edge, kind, keys):
    span = {"start": "1 s", "end": "1.5 s"} if kind == "fade_in" else {"start": "2.5 s", "end": "3 s"}
    rest = [] if kind == "fade_in" else [{"cut": {"start": "3 s", "end": "4 s"}}]
    out = flat(tmp_path, {kind: span}, *rest, **keys)[: 3 * S]
    fade = 0.5 * np.sin(np.pi / 2 * (np.arange(4_000) + 0.5) / 4_000) ** 2
    found = out[:4_000] if edge == 0 else out[:-4_001:-1]
    assert found == pytest.approx(fade, abs=1e-12)


# --- mistakes ------------------------------------------------------------------------------------


def mistakes(found, *edits, **keys):
    """What is told at planning, where the file is known, or is not yet."""
    context = on(timeline(bpm=120), **found)
    return [
        (".".join(map(str, where)), told)
        for where, told in sources.make(entry(*edits, **keys)).problems(context)
    ]


CUT = {"cut": {"start": "1 s", "end": "2 s"}}
WRONG = {
    "backwards": (
        [{"cut": {"start": "2 s", "end": "1 s"}}],
        "edits.0.cut.end",
        "must come after start, 2 s (is '1 s')",
    ),
    "beyond the end": (
        [{"silence": {"start": "3 s", "end": "5 s"}}],
        "edits.0.silence.end",
        "must not lie beyond the end of the recording at 4.000 s (is '5 s')",
    ),
    "bars beyond the end": (
        [{"gain": {"start": "bar 2", "end": "bar 4", "gain_db": 3.0}}],
        "edits.0.gain.end",
        "must not lie beyond the end of the recording at 4.000 s (is 'bar 4', at 6.000 s)",
    ),
    "no such beat": (
        [{"cut": {"start": "bar 1 beat 9", "end": "bar 2"}}],
        "edits.0.cut.start",
        "bar 1 has 4 beats, no beat 9",
    ),
    "overlap": (
        [{"reverse": {"start": "1.5 s", "end": "2.5 s"}}, CUT],
        "edits.0.reverse",
        "overlaps edits[1].cut (1.000 s to 2.000 s); this one is about 1.500 s to 2.500 s. All positions are those of "
        "the original recording, each part of which can be edited once: shorten one of the two",
    ),
    "moved into another": (
        [CUT, {"move": {"start": "3 s", "end": "3.5 s", "to": "0.75 s"}}],
        "edits.0.cut",
        "overlaps edits[1].move (0.750 s to 1.250 s); this one is about 1.000 s to 2.000 s",
    ),
    "moved into itself": (
        [{"move": {"start": "1 s", "end": "2 s", "to": "1.5 s", "ripple": True}}],
        "edits.0.move.to",
        "must lie outside of 1 s to 2 s, the part that is moved (is '1.5 s')",
    ),
    "too long a crossfade": (
        [{"cut": {"start": "1 s", "end": "2 s", "crossfade": "3 s"}}],
        "edits.0.cut.crossfade",
        "must be at most 1.000 s, the length of the shorter piece that it joins (is '3 s')",
    ),
    "taken from beyond the end": (
        [{"replace": {"start": "1 s", "end": "2 s", "by": "3.5 s"}}],
        "edits.0.replace.by",
        "1.000 s from 3.500 s on are needed, and the file ends at 4.000 s",
    ),
    "too many pieces": (
        [
            {"repeat": {"start": f"{n / 100} s", "end": f"{n / 100 + 0.01} s", "times": 1_000}}
            for n in range(101)
        ],
        "edits",
        "must make at most 100,000 pieces of it (they make 101,000)",
    ),
    "nothing left": ([{"cut": {"start": "0 s", "end": "4 s"}}], "edits", "leave nothing of the recording"),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_are_told_at_planning(clip, name):
    edits, where, told = WRONG[name]
    ((place, message),) = mistakes({"file": clip}, *edits)
    assert place == where and message.startswith(told)


def test_of_a_file_that_is_not_there_yet_its_job_tells(clip):
    edits = WRONG["beyond the end"][0]
    assert mistakes({}, *edits) == []
    with pytest.raises(
        StemwrightError, match=r"clip.wav: edits\[0\].silence.end must not lie beyond the end"
    ):
        rendered(entry(*edits), on(timeline(), file=clip))


def test_a_start_beyond_the_end_is_told_at_planning(clip):
    assert mistakes({"file": clip}, start="4 s") == [("start", "start 4 s is beyond its end (4.000 s)")]
    assert mistakes({"file": clip}, CUT, start="1.5 s") == [
        ("edits.0.cut.start", "must not lie before the start of the recording at 1.500 s (is '1 s')")
    ]


def test_another_take_that_is_too_short(tmp_path, clip):
    sf.write(tmp_path / "take.wav", noise(1.5), S)
    edit = {"replace": {"start": "1 s", "end": "2 s", "file": "take.wav"}}
    files = {"file": clip, "edits.0.replace.file": tmp_path / "take.wav"}
    assert mistakes(files, edit) == [
        ("edits.0.replace.file", "1.000 s from 1.000 s on are needed, and the file ends at 1.500 s")
    ]
    with pytest.raises(ValueError, match="needs by, file, or both"):
        sources.make(entry({"replace": {"start": "1 s", "end": "2 s"}})).problems(on(timeline())).__next__()


@pytest.mark.parametrize("first, second", [((0, 1), (1, 2)), ((1, 2), (2, 3))])
def test_edits_may_touch(clip, first, second):
    spans = [{"start": f"{a} s", "end": f"{b} s"} for a, b in (first, second)]
    assert mistakes({"file": clip}, {"silence": spans[0]}, {"reverse": spans[1]}) == []


def test_what_is_taken_from_a_bar(clip):
    """The place where it is taken from needs the tempo, too."""
    by = {"replace": {"start": "0.5 s", "end": "1 s", "by": "bar 1 beat 4"}}
    out = rendered(entry(by), on(timeline(bpm=120), file=clip))
    assert sources.make(entry(by)).needs_timeline
    assert np.array_equal(out[4_020:7_980], CLIP[12_020:15_980])
    wrong = {"replace": {"start": "0.5 s", "end": "1 s", "by": "bar 1 beat 7"}}
    assert mistakes({"file": clip}, wrong) == [("edits.0.replace.by", "bar 1 has 4 beats, no beat 7")]
