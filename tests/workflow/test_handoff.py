"""Hand-off in a real build: what is asked for is made, verified, not packed, and made again for its content only."""

import json

import pytest
from workdirs import Workdir

PACK = [f"stage/tune_{track}_count-in-1-bar" for track in ("bass", "click", "cues", "labels")]
FILES = [
    *(f"{name}.{'txt' if 'labels' in name else 'flac'}" for name in PACK),
    "tune.dawproject",
    "tune.mid",
    "tune.rpp",
    "tune_click_count-in-1-bar.flac",
    "tune_labels.txt",
    "tune_tempo.csv",
]
SONG = {
    "bpm": 120,
    "sections": [{"one": "1 bar"}],
    "stems": {
        "bass": {"source": {"play": {"instrument": {"organ": {}}, "parts": {"*": {"notes": "A2 1/4"}}}}}
    },
    "delivery": {
        "container": "FLAC",
        "handoff": ["midi", "rpp", "dawproject", "labels", "tempo_map", "click", "stage_pack"],
        "count_in": "1 bar",
    },
}


@pytest.mark.parametrize("asked", [[f"build/tune/delivery/handoff/{file}.ok" for file in FILES]])
def test_handoff(tmp_path, code, asked):
    work = Workdir(tmp_path, code)
    work.write("config.yaml", {"songs": ["tune"], "session": {"sample_rate": 8000}})
    work.write("songs/tune.yaml", SONG)
    run = work.snakemake(*asked)
    assert [job for job in run.jobs if job.startswith("write ")] == [f"write {file}" for file in FILES]
    for sentinel in asked:
        is_sound = sentinel.endswith(".flac.ok")
        assert json.loads((work / sentinel).read_text())["kind"] == ("live" if is_sound else "handoff")
    work.edit("stems", "bass", "gain_db", value=-6)
    again = [job for job in work.snakemake("-n", *asked).jobs if job.startswith("write ")]
    assert again == [
        "write stage/tune_bass_count-in-1-bar.flac"
    ]  # a fader is in what is delivered, and there alone
    work.edit("bpm", value=90)
    assert {f"write {file}" for file in FILES} <= set(work.snakemake("-n", *asked).jobs)
