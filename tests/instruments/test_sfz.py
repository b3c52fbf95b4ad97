"""SFZ: which region a note plays, at what pitch, level, place and length; hostile files; what is told."""

import os
import re
import time

import numpy as np
import pytest
import soundfile as sf

from stemwright.base.errors import StemwrightError
from stemwright.instruments import Note
from stemwright.instruments.sfz import Sfz
from stemwright.music.render_context import RenderContext

RATE = 8_000
LEVELS = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}


@pytest.fixture
def bank(tmp_path):
    """A folder of a second of each level: constants, so that envelope and gain can be read off."""
    for name, level in LEVELS.items():
        sf.write(tmp_path / f"{name}.wav", np.full(RATE, level), RATE, "FLOAT")
    return tmp_path


def instrument(folder, text, **files):
    for name, content in {"x.sfz": text, **files}.items():
        (folder / name.replace("__", ".")).write_text(content)
    return Sfz(str(folder / "x.sfz"))


def played(folder, text, *notes, channels=1, seconds=2, seed="sfz"):
    sfz = instrument(folder, text)
    files = {".".join(where): path for where, path in sfz.input_files()}
    context = RenderContext(RATE, channels, seconds * RATE, seed, files=files)
    return np.concatenate(list(sfz.play([Note(*each) for each in notes], context)))


def level(folder, text, key=60, velocity=127, at=2_000, **keys):
    return played(folder, text, (0, RATE, key, velocity / 127), **keys)[at]


def mistakes(folder, text, **files):
    return [message for _, message in instrument(folder, text, **files).problems(RenderContext(RATE, 1, 1))]


# --- which region -----------------------------------------------------------------------------


def test_keys_velocities_and_inheritance(bank):
    text = """
    // a comment <region>sample=d.wav
    <global>pitch_keytrack=0 amp_veltrack=0 /* and
    another */ <group>lokey=c3 hikey=59 sample=a.wav
    <region>hivel=63 <region>lovel=64 sample=b.wav
    <group><region>key=60 sample=c.wav
    """
    expected = {(48, 63): 0.1, (48, 64): 0.2, (59, 127): 0.2, (60, 1): 0.3}
    for (key, velocity), sounds in expected.items():
        assert level(bank, text, key, velocity) == pytest.approx(sounds, rel=1e-6)
    with pytest.raises(StemwrightError, match="no region at MIDI key 61"):
        level(bank, text, 61)


def test_master_ends_with_a_global_and_control_has_a_path_and_offset(bank):
    os.mkdir(bank / "deep")
    sf.write(bank / "deep" / "e.wav", np.full(RATE, 0.5), RATE, "FLOAT")
    text = (
        "<control>default_path=deep\\ note_offset=-12 octave_offset=1\n"
        "<master>volume=-6.0206\n<region>key=60 sample=e.wav"
    )
    assert level(bank, text) == pytest.approx(0.25, rel=1e-4)


def test_layers_of_one_note_add_up(bank):
    text = "<global>key=60<region>sample=a.wav<region>sample=b.wav<region>sample=c.wav"
    assert level(bank, text) == pytest.approx(0.6, rel=1e-6)


def test_round_robins_in_turn_and_random_ones_by_the_seed(bank):
    turns = "<global>key=60 seq_length=3" + "".join(
        f"<region>seq_position={n} sample={name}.wav" for n, name in enumerate("abc", 1)
    )
    notes = [(n * 1_000, 800, 60, 1.0) for n in range(12)]
    wave = played(bank, turns, *notes)[400::1_000, 0][:12]
    assert wave == pytest.approx([0.1, 0.2, 0.3] * 4, rel=1e-6)
    chances = "<global>key=60<region>hirand=0.5 sample=a.wav<region>lorand=0.5 sample=b.wav"
    many = [(n * 100, 30, 60, 1.0) for n in range(150)]
    heard = played(bank, chances, *many)[20::100, 0][:150]
    assert set(np.round(heard, 6)) == {0.1, 0.2} and 50 < np.sum(heard > 0.15) < 100
    assert np.array_equal(heard, played(bank, chances, *many)[20::100, 0][:150])
    assert not np.array_equal(heard, played(bank, chances, *many, seed="other")[20::100, 0][:150])


