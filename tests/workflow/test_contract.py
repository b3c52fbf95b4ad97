"""The rebuild contract (DESIGN 1.5), a test a row: an edit, and the exact set of jobs that the next run does."""

import json
import os
import shutil
import time

import numpy as np
import pytest
import soundfile as sf
import yaml
from contract import (
    FINISH,
    PACK,
    delivery_of,
    from_processing,
    from_stem,
    next_run,
    processing_of,
    rendering_of,
    seams_without,
)
from soundfonts import soundfont
from tune import DELIVERED, STEMS
from workdirs import copy_code


def test_nothing_changed_nothing_runs(workdir):
    run = workdir.snakemake()
    assert run.jobs == [] and "Nothing to be done" in run.text


def test_touching_everything_runs_nothing(workdir):
    later = time.time() + 100
    for path in workdir.path.rglob("*"):
        if ".snakemake" not in path.parts and path.is_file():
            os.utime(path, (later, later))
    assert workdir.snakemake().jobs == []


def test_touching_large_files_runs_nothing(empty):
    """Snakemake alone would go by content only up to 1 MB; our profile lifts that."""
    song = {
        "bpm": 120,
        "sections": [{"all": "4 bars"}],
        "stems": {"bass": {"source": {"tone": {"note": "A2"}}}},
    }
    empty.write("songs/tune.yaml", {**song, "gates": {"clipping": False}})
    empty.write("config.yaml", {"songs": ["tune"]})
    empty.snakemake("build/tune/processed/bass.wav.ok")
    assert os.path.getsize(empty / "build/tune/stems/bass.wav") > 2**20
    for name in ("stems", "processed"):
        os.utime(empty / f"build/tune/{name}/bass.wav", (time.time() + 100,) * 2)
    assert empty.snakemake("build/tune/processed/bass.wav.ok").jobs == []


def test_a_git_checkout_of_our_code_runs_nothing(workdir, tmp_path):
    """The same code elsewhere, every file dated now."""
    workdir.code = copy_code(tmp_path / "clone")
    assert workdir.snakemake().jobs == []


def test_comments_key_order_and_layout_run_nothing(workdir):
    song = yaml.safe_load((workdir / "songs/tune.yaml").read_text())
    song["stems"] = dict(reversed(song["stems"].items()))
    text = "# a comment\n" + yaml.safe_dump(
        dict(reversed(song.items())), sort_keys=False, default_flow_style=True, width=40
    )
    workdir.write("songs/tune.yaml", text)
    assert workdir.snakemake().jobs == []


def test_a_number_spelt_otherwise_runs_nothing(workdir):
    workdir.edit("stems", "bass", "gain_db", value=-3.0)
    workdir.edit("bpm", value="120")
    assert workdir.snakemake().jobs == []


def test_a_stem_s_source(workdir):
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    assert next_run(workdir) == from_stem("bass")


def test_a_stem_s_effects(workdir):
    workdir.edit("stems", "bass", "effects", 0, "lowpass", "cutoff_hz", value=900)
    assert next_run(workdir) == from_processing("bass")


@pytest.mark.long
def test_order_of_effects(workdir):
    song = yaml.safe_load((workdir / "songs/tune.yaml").read_text())
    song["stems"]["bass"]["effects"].reverse()
    workdir.write("songs/tune.yaml", song)
    assert next_run(workdir) == from_processing("bass")


def test_a_fader(workdir):
    workdir.edit("stems", "bass", "gain_db", value=-4)
    assert next_run(workdir) == sorted([*FINISH, *delivery_of("bass"), *PACK])


@pytest.mark.long
def test_a_pan(workdir):
    workdir.edit("stems", "loop", "pan", value=-0.3)
    assert next_run(workdir) == sorted([*FINISH, *delivery_of("loop"), *PACK])


@pytest.mark.long
def test_two_faders_swapped(workdir):
    workdir.edit("stems", "bass", "gain_db", value=-4)
    workdir.edit("stems", "drums", "gain_db", value=-3)
    assert next_run(workdir) == sorted([*FINISH, *delivery_of("bass", "drums"), *PACK])


