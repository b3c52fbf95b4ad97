"""Names against templates: those that do not fit are named, with the nearest name that would."""

import pytest

from stemwright.inspection.roles import Roles
from stemwright.inspection.sounds import Sound
from stemwright.inspection.templates import judge_names, parse

TEMPLATE = "{artist}_{title}_{stem}_{bpm}_{key}"
GOOD = ["Band_Song_Bass_120_Am.wav", "Band_Song_Drums_120_Am.wav", "Band_Song_Keys_120_Am.wav"]


def wrong(*names, template=TEMPLATE):
    """(remedy, command) of each file whose name does not fit, by its name."""
    sounds = [Sound(name, name, 48_000, 2, 100, "PCM_24", "WAV", False) for name in names]
    found = judge_names(template, sounds, Roles())
    return {f.file: (f.check.remedy, f.command) for f in found if f.check.status == "fail"}


def test_names_that_fit():
    assert wrong(*GOOD) == {}
    assert wrong("01 Kick.wav", "02 Snare.wav", template="{track} {stem}") == {}


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Band_Song_Vox_Am_120.wav", "Band_Song_Vox_120_Am.wav"),
        ("band song vox 120 am.wav", "Band_Song_vox_120_Am.wav"),
        ("Vox.wav", "Band_Song_Vox_120_Am.wav"),
        ("Bnd_Song_Vox_120_Am.wav", "Band_Song_Vox_120_Am.wav"),
        ("Band_Song_Vox_121_Am.wav", "Band_Song_Vox_120_Am.wav"),
    ],
)
def test_the_nearest_name(name, nearest):
    assert wrong(*GOOD, name) == {name: (f"rename it: {nearest}", f"mv -n -- {quoted(name)} {nearest}")}


def quoted(name):
    return f"'{name}'" if " " in name else name


def test_without_a_pattern_among_the_others_the_template_is_said():
    assert wrong("a.wav", "b.wav") == dict.fromkeys(("a.wav", "b.wav"), (f"rename it by {TEMPLATE}", ""))


@pytest.mark.parametrize(
    "template", ["", "plain", "{}", "{a", "{title}/{stem}", "{stem!r}", "{stem:>9}", "{stem}_{stem}"]
)
def test_a_malformed_template(template):
    with pytest.raises(ValueError, match=r"\w"):
        parse(template)


def test_many_fields_that_may_be_anything_take_no_long_time():
    names = [f"{'x_' * 100}{number}.wav" for number in range(3)]
    found = wrong(*names, template="{song}_{title}_{artist}_{stem}_{type}_{version}_{format}9")
    assert len(found) == 3  # a regular expression does not come back


def test_braces_are_signs():
    assert wrong("{a}_Bass.wav", "{a}_Vox.wav", template="{{a}}_{stem}") == {}
