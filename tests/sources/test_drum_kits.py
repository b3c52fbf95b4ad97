"""Drums on sampled kits: which key or file each piece plays, stereo, chokes, levels; what a kit lacks."""

import os

import numpy as np
import pytest
import soundfile as sf
from drum_patterns import context, make
from pydantic import TypeAdapter, ValidationError

from stemwright import sources
from stemwright.instruments.soundfont import Soundfont
from stemwright.sources.drums import Drums

RATE = 8_000
GM = "/usr/share/sounds/sf2/TimGM6mb.sf2"


def rendered(source, on):
    files = {".".join(where): path for where, path in source.input_files()}
    on = type(on)(on.rate, on.channels, on.frames, on.seed, on.timeline, files)
    return np.concatenate(list(sources.render(source, on, None)))


def constant(path, left, right=None):
    sf.write(path, np.tile([left, left if right is None else right], (RATE, 1)), RATE, "FLOAT")


def mistakes(source):
    return [f"{'.'.join(map(str, where))}: {message}" for where, message in source.problems(context())]


def test_a_folder_of_hits_by_the_names_of_its_files(tmp_path):
    constant(tmp_path / "Kick-1.wav", 0.1)
    constant(tmp_path / "Kick-2.wav", 0.2)
    constant(tmp_path / "open_hat_v1.wav", 0.1, 0.3)
    constant(tmp_path / "open_hat_v2.wav", 0.5)
    constant(tmp_path / "hat.wav", 0.01)
    constant(tmp_path / "thing_C#2.wav", 0.4)  # 37, the rim
    kit = {"sampler": {"folder": str(tmp_path)}}
    on = context(rate=RATE, channels=2)
    wave = rendered(make({"a": {"kick": "X---X---X---X---"}}, kit=kit), on)
    assert wave[200::4_000, 0] == pytest.approx([0.1, 0.1 + 0.2, 0.2 + 0.1, 0.1 + 0.2], rel=1e-5)
    soft, loud = (rendered(make({"a": {"open_hat": s + "-" * 15}}, kit=kit), on)[200] for s in "4X")
    assert soft == pytest.approx(np.array([0.1, 0.3]) * (round(4 / 9 * 127) / 127 / 0.5) ** 2, rel=1e-5)
    assert loud == pytest.approx([0.5, 0.5])
    rim = rendered(make({"a": {"rim": "X---------------"}}, kit=kit, levels_db={"rim": -6.0}), on)[200]
    assert rim == pytest.approx(0.4 * 10 ** (-6 / 20))
    choked = rendered(make({"a": {"open_hat": "X---------------", "hat": "----X-----------"}}, kit=kit), on)[
        :, 0
    ]
    assert choked[3_900] == pytest.approx(0.5) and choked[4_200] == pytest.approx(0.01)


def test_other_choke_groups(tmp_path):
    for name, level in (("crash", 0.5), ("ride", 0.1), ("hat", 0.01), ("open_hat", 0.3)):
        constant(tmp_path / f"{name}.wav", level)
    kit = {"sampler": {"folder": str(tmp_path)}}
    steps = {"crash": "X---------------", "ride": "----X-----------"}
    wave = rendered(make({"a": steps}, kit=kit, chokes=[["crash", "ride"]]), context(rate=RATE))[:, 0]
    assert wave[3_900] == pytest.approx(0.5) and wave[4_200] == pytest.approx(0.1)
    hats = {"open_hat": "X---------------", "hat": "----X-----------"}
    wave = rendered(make({"a": hats}, kit=kit, chokes=[]), context(rate=RATE))[:, 0]
    assert wave[4_200] == pytest.approx(0.31)


def test_an_sfz_by_its_keys_or_a_map(tmp_path):
    constant(tmp_path / "a.wav", 0.1)
    constant(tmp_path / "b.wav", 0.4)
    (tmp_path / "kit.sfz").write_text("<region>key=36 sample=a.wav<region>key=c1 sample=b.wav")
    kit = {"sfz": {"file": str(tmp_path / "kit.sfz")}}
    source = make({"a": {"kick": "X---------------"}}, kit=kit)
    assert rendered(source, context(rate=RATE))[200] == pytest.approx(0.1, rel=1e-5)
    mapped = make({"a": {"kick": "X---------------"}}, kit=kit, map={"kick": "C1"})
    assert rendered(mapped, context(rate=RATE))[200] == pytest.approx(0.4, rel=1e-5)
    assert [os.path.basename(path) for path, _ in source.recordings()] == ["a.wav", "b.wav"]