def test_two_scalars_of_one_effect_swapped(workdir):
    workdir.edit(
        "stems",
        "drums",
        "effects",
        value=[{"compressor": {"threshold_db": -20, "attack_ms": 5, "release_ms": 50}}],
    )
    workdir.snakemake()
    workdir.edit(
        "stems",
        "drums",
        "effects",
        value=[{"compressor": {"threshold_db": -20, "attack_ms": 50, "release_ms": 5}}],
    )
    assert next_run(workdir) == from_processing("drums")


@pytest.mark.long
def test_two_stems_swap_their_sources(workdir):
    song = yaml.safe_load((workdir / "songs/tune.yaml").read_text())
    stems = song["stems"]
    stems["bass"]["source"], stems["loop"]["source"] = stems["loop"]["source"], stems["bass"]["source"]
    workdir.write("songs/tune.yaml", song)
    assert next_run(workdir) == from_stem("bass", "loop")


def test_the_master_target(workdir):
    workdir.edit("master", "target", "integrated_lufs", value=-17)
    last = ["master", "verify the master", "deliver tune_master.wav", "verify tune_master.wav"]
    assert next_run(workdir) == sorted([*last, *PACK])


@pytest.mark.long
def test_how_far_off_the_master_target_may_be(workdir):
    workdir.edit("master", "target", "tolerance_lu", value=1)
    assert next_run(workdir) == sorted(["verify the master", "verify tune_master.wav", *PACK])


@pytest.mark.long
def test_a_target_by_name(workdir):
    workdir.edit("master", "target", value="ebu-r128-s1")
    last = ["master", "verify the master", "deliver tune_master.wav", "verify tune_master.wav"]
    assert next_run(workdir) == sorted([*last, *PACK])
    for file in ("master/master.wav", "delivery/tune_master.wav"):
        sentinel = json.loads((workdir / f"build/tune/{file}.ok").read_text())
        checks = {check["id"]: check for check in sentinel["checks"]}
        assert checks["loudness"]["limit"] == "-23 ±0.2 (ebu-r128-s1)"
        assert abs(checks["loudness"]["measured"] + 23) <= 0.1
        assert checks["short_term"]["limit"] == "<= -18 (ebu-r128-s1)"
        assert {checks[gate]["status"] for gate in ("loudness", "short_term", "true_peak")} == {"pass"}


def test_a_gate_limit_of_one_kind(workdir):
    workdir.edit("gates", "timeline", value={"severity": "warn"})
    assert next_run(workdir) == ["verify the timeline"]


@pytest.mark.long
def test_a_gate_limit_of_what_is_not_a_stem(workdir):
    workdir.edit("gates", "true_peak", value={"max_dbtp": -0.5})
    assert next_run(workdir) == ["verify the master", "verify the mix", "verify tune_master.wav"]


@pytest.mark.long
def test_a_gate_limit_of_one_stem(workdir):
    workdir.edit("stems", "bass", "gates", value={"silence": {"floor_dbfs": -80}})
    expected = ["verify bass", "verify bass, processed", "verify tune_bass.wav"]
    assert next_run(workdir) == expected


def test_a_gate_limit_and_an_edit_at_once(workdir):
    """The checks that run are upstream of the edit: its own reason must not be overlooked (see snakemake_patches/ancient_search.py)."""
    workdir.edit("stems", "bass", "gates", value={"silence": {"floor_dbfs": -80}})
    workdir.edit("stems", "bass", "effects", 0, "lowpass", "cutoff_hz", value=900)
    assert next_run(workdir) == sorted([*from_processing("bass"), "verify bass"])


def test_delivery_names(workdir):
    workdir.edit("delivery", "names", value={"stem": "{song}-{stem}", "master": "{song}_master"})
    renamed = [f"{verb} tune-{stem}.wav" for stem in DELIVERED for verb in ("deliver", "verify")]
    assert next_run(workdir) == sorted([*renamed, *PACK])


