"""The gates of datasets: what belongs together passes; what is missing, changed, short or dealt twice does not."""

import hashlib
import json

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify

FILES = ["audio/a/mix.wav", "annotations/a/a.jams"]


def sums(data):
    return {
        "bytes": len(data),
        "md5": hashlib.md5(data).hexdigest(),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


@pytest.fixture
def folder(tmp_path):
    """A dataset of one track, written by hand: a second of audio, its annotations, the track, and the index."""
    for name in [*FILES, "tracks/a.json"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    sf.write(tmp_path / FILES[0], np.zeros(8_000), 8_000, "PCM_16")
    (tmp_path / FILES[1]).write_text(json.dumps({"file_metadata": {"duration": 1.0}}))
    return tmp_path


def write_track(folder, **change):
    """The JSON of the track."""
    roles = ("mix", "jams")
    files = [
        {"path": path, "role": role, **sums((folder / path).read_bytes())}
        for path, role in zip(FILES, roles, strict=True)
    ]
    (folder / "tracks/a.json").write_text(json.dumps({"track": "a", "files": files, **change}))


def judge_track(folder):
    context, files = {"listed": FILES}, {"files": [str(folder / path) for path in FILES]}
    subject = Subject(str(folder / "tracks/a.json"), "dataset_track", context=context, inputs=files)
    return {check.id: check.status for check in verify(subject, make({"dataset_track": {}})).checks}


def failing(checks):
    return {name.partition(".")[2] or name for name, status in checks.items() if status == "fail"}


def test_a_track(folder):
    write_track(folder)
    assert judge_track(folder) == {
        f"dataset_track.{name}": "pass" for name in ("files", "checksums", "lengths")
    }


@pytest.mark.parametrize(
    "seconds, expected",
    [(1.000_06, set()), (1.000_2, {"lengths"}), (0.5, {"lengths"})],
    ids=["half a frame", "two frames", "half"],
)
def test_the_length_of_annotations(folder, seconds, expected):
    (folder / FILES[1]).write_text(json.dumps({"file_metadata": {"duration": seconds}}))
    write_track(folder)
    assert failing(judge_track(folder)) == expected


def test_a_track_that_lacks_a_file_or_whose_file_changed(folder):
    write_track(folder)
    (folder / FILES[0]).write_bytes((folder / FILES[0]).read_bytes() + b"\0")
    assert "checksums" in failing(judge_track(folder))
    write_track(folder, files=[])
    assert failing(judge_track(folder)) == {"readable"}


def test_a_track_that_names_a_file_of_another(folder):
    files = [
        {"path": path, "role": role, **sums((folder / path).read_bytes())}
        for path, role in zip(FILES, ("mix", "jams"), strict=True)
    ]
    write_track(folder, files=[*files, {**files[0], "path": "audio/b/mix.wav"}])
    assert failing(judge_track(folder)) == {"files"}
    write_track(folder, files=files[1:])
    assert failing(judge_track(folder)) == {"files"}


def write_index(folder, change=lambda index, splits, summed: None):
    """The index, the splits and the checksums, perhaps changed."""
    write_track(folder)
    (folder / "README.md").write_text("x\n")
    splits = {"train": ["a"]}
    (folder / "splits.json").write_text(json.dumps(splits))

    def entry(name):
        return [name, sums((folder / name).read_bytes())["md5"]]

    index = {
        "version": "1.0",
        "tracks": {
            "a": {"mix": entry(FILES[0]), "jams": entry(FILES[1]), "metadata": entry("tracks/a.json")}
        },
        "metadata": {"splits": entry("splits.json")},
    }
    summed = {}
    change(index, splits, summed)
    (folder / "splits.json").write_text(json.dumps(splits))
    (folder / "index.json").write_text(json.dumps(index))
    names = [*FILES, "tracks/a.json", "splits.json", "index.json", "README.md"]
    summed = {name: sums((folder / name).read_bytes())["sha256"] for name in names} | summed
    (folder / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in summed.items()))


def judge_index(folder):
    inputs = {"tracks": [str(folder / "tracks/a.json")]}
    inputs |= {"splits": [str(folder / "splits.json")], "readme": [str(folder / "README.md")]}
    inputs |= {"sums": [str(folder / "SHA256SUMS")]}
    context = {"splits": {"a": "train"}}
    subject = Subject(str(folder / "index.json"), "dataset_index", context=context, inputs=inputs)
    return {check.id: check.status for check in verify(subject, make({"dataset_index": {}})).checks}


@pytest.mark.parametrize("line", ["not a sum\n", f"{'0' * 64}  {FILES[0]}\n"], ids=["none", "two of a file"])
def test_sums_with_a_line_too_many(folder, line):
    write_index(folder)
    sums = folder / "SHA256SUMS"
    sums.write_text(line + sums.read_text())
    assert failing(judge_index(folder)) == {"sums"}


def test_an_index(folder):
    write_index(folder)
    assert judge_index(folder) == {f"dataset_index.{name}": "pass" for name in ("files", "splits", "sums")}


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda index, splits, summed: index["tracks"]["a"].pop("jams"), {"files"}),
        (lambda index, splits, summed: index["tracks"]["a"].update(mix=[FILES[0], "0" * 32]), {"files"}),
        (
            lambda index, splits, summed: index["tracks"].update(b={"mix": ["audio/b.wav", "0" * 32]}),
            {"files"},
        ),
        (lambda index, splits, summed: splits.update(test=["a"]), {"files", "splits"}),
        (lambda index, splits, summed: splits.update(train=["a", "a"]), {"files", "splits"}),
        (lambda index, splits, summed: splits.update(train=[]), {"files", "splits"}),
        (lambda index, splits, summed: summed.update({FILES[0]: "0" * 64}), {"sums"}),
        (lambda index, splits, summed: summed.update({"more.wav": "0" * 64}), {"sums"}),
        (lambda index, splits, summed: index.update(tracks={"a": 1}), {"readable"}),
        (lambda index, splits, summed: index.update(metadata={"splits": []}), {"readable"}),
    ],
    ids=[
        "a file is missing",
        "another md5",
        "one more",
        "in two splits",
        "twice in its split",
        "in no split",
        "another sha256",
        "a sum",
        "odd",
        "empty",
    ],
)
def test_an_index_that_is_wrong(folder, change, expected):
    write_index(folder, change)
    assert failing(judge_index(folder)) == expected
