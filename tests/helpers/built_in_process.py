"""Songs, built without Snakemake: the scripts of the rules, run in this process, each job once."""

import contextlib
import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import yaml

from stemwright.graph import Artifact, Extra, SourceFile
from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.workflow import job as frame

SCRIPTS = Path(frame.__file__).parents[2]
STAGES = ("timeline", "stem", "processed", "bus", "level", "mix", "master", "delivered")


class Files(list):
    """Paths, some of them by role, as Snakemake hands them to scripts."""

    def __init__(self, by_role):
        super().__init__(path for paths in by_role.values() for path in paths)
        self._by_role = by_role

    def get(self, role, default=None):
        return self._by_role.get(role, default)

    def __getattr__(self, role):
        try:
            return self._by_role[role]
        except KeyError:
            raise AttributeError(role) from None


class Workshop:
    """A folder in which jobs are run: one that was run before, with the same params and inputs, is not run again."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def build(self, song):
        """The artifacts of a song (as data) by path, each with the file that was made of it."""
        text = yaml.safe_dump(song, sort_keys=False)
        file = self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.yaml"
        file.write_text(text, encoding="utf-8")
        plan = Plan(load_song("tune", load_house({"songs": ["tune"]}, []), str(file)), "build")
        made = {}
        for artifact in plan.artifacts:
            if artifact.stage in STAGES:
                made[artifact.path] = self._run(plan, artifact, made)
        return plan, made

    def _run(self, plan, artifact, made):
        params = plan.job(artifact)["params"]
        script = plan._stage(artifact).script
        sources = {
            role: [self._place(entry, made) for entry in entries] for role, entries in artifact.inputs.items()
        }
        sources = {role: [path for path in paths if path] for role, paths in sources.items()}
        what = json.dumps([script, params, sources], sort_keys=True, default=str)
        folder = self.folder / hashlib.sha256(what.encode()).hexdigest()[:24]
        output = folder / Path(artifact.file).name
        if not output.exists():
            folder.mkdir(exist_ok=True)
            extras = {role: str(folder / Path(path).name) for role, path in artifact.extras.items()}
            outputs = Files({"audio": [str(output)], **{role: [path] for role, path in extras.items()}})
            outputs._by_role = {"audio": str(output), **extras}
            snakemake = SimpleNamespace(
                scriptdir=str(SCRIPTS), input=Files(sources), output=outputs, params=params, threads=1
            )
            text = (SCRIPTS / f"{script}.py").read_text(encoding="utf-8")
            with mock.patch.object(frame, "job", lambda snakemake: contextlib.nullcontext(params)):
                exec(compile(text, script, "exec"), {"snakemake": snakemake})
        return str(output)

    @staticmethod
    def _place(entry, made):
        if isinstance(entry, Artifact):
            return made.get(entry.path)
        if isinstance(entry, SourceFile):
            return entry.path
        if isinstance(entry, Extra):
            raise NotImplementedError(entry)
        return None