@pytest.mark.long
def test_delivery_format(workdir):
    workdir.edit("delivery", "subtype", value="PCM_16")
    master = ["deliver tune_master.wav", "verify tune_master.wav"]
    assert next_run(workdir) == sorted([*master, *delivery_of(*STEMS), *PACK])


def test_title_artist_and_notes(workdir):
    workdir.edit("title", value="Another")
    workdir.edit("artist", value="Somebody")
    workdir.edit("notes", value="Made for you.")
    assert next_run(workdir) == sorted(PACK)


def test_bpm(workdir):
    """All that is placed in time; the imported file, which is not, stays: the song's length is given."""
    workdir.edit("length", value="4 s")
    workdir.edit("sections", value=[{"one": "1 bar"}, {"two": {"length": "remainder", "key": "Ab major"}}])
    workdir.snakemake()
    workdir.edit("bpm", value=121)
    timeline = ["timeline", "verify the timeline", "verify the reference", *seams_without("drums")]
    assert next_run(workdir) == sorted([*timeline, *from_stem("drums")])


@pytest.mark.long
def test_sections_shape_only_what_is_placed_by_them(workdir):
    workdir.edit("stems", "bass", "sections", value=["one"])
    workdir.snakemake()
    workdir.edit("sections", value=[{"one": "2 beats"}, {"two": {"length": "6 beats", "key": "Ab major"}}])
    timeline = ["timeline", "verify the timeline", *seams_without("bass", "drums")]
    assert next_run(workdir) == sorted([*timeline, *from_stem("bass", "drums")])


def test_a_key_is_no_sound(workdir):
    workdir.edit("key", value="D minor")
    assert next_run(workdir) == sorted(["timeline", "verify the timeline", "verify the mix", *PACK])


def test_bytes_of_a_sample(workdir):
    samples, rate = sf.read(workdir / "audio/loop.wav")
    sf.write(workdir / "audio/loop.wav", samples * 0.5, rate, subtype="PCM_16")
    assert next_run(workdir) == from_stem("loop")


@pytest.mark.long
def test_bytes_of_a_command_s_input(workdir, needs):
    """And its words; but not where what it reads lies as long as it says the same."""
    needs("sox")
    shutil.copy(workdir / "audio/loop.wav", workdir / "audio/hum.wav")
    argv = ["sox", "{input:hum}", "-r", "{rate}", "{output}", "highpass", "100"]
    workdir.edit(
        "stems", "bass", "source", value={"command": {"argv": argv, "inputs": {"hum": "audio/hum.wav"}}}
    )
    assert next_run(workdir) == from_stem("bass")
    samples, rate = sf.read(workdir / "audio/hum.wav")
    sf.write(workdir / "audio/hum.wav", samples * 0.5, rate, subtype="PCM_16")
    assert next_run(workdir) == from_stem("bass")
    os.utime(workdir / "audio/hum.wav")
    assert workdir.snakemake().jobs == []
    workdir.edit("stems", "bass", "source", "command", "argv", value=[*argv[:-1], "150"])
    assert next_run(workdir) == from_stem("bass")


@pytest.mark.long
def test_a_command_s_two_inputs_swapped(workdir, needs):
    needs("sox")
    argv = ["sox", "-M", "-v", "0.5", "{input:left}", "-v", "0.2", "{input:right}", "{output}"]
    for name, start in (("a", 0), ("b", 4_000)):
        samples, rate = sf.read(workdir / "audio/loop.wav")
        sf.write(workdir / f"audio/{name}.wav", samples[start:], rate, subtype="PCM_16")
    keys = {"argv": argv, "inputs": {"left": "audio/a.wav", "right": "audio/b.wav"}}
    workdir.edit("stems", "bass", "source", value={"command": keys})
    workdir.snakemake()
    keys["inputs"] = {"left": "audio/b.wav", "right": "audio/a.wav"}
    workdir.edit("stems", "bass", "source", value={"command": keys})
    assert next_run(workdir) == from_stem("bass")


