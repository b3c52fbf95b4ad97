"""A patch is put in where Snakemake is as it was when the patch was tried, once, and nowhere else."""

import importlib
import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import snakemake
import snakemake.cli  # before its parts, which import each other
from small_workflow import ROOT, SmallWorkflow

from stemwright.snakemake_patches import PATCHES, _patch
from stemwright.snakemake_patches._patch import (
    Patch,
    Replacement,
    Source,
    UntriedSnakemakeError,
    source_digest,
    source_text,
)

SOURCES = {source.place: source for patch in PATCHES for source in (*patch.replacements, *patch.depends_on)}
ROOM = ROOT / "scripts/stemwright/snakemake_patches"
MAKE = """
rule make:
    output: "made"
    shell: "touch {output}"
"""


class Scheduler:
    def stop(self, now):
        # A comment is no code.
        return f"stops {now}"


class Same:
    def stop(self, now):

        return f"stops {now}"


class Different:
    def stop(self, now):
        return f"stops at {now}"


def louder(stop):
    return lambda self, now: stop(self, now).upper()


@pytest.fixture
def scheduler(monkeypatch):
    monkeypatch.setattr(Scheduler, "stop", Scheduler.stop)  # put back at the end
    return Scheduler()


@pytest.fixture
def warnings(monkeypatch):
    said = []
    monkeypatch.setattr(_patch, "logger", SimpleNamespace(warning=said.append))
    return said


def patch_of_stop(digest, is_safe_without=True, **more):
    tried = {"9.27.0": digest}
    stop = Replacement(f"{__name__}:Scheduler.stop", tried, louder)
    return Patch("stop", "It is quiet.", is_safe_without, (stop,), **more)


WORKFLOW = SimpleNamespace(is_main_process=True)


def test_what_is_as_tried_is_replaced_once(scheduler, warnings):
    patch = patch_of_stop(source_digest(Scheduler.stop))
    patch.install(WORKFLOW)
    assert scheduler.stop("now") == "STOPS NOW" and Scheduler.stop.__name__ == "stop"
    once = Scheduler.stop
    patch.install(WORKFLOW)
    assert Scheduler.stop is once and warnings == []


def test_two_patches_of_one_method(scheduler):
    """The second finds Snakemake's source behind the first."""
    digest = source_digest(Scheduler.stop)
    for _ in range(2):
        patch_of_stop(digest).install(WORKFLOW)
    assert scheduler.stop("now") == "STOPS NOW" and Scheduler.stop.__wrapped__.__wrapped__


def test_what_differs_is_left_as_it_is_with_a_line(scheduler, warnings):
    patch = patch_of_stop("another")
    patch.install(WORKFLOW)
    patch.install(WORKFLOW)
    assert scheduler.stop("now") == "stops now"
    assert warnings == [
        f"Snakemake {snakemake.__version__}: its Scheduler.stop is not as in 9.27.0, "
        "so Stemwright's patch stop is left out. It is quiet."
    ]


def test_a_job_s_own_process_does_not_say_so_again(scheduler, warnings):
    patch_of_stop("another").install(SimpleNamespace(is_main_process=False))
    assert warnings == []


def test_so_it_is_if_it_builds_on_what_differs(scheduler, warnings):
    other = Source(f"{__name__}:Scheduler.start", {"9.27.0": ""})
    patch_of_stop(source_digest(Scheduler.stop), depends_on=(other,)).install(WORKFLOW)
    assert scheduler.stop("now") == "stops now" and len(warnings) == 1


def test_what_cannot_be_done_without_ends_with_an_error(scheduler):
    patch = patch_of_stop("another", is_safe_without=False)
    for _ in range(2):
        with pytest.raises(UntriedSnakemakeError, match=r"It is quiet. Install Snakemake 9.27.1\.$"):
            patch.install(WORKFLOW)


def test_a_patch_of_another_process_is_not_installed(scheduler):
    patch_of_stop(source_digest(Scheduler.stop), applies=lambda workflow: False).install(WORKFLOW)
    assert scheduler.stop("now") == "stops now"


@pytest.mark.parametrize("place", ["nowhere:Scheduler.stop", f"{__name__}:Nobody.stop", "builtins:str.split"])
def test_what_has_no_source_differs(place):
    assert not Source(place, {"9.27.0": ""}).is_as_tried()