def test_controllers_and_key_switches_choose_by_their_first_state(bank):
    text = (
        "<control>set_cc4=90<global>key=60 sw_default=24"
        "<region>hicc4=64 sample=a.wav<region>locc4=65 sw_last=24 sample=b.wav<region>sw_last=25 sample=c.wav"
    )
    assert level(bank, text) == pytest.approx(0.2, rel=1e-6)


# --- how it sounds ----------------------------------------------------------------------------


@pytest.mark.parametrize("velocity", [1, 64, 127])
@pytest.mark.parametrize("track", [0, 50, 100, -100])
def test_velocity_tracking(bank, velocity, track):
    squared = (velocity / 127) ** 2
    expected = 0.4 * (1 - track / 100 * (1 - squared) if track >= 0 else 1 - squared)
    found = level(bank, f"<region>sample=d.wav key=60 amp_veltrack={track}", velocity=velocity)
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    "opcodes, key, hertz",
    [
        ("pitch_keycenter=69", 69, 440),
        ("pitch_keycenter=69", 81, 880),
        ("pitch_keycenter=a4 tune=50 transpose=-12", 69, 440 * 2 ** (-11.5 / 12)),
        ("pitch_keycenter=69 pitch_keytrack=0", 40, 440),
        ("", 63, 440 * 2 ** (3 / 12)),  # middle C is the default
    ],
)
def test_pitch(tmp_path, opcodes, key, hertz):
    sf.write(tmp_path / "s.wav", np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE), RATE, "FLOAT")
    wave = played(tmp_path, f"<region>sample=s.wav {opcodes}", (0, RATE, key, 1.0))[500:7_500, 0]
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 18))
    assert np.argmax(spectrum) * RATE / (1 << 18) == pytest.approx(hertz, rel=1e-3)


def test_pan_and_volume(bank):
    left, right = level(bank, "<region>sample=d.wav key=60 pan=-50 volume=-12", channels=2)
    assert left == pytest.approx(0.4 * 10 ** (-12 / 20), rel=1e-5)
    assert right / left == pytest.approx(np.cos(np.pi / 4), rel=1e-6)


def test_stereo_stays_as_recorded(tmp_path):
    sf.write(tmp_path / "s.wav", np.tile([0.3, -0.1], (RATE, 1)), RATE, "FLOAT")
    assert level(tmp_path, "<region>sample=s.wav key=60", channels=2) == pytest.approx([0.3, -0.1])


def test_envelope_against_its_closed_form(bank):
    text = (
        "<region>sample=d.wav key=60 loop_mode=loop_continuous ampeg_attack=0.1 ampeg_decay=0.5 ampeg_sustain=25 "
        "ampeg_release=0.4"
    )
    wave = played(bank, text, (0, RATE, 60, 1.0))[:, 0] / 0.4
    t = np.arange(len(wave)) / RATE
    expected = np.minimum(1, t / 0.1) * np.maximum(0.25, np.exp(-9 * np.maximum(0, t - 0.1) / 0.5))
    expected *= np.exp(-9 * np.maximum(0, t - 1) / 0.4)
    assert wave[50 : RATE + 2_300] == pytest.approx(expected[50 : RATE + 2_300], abs=2e-3)
    assert not wave[round(1.41 * RATE) :].any()


def test_one_shots_offset_and_end(tmp_path):
    sf.write(tmp_path / "s.wav", np.arange(RATE) / RATE, RATE, "FLOAT")
    wave = played(
        tmp_path, "<region>sample=s.wav key=60 loop_mode=one_shot offset=800 end=3199", (0, 10, 60, 1.0)
    )
    assert wave[100:2_300, 0] == pytest.approx(np.arange(900, 3_100) / RATE, abs=1e-6)
    assert not wave[2_400:].any()
    held = played(tmp_path, "<region>sample=s.wav key=60 offset=800", (0, 400, 60, 1.0))
    assert held[380, 0] == pytest.approx(1_180 / RATE) and not held[450:].any()


def test_a_loop_goes_on(tmp_path):
    sf.write(tmp_path / "s.wav", np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE), RATE, "FLOAT")
    text = "<region>sample=s.wav key=60 loop_mode=loop_continuous loop_start=800 loop_end=2399"
    wave = played(tmp_path, text, (0, 2 * RATE, 60, 1.0))[:, 0]
    assert wave[100:15_900] == pytest.approx(
        np.sin(2 * np.pi * 100 * np.arange(100, 15_900) / RATE), abs=1e-5
    )