@pytest.mark.long
def test_bytes_of_a_sampler_s_folder(workdir):
    """Each file's count, and which there are; what else lies there does not."""
    for name, level in (("C3.wav", 0.5), ("C5.wav", 0.4)):
        hertz = 130.8 if name == "C3.wav" else 523.3
        workdir.write(f"samples/{name}", "")
        sf.write(
            workdir / "samples" / name, level * np.sin(np.arange(16_000) * 2 * np.pi * hertz / 8000), 8000
        )
    keys = {"instrument": {"sampler": {"folder": "samples"}}, "parts": {"*": {"notes": "C3 1/4, C4 1/4"}}}
    workdir.edit("stems", "bass", "source", value={"play": keys})
    workdir.snakemake()
    samples, rate = sf.read(workdir / "samples/C5.wav")
    sf.write(workdir / "samples/C5.wav", samples * 0.5, rate)
    assert next_run(workdir) == from_stem("bass")
    (workdir / "samples/README.txt").write_text("of no use here")
    os.utime(workdir / "samples/C3.wav")
    assert workdir.snakemake().jobs == []
    shutil.copy(workdir / "samples/C5.wav", workdir / "samples/C4.wav")
    assert next_run(workdir) == from_stem("bass")
    (workdir / "samples/C4.wav").unlink()
    assert next_run(workdir) == from_stem("bass")


@pytest.mark.long
def test_bytes_of_a_soundfont(workdir, needs):
    needs("fluidsynth")
    (workdir / "sine.sf2").write_bytes(soundfont())
    keys = {"instrument": {"soundfont": {"file": "sine.sf2"}}, "parts": {"*": {"notes": "C3 1/4, C4 1/4"}}}
    workdir.edit("stems", "bass", "source", value={"play": keys})
    workdir.snakemake()
    os.utime(workdir / "sine.sf2")
    assert workdir.snakemake().jobs == []
    (workdir / "sine.sf2").write_bytes(soundfont(amplitude=10_000))
    assert next_run(workdir) == from_stem("bass")


@pytest.mark.long
def test_bytes_of_an_sfz(workdir):
    """Its text, what it includes and its samples count; other files of its folder do not."""
    (workdir / "kit").mkdir()
    hit = np.exp(-np.arange(2_000) / 300) * np.sin(np.arange(2_000))
    for name in ("a.wav", "b.wav", "other.wav"):
        sf.write(workdir / "kit" / name, 0.5 * hit, 8_000, "FLOAT")
    (workdir / "kit/kit.sfz").write_text('<region>sample=a.wav key=36\n#include "more.sfzh"\n')
    (workdir / "kit/more.sfzh").write_text("<region>sample=b.wav key=38 cutoff=900\n")
    keys = {"kit": {"sfz": {"file": "kit/kit.sfz"}}, "patterns": {"*": {"kick": "x---", "snare": "--x-"}}}
    workdir.edit("stems", "bass", "source", value={"drums": keys})
    assert "kit.sfz: is played without its cutoff" in workdir.snakemake().text
    for name, text in (
        ("kit.sfz", "\n"),
        ("more.sfzh", "// quieter\n<region>volume=-3 sample=b.wav key=38\n"),
    ):
        with open(workdir / "kit" / name, "a") as file:
            file.write(text)
        assert next_run(workdir) == from_stem("bass")
    sf.write(workdir / "kit/b.wav", 0.4 * hit, 8_000, "FLOAT")
    assert next_run(workdir) == from_stem("bass")
    (workdir / "kit/other.wav").unlink()
    assert workdir.snakemake().jobs == []


@pytest.mark.long
def test_bytes_of_an_impulse_response(workdir):
    sf.write(workdir / "room.wav", np.exp(-np.arange(800) / 100), 8_000, "FLOAT")
    workdir.edit("stems", "bass", "effects", value=[{"convolution": {"file": "room.wav"}}])
    workdir.snakemake()
    os.utime(workdir / "room.wav")
    assert workdir.snakemake().jobs == []
    sf.write(workdir / "room.wav", np.exp(-np.arange(800) / 50), 8_000, "FLOAT")
    assert next_run(workdir) == from_processing("bass")


