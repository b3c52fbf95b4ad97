"""A stage is one file in `plan/stages/` and its rule file: a submix, a second delivery and a text, each thrown away again."""

import hashlib
import json
import shutil

import numpy as np
import pytest
import soundfile as sf
from workdirs import Workdir, copy_code

SUBMIX = '''
"""Submixes: some of what the mix is the sum of."""

from stemwright.plan.stages._base import paths_of, render_context, session_format
from stemwright.plan.stages.mix import Mix
from stemwright.song.routing import MIX


class Submix(Mix):
    """`submixes/SUBMIX.wav`."""

    judged_as = "mix"
    parts = ("drums", "loop")

    def names(self, song):
        """The rhythm."""
        return ["rhythm"]

    def artifact(self, song, graph, name):
        """The sum of its parts."""
        parts = [graph.get("processed", part) for part in self.parts]
        return self.make(
            graph, f"submixes/{name}.wav", name, inputs={"parts": parts}, format=session_format(song)
        )

    def params(self, song, artifact):
        """The faders of its parts."""
        feeds = song.routing.feeds(MIX)
        return {"faders": paths_of({part: feeds[part] for part in self.parts}), "context": render_context(song)}
'''
DELIVERED_16 = '''
"""A second delivery, at 16 bits."""

from dataclasses import replace

from stemwright.plan.stages.delivered import Delivered


class Delivered16(Delivered):
    """`delivery-16/FILE`."""

    judged_as = "delivered"

    def artifact(self, song, graph, name):
        """As the first, at 16 bits."""
        first = super().artifact(song, graph, name)
        wanted = {**first.format, "subtype": "PCM_16", "sample_format": "PCM_16"}
        return replace(first, file=f"delivery-16/{name}", format=wanted)

    def params(self, song, artifact):
        """As the first, at 16 bits."""
        return {**super().params(song, artifact), "encoding": {"container": "WAV", "subtype": "PCM_16"}}
'''
LABELS = '''
"""The sections as text."""

from stemwright.plan.stages._base import Stage


class Labels(Stage):
    """`labels.txt`."""

    script = "write_labels"
    is_audio = False

    def artifact(self, song, graph, name):
        """The one text."""
        return self.make(graph, "labels.txt", inputs={"timeline": graph.stage("timeline")})

    def params(self, song, artifact):
        """What stands between the columns."""
        return {"between": "\\t"}
'''
WRITE_LABELS = """
from stemwright.base.files import atomic_write, read_json
from stemwright.workflow.job import job

with job(snakemake) as params:
    sections = read_json(snakemake.input.timeline[0])["sections"]
    with atomic_write(snakemake.output[0]) as part:
        part.write_text("".join(params["between"].join((s["name"], str(s["start_frame"]))) + "\\n" for s in sections))
"""
RULES = """
rule make_{stage}:
    input:
        unpack(job_inputs("{stage}")),
    output:
        "<results>/{{song}}/{pattern}",
        made="<results>/{{song}}/{pattern}.made",
    log:
        "<logs>/{{song}}/{pattern}.log",
    params:
        job=job("{stage}"),
    message:
        "{{wildcards.song}}: {stage}"
    script:
        "../scripts/{script}.py"


use rule verify_timeline as verify_{stage} with:
    input:
        unpack(verification_inputs("{stage}")),
    output:
        "<results>/{{song}}/{pattern}.ok",
    log:
        "<logs>/{{song}}/{pattern}.ok.log",
    benchmark:
        "<benchmarks>/{{song}}/{pattern}.ok.tsv"
    params:
        job=verification("{stage}"),
    message:
        "{{wildcards.song}}: verify {stage}"
"""
NEW = {
    "submix": (SUBMIX, "submixes/{submix}.wav", "mix_stems"),
    "delivered16": (DELIVERED_16, "delivery-16/{file}", "deliver_file"),
    "labels": (LABELS, "labels.txt", "write_labels"),
}
MADE = {
    "submix": ["submixes/rhythm.wav"],
    "delivered16": [f"delivery-16/tune_{name}.wav" for name in ("bass", "drums", "loop", "master")],
    "labels": ["labels.txt"],
}


