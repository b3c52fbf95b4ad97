"""What a song's target does: to the jobs of its master, and to what is checked of which file."""

from __future__ import annotations

from dataclasses import replace

import pytest
import soundfile as sf
import yaml

from stemwright.base.errors import StemwrightError
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS
from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.validation import registry

LOUDNESS = {"loudness", "momentary", "short_term", "loudness_range", "true_peak", "plr"}
AUDIOBOOK = {"rms", "sample_peak", "noise_floor"}
FILES = {
    "mix": ("mix",),
    "master": ("master",),
    "delivered master": ("delivered", "x_master.wav"),
    "delivered stem": ("delivered", "x_bass.wav"),
    "stem": ("stem", "bass"),
}


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """The plan of a song with a master, and with gates."""
    monkeypatch.chdir(tmp_path)

    def plan(master, gates=None, **keys):
        stems = {"bass": {"source": {"tone": {"note": "A2"}}}}
        song = {
            "bpm": 120,
            "length": "2 bars",
            "stems": stems,
            "master": master,
            "gates": gates or {},
            **keys,
        }
        (tmp_path / "x.yaml").write_text(yaml.safe_dump(song), encoding="utf-8")
        return Plan(load_song("x", load_house({"songs": ["x"]}, []), "x.yaml"), "build")

    return plan


def checks_of(plan, file):
    artifact = plan.graph.get(*FILES[file])
    params = plan.verification(artifact)["params"]
    return set(params["gates"]), params["context"].get("target")


def master_job(plan):
    return plan.job(plan.graph.get("master"))


def test_which_files_are_held_to_the_target(plan):
    song = plan({"target": "alexa"})
    gates, target = checks_of(song, "mix")
    assert gates >= LOUDNESS and not gates & AUDIOBOOK and target is None
    for file in ("master", "delivered master"):
        gates, target = checks_of(song, file)
        assert gates >= LOUDNESS | AUDIOBOOK
        assert (target["name"], target["integrated_lufs"], target["severity"]) == ("alexa", -14, "error")
    for file in ("stem", "delivered stem"):
        gates, target = checks_of(song, file)
        assert gates and not gates & (LOUDNESS | AUDIOBOOK) and target is None
    assert checks_of(plan({}), "master")[1] is None


@pytest.mark.parametrize("name", registry.kinds("stemwright.gates"))
def test_a_gate_that_is_off_is_off(plan, name):
    off = plan({}, {name: False})
    for file in FILES:
        usual, _ = checks_of(plan({}), file)
        assert checks_of(off, file)[0] == usual - {name}


@pytest.mark.parametrize(
    "master, ceiling",
    [
        ({}, -1),
        ({"target": {"integrated_lufs": -14}}, -1),
        ({"target": "spotify"}, -1),
        ({"target": "atsc-a85"}, -2),
        ({"target": "acx"}, -3),
        ({"target": "atsc-a85", "limiter": {"ceiling_db": -6}}, -6),
        ({"target": "atsc-a85", "limiter": {"ceiling_db": -0.1}}, -2),
    ],
    ids=str,
)
def test_the_limiter_holds_the_ceiling_of_the_target(plan, master, ceiling):
    assert master_job(plan(master))["params"]["limiter"]["ceiling_db"] == ceiling
    assert master_job(plan({**master, "limiter": None}))["params"]["limiter"] is None


@pytest.mark.parametrize("name", LOUDNESS_TARGETS)
def test_every_preset_is_a_target(plan, name):
    short, long = plan({"target": name}), plan({"target": {"preset": name}})
    assert master_job(short) == master_job(long)
    aimed = master_job(short)["params"]["target"]
    assert aimed == (
        {"rms_dbfs": -20.5} if name == "acx" else {"integrated_lufs": LOUDNESS_TARGETS[name].integrated_lufs}
    )


def test_how_a_target_is_judged_does_not_reach_the_master(plan):
    plain = plan({"target": "spotify"})
    other = plan({"target": {"preset": "spotify", "severity": "error", "tolerance_lu": 2}})
    assert master_job(plain) == master_job(other)
    assert checks_of(plain, "mix") == checks_of(other, "mix")
    _, target = checks_of(other, "master")
    assert (target["severity"], target["below_lu"], target["above_lu"]) == ("error", 2, 2)


