"""What each file is: by its name, by what sums to it, or as it is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
from exports import RATE, export, stems

from stemwright.inspection.roles import find_roles
from stemwright.inspection.sounds import Sound, open_sounds


def named(name):
    return Sound(name, name, 48_000, 2, 100, "PCM_24", "WAV", False)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Night Bus - Mix.wav", "mix"),
        ("NightBus_FullMix_98bpm.wav", "mix"),
        ("Night Bus (premaster).wav", "mix"),
        ("night_bus_pre-master_24bit.wav", "mix"),
        ("Night Bus Master.wav", "master"),
        ("NightBusMastered 44.1.wav", "master"),
        ("Night Bus Instrumental.wav", "version"),
        ("Night Bus TV Mix.wav", "version"),
        ("Night Bus (Clean Master).wav", "version"),
        ("Stems/Drum Mix.wav", "stem"),
        ("Mix Stem Bass.wav", "stem"),
        ("Lead Vox.wav", "stem"),
        ("01 Click.wav", "extra"),
        ("Bass.wav", "stem"),
        ("Mixolydian Pad.wav", "stem"),
        ("Masterpiece Choir.wav", "stem"),
    ],
)
def test_by_name(name, role):
    sound = named(name)
    roles = find_roles([sound], {})
    assert roles.of(sound) == role


@pytest.mark.parametrize(
    "name", ["Night Bus 30s.wav", "NightBus_60sec.wav", "night_bus_loop.wav", "Song Sting.wav"]
)
@pytest.mark.parametrize(("frames", "role"), [(30, "version"), (99, "stem")])
def test_a_shorter_file_with_the_name_of_a_cut_is_a_version(name, frames, role):
    sound, other = replace(named(name), frames=frames), named("Bass.wav")
    roles = find_roles([other, sound], {})
    assert (roles.of(sound), roles.of(other)) == (role, "stem")
    assert find_roles([other, sound], {sound.name: "stem"}).of(sound) == "stem"


def test_a_shorter_stem_is_a_stem():
    short = replace(named("Bass 808s.wav"), frames=30)
    assert find_roles([named("Drums.wav"), short, named("Keys.wav")], {}).of(short) == "stem"


def read(folder):
    paths = sorted(folder.iterdir())
    return open_sounds([(path.name, str(path)) for path in paths])[0]


def limited(mix):
    return np.tanh(4 * mix / np.abs(mix).max()) * 0.8


def test_a_title_that_all_names_have_says_nothing():
    names = ("Mix Tape Bass.wav", "Mix Tape Keys.wav", "Mix Tape Master.wav", "Mix Tape.wav")
    roles = find_roles([named(name) for name in names], {})
    assert (roles.mix, roles.master.name, len(roles.stems)) == (None, "Mix Tape Master.wav", 3)


@pytest.mark.parametrize("is_late", [False, True])
def test_by_what_sums_to_it(is_late, tmp_path):
    parts = stems()
    mix = sum(parts.values())
    if is_late:
        parts["bass"] = np.roll(parts["bass"], 500, axis=0)
    folder = export(tmp_path / "x", parts, mix)
    (folder / "Song_mix.wav").rename(folder / "bounce 7.wav")
    roles = find_roles(read(folder), {})
    assert roles.mix.name == "bounce 7.wav"
    assert roles.master is None
    assert len(roles.stems) == 4


def test_a_mix_and_a_master_without_names(tmp_path):
    parts = stems()
    folder = export(tmp_path / "x", parts)
    (folder / "Song_mix.wav").rename(folder / "v1.wav")
    sf.write(folder / "v2.wav", limited(sum(parts.values())), RATE, "PCM_24")
    roles = find_roles(read(folder), {})
    assert (roles.mix.name, roles.master.name) == ("v1.wav", "v2.wav")


def test_of_two_mixes_by_name_the_one_that_sums(tmp_path):
    parts = stems()
    folder = export(tmp_path / "x", parts)
    sf.write(folder / "Song_a mix.wav", sum(parts.values()) + parts["bass"], RATE, "PCM_24")
    roles = find_roles(read(folder), {})
    assert (roles.mix.name, [sound.name for sound in roles.versions]) == (
        "Song_mix.wav",
        ["Song_a mix.wav"],
    )


def test_beside_a_master_the_mix_is_what_the_stems_sum_to(tmp_path):
    parts = stems()
    folder = export(tmp_path / "x", parts)
    (folder / "Song_mix.wav").rename(folder / "bounce.wav")
    sf.write(folder / "Song_master.wav", limited(sum(parts.values())), RATE, "PCM_24")
    roles = find_roles(read(folder), {})
    assert (roles.mix.name, roles.master.name, len(roles.stems)) == ("bounce.wav", "Song_master.wav", 4)


def test_stems_alone_have_no_mix(tmp_path):
    folder = export(tmp_path / "x", stems())
    (folder / "Song_mix.wav").unlink()
    roles = find_roles(read(folder), {})
    assert (roles.mix, roles.master, len(roles.stems)) == (None, None, 4)


def test_what_is_given_counts():
    sounds = [named("Mix.wav"), named("other.wav")]
    roles = find_roles(sounds, {"other.wav": "mix", "Mix.wav": "stem"})
    assert roles.mix is sounds[1]


def test_an_mp3_beside_its_wav_is_no_stem():
    copy = Sound("Bass.mp3", "", 48_000, 2, 100, "MPEG_LAYER_III", "MP3", True)
    roles = find_roles([named("Bass.wav"), copy], {})
    assert roles.of(copy) == "extra"
