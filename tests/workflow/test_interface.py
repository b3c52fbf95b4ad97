"""What users do with the workflow: targets, options, the workflow as a module, mistakes told plainly."""

import json
import re
import subprocess
import zipfile

import numpy as np
import pytest
import soundfile as sf
from tune import CONFIG, SONG, make_audio
from workdirs import Workdir

TINY = {
    "bpm": 120,
    "sections": [{"all": "1 bar"}],
    "stems": {"bass": {"source": {"tone": {"note": "A2"}}, "gain_db": -3}},
}


@pytest.fixture
def tiny(empty):
    empty.write("config.yaml", {"songs": ["tiny", "other"], "session": {"sample_rate": 8000, "channels": 1}})
    empty.write("songs/tiny.yaml", TINY)
    empty.write("songs/other.yaml", TINY)
    return empty


def test_targets_by_name(tiny):
    tiny.snakemake("stems")
    assert (tiny / "build/other/processed/bass.wav.ok").exists() and not (tiny / "build/tiny/mix").exists()
    tiny.snakemake("masters")
    assert (tiny / "build/tiny/master/master.wav.ok").exists() and not (tiny / "build/tiny/tiny.zip").exists()
    tiny.snakemake("archives")
    assert (tiny / "build/tiny/tiny.zip.ok").exists()
    assert tiny.snakemake("all").jobs == []
    tiny.snakemake("audit")


def test_a_program_that_is_lacking_is_told_by_the_plan(tiny):
    """As a warning, since jobs may run where it is; and of the songs asked for."""
    lacking = {"source": {"command": {"argv": ["no-such-synth", "{output}"]}}}
    uneven = {"source": {"drums": {"patterns": {"*": {"kick": "x--------------"}}}}}
    tiny.write("songs/tiny.yaml", {**TINY, "stems": {"bass": lacking, "drums": uneven}})
    told = r"songs/tiny.yaml:\d+: stems.bass.source.command.argv\[0\]: there is no program 'no-such-synth' in PATH here"
    run = tiny.snakemake("-n", "build/tiny/stems/bass.wav")
    assert len(re.findall(told, run.text)) == 1 and "render bass" in run.jobs
    assert re.search(
        r"songs/tiny\.yaml:\d+: stems\.drums\..*kick: .*: has 15 steps, but a bar has 16", run.text
    )
    assert "no-such-synth" not in tiny.snakemake("-n", "build/other/stems/bass.wav").text
    assert re.search(told, tiny.fails("build/tiny/stems/bass.wav").text)


def test_only_the_songs_asked_for_are_read(tiny):
    tiny.write("songs/other.yaml", "no: [song")
    run = tiny.snakemake("build/tiny/stems/bass.wav")
    assert "render bass" in run.jobs
    tiny.fails("-n")


def test_a_recording_is_measured_without_any_song(tiny):
    tiny.write("songs/tiny.yaml", "no: [song")
    sf.write(tiny / "{take}.wav", np.zeros(8_000), 8_000)
    run = tiny.snakemake("measure", "--config", "file={take}.wav")
    assert "{take}.wav:\n  format      WAV, PCM_16; 8,000 Hz, mono" in run.text
    assert not (tiny / "build").exists()
    assert "measure: say which recording" in tiny.fails("measure").text


def test_config_on_the_command_line(tiny):
    tiny.snakemake("--config", "songs=[tiny]")
    assert not (tiny / "build/other").exists()
    tiny.write("more.yaml", {"session": {"sample_rate": 16000}})
    run = tiny.snakemake("-n", "--configfile", "more.yaml", "--config", "songs=[tiny]")
    assert "render bass" in run.jobs