def test_choke_groups(bank):
    text = (
        "<region>key=46 sample=d.wav group=1 off_by=2 pitch_keytrack=0 loop_mode=one_shot"
        "<region>key=42 sample=a.wav group=2 pitch_keytrack=0 loop_mode=one_shot"
    )
    wave = played(bank, text, (0, 10, 46, 1.0), (4_000, 10, 42, 1.0))[:, 0]
    assert wave[3_900] == pytest.approx(0.4) and wave[4_000 + 200] == pytest.approx(0.1)
    other = played(bank, text, (0, 10, 42, 1.0), (4_000, 10, 46, 1.0))[:, 0]
    assert other[4_200] == pytest.approx(0.5)  # it does not go both ways


# --- includes, definitions and hostile files --------------------------------------------------


def test_includes_and_definitions(bank):
    text = '#define $KEY 60\n#define $KEYS 61\n#include "more.inc"\n<region>key=$KEYS sample=b.wav'
    sfz = instrument(bank, text, more__inc="<region>key=$KEY sample=$NAME.wav\n#define $NAME b")
    assert [m for _, m in sfz.problems(RenderContext(RATE, 1, 1))] == [
        f"{bank / 'x.sfz'}: there is no $NAME.wav in its folder"
    ]
    instrument(bank, "#define $NAME a\n" + text)
    assert level(bank, "#define $NAME a\n" + text) == pytest.approx(0.1, rel=1e-5)
    assert {os.path.basename(path) for _, path in sfz.input_files()} == {
        "x.sfz",
        "more.inc",
        "a.wav",
        "b.wav",
    }
    assert [os.path.basename(path) for path in sfz.recordings()] == ["a.wav", "b.wav"]
    (message,) = mistakes(bank, '#include "more.inc" hello', more__inc="\n\n<region>sample=a.wav")
    assert "x.sfz:1: is no header" in message  # not line 3, the include's


def test_text_in_latin_1(bank):
    (bank / "x.sfz").write_bytes("// café\n<region>sample=a.wav lokey=60 hikey=61".encode("latin-1"))
    assert Sfz(str(bank / "x.sfz")).keys(()) == {60, 61}


@pytest.mark.parametrize(
    "text, told",
    [
        ('#include "x.sfz"', "does a file include itself"),
        ('#include "nothing.sfz"', "cannot be read: No such file"),
        (
            "<region>sample=/etc/passwd",
            r"must be in the SFZ file's folder or the one above it \(is '/etc/passwd'\)",
        ),
        ("<region>sample=../../other/a.wav", "must be in the SFZ file's folder"),
        ("<region>sample=C:\\a.wav", "must be in the SFZ file's folder"),
        ('#include "/etc/passwd"', "must be in the SFZ file's folder"),
        ("<region>sample=a.wav lokey=H4", "x.sfz:1: lokey must be a MIDI key or note"),
        ("\n<region>sample=a.wav volume=loud", "x.sfz:2: volume must be a number from -144 to 48"),
        ("<region>sample=a.wav volume=nan", "volume must be a number"),
        ("<control>set_cc7=loud\n<region>sample=a.wav locc7=1", "x.sfz:2: set_cc7 must be a number"),
        ("<region>sample=a.wav seq_length=1e9", "seq_length must be a number from 1 to 100"),
        ("<region>sample=a.wav loop_mode=forever", "loop_mode must be no_loop, one_shot"),
        ("hello", "x.sfz:1: is no header, opcode or directive"),
        ("volume=3", "volume stands before the first header"),
        ("<region>" * 20_001, "more than 20,000"),
        ("\n".join(["<region>"] * 20_001), "has more than 20,000 regions"),
        ("\n".join(f"#define $A{n} 1" for n in range(2_001)), "more than 2,000 #define"),
        ("<region>" + " ".join(f"a{n}=1" for n in range(301)), "more than 300 opcodes"),
        ("#define $A " + "9" * 900 + "\n<region>tune=" + "$A" * 100, "more than 20,000 characters"),
        ("#define $A " + "9" * 1_001, "is no header, opcode or directive"),
        ("#define $A " + "9" * 20_000 + "\n<region>tune=$A", "x.sfz:1: a line of more than 20,000"),
        ('#include "pipe"', "x.sfz:1: .*pipe is a folder, or no regular file"),
        ("/* " * 1_000_000, "more than 20,000 characters"),
        ("<region>" + "a" * 19_000, "has no region that can be played|is no header"),
        ("\0", "is not an SFZ file"),
        ("", "has no region that can be played: it has no <region>"),
        ("<region>sample=a.wav lokey=9 hikey=8", "a range in which nothing lies"),
        ("<region>sample=a.wav lovel=9 hivel=8", "a range in which nothing lies"),
        ("<region>sample=a.wav lorand=0.9 hirand=0.8", "a range in which nothing lies"),
        ("<region>sample=a.wav seq_position=2", "a range in which nothing lies"),
        ("<region>sample=*sine", "1 region with a generated wave"),
        ("<region>sample=gone.wav", "there is no gone.wav in its folder"),
    ],
)
def test_what_is_wrong_with_a_file(bank, text, told):
    os.mkfifo(bank / "pipe")
    found = mistakes(bank, text)
    assert found and re.search(told, found[0])


