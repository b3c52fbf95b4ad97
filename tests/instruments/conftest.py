"""SoundFonts for tests: one of Debian's, and one of our own."""

import os

import pytest
from soundfonts import soundfont

GM = "/usr/share/sounds/sf2/TimGM6mb.sf2"


@pytest.fixture(scope="module")
def gm(needs):
    """A General MIDI SoundFont of Debian's (timgm6mb-soundfont), and FluidSynth."""
    needs("fluidsynth")
    if not os.path.exists(GM):
        under_ci = os.environ.get("CI", "") not in ("", "0", "false")
        (pytest.fail if under_ci else pytest.skip)(f"{GM} is not installed")
    return GM


@pytest.fixture
def sine(tmp_path):
    (tmp_path / "sine.sf2").write_bytes(soundfont())
    return str(tmp_path / "sine.sf2")
