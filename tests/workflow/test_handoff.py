"""Hand-off in a real build: what is asked for is made, verified, not packed, and made again for its content only."""

import json

import pytest
from workdirs import Workdir

FILES = [f"handoff/tune.{ending}" for ending in ("dawproject", "mid", "rpp")]
SONG = {
    "bpm": 120,
    "sections": [{"one": "1 bar"}],
    "stems": {
        "bass": {"source": {"play": {"instrument": {"organ": {}}, "parts": {"*": {"notes": "A2 1/4"}}}}}
    },
    "delivery": {"handoff": ["midi", "rpp", "dawproject"]},
}


@pytest.mark.parametrize("asked", [[f"build/tune/{file}.ok" for file in FILES]])
def test_handoff(tmp_path, code, asked):
    work = Workdir(tmp_path, code)
    work.write("config.yaml", {"songs": ["tune"], "session": {"sample_rate": 8000}})
    work.write("songs/tune.yaml", SONG)
    run = work.snakemake(*asked)
    written = [job for job in run.jobs if job.startswith("write ")]
    assert written == [f"write {file.partition('/')[2]}" for file in FILES]
    for file in FILES:
        assert json.loads((work / f"build/tune/{file}.ok").read_text())["kind"] == "handoff"
    work.edit("stems", "bass", "gain_db", value=-6)
    assert work.snakemake(*asked).jobs == []
    work.edit("bpm", value=90)
    again = work.snakemake("-n", *asked).jobs
    assert {f"write {file.partition('/')[2]}" for file in FILES} <= set(again)
