"""Jobs with little memory: their lists of files are as Snakemake's, and so is what they are used for."""

import json
import pickle
import re

import pytest
from small_workflow import SmallWorkflow
from snakemake.iocontainers import InputFiles, Wildcards

from stemwright.snakemake_patches._lean import LeanInputs, LeanWildcards

TEXT = """
import tracemalloc

tracemalloc.start()

rule all:
    input: lambda w: [f"{name}{number}" for name in ("last", "made") for number in range(200)]

rule last:
    input: unpack(lambda w: {"first": [f"first{w.number}"] * 2, "done": [ancient(f"done{w.number}")], "none": []})
    output: "last{number}", made="made{number}"
    log: "{number}.log"
    params: job=lambda w: {"number": w.number}
    script: "last.py"

rule first:
    output: "first{number}", "done{number}"
    shell: "echo {wildcards.number} > {output[0]}; touch {output[1]}"

onstart:
    print(tracemalloc.get_traced_memory()[0] // len(workflow.dag.jobs), "bytes a job")
"""
LAST = """
import json

files = snakemake.input
with open(snakemake.output.made, "w") as file:
    json.dump([files.first, files.done, files.none, list(files), sorted(files.keys()), list(snakemake.output),
               snakemake.wildcards.number, snakemake.params.job, str(snakemake.log)], file)
open(snakemake.output[0], "w").close()
"""


def bytes_of_a_job(work):
    work.write("ours/rules/last.py", LAST)
    return int(re.search(r"^(\d+) bytes a job$", work.run("last1").text, re.MULTILINE)[1])