def test_another_directory(tiny, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = Workdir(elsewhere, tiny.code).snakemake("--directory", tiny.path, "build/tiny/tiny.zip")
    assert "pack tiny.zip" in run.jobs and (tiny / "build/tiny/tiny.zip").exists()
    assert list(elsewhere.iterdir()) == []


def test_another_output_root(tiny):
    config = {
        "songs": ["tiny"],
        "session": {"sample_rate": 8000, "channels": 1},
        "pathvars": {"results": "out/audio"},
    }
    tiny.write("config.yaml", config)
    tiny.snakemake()
    assert (tiny / "out/audio/tiny/tiny.zip.ok").exists() and not (tiny / "build").exists()
    assert tiny.snakemake("out/audio/tiny/stems/bass.wav").jobs == []


def test_as_a_module_of_another_workflow(built, tmp_path, code):
    work = Workdir(tmp_path / "outer", code)
    work.path.mkdir()
    make_audio(work.path)
    work.write("songs/tune.yaml", SONG)
    work.write("mine.yaml", {"stemwright": CONFIG})
    work.write(
        "Snakefile",
        f"""
configfile: "mine.yaml"

module stemwright:
    snakefile: "{code}/Snakefile"
    config: config["stemwright"]

use rule * from stemwright as music_*

rule report:
    input: "build/tune/tune.zip", "build/tune/tune.zip.ok"
    output: "sizes.txt"
    shell: "wc -c < {{input[0]}} > {{output}}"
""",
    )
    work.code = work.path
    profile = ("--workflow-profile", code / "profiles/default")
    run = work.snakemake("report", *profile)
    assert "render bass" in run.jobs
    assert work.tree("build") == built.tree("build")
    assert work.snakemake("report", *profile).jobs == []
    work.edit("stems", "bass", "gain_db", value=-4)
    assert "mix" in work.snakemake("report", *profile).jobs


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("songs/tiny.yaml", "bpm: 120\nstems:\n  bass:\n    gain_db: 240\n", "songs/tiny.yaml:4: stems.bass.gain_db: must be at most 24 (is 240)"),
        ("songs/tiny.yaml", "bpm: 120\n\tx: 1\n", "songs/tiny.yaml:2: is indented with a tab"),
        ("songs/tiny.yaml", "", "songs/tiny.yaml:1: must be keys and values"),
        ("config.yaml", "songs: [tiny]\nsongs: [other]\n", "config.yaml:2: songs: is given twice"),
        ("config.yaml", "songs: [tiny]\nsesion: {}\n", "config.yaml:2: sesion: is not a known key; did you mean session?"),
        ("config.yaml", "songs: [../tiny]\n", "config.yaml:1: songs[0]: must be letters, digits, - and _ only"),
        ("config.yaml", "songs: [tiny]\npathvars: 5\n", "config.yaml:2: pathvars: must be keys and values (is 5)"),
        ("config.yaml", "songs: [tiny]\npathvars:\n  results: ''\n", "config.yaml:3: pathvars.results: must be a folder of its own (is '')"),
        ("config.yaml", "songs: [missing]\n", "config.yaml:1: songs[0]: songs/missing.yaml is missing, or not a regular file"),
        ("config.yaml", "songs: [tiny]\nalbums:\n  - lost\n", "config.yaml:3: albums[0]: albums/lost.yaml is missing, or not a regular file"),
        ("config.yaml", "songs: [tiny]\ndatasets: [songs/..]\n", "config.yaml:2: datasets[0]: must be letters, digits"),
        ("config.yaml", "songs: [tiny]\ndatasets:\n- lost\n", "config.yaml:3: datasets[0]: datasets/lost.yaml is missing, or not a regular file"),
        ("config.yaml", "songs:\n- tiny\n- {table: t.csv, template: t.yaml}\n", "config.yaml:3: songs[1].table: t.csv is missing, or not a regular file"),
        ("config.yaml", "songs:\n- tiny\n-\n  table: t.txt\n  template: t.yaml\n", "config.yaml:4: songs[1].table: t.txt must end in .csv, .tsv, .parquet"),
        ("config.yaml", "songs:\n- tiny\n- rock/tiny\n", "config.yaml:3: songs[1]: songs/rock/tiny.yaml is missing; did you mean tiny?"),
    ],
)  # fmt: skip
def test_mistakes_are_told_plainly_and_nothing_is_built(tiny, file, text, says):
    tiny.write(file, text)
    run = tiny.fails()
    assert says in run.text
    assert "Traceback" not in run.text and ".smk" not in run.text and "Nothing was built." in run.text
    assert not (tiny / "build").exists() and not (tiny / "logs").exists()


def test_a_folder_on_the_command_line(tiny):
    run = tiny.fails("-n", "--config", "pathvars={results: ''}")
    assert "--config: pathvars.results: must be text (is empty)" in run.text and ".smk" not in run.text


