"""What the archive is told of where its files come from: only what they are made from, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
import yaml

from stemwright.graph import Ancient, SourceFile
from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.validation.problems import InvalidFileError

SONG = {
    "bpm": 120,
    "length": "2 bars",
    "stems": {
        "bass": {"source": {"tone": {"note": "A2"}}},
        "lead": {
            "source": {"audio": {"file": "takes/lead.wav"}},
            "effects": [{"convolution": {"file": "hall.wav"}}],
        },
        "pad": {"source": {"reference": {}}},
    },
    "reference": {"file": "demo.wav"},
    "deliveries": {"archive": {}, "streaming": {"target": "spotify", "sample_rate": 48_000}},
}


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """(archive, its params) of a song, with other keys."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "takes").mkdir()
    for name in ("takes/lead.wav", "hall.wav", "demo.wav"):
        sf.write(tmp_path / name, np.zeros((9_000, 2)), 44_100)

    def archive(name="", session=44_100, **keys):
        (tmp_path / "x.yaml").write_text(yaml.safe_dump({**SONG, **keys}))
        house = load_house({"songs": ["x"], "session": {"sample_rate": session}}, [])
        plan = Plan(load_song("x", house, "x.yaml"), "build")
        found = plan.graph.get("archive", f"-{name}" if name else "")
        return found, plan.job(found)["params"]

    return archive


def test_its_inputs_are_those_of_its_files(archive):
    found, params = archive()
    assert found.inputs["sources"] == [SourceFile(p) for p in ("demo.wav", "hall.wav", "takes/lead.wav")]
    assert found.inputs["accounts"] == [
        Ancient(f"build/x/{path}.made")
        for path in ("processed/lead.wav", "reference/reference.wav", "stems/lead.wav")
    ]
    inputs = {file["stem"]: file["inputs"] for file in params["files"]}
    assert inputs == {None: [0, 1, 2], "bass": [], "lead": [1, 2]}  # the reference, pad, is the client's own
    bare, _ = archive(stems={"bass": SONG["stems"]["bass"]})
    assert "sources" not in bare.inputs  # the reference was only compared with


def test_what_is_asked_is_what_the_files_are_made_by(archive):
    asked = archive()[1]["asked"]
    bass = SONG["stems"]["bass"]
    for same in (
        {"gates": {"clipping": False}},
        {"title": "A"},
        {"deliveries": {}},
        {"stems": dict(reversed(SONG["stems"].items()))},
    ):
        assert archive(**same)[1]["asked"] == asked
    for other in (
        {"gain_db": -1},
        {"pan": 0.5},
        {"effects": [{"gain": {"gain_db": 0}}]},
        {"source": {"tone": {"note": "A3"}}},
    ):
        assert archive(stems={**SONG["stems"], "bass": {**bass, **other}})[1]["asked"] != asked


def test_a_commit_is_in_the_manifest_alone(tmp_path, archive):
    archive()  # puts the song there
    plans = [
        Plan(load_song("x", load_house({"songs": ["x"], "commit": commit}, []), "x.yaml"), "build")
        for commit in ("1234567", "89abcdef")
    ]
    jobs = [{each.path: plan.job(each)["params"] for each in plan.artifacts} for plan in plans]
    assert {path for path in jobs[0] if jobs[0][path] != jobs[1][path]} == {
        artifact.path for artifact in plans[0].graph.stage("archive")
    }
    assert jobs[1]["build/x/x.zip"]["commit"] == "89abcdef"
    assert "commit" not in archive()[1]
    with pytest.raises(InvalidFileError, match="commit: must be the id of a commit"):
        load_house({"songs": ["x"], "commit": "HEAD"}, [])


def test_how_often_each_file_was_rounded(archive):
    def rounding(params):
        return {file["stem"] or file["role"]: (file["bits"], file["roundings"]) for file in params["files"]}

    assert rounding(archive("archive")[1]) == {
        **dict.fromkeys(("bass", "lead"), (24, 0)),
        **dict.fromkeys(("master", "mix"), (24, 1)),
    }
    through = {"delivery": {"subtype": "FLOAT", "stems": {"through": "master"}}}
    printed = rounding(archive(**through)[1])
    assert printed == {
        "master": (None, 2),
        "bass": (None, 3),
        "lead": (None, 3),
    }  # the limiter
    assert set(rounding(archive("streaming")[1]).values()) == {(None, None)}  # it is resampled


def test_the_file_that_the_stems_add_up_to(archive):
    assert archive()[1]["sum_files"] == []
    assert archive("archive")[1]["sum_files"] == ["x_mix.wav"]
    mastered = {"delivery": {"stems": {"through": "master"}}}
    assert archive(**mastered)[1]["sum_files"] == ["x_master.wav"]
    own = {"deliveries": {"own": {"target": "spotify"}}}
    assert archive("own", **mastered, **own)[1]["sum_files"] == []  # its master has another loudness


def test_only_bags_are_told_what_they_are(archive):
    assert archive()[1]["bag"] is None
    keys = {"title": "First Light", "metadata": {"date": "2024-05-31"}}
    assert archive("archive", **keys)[1]["bag"] == {"title": "First Light", "date": "2024-05-31"}


@pytest.mark.parametrize(("written", "said"), [(2024, "2024"), ("2024-05-31", "2024-05-31"), (None, "")])
def test_a_bag_has_the_date_as_text(tmp_path, monkeypatch, written, said):
    monkeypatch.chdir(tmp_path)
    song = {
        "length": "1 s",
        "stems": {"bass": {"source": {"tone": {"frequency_hz": 110}}}},
        "metadata": {} if written is None else {"date": written},
        "deliveries": {"bag": {"layout": "bagit"}},
    }
    (tmp_path / "demo.yaml").write_text(yaml.safe_dump(song), encoding="utf-8")
    planned = Plan(load_song("demo", load_house({"songs": ["demo"]}, []), "demo.yaml"), "build")
    assert planned.job(planned.graph.get("archive", "-bag"))["params"]["bag"]["date"] == said
