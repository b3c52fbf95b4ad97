"""A catalogue of many short songs, planned: python bench/catalogue.py [SONGS [STEMS [BUILT]]]

SONGS songs (100) of STEMS stems (8), a second each at 8 kHz, none of them built: what a dry run takes, and the same of
an equal workflow, which has the same jobs, files and edges, and no params, logs or messages; and what one of the songs
takes that is asked for alone, in the catalogue and without it. With BUILT, so many songs are built, and a run that has
nothing to do is compared with one of a workflow that has one rule and as many files. Times are those of the processor;
each is the median of three runs in turn (of one, from 300 songs on).
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import yaml

ROOT = Path(__file__).resolve().parents[1]
NOTES = ("A1", "E2", "A2", "C3", "E3", "G3", "A3", "C4", "E4", "G4", "A4", "C5", "E5", "G5", "A5", "C6")
EQUAL = """
SONGS, STEMS = config["songs"].split(), [f"stem{number}" for number in range(int(config["stems"]))]
STEM, DONE, FILE = (f"build/{{song}}/{path}.wav" for path in ("stems/{stem}", "processed/{stem}", "delivery/{file}"))
TIMELINE, MIX, MASTER, ZIP = (
    f"build/{{song}}/{path}" for path in ("timeline.json", "mix/mix.wav", "master/master.wav", "{song}.zip")
)
SETTINGS = "build/{song}/master/master.json"
of_all = lambda pattern: [pattern.replace("{stem}", stem) for stem in STEMS]
FILES = [f"build/{{song}}/delivery/{{song}}_{name}.wav" for name in ("master", *STEMS)]
ok = lambda files: [f"{file}.ok" for file in files]
MADE = [TIMELINE, MIX, MASTER, ZIP, *of_all(STEM), *of_all(DONE), *FILES]
ALL = [SETTINGS, *(file + end for file in MADE for end in ("", ".made", ".ok"))]


def origin(w):
    name = w.file.rpartition("_")[2]
    return MASTER.format(song=w.song) if name == "master" else DONE.format(song=w.song, stem=name)


wildcard_constraints:
    song="[^/]+", stem="[A-Za-z0-9_-]+", file="[^/]+"

rule all:
    input: [path.replace("{song}", song) for song in SONGS for path in ALL]

rule timeline:
    output: TIMELINE, TIMELINE + ".made"
    script: "job.py"

rule stem:
    input: ancient(TIMELINE + ".ok")
    output: STEM, STEM + ".made"
    script: "job.py"

rule process:
    input: STEM, ancient(STEM + ".ok")
    output: DONE, DONE + ".made"
    script: "job.py"

rule mix:
    input: of_all(DONE), ancient(ok(of_all(DONE)))
    output: MIX, MIX + ".made"
    script: "job.py"

rule master:
    input: MIX, ancient(MIX + ".ok")
    output: MASTER, MASTER + ".made", SETTINGS
    script: "job.py"

rule deliver:
    input: origin, lambda w: ancient(origin(w) + ".ok")
    output: FILE, FILE + ".made"
    script: "job.py"

rule pack:
    input: FILES, TIMELINE, SETTINGS, ancient([MASTER, MASTER + ".made"]),
        ancient(ok([*FILES, TIMELINE, MIX, MASTER, *of_all(STEM), *of_all(DONE)]))
    output: ZIP, ZIP + ".made"
    script: "job.py"
"""
VERIFIED = {
    "timeline": "TIMELINE",
    "stem": "STEM",
    "process": "DONE, raw=STEM",
    "mix": "MIX, stems=of_all(DONE), sounds=of_all(DONE), parts=of_all(DONE)",
    "master": "MASTER, settings=SETTINGS",
    "deliver": "FILE, parts=origin",
    "pack": "ZIP, sentinels=ancient(ok(FILES)), whole=MIX, parts=FILES[1:]",
}
VERIFY = """
rule verify_{name}:
    input: {file} + ".made", {inputs}
    output: {file} + ".ok"
    script: "job.py"
"""
FLOOR = """
FILES = open("files").read().split()
rule all:
    input: FILES

rule make:
    output: "{song}/{file}"
    shell: "touch {output}"