@pytest.fixture(scope="module")
def extended(built, tmp_path_factory):
    """The small song, built, and the code with three more stages: two files each, and no other edit."""
    home = tmp_path_factory.mktemp("stages")
    code = copy_code(home / "code")
    for stage, (python, pattern, script) in NEW.items():
        name = "".join(part.capitalize() for part in stage.split("_"))
        assert f"class {name}(" in python
        (code / f"scripts/stemwright/plan/stages/{stage}.py").write_text(python.lstrip())
        (code / f"rules/{stage}.smk").write_text(RULES.format(stage=stage, pattern=pattern, script=script))
    (code / "scripts/write_labels.py").write_text(WRITE_LABELS.lstrip())
    shutil.copytree(built.path, home / "work")
    work = Workdir(home / "work", code)
    run = work.snakemake()
    return work, run


def test_they_are_built_and_verified_and_nothing_else_is(extended):
    work, run = extended
    made = [file for stage in NEW for file in MADE[stage]]
    expected = sorted(
        [stage for stage in NEW for _ in MADE[stage]] + [f"verify {s}" for s in NEW for _ in MADE[s]]
    )
    assert run.jobs == expected
    for file in made:
        path = f"build/tune/{file}"
        sentinel = json.loads((work / f"{path}.ok").read_text())
        digest = hashlib.sha256((work / path).read_bytes()).hexdigest()
        assert (sentinel["artifact"], sentinel["sha256"]) == (path, digest)
        assert (work / f"{path}.made").read_text().startswith(digest)
    assert work.snakemake().jobs == []


def test_the_submix_is_the_sum_of_its_parts_and_judged_as_a_mix(extended):
    work, _ = extended
    drums, loop, submix = (
        sf.read(work / f"build/tune/{file}.wav")[0]
        for file in ("processed/drums", "processed/loop", "submixes/rhythm")
    )
    left = (
        submix[:, 0] - drums[:, 0] * 10 ** (-4 / 20) - loop[:, 0] * 10 ** (-5 / 20) * np.cos(0.3 * np.pi / 2)
    )
    assert np.abs(left).max() < 1e-7
    sentinel = json.loads((work / "build/tune/submixes/rhythm.wav.ok").read_text())
    checks = {check["id"]: check["status"] for check in sentinel["checks"]}
    assert sentinel["kind"] == "submix"
    assert checks["null"] == "pass" and "loudness" in checks and "reference_in_mix.lag" not in checks


def test_the_second_delivery_is_at_16_bits_and_nulls_with_what_it_is_made_of(extended):
    work, _ = extended
    for file in MADE["delivered16"]:
        assert sf.info(work / f"build/tune/{file}").subtype == "PCM_16"
        checks = json.loads((work / f"build/tune/{file}.ok").read_text())["checks"]
        null = next(check for check in checks if check["id"] == "null")
        assert null["status"] == "pass" and -100 < null["measured"] < -80
    assert sf.info(work / "build/tune/delivery/tune_bass.wav").subtype == "PCM_24"


def test_the_text(extended):
    work, _ = extended
    assert (work / "build/tune/labels.txt").read_text() == "one\t0\ntwo\t16000\n"


def test_targets_audit_refusals_and_prune_know_them(extended, tmp_path):
    work, _ = extended
    shutil.copytree(work.path, tmp_path / "work")
    here = Workdir(tmp_path / "work", work.code)
    assert (
        "no such target; did you mean build/tune/submixes/rhythm.wav"
        in here.fails("build/tune/submixes/rythm.wav").text
    )
    (here / "build/tune/submixes/rhythm.wav").write_bytes(b"changed by a hand")
    assert "submixes/rhythm.wav: is not what the job made" in here.fails("audit").text
    ledger = here / "build/tune/refused/submixes/rhythm.wav.jsonl"
    assert json.loads(ledger.read_text())["artifact"] == "build/tune/submixes/rhythm.wav"
    assert here.snakemake().jobs == ["submix", "verify submix"]
    here.edit("stems", "drums", "gain_db", value=-6)
    assert {"submix", "verify submix", "mix"} <= set(here.snakemake().jobs)
    old = Workdir(here.path, copy_code(tmp_path / "old"))
    old.snakemake("prune")
    for file in [file for stage in NEW for file in MADE[stage]]:
        assert not list((here / "build/tune").glob(f"{file}*"))
