"""A small workflow in a folder of its own, run by Snakemake as it is, with our patches, or by a mended Snakemake."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import snakemake_forks

ROOT = Path(__file__).resolve().parents[2]
INSTALL = """
import sys
sys.path.insert(0, {scripts!r})
from stemwright.snakemake_patches import PATCHES, claim, external_input
claim(workflow)
for patch in PATCHES:
    if patch.name in {names!r}:
        patch.install(workflow)
"""
MODULE = """
module ours:
    snakefile: "ours/Snakefile"
    config: config

use rule * from ours
"""


@dataclass
class Run:
    """One Snakemake command: how it ended, and what it said."""

    code: int
    text: str

    @property
    def rules(self):
        """The rules that ran, or would run."""
        return set(re.findall(r"^(?:local)?rule (\w+):$", self.text, re.MULTILINE))


class SmallWorkflow:
    """The rules of `text`, in ours/rules/all.smk. With patches, they are rules of ours.

    `mended` is a folder with a Snakemake to use instead of the installed one.
    """

    def __init__(self, path, text, patches=(), mended=None):
        self.path = Path(path)
        self.env = {**os.environ, "PYTHONPATH": str(mended or "")}
        self.write("Snakefile", 'include: "ours/Snakefile"\n')
        self.write("ours/Snakefile", 'include: "rules/all.smk"\n')
        install = INSTALL.format(scripts=str(ROOT / "scripts"), names=tuple(patches)) if patches else ""
        self.write("ours/rules/all.smk", install + text)

    def __truediv__(self, name):
        return self.path / name

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def read(self, name):
        return (self.path / name).read_text(encoding="utf-8").strip()

    def start(self, *args, under=(), own_group=False):
        """Snakemake at work, in the background, perhaps under another command, or in a process group of its own."""
        command = ["--cores", "2", *args]
        return snakemake_forks.start(command, self.path, self.env, own_group=own_group, under=under)

    def use_as_module(self, host):
        """The rules of another workflow, which uses ours."""
        self.write("Snakefile", MODULE + host)

    def try_run(self, *args):
        process = self.start(*args)
        text, _ = process.communicate(timeout=120)
        return Run(process.returncode, text)

    def run(self, *args):
        """A run that succeeds."""
        run = self.try_run(*args)
        assert run.code == 0, run.text
        return run

    def fails(self, *args):
        """A run that fails, as it should."""
        run = self.try_run(*args)
        assert run.code != 0, run.text
        return run