def test_many_samples_that_are_not_there(bank):
    found = mistakes(bank, "".join(f"<region>sample=gone{n}.wav " for n in range(7)))
    assert len(found) == 6 and found[5].endswith("x.sfz: 2 more of its files are not there")


def test_a_note_far_from_its_sample(bank):
    level(bank, "<region>sample=a.wav pitch_keycenter=0", key=60)
    with pytest.raises(StemwrightError, match=r"x.sfz:1: MIDI key 61 is 61 semitones from its sample"):
        level(bank, "<region>sample=a.wav pitch_keycenter=0", key=61)


def test_a_file_that_is_not_there(tmp_path):
    ((where, message),) = Sfz(str(tmp_path / "x.sfz")).problems(RenderContext(RATE, 1, 1))
    assert where == ("file",) and "there is no such file" in message


def test_what_is_not_played_is_told_once(bank):
    text = (
        "<global>cutoff=800<region>key=60 sample=a.wav eq1_gain=3 group_label=kick"
        "<region>key=61 sample=b.wav<region>key=62 sample=c.wav trigger=release<curve>curve_index=7"
    )
    sfz = instrument(bank, text)
    files = {".".join(where): path for where, path in sfz.input_files()}
    assert list(sfz.remarks(RenderContext(RATE, 1, 1, files=files))) == [
        "x.sfz: is played without its cutoff (2 regions), eq1_gain, <curve>",
        "x.sfz: left out: 1 region with trigger=release",
    ]
    assert sfz.keys([]) == {60, 61}


@pytest.mark.parametrize("place", ["", "pipe"])
def test_of_what_is_no_file_the_check_of_files_tells(tmp_path, place):
    """And nothing is read: a pipe would never end."""
    os.mkfifo(tmp_path / "pipe")
    assert list(Sfz(str(tmp_path / place)).problems(RenderContext(RATE, 1, 1))) == []
    assert Sfz(str(tmp_path / place)).input_files() == [(("file",), str(tmp_path / place))]


def test_many_definitions_and_a_long_name_take_no_time(bank):
    """Each prefix of 64 characters is looked up, of a line of 20,000; a line of definitions is read in a loop."""
    text = "#define $A 1 " * 1_400 + "\n" + ("<region>$" + "B" * 19_000 + "\n") * 300
    began = time.process_time()
    assert "has no region that can be played" in mistakes(bank, text)[0]
    assert time.process_time() - began < 5


def test_a_note_that_plays_too_many_regions(bank):
    level(bank, "<region>sample=a.wav " * 100)
    with pytest.raises(
        StemwrightError, match=r"x.sfz:1: MIDI key 60 at velocity 127 plays more than 100 regions"
    ):
        level(bank, "<region>sample=a.wav " * 101)


@pytest.mark.parametrize("opcodes", ["offset=100 end=50", "offset=100 loop_mode=loop_continuous loop_end=50"])
def test_an_end_before_the_start(bank, opcodes):
    with pytest.raises(StemwrightError, match=r"a.wav: has 8,000 frames; it is to be played from 100 to 51"):
        level(bank, f"<region>sample=a.wav {opcodes}")
