"""The recipes of docs/cookbook, built for real in one run, and heard by measurement."""

import csv
import json
import re

import numpy as np
import pytest
import soundfile as sf
import yaml
from snippets import COOKBOOK, cookbook, write_cookbook
from workdirs import ROOT, Workdir, once

pytestmark = pytest.mark.long
RATE = 16_000


@pytest.fixture(scope="module")
def cooked(tmp_path_factory, code, needs):
    """The folder in which all recipes have been built, at a low rate, since it is quicker; what the run said: said.txt."""
    needs("fluidsynth")

    def build(folder):
        work = Workdir(folder, code)
        folder.mkdir()
        write_cookbook(folder)
        songs = [name for name in cookbook() if name.startswith("songs/")]
        rules = yaml.safe_load((ROOT / "config.yaml").read_text())
        table = {"table": "etudes.csv", "template": "etude.yaml", "name": "etudes/$name"}
        rules["songs"] = [*(name[len("songs/") : -len(".yaml")] for name in songs), table]
        work.write(
            "config.yaml", rules | {"albums": ["ep"], "datasets": ["pair"], "session": {"sample_rate": RATE}}
        )
        work.write("said.txt", work.snakemake().text)

    return Workdir(once(tmp_path_factory, "cookbook", build), code)


@pytest.fixture
def sound(cooked):
    """The samples of a built file, by frame and channel."""
    return lambda path: sf.read(cooked / "build" / path, always_2d=True)[0]


def test_no_recipe_warns(cooked):
    assert "warning:" not in (cooked / "said.txt").read_text()
    sentinels = list((cooked / "build").rglob("*.ok"))
    assert len(sentinels) > 250
    checks = [(path, check) for path in sentinels for check in json.loads(path.read_text())["checks"]]
    assert [(path, check["id"]) for path, check in checks if check["status"] not in ("pass", "skip")] == []


def test_what_the_pages_name_is_there(cooked):
    texts = [re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL) for page in COOKBOOK.glob("*.md")]
    for path in re.findall(r"`((?:build|logs)/[^`]+)`", "".join(texts)):
        assert (cooked / path).exists(), path
    for text in texts:
        for names, path in re.findall(r"Look at ([^.:]*?)\s+in\s+`(build/[^`]+\.ok)`", text):
            ids = {
                check["id"].partition(".")[0] for check in json.loads((cooked / path).read_text())["checks"]
            }
            assert set(re.findall(r"`(\w+)`", names)) <= ids, (names, path)


def test_every_stem_is_heard(cooked):
    """No delivered stem is 20 dB under the loudest one of its song, and no mix is over full scale."""
    for folder in (cooked / "build").glob("*/delivery"):
        song = folder.parent.name
        rms = {}
        for stem in yaml.safe_load((cooked / f"songs/{song}.yaml").read_text())["stems"]:
            if (file := folder / f"{song}_{stem}.wav").exists():
                rms[stem] = 10 * np.log10(np.mean(sf.read(file)[0] ** 2))
        assert not rms or max(rms.values()) - min(rms.values()) < 20, (song, rms)
        assert np.max(np.abs(sf.read(folder.parent / "mix/mix.wav")[0])) <= 1


def test_the_side_chain_pumps(sound):
    """After a stroke 12 dB down, as the recipe says; before the next one back."""
    before, after = sound("pumping/stems/chords.wav"), sound("pumping/processed/chords.wav")
    for beat in range(1, 12):
        for ms, db in ((20, -12), (470, 0)):
            at = slice(start := round((beat * 60 / 124 + ms / 1000) * RATE), start + 100)
            assert 10 * np.log10(np.mean(after[at] ** 2) / np.mean(before[at] ** 2)) == pytest.approx(
                db, abs=0.3
            )


def test_the_tremolo_is_in_time(sound):
    organ, eighth = sound("tremolo/processed/organ.wav"), 60 / 96 / 2
    for number in range(2, 30):
        high, low = (
            np.mean(organ[round((number + part) * eighth * RATE) :][: round(0.3 * eighth * RATE)] ** 2)
            for part in (0.15, 0.65)
        )
        assert 10 * np.log10(high / low) == pytest.approx(20, abs=2.5)


def test_the_ritardando_is_that_of_its_closed_form(cooked):
    with open(cooked / "build/slow-down/delivery/handoff/slow-down_tempo.csv") as file:
        at = {(row["bar"], row["beat"]): float(row["seconds"]) for row in csv.DictReader(file)}
    for beat in range(8):  # the tempo is linear in beats: the time is a logarithm of it
        expected = 8 * 60 / 56 * np.log(112 / (112 - 7 * beat))
        assert at[str(3 + beat // 4), str(1 + beat % 4)] - at["3", "1"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "song, whole, stems", [("hall", "mix", "piano lead hall"), ("mastered", "master", "kick snare bass pad")]
)
def test_delivered_stems_add_up(sound, song, whole, stems):
    parts = [sound(f"{song}/delivery/{song}_{stem}.wav") for stem in stems.split()]
    error = sum(parts) - sound(f"{song}/delivery/{song}_{whole}.wav")
    assert (
        np.max(np.abs(error)) <= (len(parts) + 1) * 1.5 * 2**-23
    )  # each: half a step of rounding, one of dither


def test_songs_of_a_table_have_their_tempo_and_key(sound):
    for song, bpm, hertz in (("slow", 72, 440 * 2 ** (-7 / 12)), ("fast", 132, 440 * 2 ** (-5 / 12))):
        lead = sound(f"etudes/{song}/stems/lead.wav").mean(axis=1)
        assert len(lead) == round((8 * 60 / bpm + 1) * RATE)
        first = lead[: round(30 / bpm * RATE)] * np.hanning(
            round(30 / bpm * RATE)
        )  # an eighth: the tonic, D4 or E4
        line = np.argmax(np.abs(np.fft.rfft(first, 16 * RATE))[: 16 * 600]) / 16
        assert line == pytest.approx(hertz, rel=0.01)


def test_a_cut_down_has_its_length(sound):
    assert len(sound("versions/versions/30s/master.wav")) == 30 * RATE


def test_half_of_the_distance_to_the_record_is_left(cooked):
    """`match_eq` with a strength of 0.5, as the gate measures octaves from 125 Hz to 4 kHz."""
    octaves = [f"compare.{hz}_hz" for hz in (125, 250, 500, 1000, 2000, 4000)]
    mix, master = (
        {
            c["id"]: c["measured"]
            for c in json.loads((cooked / f"build/towards/{stage}.wav.ok").read_text())["checks"]
        }
        for stage in ("mix/mix", "master/master")
    )
    for octave in octaves:
        assert abs(master[octave]) <= max(0.75 * abs(mix[octave]), 1), octave
