"""With `keep: deliveries`, stems, buses and mixes leave the build once nothing needs them; all else is as without."""

import random
import re
import shutil

import pytest
from contract import PACK, from_stem, rendering_of
from marks import long_but
from recovery import killed
from tune import CONFIG, STEMS

INNER = re.compile(r"build/tune/(stems|processed|mix|reference)/[^/]*\.wav")


def without_inner(tree):
    return {name: data for name, data in tree.items() if not INNER.fullmatch(name)}


def inner(workdir):
    return sorted(name for name in workdir.tree("build") if INNER.fullmatch(name))


@pytest.fixture
def lean(unbuilt):
    """A folder in which the song has been built, and only deliveries are kept."""
    unbuilt.write("config.yaml", CONFIG | {"keep": "deliveries"})
    unbuilt.snakemake()
    return unbuilt


def test_what_is_kept_has_the_same_bytes(lean, built):
    assert inner(lean) == []
    assert lean.tree("build") == without_inner(built.tree("build"))
    assert lean.snakemake().jobs == []


def test_audit_knows_what_is_not_kept(lean):
    assert "10 passed and not kept" in lean.snakemake("audit").text
    (lean / "build/tune/master/master.wav").unlink()
    lean.fails("audit")
    sentinel = lean / "build/tune/stems/bass.wav.ok"
    lean.snakemake()
    sentinel.write_bytes(sentinel.read_bytes().replace(b"pass", b"fail"))
    lean.fails("audit")


def test_an_edit_makes_all_of_the_song_again(lean):
    lean.edit("stems", "bass", "source", "tone", "note", value="B2")
    reference = ["conform the reference", "verify the reference"]
    assert lean.snakemake("-n").jobs == sorted([*from_stem(*STEMS), *reference])
    lean.snakemake()
    assert inner(lean) == [] and lean.snakemake().jobs == []
    kept = lean.tree("build")
    lean.write("config.yaml", CONFIG)
    shutil.rmtree(lean / "build")
    lean.snakemake()
    assert kept == without_inner(lean.tree("build"))


def test_what_is_asked_for_stays(lean, built):
    run = lean.snakemake("build/tune/stems/bass.wav")
    assert run.jobs == ["render bass"]
    assert (lean / "build/tune/stems/bass.wav").read_bytes() == (
        built / "build/tune/stems/bass.wav"
    ).read_bytes()
    lean.snakemake("stems")
    assert [name for name in inner(lean) if "processed" in name] == [
        f"build/tune/processed/{stem}.wav" for stem in STEMS
    ]


def test_a_deleted_zip_is_made_again(lean, built):
    (lean / "build/tune/tune.zip").unlink()
    jobs = lean.snakemake().jobs
    assert set(PACK) <= set(jobs)
    assert lean.tree("build") == without_inner(built.tree("build"))


def test_all_is_made_again_where_all_is_to_be_kept(lean, built):
    lean.write("config.yaml", CONFIG)
    assert set(rendering_of(*STEMS)) <= set(lean.snakemake().jobs)
    assert lean.tree("build") == built.tree("build")
    lean.write("config.yaml", CONFIG | {"keep": "deliveries"})
    assert lean.snakemake().jobs == []  # what is there already stays
    lean.snakemake("--delete-temp-output", "all")
    assert lean.tree("build") == without_inner(built.tree("build"))


def test_what_is_refused_stays_to_be_looked_at(lean):
    lean.edit("stems", "bass", "gates", value={"silence": {"floor_dbfs": -3}})
    lean.fails()
    assert "build/tune/stems/bass.wav" in inner(lean) or "build/tune/processed/bass.wav" in inner(lean)
    lean.edit("stems", "bass", "gates", value=None)
    lean.snakemake()
    assert inner(lean) == []


@pytest.mark.parametrize("seed", long_but((1,), range(8)))
def test_killed_at_a_random_moment(seed, lean, built):
    rng = random.Random(seed)
    if seed % 2:
        shutil.rmtree(lean / "build")
        shutil.rmtree(lean / ".snakemake")
    else:
        lean.edit("stems", "loop", "pan", value=0.1)
    killed(lean, rng)
    shutil.copyfile(built / "songs/tune.yaml", lean / "songs/tune.yaml")
    run = lean.try_snakemake()
    if run.code:
        lean.snakemake("--unlock")
        lean.snakemake()
    assert lean.snakemake().jobs == []
    assert without_inner(lean.tree("build")) == without_inner(built.tree("build"))