def test_a_soundfont_plays_its_drums_as_the_instrument_does(needs):
    """The same samples as the instrument, which FluidSynth plays as one: the level and the band of each hit."""
    needs("fluidsynth")
    if not os.path.exists(GM):
        pytest.skip("TimGM6mb is not installed")
    on = context(rate=48_000, channels=2)
    source = make({"a": {"snare": "X-------x-------"}}, kit={"soundfont": {"file": "TimGM6mb.sf2"}})
    assert source.input_files() == [(("kit", "soundfont", "file"), GM)]
    wave = rendered(source, on)
    from stemwright.instruments import Note

    notes = [Note(at, 24_000, 38.0, round(v * 127) / 127) for at, v in ((0, 1.0), (48_000, 0.8))]
    other = type(on)(48_000, 2, on.frames, files={"file": GM})
    whole = np.concatenate(list(Soundfont("input", bank=128).play(notes, other)))
    assert np.linalg.norm(wave - whole) < 0.02 * np.linalg.norm(whole) and whole.any()
    assert rendered(source, on).tobytes() == wave.tobytes()


def test_what_a_kit_lacks(tmp_path):
    constant(tmp_path / "kick.wav", 0.1)
    kit = {"sampler": {"folder": str(tmp_path)}}
    assert mistakes(make({"a": {"kick": "x", "cowbell": "x"}}, kit=kit)) == [
        "patterns.a.cowbell: the kit has no cowbell (MIDI key 56); it has kick"
    ]
    fill = {"every": 2, "patterns": {"snare": "x"}}
    assert mistakes(make({"a": {"kick": "x"}}, kit=kit, fills={"a": fill})) == [
        "fills.a.patterns.snare: the kit has no snare (MIDI key 38); it has kick"
    ]
    (message,) = mistakes(make({"a": {"conga_low": "x"}}))
    assert message.startswith(
        "patterns.a.conga_low: the kit has no conga_low (MIDI key 64); it has kick, rim"
    )
    (message,) = mistakes(make({"a": {"kick": "x"}}, kit={"soundfont": {"file": "FluidR4_GM.sf2"}}))
    assert "Debian has FluidR3_GM.sf2, TimGM6mb.sf2: apt install fluid-soundfont-gm or timgm6mb" in message


@pytest.mark.parametrize(
    "keys, told",
    [
        ({"kit": {"organ": {}}}, "organ"),
        ({"map": {"kick": 128}}, "must be a MIDI key, 0 to 127, or a note such as C2"),
        ({"map": {"kick": "H2"}}, "must be a note"),
        ({"chokes": [["hat"]]}, "at least 2"),
        ({"fills": {"a": {"every": 0, "patterns": {"kick": "x"}}}}, "greater than or equal to 1"),
        ({"fills": {"a": {"every": 4, "patterns": {}}}}, "at least 1"),
    ],
)
def test_mistakes_in_keys(keys, told):
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(Drums).validate_python({"patterns": {"a": {"kick": "x"}}, **keys})


def test_a_sampler_plays_hits_to_their_ends_and_roots_before_names(tmp_path):
    sf.write(tmp_path / "kick.wav", np.full(11 * RATE, 0.1), RATE, "FLOAT")
    steps, on = {"a": {"kick": "X" + "-" * 95}}, context([("a", "6 bars")], rate=RATE)
    wave = rendered(make(steps, kit={"sampler": {"folder": str(tmp_path)}}), on)
    assert wave[round(10.9 * RATE)] == pytest.approx(0.1)
    kit = {"sampler": {"folder": str(tmp_path), "roots": {"kick.wav": "D2"}}}
    assert mistakes(make({"a": {"snare": "X"}}, kit=kit)) == []
    assert mistakes(make(steps, kit=kit)) == [
        "patterns.a.kick: the kit has no kick (MIDI key 36); it has snare"
    ]
