"""Versions that are cut: as if the rest of the song had never been played; a loop, as if it went on for ever."""

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile as sf
import yaml
from rendering import on, timeline

from stemwright.mixing.shares import read_steps
from stemwright.music.render_context import RenderContext, Slice
from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.sources import make, render
from stemwright.sources._slices import version_of_slices
from stemwright.workflow.job import context_of

RATE, BAR = 8_000, 16_000
PARTS = {"a": "1 . 5 . 1 . 5 .", "b": "3 . 3 - 4 . 4 -", "c": "6 . 5 . 2 . 1 ."}


def song(order, versions, **keys):
    """A song of one-bar sections with an echo, a hall and a moving fader; what is played is the same in each b."""
    degrees = {name: {"degrees": PARTS[name]} for name in dict.fromkeys(order)}
    return {
        "bpm": 120,
        "key": "A minor",
        "tail": "1 s",
        "sections": [{name: "1 bar"} for name in order],
        "stems": {
            "drums": {
                "source": {
                    "drums": {
                        "kit": {"drum_kit": {"variation": 0}},  # the takes of hits are counted from its start
                        "patterns": {"*": {"kick": "x---x---x---x---"}},
                    }
                },
                "sends": {"hall": -9},
            },
            "bass": {
                "source": {"play": {"instrument": {"subtractive": {}}, "parts": degrees, "transpose": -12}},
                "effects": [{"delay": {"delay_seconds": 0.2, "feedback": 0.4, "mix": 0.4}}],
                "gain_db": -8,
                "sends": {"hall": -6},
            },
        },
        "buses": {"hall": {"effects": [{"reverb": {"room_size": 0.4, "dry_level": 0, "wet_level": 0.5}}]}},
        "versions": versions,
        "session": {"sample_rate": RATE, "channels": 1},
        **keys,
    }


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Makes a version of a song, as its job does."""
    monkeypatch.chdir(tmp_path)

    def made(written, version="v"):
        (tmp_path / "x.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
        plan = Plan(load_song("x", load_house({"songs": ["x"]}, []), "x.yaml"), "build")
        artifact = plan.graph.get("version_mix", version)
        params = plan.job(artifact)["params"]
        files = [entry.path for entry in artifact.inputs["files"]]
        context = context_of(params, SimpleNamespace(files=files, get=lambda name, default=(): default))
        steps = read_steps(params["steps"], context, {}, ())
        stream = version_of_slices(**params["slices"], steps=steps, context=context, frames=params["frames"])
        return np.concatenate(list(stream)), plan.song.versions[version]

    return made


def db(samples):
    return 20 * np.log10(max(np.abs(samples).max(), 1e-15))


def test_a_cut_is_as_the_song_without_what_is_cut(made):
    """The reference is a song that has only these sections, in this order, and nothing to cut."""
    cut, _ = made(song("abcab", {"v": {"sections": ["b 2", "a", "c"]}}))
    whole, version = made(song("bac", {"v": {"sections": ["b", "a", "c"]}}))
    assert db(whole) > -20 and db(cut[3 * BAR : 3 * BAR + RATE // 2]) > -60  # it rings on in the tail
    assert cut.shape == whole.shape == (3 * BAR + RATE, 1)
    # The version of the shorter song is its mix: one slice, from its first frame to its last.
    assert version.cut.slices[0].start_frame == 0 and len(version.cut.slices) == 1
    assert db(cut[: 3 * BAR] - whole[: 3 * BAR]) < -130


def test_a_loop_is_as_the_passage_repeated(made):
    """What is heard of the fourth of five equal sections, with all that rings on, is the loop."""
    loop, version = made(song("abc", {"v": {"loop": "b"}}))
    repeated, _ = made(song("bbbbb", {"v": {"sections": ["bars 1-5"]}}))
    assert len(loop) == BAR == version.timeline.frames
    assert db(loop) > -20 and db(repeated[3 * BAR : 4 * BAR] - loop) < -100
    assert db(repeated[:BAR] - loop) > -45  # its first turn has not what rings on from the one before


def test_the_last_section_rings_on_into_its_loop(made):
    """Also after the song, which ends there and has no tail."""
    last, _ = made(song("acb", {"v": {"loop": "b"}}, tail="0 s"))
    within, _ = made(song("acbc", {"v": {"loop": "b"}}, tail="0 s"))
    assert db(within) > -20 and db(last - within) < -100


def test_drums_of_a_cut_are_those_of_the_song(made):
    """Hits have takes by their number, and are humanised: as in the song, after a bar whose sound has died away."""
    kit = {"a": {"kick": "x---------------"}, "b": {"kick": "x---x-x---x-x---"}}
    drums = {"source": {"drums": {"patterns": kit, "timing_ms": 5, "velocity_spread": 0.2}}}
    keys = {"stems": {"drums": drums}, "buses": {}, "sections": [{"a": "2 bars"}, {"b": "1 bar"}]}
    cut, _ = made(song("ab", {"v": {"sections": ["b"]}}, **keys))
    whole, _ = made(song("ab", {"v": {"sections": ["a", "b"]}}, **keys))
    late = 2 * BAR + 200  # the first kick of the cut may not begin before it
    assert db(whole[2 * BAR - 100 : 2 * BAR - 50]) < -100
    assert db(cut) > -20 and db(cut[200:BAR] - whole[late : 3 * BAR]) < -100


TAKE = {"audio": {"file": "take.wav"}}


@pytest.mark.parametrize(
    ("role", "keys"),
    [("file", TAKE), ("layers.a.source.audio.file", {"stack": {"layers": {"a": {"source": TAKE}}}})],
    ids=["alone", "in a stack"],
)
@pytest.mark.parametrize(("lead", "starts"), [(80, 3_920), (0, 4_000)])
def test_a_recording_is_cut_before_the_bar_line(tmp_path, lead, starts, role, keys):
    """A constant is the gain: 5 ms of fade from 10 ms before the bar line, or 2 ms from the start of a file."""
    sf.write(tmp_path / "take.wav", np.ones(BAR), RATE, "FLOAT")
    line = timeline(length="1 bar")
    context = on(line, **{role: tmp_path / "take.wav"})
    part = Slice(4_000, 8_000, lead, BAR)
    source = make(keys)
    whole = RenderContext(RATE, 1, BAR, "", line, context.files, slice=part)
    gain = np.concatenate(list(render(source, whole, None)))[:, 0]
    assert np.flatnonzero(gain)[[0, -1]].tolist() == [starts, 7_959]
    assert np.all(gain[4_016:7_920] == 1)
    if lead:  # what is cut at one place adds up to 1
        before = RenderContext(RATE, 1, BAR, "", line, context.files, slice=Slice(0, 4_000, 0, BAR))
        both = gain + np.concatenate(list(render(source, before, None)))[:, 0]
        assert np.allclose(both[:7_920], 1, atol=1e-15)