@pytest.mark.long
def test_another_file_of_the_same_bytes(workdir):
    shutil.copy(workdir / "audio/loop.wav", workdir / "audio/other.wav")
    workdir.edit("stems", "loop", "source", "audio", "file", value="audio/other.wav")
    assert next_run(workdir)[-1] == "verify tune_master.wav"


def test_the_song_to_compare_with(workdir):
    """It is heard nowhere: nothing is made again, only judged."""
    judged = ["verify the master", "verify the mix"]
    shutil.copyfile(workdir / "audio/reference.wav", workdir / "audio/song.wav")
    workdir.edit("compare", value={"file": "audio/song.wav"})
    assert next_run(workdir) == judged
    sentinel = json.loads((workdir / "build/tune/master/master.wav.ok").read_text())
    checks = {check["id"]: check for check in sentinel["checks"]}
    assert isinstance(checks["compare.250_hz"]["measured"], float)
    assert checks["compare.plr"]["status"] in ("pass", "warn")
    samples, rate = sf.read(workdir / "audio/song.wav")
    sf.write(workdir / "audio/song.wav", samples[::-1], rate, subtype="PCM_24")
    assert next_run(workdir) == judged


@pytest.mark.long
def test_bytes_of_the_reference(workdir):
    samples, rate = sf.read(workdir / "audio/reference.wav")
    sf.write(workdir / "audio/reference.wav", samples * 0.5, rate, subtype="PCM_24")
    reference = ["conform the reference", "verify the reference"]
    assert next_run(workdir) == sorted([*reference, *from_stem("guide")])


def test_a_stem_added_and_removed(workdir):
    before = workdir.tree("build/tune/mix", "build/tune/master")
    workdir.edit("stems", "pad", value={"source": {"tone": {"note": "D4", "level_db": -20}}})
    pad = [*rendering_of("pad"), *processing_of("pad"), "deliver tune_pad.wav", "verify tune_pad.wav"]
    assert next_run(workdir) == sorted([*pad, *FINISH, *PACK])
    workdir.edit("stems", "pad", value=None)
    assert next_run(workdir) == sorted([*FINISH, *PACK])
    assert workdir.tree("build/tune/mix", "build/tune/master") == before


def test_an_edit_and_its_undo(workdir):
    before = workdir.tree("build")
    workdir.edit("stems", "bass", "effects", 0, "lowpass", "cutoff_hz", value=900)
    workdir.snakemake()
    workdir.edit("stems", "bass", "effects", 0, "lowpass", "cutoff_hz", value=1000)
    assert next_run(workdir) == from_processing("bass")
    assert workdir.tree("build") == before


def test_one_stem_as_a_target(workdir):
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    workdir.edit("stems", "drums", "source", "drums", "swing", value=0.6)
    assert workdir.snakemake("build/tune/stems/bass.wav").jobs == ["render bass"]
    assert workdir.snakemake("build/tune/stems/drums.wav.ok").jobs == rendering_of("drums")


def test_dry_run_writes_nothing(workdir):
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    before = workdir.tree()
    dates = {p: p.stat().st_mtime_ns for p in workdir.path.rglob("*") if ".snakemake" not in p.parts}
    assert "render bass" in workdir.snakemake("-n").jobs
    assert workdir.tree() == before
    assert {p: p.stat().st_mtime_ns for p in workdir.path.rglob("*") if ".snakemake" not in p.parts} == dates


def test_peaks_are_as_asked(built):
    """What the runs above rebuild is real: the raw stem is at its written level, and nothing is silent."""
    bass, _ = sf.read(built / "build/tune/stems/bass.wav")
    assert abs(20 * np.log10(np.abs(bass).max()) + 9) < 0.01
