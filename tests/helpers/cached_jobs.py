"""Jobs as the shared cache sees them, without Snakemake and without work."""

import hashlib
from contextlib import chdir
from pathlib import Path
from types import SimpleNamespace

from stemwright.records.produced import write_produced
from stemwright.records.sentinel import write_sentinel
from stemwright.workflow.cache.jobs import CachedJob
from stemwright.workflow.work import Work

SOUND, SETTINGS = b"RIFF sound" * 1_000, b"{}"
TOOLS = {"code": "c0de", "libraries": {"numpy": "2.4"}}


class Files(list):
    """Files by role, as Snakemake gives them."""

    def __init__(self, roles):
        self.roles = roles
        super().__init__(
            file for files in roles.values() for file in ([files] if isinstance(files, str) else files)
        )

    def items(self):
        return self.roles.items()

    def get(self, role, default=None):
        return self.roles.get(role, default)


class Machine:
    """A folder to build in, with a cache that others have, too. `said` is what came to the screen."""

    def __init__(self, path, cache, song="tune"):
        self.path, self.cache, self.home = Path(path), cache, f"build/{song}"
        self.path.mkdir(parents=True)
        self.said = []

    def write(self, name, content):
        """A file; its content."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return content

    def verified(self, name, content):
        """An artifact that passed."""
        self.write(name, content)
        with chdir(self.path):
            write_produced(f"{name}.made", [name])
            write_sentinel(name, {"artifact": name, "sha256": hashlib.sha256(content).hexdigest()})

    def job(self, inputs, outputs, params=None, tools=TOOLS, later=(), **keys):
        """The job that makes files (or a sentinel) of others, by role."""
        artifact = next(iter(outputs.values())).removesuffix(".ok")
        param = {
            "params": params or {},
            "tools": tools,
            "artifact": artifact,
            "ledgers": {artifact: "x.jsonl"},
            **({"home": self.home} if "made" in outputs else {}),
            **keys,
        }
        given = SimpleNamespace(input=Files(inputs), output=Files(outputs), params=SimpleNamespace(job=param))
        work = Work(given, later)
        work.check_inputs()
        return CachedJob(given, work, self.said.append)


def master(machine, params=None, sources=(b"left", b"right"), order=("a", "b"), folder="master", **keys):
    """A job with two inputs that makes two files."""
    home = machine.home
    for name, content in zip("ab", sources, strict=True):
        machine.write(f"audio/{name}.wav", content)
    outputs = {"audio": f"{home}/{folder}/master.wav", "settings": f"{home}/{folder}/master.json"}
    return machine.job(
        {"mix": [f"audio/{order[0]}.wav"], "key": [f"audio/{order[1]}.wav"]},
        {**outputs, "made": f"{home}/master/master.wav.made"},
        params or {"gain_db": -3},
        **keys,
    )


def stored(machine, **keys):
    """The same, after it has been built and stored."""
    job = master(machine, **keys)
    assert not job.restore()
    machine.write(f"{machine.home}/master/master.wav", SOUND)
    machine.write(f"{machine.home}/master/master.json", SETTINGS)
    job.store("gain of +2 dB\n", [f"warning: {machine.home}/master/master.wav: is quiet"])
    return job


def built(machine):
    return sorted(path.name for path in Path(machine.home).rglob("*") if path.is_file())