def test_audio_that_no_gate_would_judge_is_an_error(plan):
    song = plan({})
    unjudged = replace(song.graph.get("mix"), stage="group", judged_as="group")
    with pytest.raises(
        StemwrightError, match="stage group is audio, and no gate judges group: set judged_as to one of"
    ):
        song.verification(unjudged)


@pytest.mark.parametrize("stem", ["voice", "mix"])
def test_the_way_of_a_printed_stem_to_the_master(plan, stem):
    """A stem may be called mix, too: then its fader is not left out."""
    keys = {
        "stems": {stem: {"source": {"tone": {"note": "A2"}}, "gain_db": -3, "sends": {"hall": -6}}},
        "buses": {"hall": {}},
        "delivery": {"stems": {"buses": "printed", "through": "master"}},
    }
    song = plan({}, **keys)
    fader, send, hall = ({"gain_db": gain, "pan": 0.0} for gain in (-3.0, -6.0, 0.0))
    steps = song.job(song.graph.get("printed", stem))["params"]["steps"]
    assert {step["name"]: step["feeds"] for step in steps} == {
        "hall": {stem: {"fader": fader, "send": send}},
        "mix": {"hall": {"fader": hall}, stem: {"fader": fader}},
        "master": {"mix": {}},
    }


def test_the_files_of_edits_and_alignments_are_inputs(plan, tmp_path):
    """So a job runs again when any of them changes. Its param says what they are for, not what they are named."""
    for name in ("take", "other", "guide", "reference"):
        sf.write(tmp_path / f"{name}.wav", [0.1] * 48_000, 48_000)
    edit = {"replace": {"start": "0.2 s", "end": "0.4 s", "file": "other.wav"}}
    audio = {"file": "take.wav", "edits": [edit], "align": {"file": "guide.wav"}}
    song = plan(
        {},
        stems={"bass": {"source": {"audio": audio}}},
        reference={"file": "reference.wav", "at": "bar 2", "align": {"file": "guide.wav"}},
    )
    stem, reference = song.graph.get("stem", "bass"), song.graph.get("reference")
    assert [entry.path for entry in stem.inputs["files"]] == ["guide.wav", "other.wav", "take.wav"]
    params = song.job(stem)["params"]
    assert params["files"] == ["align.file", "edits.0.replace.file", "file"]
    assert "wav" not in str(params)
    assert [reference.inputs[role][0].path for role in ("source", "guide")] == ["reference.wav", "guide.wav"]
    params = song.job(reference)["params"]
    assert params["stands"] == {"start": "0", "begin": 96_000} and params["align"]["keys"]["file"] == "input"


INSERT = {"insert": {"argv": ["sox", "{input}", "{output}"]}}
COMMAND = {"command": {"argv": ["sox", "{output}"]}}
TONE = {"tone": {"note": "A2"}}


@pytest.mark.parametrize(
    ("source", "effects", "stage"),
    [
        (COMMAND, [], "stem"),
        ({"stack": {"layers": {"one": {"source": TONE}, "two": {"source": COMMAND}}}}, [], "stem"),
        (TONE, [{"gain": {"gain_db": -1}}, INSERT], "processed"),
        (TONE, [{"insert": {**INSERT["insert"], "repeatable": False}}], "processed"),
        (TONE, [{"mid_side": {"mid": [], "side": [INSERT]}}], "processed"),
        (TONE, [{"vst3": {"file": "x.vst3"}}], "processed"),
        (TONE, [{"denoise": {}}, {"gain": {"gain_db": -1}}], None),  # ffmpeg, by its version
    ],
)
def test_what_runs_a_program_or_plug_in_is_marked_as_made_here(source, effects, stage, plan, tmp_path):
    """The shared cache leaves it out; not what is made from it, since that is known by its bytes."""
    (tmp_path / "x.vst3").write_bytes(b"")
    song = plan({"effects": []}, stems={"bass": {"source": source, "effects": effects}})
    marked = [artifact.stage for artifact in song.artifacts if "only_here" in song.job(artifact)["tools"]]
    assert marked == ([stage] if stage else [])
