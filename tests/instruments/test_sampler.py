"""The sampler: which file plays a note, at what pitch and level, for how long; and what is wrong with folders."""

import os

import numpy as np
import pytest
import soundfile as sf
from pydantic import TypeAdapter, ValidationError

from stemwright.base.errors import StemwrightError
from stemwright.instruments import Note
from stemwright.instruments.sampler import Sampler
from stemwright.music.pitch import frequency, parse_note
from stemwright.music.render_context import RenderContext


def sine(hertz, rate, seconds=2.0, level=0.5):
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def save(folder, name, samples, rate=48_000, subtype="FLOAT"):
    folder.mkdir(exist_ok=True)
    sf.write(folder / name, samples, rate, subtype=subtype)


def on(folder, rate=48_000, channels=1, seconds=4):
    names = sorted(os.listdir(folder))
    return RenderContext(
        rate, channels, round(seconds * rate), files={f"folder.{n}": str(folder / n) for n in names}
    )


def note(pitch, frame=0, frames=48_000, velocity=1.0):
    return Note(frame, frames, float(parse_note(pitch) if isinstance(pitch, str) else pitch), velocity)


def played(folder, *notes, context=None, **keys):
    return np.concatenate(list(Sampler("input", **keys).play(notes, context or on(folder))))


def hertz_of(wave, rate, near):
    """The frequency of a steady tone near to one: the turn of its phase between two windows (needs no bins)."""
    n = np.arange(len(wave))
    turning = wave * np.exp(-2j * np.pi * near * n / rate)
    size, apart = len(wave) // 4, len(wave) // 2
    a, b = (np.sum(turning[at : at + size] * np.hanning(size)) for at in (0, apart))
    return near + np.angle(b * np.conj(a)) / (2 * np.pi) * rate / apart


