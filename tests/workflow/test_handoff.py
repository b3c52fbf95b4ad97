"""Hand-off in a real build: what is asked for is made, verified, heard, and made again for its content only."""

import json

import numpy as np
import pytest
import soundfile as sf
from daw import play
from workdirs import Workdir

PACK = [f"stage/tune_{track}_count-in-1-bar" for track in ("bass", "click", "cues", "hum", "labels")]
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
    "changes": [{"bar": 2, "bpm": 150, "meter": "3/4"}],
    "sections": [{"one": "1 bar"}, {"two": "1 bar"}],
    "stems": {
        "bass": {
            "source": {"play": {"instrument": {"organ": {}}, "parts": {"*": {"notes": "A2 1/4"}}}},
            "gain_db": -9,
            "pan": 0.4,
        },
        "hum": {"source": {"tone": {"note": "A3"}}, "gain_db": -20},
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
    run = work.snakemake(*asked, "build/tune/mix/mix.wav")
    assert [job for job in run.jobs if job.startswith("write ")] == [f"write {file}" for file in FILES]
    for sentinel in asked:
        is_sound = sentinel.endswith(".flac.ok")
        assert json.loads((work / sentinel).read_text())["kind"] == ("live" if is_sound else "handoff")
    mix, _ = sf.read(work / "build/tune/mix/mix.wav")
    lead, first = 4 * 4_000, work / "build/tune/delivery/handoff/stage"
    for project in ("tune.rpp", "tune.dawproject"):
        heard, _ = play(first.parent / project)
        assert np.abs(heard - mix).max() < 2 * 1.5 / 2**23  # two files, and their dither
    stems = sum(sf.read(first / f"tune_{stem}_count-in-1-bar.flac")[0] for stem in ("bass", "hum"))
    assert not stems[:lead].any() and np.abs(stems[lead:] - mix).max() < 2 * 1.5 / 2**23
    click, _ = sf.read(first / "tune_click_count-in-1-bar.flac")
    beats = [*range(0, 8 * 4_000, 4_000), *(8 * 4_000 + n * 3_200 for n in range(3))]
    assert len(click) == len(stems)
    assert [at for at in beats if click[at].any() and not click[at - 9 : at].any()] == beats
    work.edit("stems", "bass", "gain_db", value=-6)
    again = [job for job in work.snakemake("-n", *asked).jobs if job.startswith("write ")]
    assert again == ["write stage/tune_bass_count-in-1-bar.flac"]  # of all these, a fader is in that alone
    work.edit("bpm", value=90)
    assert {f"write {file}" for file in FILES} <= set(work.snakemake("-n", *asked).jobs)