"""
PLAIN = ("--workflow-profile", "none")


def song(number, stems):
    """A song of one second: tones of their own pitch and level, each through a low-pass."""
    return {
        "title": f"Song {number}",
        "bpm": 100 + number % 50,
        "length": "1 s",
        "sections": [{"all": "remainder"}],
        "stems": {
            f"stem{i}": {
                "source": {"tone": {"note": NOTES[(number + i) % len(NOTES)], "level_db": -20 - i}},
                "effects": [{"lowpass": {"cutoff_hz": 2_000 + number}}],
                "gain_db": -1 - i,
            }
            for i in range(stems)
        },
    }


def write_catalogue(folder, songs, stems):
    """The songs, and a config that lists them. Returns their names."""
    (folder / "songs").mkdir(parents=True)
    names = [f"song-{number:04d}" for number in range(songs)]
    for number, name in enumerate(names):
        text = yaml.safe_dump(song(number, stems), sort_keys=False)
        (folder / f"songs/{name}.yaml").write_text(text, encoding="utf-8")
    config = {
        "songs": names,
        "session": {"sample_rate": 8_000, "channels": 1},
        "gates": {"placeholder": False, "duplicate": {"severity": "warn"}},
        "report": False,
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return names


def write_equal(folder, names, stems):
    """A workflow with the same jobs."""
    folder.mkdir()
    checks = [
        VERIFY.format(name=name, inputs=files, file=files.split(",")[0]) for name, files in VERIFIED.items()
    ]
    (folder / "Snakefile").write_text(EQUAL + "".join(checks), encoding="utf-8")
    (folder / "config.yaml").write_text(
        json.dumps({"songs": " ".join(names), "stems": stems}), encoding="utf-8"
    )
    (folder / "job.py").write_text("", encoding="utf-8")
    return (*PLAIN, "--configfile", "config.yaml")


def run(folder, *args):
    """(seconds of the processor, peak memory in MB, what it says) of a command of Snakemake."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(["snakemake", *map(str, args)], cwd=folder, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode:
        sys.exit(text)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text


def in_turn(commands, runs):
    """The median time and the highest memory of each command, run in turn."""
    found = [[run(*command)[:2] for command in commands] for _ in range(runs)]
    return [
        (median(time for time, _ in each), max(memory for _, memory in each))
        for each in zip(*found, strict=True)
    ]


def jobs(folder, *args):
    return int(re.search(r"^total +(\d+)$", run(folder, *args)[2], re.MULTILINE)[1])


def planning(folder, songs, stems, runs):
    """What a dry run of a catalogue takes, beside an equal workflow, and of one song of it, beside that song alone."""
    names = write_catalogue(folder / "ours", songs, stems)
    write_catalogue(folder / "alone", 1, stems)
    snakefile = ("-n", "-s", ROOT / "Snakefile")
    ours, equal = (
        (folder / "ours", *snakefile),
        (folder / "equal", "-n", *write_equal(folder / "equal", names, stems)),
    )
    number = jobs(*ours)
    assert number == jobs(*equal), "the other workflow is not equal"
    (time, memory), (time_equal, memory_equal) = in_turn([ours, equal], runs)
    one = f"build/{names[0]}/{names[0]}.zip"
    (one_of_many, _), (alone, _) = in_turn([(*ours, one), (folder / "alone", *snakefile, one)], 3)
    return {
        "songs": songs,
        "stems": stems,
        "jobs": number,
        "planning_s": time,
        "planning_equal_s": time_equal,
        "planning_ratio": time / time_equal,
        "planning_mb": memory,
        "planning_equal_mb": memory_equal,
        "one_of_many_s": one_of_many,
        "one_alone_s": alone,
        "one_more_s": one_of_many - alone,
    }


def nothing_to_do(folder, songs, stems, runs):
    """What a run with nothing to do takes, beside a workflow of one rule with as many files."""
    write_catalogue(folder / "built", songs, stems)
    ours = (folder / "built", "-s", ROOT / "Snakefile", "--cores")
    run(*ours, "all", "--quiet")
    ours = (*ours, 1)
    built = (file for file in (folder / "built/build").rglob("*") if file.is_file())
    files = [f"{file.relative_to(folder).parts[2]}/{number}" for number, file in enumerate(sorted(built))]
    for name in files:
        (folder / "floor" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "floor" / name).touch()
    (folder / "floor/files").write_text("\n".join(files), encoding="utf-8")
    (folder / "floor/Snakefile").write_text(FLOOR, encoding="utf-8")
    floor = (folder / "floor", "--cores", 1, *PLAIN)
    run(*floor, "--touch", "--quiet")
    (time, memory), (time_floor, _) = in_turn([ours, floor], runs)
    return {
        "built_songs": songs,
        "files": len(files),
        "nothing_to_do_s": time,
        "floor_s": time_floor,
        "nothing_to_do_ratio": time / time_floor,
        "nothing_to_do_mb": memory,
    }


def main():
    numbers = [int(word) for word in sys.argv[1:]]
    songs, stems, built = [*numbers, *[100, 8, 0][len(numbers) :]]
    runs = 3 if songs < 300 else 1
    with tempfile.TemporaryDirectory(prefix="catalogue-") as name:
        found = planning(Path(name), songs, stems, runs)
        if built:
            found |= nothing_to_do(Path(name), built, stems, runs)
    for key, value in found.items():
        print(f"{key:22} {value:10.2f}" if isinstance(value, float) else f"{key:22} {value:7}")


if __name__ == "__main__":
    main()