def test_comments_and_empty_lines_are_no_change():
    digests = [source_digest(each.stop) for each in (Scheduler, Same, Different)]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("place", SOURCES)
def test_this_snakemake_was_tried(place):
    """When it fails: look what changed, try the patch, and add the digest. The source is read as `inspect` reads it."""
    source = SOURCES[place]
    assert source_text(source.function).rstrip() == inspect.getsource(source.function).rstrip()
    assert source.is_as_tried(), source_digest(source.function)


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_a_patch_says_what_it_is_for(patch):
    """In its file: by headings, and with the test that fails when it is no longer needed."""
    module = importlib.import_module(f"stemwright.snakemake_patches.{patch.name}")
    headings = re.findall(r"^(\S.*)$", module.__doc__.partition("\n\n")[2], re.MULTILINE)
    wanted = ["Without it", "Upstream", "Touches", "Tried with", "No longer needed when"]
    assert [heading for heading in headings if heading in wanted] == wanted
    for replacement in patch.replacements:
        assert ".".join(replacement.path) in module.__doc__
    file, test = re.search(r"tests/snakemake_patches/(\w+\.py)::(\w+) fails", module.__doc__).groups()
    assert f"def {test}(" in Path(__file__).with_name(file).read_text()


def test_every_file_of_the_room_is_a_patch_or_private():
    names = {path.stem for path in ROOM.glob("*.py") if not path.name.startswith("_")}
    assert names == {patch.name for patch in PATCHES}


TWICE = """
import snakemake.cli
from types import SimpleNamespace
from stemwright.snakemake_patches import PATCHES, install

workflow = SimpleNamespace(
    included_stack=["Snakefile", "rules/common.smk"],
    is_main_process=True,
    subprocess_exec=False,
    modifier=SimpleNamespace(is_main_snakefile=lambda: True),
)
places = [(replacement.owner, replacement.path[-1]) for patch in PATCHES for replacement in patch.replacements]
states = [[getattr(*place) for place in places]]
for _ in range(2):
    install(workflow)
    states.append([getattr(*place) for place in places])
    filters = list(snakemake.logging.logger.filters)
assert all(before is not after for before, after in zip(*states[:2], strict=True))
assert states[1] == states[2] and len(filters) == 6
"""


def test_to_install_twice_changes_nothing():
    subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}){TWICE}"],
        check=True,
    )


@pytest.fixture
def other_snakemake(tmp_path):
    """Another Snakemake, as a function of a file of it and an edit there."""
    copy = tmp_path / "other"
    shutil.copytree(Path(snakemake.__file__).parent, copy / "snakemake")

    def edited(file, old, new):
        path = copy / "snakemake" / file
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))
        return copy

    return edited


NAMES = [patch.name for patch in PATCHES]


def test_a_build_with_another_snakemake_that_will_do(tmp_path, other_snakemake):
    other = other_snakemake(
        "scheduling/job_scheduler.py", 'self._user_kill = "graceful"', 'self._user_kill = "gently"'
    )
    run = SmallWorkflow(tmp_path / "work", MAKE, NAMES, other).run("made")
    (line,) = [line for line in run.text.splitlines() if "Stemwright" in line]
    assert line.startswith(
        f"Snakemake {snakemake.__version__}: its JobScheduler.exit_gracefully is not as in 9.27.0"
    )
    assert run.rules == {"make"}


def test_a_build_with_another_snakemake_that_will_not_do(tmp_path, other_snakemake):
    """As the workflow's own rules say it, `rules/common.smk`: before anything is planned."""
    other = other_snakemake("dag.py", "masked.update(self.bfs(self.depending, job))", "masked.update({job})")
    for name in ("rules", "scripts", "profiles", "Snakefile", "environment.yml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, tmp_path / name)
    work = SmallWorkflow(tmp_path, "", mended=other)
    shutil.copyfile(ROOT / "Snakefile", tmp_path / "Snakefile")
    work.write("config.yaml", "songs: []\n")
    text = work.fails("-n").text
    told = f"Snakemake {snakemake.__version__}: its DAG.update_needrun is not as in 9.27.0, so Stemwright's patch "
    assert f"{told}ancient_search is left out. A job" in text
    assert "Install Snakemake 9.27.1.\nNothing was built." in text
    assert "Traceback" not in text and "Building DAG" not in text
