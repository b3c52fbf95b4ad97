"""In a workflow that uses ours as a module, its own rules are treated as by Snakemake alone; ours, as ever."""

import json
import os
import re
import shutil

import pytest
from small_workflow import ROOT, SmallWorkflow

HOST = """
rule theirs:
    input: "last"
    output: "theirs"
    shell: "cp {input} {output}"

rule by_shell:
    input: "sample"
    output: "by_shell"
    params: config["edit"]
    shell: "cat {input} > {output}; echo {params} >> {output}; echo >> {input}"

rule by_run:
    output: "by_run"
    params: job=config["edit"]
    run:
        if os.path.exists("no_run"):
            open("no_run/file")
        open(output[0], "w").write(str(params.job))

rule by_script:
    input: expand("many/{number}", number=range(5))
    output: "by_script"
    params: job={"params": {"edit": config["edit"]}, "tools": {"code": "", "libraries": {}}}
    log: "by_script.log"
    message: "by a script"
    script: "scripts/theirs.py"

rule of_a_directory:
    output: directory("folder")
    params: config["edit"]
    shell: "mkdir {output}; echo {params} > {output}/file"

rule many:
    output: temp("many/{number}")
    params: config["edit"]
    shell: "echo {wildcards.number} {params} > {output}"

rule behind_an_ancient_input:
    input: ancient("by_run")
    output: "ancient"
    params: config["edit"]
    shell: "echo {params} > {output}"

rule that_fails:
    output: "fragile"
    params: config["edit"]
    log: "fragile.log"
    shell: "test ! -e broken && echo {params} > {output}"

rule last:
    input: "by_run", "by_script", "ancient", "fragile", folder="folder"
    output: "last"
    shell: "cat by_run by_script ancient fragile {input.folder}/file > {output}"
"""
SCRIPT = """
import os, sys
imported = "numpy" in sys.modules
if os.path.exists("no_script"):
    raise OSError(28, "No space left on device", "by_script")
open(snakemake.output[0], "w").write(f"{imported} {snakemake.params.job}")
"""
MODULE = """
module stemwright:
    snakefile: "{root}/Snakefile"
    config: {{"songs": ["tiny"], "session": {{"sample_rate": 8000, "channels": 1}}}}

use rule * from stemwright as music_*
"""
SONG = """
bpm: 120
sections:
  - all: 1 bar
stems:
  bass: {source: {tone: {note: A2}}}
"""
OF_THE_TIME = ("starttime", "endtime", "job_hash")
BASS = "build/tiny/stems/bass.wav"
CHANGING = re.compile(
    r"^(\[.*\]|Complete log.*|Elapsed time.*| +(Date|Workflow ID|Command|Config MD5): .*|Conda environments: ignored)\n"
    r"|(?<=\.snakemake/scripts/)\w+(?=\.theirs\.py)|(?<=jobid: )\d+|(?<=^Job )\d+",
    re.MULTILINE,
)


class Host(SmallWorkflow):
    """The workflow of another, and what is seen of its runs."""

    def __init__(self, path, module=""):
        super().__init__(path, "")
        self.write("Snakefile", HOST + module)
        self.write("scripts/theirs.py", SCRIPT)
        self.write("songs/tiny.yaml", SONG)
        self.write("sample", "old\n")
        self.seen = []

    def see(self, edit, *args):
        """Run it, and keep how that ended, what was told, and all that is on record."""
        profile = ("--workflow-profile", ROOT / "profiles/default")
        run = self.try_run(*args, "--cores", "1", *profile, "--config", f"edit={edit}")
        text = CHANGING.sub("", run.text.replace(str(self.path), "HERE"))
        lines = sorted(map(_sorted, text.splitlines()))  # which of several jobs goes first is left to chance
        records = {}
        for path in sorted((self / ".snakemake").rglob("*")):
            name = str(path.relative_to(self / ".snakemake"))
            if path.is_file() and name.startswith(("metadata/", "incomplete/")):
                record = json.loads(path.read_text())
                records[name] = {key: value for key, value in record.items() if key not in OF_THE_TIME}
            elif path.is_file() and name.startswith("locks"):
                records[name] = path.read_text()
        files = {path.name: path.read_text() for path in sorted(self.path.glob("*")) if path.is_file()}
        self.seen.append(
            {"args": (edit, *args), "code": run.code, "lines": lines, "records": records, "files": files}
        )
        self.seen[-1]["files"].pop("Snakefile")


def _sorted(line):
    """A line with its list of files in order: Snakemake makes some of sets."""
    label, colon, files = line.partition("by another job: ")
    return label + colon + ", ".join(sorted(files.split(", ")))


def edits(host):
    """Edits, and a job that fails."""
    host.see(1, "theirs", "by_shell")
    host.see(1, "theirs", "by_shell")  # is all done?
    host.see(2, "theirs", "-n")
    (host / "broken").touch()
    host.see(2, "theirs")  # a job fails
    (host / "broken").unlink()
    host.see(2, "theirs")  # is it done again?
    host.see(3, "by_run")
    host.see(4, "theirs")  # is a change seen behind an ancient input?
    host.write("other", "older\n")
    os.utime(host / "other", (10**9, 10**9))
    os.replace(host / "other", host / "sample")
    host.see(1, "by_shell", "-n")  # and an older file, put in the place of another?


def mishaps(host):
    """Records that are lost, and errors of the system, in Python and in Snakemake itself."""
    host.see(4, "theirs")
    shutil.rmtree(host / ".snakemake/metadata")
    host.see(5, "theirs")  # is it made again, what nothing is known of?
    (host / "no_script").touch()
    host.see(6, "by_script", "--forcerun", "by_script")  # an error of the system in a script
    (host / "no_script").unlink()
    (host / "no_run").touch()
    host.see(6, "by_run", "--forcerun", "by_run")  # and in Python of a rule
    host.see(6, "theirs", "--list-changes", "params")
    shutil.rmtree(host / ".snakemake/locks")
    host.write(".snakemake/locks", "")
    host.see(7, "theirs")  # and in Snakemake itself


@pytest.mark.parametrize(
    ("life", "ends"),
    [
        (edits, [0, 0, 0, 1, 0, 0, 0, 0]),
        pytest.param(mishaps, [0, 0, 1, 1, 0, 1], marks=pytest.mark.long),
    ],
)
def test_a_host_s_rules_are_treated_as_by_snakemake_alone(tmp_path, life, ends):
    """What is told, how it ends, what is made, and all records, but for times."""
    alone, hosting = Host(tmp_path / "alone"), Host(tmp_path / "hosting", MODULE.format(root=ROOT))
    for host in (alone, hosting):
        life(host)
        assert [each["code"] for each in host.seen] == ends
    for by_itself, with_ours in zip(alone.seen, hosting.seen, strict=True):
        for kind, seen in by_itself.items():
            assert seen == with_ours[kind], by_itself["args"]


def test_our_rules_are_treated_as_ours_there(tmp_path):
    """Under another name: a change is told in words, and what has no record is made again."""
    host = Host(tmp_path, MODULE.format(root=ROOT))
    host.run(BASS, "--config", "edit=1")
    host.write("songs/tiny.yaml", SONG.replace("A2", "B2"))
    text = host.run(BASS, "-n", "--config", "edit=1").text
    assert "tiny: render bass" in text and "source changed (tone.note A2 → B2)" in text
    shutil.rmtree(host / ".snakemake/metadata")
    assert "none is on record" in host.run(BASS, "-n", "--config", "edit=1").text
