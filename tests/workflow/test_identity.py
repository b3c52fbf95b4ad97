"""Same in, same out (DESIGN 1.6), and the sentinels' form (1.3)."""

import hashlib
import json
import shutil

import pytest
import soundfile as sf
import xxhash
from tune import CONFIG, SONG, make_audio
from workdirs import Workdir


def test_two_builds_in_two_folders_give_the_same_bytes(built, tmp_path):
    """Another folder, one core instead of two, another time zone, language, hash seed, umask."""
    work = Workdir(tmp_path / "elsewhere is a longer name", built.code)
    work.path.mkdir()
    work.write("config.yaml", CONFIG)
    work.write("songs/tune.yaml", SONG)
    make_audio(work.path)
    env = {"TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "123"}
    work.snakemake("--cores", "1", env=env)
    ours, theirs = work.tree("build"), built.tree("build")
    assert ours.keys() == theirs.keys()
    assert [path for path in ours if ours[path] != theirs[path]] == []


@pytest.mark.long
def test_a_day_later_with_other_rights_gives_the_same_bytes(built, tmp_path, needs):
    work = Workdir(tmp_path / "later", built.code)
    work.path.mkdir()
    work.write("config.yaml", CONFIG)
    work.write("songs/tune.yaml", SONG)
    make_audio(work.path)
    later = (needs("faketime"), "--exclude-monotonic", "-f", "+1d", "sh", "-c", 'umask 077; exec "$@"', "sh")
    work.snakemake(under=later)
    ours, theirs = work.tree("build"), built.tree("build")
    assert [path for path in ours | theirs if ours.get(path) != theirs.get(path)] == []


def test_every_artifact_has_a_sentinel_that_says_what_it_is(built):
    kinds = {}
    for sentinel in (built / "build").rglob("*.ok"):
        record = json.loads(sentinel.read_text())
        artifact = built / record["artifact"]
        assert f"{artifact}.ok" == str(sentinel)
        assert record["sha256"] == hashlib.sha256(artifact.read_bytes()).hexdigest()
        assert record["xxh3"] == xxhash.xxh3_128_hexdigest(artifact.read_bytes())
        said = {"artifact", "sha256", "xxh3", "kind", "format", "checks", "asked", "read", "seal"}
        assert set(record) == said and record["checks"]
        assert record["read"][record["artifact"]] == record["sha256"]
        for check in record["checks"]:
            assert {"id", "measured", "unit", "limit", "status"} <= set(check)
            assert check["status"] in ("pass", "warn") or (check["status"] == "skip" and check["reason"])
        if artifact.suffix == ".wav":
            info = sf.info(artifact)
            expected = {
                "sample_rate": info.samplerate,
                "channels": info.channels,
                "subtype": info.subtype,
                "frames": info.frames,
            }
            assert record["format"] == expected
        kinds[record["kind"]] = kinds.get(record["kind"], 0) + 1
    assert kinds == {
        "timeline": 1, "reference": 1, "stem": 4, "processed": 4, "mix": 1, "master": 1, "delivered": 4, "archive": 1,
    }  # fmt: skip


def test_every_file_is_as_long_as_the_song(built):
    timeline = json.loads((built / "build/tune/timeline.json").read_text())
    assert timeline["frames"] == 32_000 and [s["start_frame"] for s in timeline["sections"]] == [0, 16_000]
    lengths = {
        sf.info(path).frames for path in (built / "build").rglob("*.wav") if path.name != "reference.wav"
    }
    assert lengths == {32_000}


def test_a_log_for_every_job_and_nothing_else_in_the_folder(built):
    for path in (built / "build").rglob("*"):
        no_target = path == built / "build/index.html"  # the run's own
        if path.is_file() and path.suffix != ".made" and path.name != "master.json" and not no_target:
            assert (built / "logs" / path.relative_to(built / "build")).with_name(path.name + ".log").exists()
    tops = {path.name for path in built.path.iterdir()}
    assert tops == {".snakemake", "audio", "benchmarks", "build", "config.yaml", "logs", "songs"}


@pytest.mark.long
def test_building_again_from_nothing_gives_the_same_bytes(workdir):
    before = workdir.tree("build")
    shutil.rmtree(workdir / "build")
    workdir.snakemake()
    assert workdir.tree("build") == before