@pytest.mark.parametrize(
    "rate, file_rate", [(48_000, 48_000), (48_000, 44_100), (44_100, 96_000), (8_000, 22_050)]
)
@pytest.mark.parametrize("pitch", [57, 58, 60, 45, 33.37, 69])
def test_tuned_to_a_hundredth_of_a_cent(tmp_path, rate, file_rate, pitch):
    save(tmp_path / "s", "x_A3.wav", sine(220, file_rate, 6), file_rate)
    wave = played(tmp_path / "s", note(pitch, frames=rate), context=on(tmp_path / "s", rate))[:, 0]
    expected = frequency(pitch)
    found = hertz_of(wave[rate // 10 : rate * 9 // 10], rate, expected * 1.0003)
    assert abs(1200 * np.log2(found / expected)) < 0.01


def test_what_would_lie_above_half_the_sample_rate_is_gone(tmp_path):
    save(tmp_path / "s", "C4.wav", sine(15_000, 48_000) + sine(1_000, 48_000))
    wave = played(tmp_path / "s", note("C5"))[:, 0]
    steady = wave[4_800:43_200] * np.blackman(38_400)
    level = np.abs(np.fft.rfft(steady)) / (38_400 * 0.42 / 2)
    tone = round(2_000 * 38_400 / 48_000)
    assert level[tone] == pytest.approx(0.5, rel=1e-3)
    level[tone - 4 : tone + 5] = 0
    assert 20 * np.log10(level.max() / 0.5) < -100


def test_the_nearest_file_plays_and_of_two_as_near_the_lower(tmp_path):
    """Each file's level tells which one is heard."""
    for name, level in (("C3", 0.1), ("E3", 0.2), ("C5", 0.4)):
        save(tmp_path / "s", f"{name}.wav", sine(frequency(parse_note(name)), 48_000, level=level))
    expected = {"C1": 0.1, "C#3": 0.1, "D3": 0.1, "D#3": 0.2, "E3": 0.2, "D4": 0.2, "D#4": 0.4, "C7": 0.4}
    for pitch, level in expected.items():
        assert np.max(np.abs(played(tmp_path / "s", note(pitch, frames=9_600)))) == pytest.approx(
            level, rel=0.01
        )


def test_layers_by_velocity(tmp_path):
    for layer, level in ((1, 0.1), (2, 0.2), (10, 0.4)):  # by number, not by letters
        save(tmp_path / "s", f"C3_v{layer}.wav", sine(131, 48_000, level=level))

    def peak(velocity, **keys):
        return np.max(
            np.abs(played(tmp_path / "s", note("C3", frames=9_600, velocity=velocity / 127), **keys))
        )

    thirds = 127 / 3
    for velocity, level, top in (
        (1, 0.1, thirds),
        (42, 0.1, thirds),
        (43, 0.2, 2 * thirds),
        (84, 0.2, 2 * thirds),
    ):
        assert peak(velocity) == pytest.approx(level * (velocity / top) ** 2, rel=0.01)
    assert peak(127) == pytest.approx(0.4, rel=0.01)
    for velocity, level, top in ((40, 0.1, 40), (41, 0.2, 100), (100, 0.2, 100), (101, 0.4, 127)):
        expected = level * (velocity / top) ** 2
        assert peak(velocity, layers=[40, 100, 127]) == pytest.approx(expected, rel=0.01)


def test_dynamics_are_layers(tmp_path):
    """Equal strokes sound equal, and a hard one is the file that was played hard."""
    for name, level in (("Piano.pp.C4", 0.1), ("Piano.mezzo-forte.C4", 0.2), ("Piano.FF.C4", 0.4)):
        save(tmp_path / "s", f"{name}.wav", sine(262, 48_000, level=level))
    for velocity, level, top in ((0.3, 0.1, 1 / 3), (0.6, 0.2, 2 / 3), (1.0, 0.4, 1)):
        twice = played(
            tmp_path / "s", *(note("C4", frame, 9_600, velocity) for frame in (0, 48_000)), context=None
        )[:, 0]
        assert np.array_equal(twice[:20_000], twice[48_000:68_000])
        assert np.max(np.abs(twice)) == pytest.approx(level * (velocity / top) ** 2, rel=0.01)


def test_takes_in_turn_for_each_note_recorded(tmp_path):
    for name, level in (("C3-1", 0.1), ("C3-2", 0.2), ("C3-3", 0.3), ("C5-1", 0.5), ("C5-2", 0.6)):
        save(tmp_path / "s", f"{name}.wav", sine(400, 48_000, level=level))
    pitches = ["C3", "C3", "C5", "D3", "C3", "C5", "C3", "C5"]
    notes = [note(pitch, index * 24_000, 9_600) for index, pitch in enumerate(pitches)]
    wave = played(tmp_path / "s", *notes)[:, 0]
    peaks = [np.max(np.abs(wave[n.frame : n.frame + 12_000])) for n in notes]
    assert peaks == pytest.approx([0.1, 0.2, 0.5, 0.3, 0.1, 0.6, 0.2, 0.5], rel=0.01)
    assert np.array_equal(wave, played(tmp_path / "s", *notes)[:, 0])


def test_an_exact_loop_goes_on_as_if_recorded(tmp_path):
    """A second of a sine, looped over whole periods, is a sine for three seconds."""
    save(tmp_path / "s", "A3.wav", sine(220, 44_000, 1.0), 44_000)
    context = on(tmp_path / "s", 44_000)
    wave = played(
        tmp_path / "s", note("A3", frames=3 * 44_000), context=context, loops={"A3.wav": [20_000, 40_000]}
    )[:, 0]
    assert wave[100 : 3 * 44_000] == pytest.approx(sine(220, 44_000, 3)[100:], abs=1e-5)
    assert wave[-1] == 0 and not wave[3 * 44_000 + 5_280 :].any()


def test_a_loop_that_does_not_meet_does_not_click(tmp_path):
    ramped = sine(220, 48_000, 1.0) + np.linspace(0, 0.4, 48_000)
    save(tmp_path / "s", "A3.wav", ramped)
    wave = played(tmp_path / "s", note("A3", frames=96_000), loops={"A3.wav": [10_010, 40_000]})[:, 0]
    assert abs(ramped[10_010] - ramped[39_999]) > 0.2
    assert np.max(np.abs(np.diff(wave))) < 2 * np.max(np.abs(np.diff(ramped))) < 0.03
    assert wave[60_000:90_000].std() > 0.1


def test_a_held_note_ends_in_its_release(tmp_path):
    save(tmp_path / "s", "C3.wav", np.full(48_000, 0.5))
    wave = played(tmp_path / "s", note("C3", 1_000, 10_000), release_ms=100)[:, 0]
    assert not wave[:1_000].any() and wave[1_024:11_000] == pytest.approx(0.5)
    falling = 0.5 * np.cos(np.pi / 2 * (np.arange(4_800) + 0.5) / 4_800) ** 2
    assert wave[11_000:15_560] == pytest.approx(falling[:-240], abs=1e-6)
    assert not wave[15_800:].any()


def test_a_one_shot_plays_to_its_end(tmp_path):
    save(tmp_path / "s", "hit_C3.wav", np.full(20_000, 0.5))
    wave = played(tmp_path / "s", note("C3", 500, 10), note("C4", 60_000, 10), one_shot=True)[:, 0]
    assert wave[524:20_260] == pytest.approx(0.5) and not wave[20_500:60_000].any()
    assert np.flatnonzero(wave[60_000:])[-1] == 9_999  # an octave up, half as long


@pytest.mark.parametrize("keys", [{}, {"one_shot": True}, {"loops": {"C3.wav": [3_000, 9_000]}}])
@pytest.mark.parametrize("pitch", ["C3", "G3"])
def test_notes_begin_and_end_in_silence(tmp_path, keys, pitch):
    save(tmp_path / "s", "C3.wav", np.full(9_600, 0.9))
    wave = played(tmp_path / "s", note(pitch, 100, 30_000), **keys)[:, 0]
    sounding = np.flatnonzero(wave)
    assert sounding[0] == 100
    assert np.max(np.abs(wave[100:104])) < 0.1 and np.max(np.abs(np.diff(wave))) < 0.07
    assert np.max(np.abs(wave[100:148])) > 0.8  # and yet at once


@pytest.mark.parametrize("recorded, channels, expected", [(1, 1, [0.5]), (1, 2, [0.5, 0.5]), (2, 1, [0.375])])
def test_channels(tmp_path, recorded, channels, expected):
    save(tmp_path / "s", "C3.wav", np.full((48_000, recorded), [0.5, 0.25][:recorded]))
    wave = played(tmp_path / "s", note("C3"), context=on(tmp_path / "s", channels=channels))
    assert wave[24_000] == pytest.approx(expected)


def test_only_what_is_played_is_read(tmp_path):
    save(tmp_path / "s", "C3.wav", sine(131, 48_000))
    (tmp_path / "s" / "C6.wav").write_text("no audio")
    assert played(tmp_path / "s", note("C3")).any()
    with pytest.raises(StemwrightError, match=r"C6.wav: is not WAV"):
        played(tmp_path / "s", note("C6"))


def test_files_that_cannot_be_played(tmp_path):
    save(tmp_path / "s", "C3.wav", sine(131, 48_000))
    whole = (tmp_path / "s" / "C3.wav").read_bytes()
    with pytest.raises(StemwrightError, match=r"C3.wav: has 96,000 frames; the loop ends at 96,001"):
        played(tmp_path / "s", note("C3"), loops={"C3.wav": [0, 96_001]})
    with pytest.raises(
        StemwrightError, match=r"MIDI note 97 is 49 semitones from the nearest recording, C3.wav"
    ):
        played(tmp_path / "s", note("C#7"))
    (tmp_path / "s" / "C3.wav").write_bytes(whole[:-1_000])
    with pytest.raises(StemwrightError, match=r"C3.wav"):
        played(tmp_path / "s", note("C3"))
    save(tmp_path / "s", "C3.wav", np.zeros(121 * 8_000), 8_000)
    with pytest.raises(StemwrightError, match=r"C3.wav: is 121 s long, a one-shot at most 120 s"):
        played(tmp_path / "s", note("C3"), one_shot=True)
    save(tmp_path / "s", "C3.wav", np.where(np.arange(8_000) == 100, np.nan, 0.1), 8_000)
    with pytest.raises(StemwrightError, match=r"C3.wav: sample 100 is not a finite number. Export it again"):
        played(tmp_path / "s", note("C3"))


@pytest.mark.parametrize(
    "keys, told",
    [
        ({"layers": [100, 40, 127]}, "layers must rise, to 127"),
        ({"layers": [40, 100]}, "layers must rise, to 127"),
        ({"layers": []}, "layers must rise, to 127"),
        ({"loops": {"a.wav": [100, 100]}}, "must end after it starts"),
        ({"loops": {"a.wav": [100]}}, "at least 2"),
        ({"loops": {"a.wav": [-1, 100]}}, "greater than or equal to 0"),
        ({"one_shot": True, "loops": {"a.wav": [0, 100]}}, "cannot have loops"),
        ({"roots": {"a.wav": "H3"}}, "must be a note such as A4"),
        ({"release_ms": 0}, "greater than or equal to 1"),
    ],
)
def test_mistakes_in_keys(keys, told):
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(Sampler).validate_python({"folder": "s", **keys})


def test_mistakes_in_a_folder(tmp_path):
    def told(folder, **keys):
        return list(Sampler(str(folder), **keys).problems(None))

    save(tmp_path / "s", "C3_v1.wav", [0.0])
    save(tmp_path / "s", "C3_v2.wav", [0.0])
    (tmp_path / "s" / "._C4.wav").write_text("a Mac's")
    (tmp_path / "s" / "notes.txt").write_text("no sound")
    assert told(tmp_path / "s") == [] == told(tmp_path / "s", layers=[60, 127])
    assert [path for _, path in Sampler(str(tmp_path / "s")).input_files()] == [
        str(tmp_path / "s" / name) for name in ("C3_v1.wav", "C3_v2.wav")
    ]
    (((where, message)),) = told(tmp_path / "s", layers=[127])
    assert where == ("layers",) and "2 at MIDI note 48, such as C3_v1.wav (is 1)" in message
    ((where, message),) = told(tmp_path / "s", loops={"C3_v3.wav": [0, 9]})
    assert where == ("loops", "C3_v3.wav") and "did you mean C3_v2.wav" in message
    save(tmp_path / "s", "kick.wav", [0.0])
    ((where, message),) = told(tmp_path / "s")
    assert where == ("folder",) and message == "kick.wav: no note such as C3 in the name; give it in roots"
    assert told(tmp_path / "s", roots={"kick.wav": "C1"}) == []
    save(tmp_path / "t", "Cello_C2_f1.wav", [0.0])
    assert told(tmp_path / "t", roots={"Cello_C2_f1.wav": "C2"}) == []
    save(tmp_path / "t", "Pad_D2_pp-ff.wav", [0.0])
    save(tmp_path / "t", "Pad_E2_ff_v2.wav", [0.0])
    for name in ("F2.wav", "F2_ff.wav", "G2_v1.wav", "G2_ff.wav"):
        save(tmp_path / "t", name, [0.0])
    assert [message.split(":")[0] + message.split(":")[1] for _, message in told(tmp_path / "t")] == [
        "Cello_C2_f1.wav its note may be C2 or f1; give it in roots",
        "Pad_D2_pp-ff.wav its layer may be pp or ff; rename the file",
        "Pad_E2_ff_v2.wav its layer may be v2 or ff; rename the file",
        "F2.wav, F2_ff.wav which is softer is not known",
        "G2_ff.wav, G2_v1.wav which is softer is not known",
    ]
    (tmp_path / "empty").mkdir()
    assert "has no .wav, .aif" in told(tmp_path / "empty")[0][1]
    assert "there is no such folder" in told(tmp_path / "none")[0][1]
    assert "there is no such folder" in told("a\0b")[0][1]


def test_the_folder_may_be_below_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    save(tmp_path / "s", "C3.wav", [0.0])
    assert Sampler("~/s").input_files() == [(("folder", "C3.wav"), "~/s/C3.wav")]