def test_no_input_may_be_in_the_output(tiny):
    """Snakemake would take what a removed stem left there for something to be built, by whatever path it goes."""
    tiny.snakemake("--config", "songs=[other]")
    tiny.write("songs/other.yaml", {**TINY, "stems": {"new": TINY["stems"]["bass"]}})
    (tiny / "link.wav").symlink_to("build/other/stems/bass.wav")
    inside = (
        "build/other/stems/bass.wav",
        tiny / "build/other/stems/bass.wav",
        "songs/../build/other/tiny.wav",
    )
    (tiny / "build/other/tiny.wav").write_bytes(b"")
    for path in (*inside, "link.wav"):
        stem = {"source": {"audio": {"file": str(path)}}}
        tiny.write("songs/tiny.yaml", {**TINY, "reference": {"file": str(path)}, "stems": {"loop": stem}})
        run = tiny.fails("-n")
        for key in ("reference.file", "stems.loop.source.audio.file"):
            assert f"{key}: must not be in build/, the folder of built files: copy it elsewhere" in run.text
        assert "Nothing was built." in run.text and ".smk" not in run.text


def test_a_target_that_no_song_has(tiny):
    run = tiny.fails("build/tiny/stems/bas.wav")
    assert (
        "build/tiny/stems/bas.wav: song tiny has no such target; did you mean build/tiny/stems/bass.wav?"
        in run.text
    )


def test_a_target_without_a_rule_is_told_what_was_meant(tiny):
    tiny.write("songs/unlisted.yaml", TINY)
    run = tiny.fails("-n", "unlisted", "master")
    assert "exists but is not listed" in run.text or "did you mean masters?" in run.text
    assert "MissingRule" not in run.text and "Nothing was built." in run.text


def test_bad_audio_is_found_at_planning_with_its_line(tiny):
    tiny.write("half.wav", "RIFF" + "x" * 60)
    tiny.write("songs/tiny.yaml", {**TINY, "stems": {"loop": {"source": {"audio": {"file": "half.wav"}}}}})
    run = tiny.fails("-n")
    assert "songs/tiny.yaml:8: stems.loop.source.audio.file: half.wav: is not WAV" in run.text


def test_a_songs_name_is_told_the_target_for_it(tiny):
    run = tiny.fails("-n", "tiny")
    assert "tiny: is a song, not a target; to build all of it: snakemake build/tiny/tiny.zip.ok" in run.text
    assert "is a song" not in tiny.try_snakemake("-n", "--directory", "tiny").text


@pytest.mark.long
def test_names_of_all_scripts_are_in_the_zip(tiny):
    """Python's zipfile reads them by the UTF-8 flag (PKWARE APPNOTE 4.4.4, bit 11)."""
    names = {"names": {"master": "{title}", "stem": "{title} – {stem}"}}
    tiny.write("songs/tiny.yaml", {**TINY, "title": "Déjà ’vu 春", "delivery": names})
    tiny.snakemake("build/tiny/tiny.zip.ok")
    with zipfile.ZipFile(tiny / "build/tiny/tiny.zip") as archive:
        files = {info.filename: info.flag_bits & 1 << 11 for info in archive.infolist()}
    assert files["Déjà ’vu 春.wav"] and files["Déjà ’vu 春 – bass.wav"] and not files["README.txt"]
    assert tiny.snakemake("build/tiny/tiny.zip.ok").jobs == []


def test_the_zip_says_what_the_files_are(built, needs, tmp_path):
    archive = built / "build/tune/tune.zip"
    subprocess.run([needs("unzip"), "-tq", archive], check=True)
    subprocess.run([needs("unzip"), "-q", archive, "-d", tmp_path / "out"], check=True)
    subprocess.run([needs("sha256sum"), "-c", "--strict", "SHA256SUMS"], check=True, cwd=tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert [f["name"] for f in manifest["files"]] == [
        "tune_master.wav",
        "tune_bass.wav",
        "tune_drums.wav",
        "tune_loop.wav",
    ]
    for file in manifest["files"]:
        probe = subprocess.run(
            [needs("ffprobe"), "-v", "error", "-show_entries", "stream=sample_rate,channels,codec_name,duration_ts", "-of", "json", tmp_path / "out" / file["name"]],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        (stream,) = json.loads(probe.stdout)["streams"]
        assert stream["codec_name"] == "pcm_s24le" and file["subtype"] == "PCM_24"
        assert int(stream["sample_rate"]) == file["sample_rate"] and stream["channels"] == file["channels"]
        assert stream["duration_ts"] == file["frames"] == 32_000
