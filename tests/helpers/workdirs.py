"""Folders in which tests run Snakemake for real, and what its runs did."""

import base64
import contextlib
import fcntl
import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import snakemake_forks
import yaml

ROOT = Path(__file__).resolve().parents[2]


ABOUT_RUNS = re.compile(r"build/index\.html|build/.*/report/runs\.js|logs/summary\.json")
# What is said of a job: in a plan, and when it has ended.
JOB = re.compile(
    r"^(?:Job \d+: (\S+): (.*)|\[ *\d+/\d+\] (\S+): (.*?)(?:: REFUSED|: FAILED|: reused)? \(\d+\.\d s\))$",
    re.MULTILINE,
)


@dataclass
class Run:
    """One Snakemake command: how it ended, what it said, and the messages of its jobs, without the song's name."""

    code: int
    text: str

    @property
    def jobs(self):
        return sorted(match[2] or match[4] for match in JOB.finditer(self.text))


def copy_code(to):
    """The workflow as a clone has it: what Snakemake runs, dated now."""
    for name in ("rules", "scripts", "profiles", "workflow"):
        shutil.copytree(
            ROOT / name,
            to / name,
            ignore=shutil.ignore_patterns("__pycache__"),
            copy_function=shutil.copyfile,
        )
    for name in ("Snakefile", "environment.yml"):
        shutil.copyfile(ROOT / name, to / name)
    return to


class Workdir:
    """A folder with songs, in which Snakemake runs the Snakefile of `code`."""

    def __init__(self, path, code):
        self.path = Path(path)
        self.code = code

    def __truediv__(self, name):
        return self.path / name

    def snakemake(self, *args, env=None, under=()):
        """A run that succeeds, perhaps under another command."""
        run = self.try_snakemake(*args, env=env, under=under)
        assert run.code == 0, run.text
        return run

    def fails(self, *args, env=None, under=()):
        """A run that fails, as it should: told to the user in words."""
        run = self.try_snakemake(*args, env=env, under=under)
        assert run.code != 0 and "Traceback" not in run.text, run.text
        return run

    def try_snakemake(self, *args, env=None, under=()):
        if "-n" in args:
            args += ("-p",)  # tell of each job; the plan without it: tests/workflow/test_reasons.py
        elif "--cores" not in args:
            args += ("--cores", "2")
        env = {**os.environ, "COLUMNS": "200", **(env or {})}
        process = snakemake_forks.start(["-s", self.code / "Snakefile", *args], self.path, env, under=under)
        text, _ = process.communicate(timeout=300)
        return Run(process.returncode, text)

    def start(self, *args):
        """A run in the background."""
        return Build(self, *args)

    def write(self, name, data):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False)
        if name == "config.yaml" and "report:" not in text:  # pages are not what most tests are about
            text = f"{text.rstrip()}\nreport: false\n"
        path.write_text(text, encoding="utf-8")

    def edit(self, *keys, value, song="tune"):
        """Set (or, with None, remove) one key of a song's file."""
        file = f"songs/{song}.yaml"
        data = yaml.safe_load((self.path / file).read_text(encoding="utf-8"))
        place = data
        for key in keys[:-1]:
            place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
        if value is None:
            del place[keys[-1]]
        else:
            place[keys[-1]] = value
        self.write(file, data)

    def tree(self, *folders):
        """Every file's bytes, by path, under the folders named (all but Snakemake's own, if none).

        But for what each run writes about itself.
        """
        tops = [self.path / folder for folder in folders] or [self.path]
        files = {str(path.relative_to(self.path)): path for top in tops for path in sorted(top.rglob("*"))}
        return {
            name: path.read_bytes()
            for name, path in files.items()
            if path.is_file() and ".snakemake" not in path.parts and not ABOUT_RUNS.fullmatch(name)
        }


class Build:
    """Snakemake at work, in a process group of its own."""

    def __init__(self, workdir, *args):
        self.path = workdir.path
        self._said = tempfile.NamedTemporaryFile("r", prefix="said-", errors="replace")  # noqa: SIM115
        command = ["-s", workdir.code / "Snakefile", "--cores", "2", *args]
        with open(self._said.name, "w") as said:
            self.process = snakemake_forks.start(command, self.path, dict(os.environ), said, own_group=True)

    @property
    def run(self):
        self._said.seek(0)
        return Run(self.process.poll(), self._said.read())

    def until(self, condition):
        """Wait for it. The answer is whether it came about while the build went on."""
        end = time.monotonic() + 300
        while not condition() and self.process.poll() is None:
            assert time.monotonic() < end, self.run.text
            time.sleep(0.005)
        return self.process.poll() is None

    def runs(self, output):
        """Whether the job that makes an output has been started, and is not done with."""
        mark = base64.urlsafe_b64encode(output.encode()).decode()
        return (self.path / ".snakemake/incomplete" / mark).exists()

    def send(self, number, alone=False):
        """A signal to all of the group, or to Snakemake alone."""
        with contextlib.suppress(ProcessLookupError):
            (os.kill if alone else os.killpg)(self.process.pid, number)

    def wait(self):
        """The run, once all its processes are gone."""
        self.process.wait(timeout=300)
        end = time.monotonic() + 60
        while any(self.processes()):
            assert time.monotonic() < end, "jobs live on"
            time.sleep(0.01)
        return self.run

    def processes(self, log=None):
        """The numbers of the living processes of the group; given a log, of those that print to it."""
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has just ended
                alive = (entry / "cmdline").read_bytes()
                ours = alive and os.getpgid(int(entry.name)) == self.process.pid
                if ours and (log is None or (entry / "fd/1").resolve() == log):
                    yield int(entry.name)


def once(tmp_path_factory, name, make):
    """The folder `name`, which `make` fills in: by one worker, for all that run these tests."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(f"{folder}.part", ignore_errors=True)
            make(Path(f"{folder}.part"))
            os.rename(f"{folder}.part", folder)
    return folder
