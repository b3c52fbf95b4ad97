"""A small DAW plays the projects of a song that moves, from its own parsers: what is heard is the mix."""

import numpy as np
import pytest
import soundfile as sf
from daw import play
from moving_song import moving_plan

from stemwright.delivery.handoff import write_handoff


def hand_off(folder, name, edit=lambda song: None):
    """The project where it lies among files that are drawn for each deliverable; the sum of the stems."""
    plan = moving_plan(folder, edit)
    path = folder / "delivery" / "handoff" / name
    path.parent.mkdir(parents=True)
    write_handoff(path, plan.job(plan.graph.get("handoff", name))["params"])
    total, random = 0.0, np.random.default_rng(7)
    for each in plan.song.deliverables:
        form = plan.graph.get("delivered", each.name).format
        sound = random.integers(-(2**19), 2**19, (form["frames"], form["channels"])) / 2**23
        sf.write(folder / "delivery" / each.file, sound, form["sample_rate"], "PCM_24")
        if each.stem:
            total += sound * {"": [1, 1], "L": [1, 0], "R": [0, 1]}[each.side]
    return path, total


@pytest.mark.parametrize("name", ["x.rpp", "x.dawproject"])
@pytest.mark.parametrize("keys", [{}, {"channels": "split", "sample_rate": 11_025, "container": "AIFF"}])
def test_stems_are_heard_and_nothing_else(tmp_path, name, keys):
    path, expected = hand_off(tmp_path, name, lambda song: song["delivery"].update(keys))
    heard, rate = play(path)
    assert rate == keys.get("sample_rate", 8_000) and heard.shape == expected.shape
    assert np.abs(heard - expected).max() == 0


@pytest.mark.parametrize("name", ["x.rpp", "x.dawproject"])
def test_a_master_alone_is_heard(tmp_path, name):
    keys = {"contents": ["master"], "handoff": ["rpp", "dawproject"]}
    path, _ = hand_off(tmp_path, name, lambda song: song.update(delivery=keys))
    expected, _ = sf.read(path.parent.parent / "x_master.wav")
    assert np.abs(play(path)[0] - expected).max() == 0


@pytest.mark.parametrize("name", ["x.rpp", "x.dawproject"])
def test_the_player_hears_what_is_wrong(tmp_path, name):
    """A stem that starts a frame late, in the project or in the file, is heard."""
    path, expected = hand_off(tmp_path, name)
    sound, rate = sf.read(path.parent.parent / "x_bass.wav")
    sf.write(path.parent.parent / "x_bass.wav", np.roll(sound, 1, axis=0), rate, "PCM_24")
    assert np.abs(play(path)[0] - expected).max() > 0.01
    if name == "x.rpp":
        sf.write(path.parent.parent / "x_bass.wav", sound, rate, "PCM_24")
        assert np.abs(play(path)[0] - expected).max() == 0
        path.write_text(path.read_text().replace("VOLPAN 1 0 -1", "VOLPAN 0.99 0 -1"))
        assert np.abs(play(path)[0] - expected).max() > 0.0005
