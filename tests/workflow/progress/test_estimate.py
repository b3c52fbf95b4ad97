"""How long a run will still take, compared with what one can compute by hand."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from stemwright.workflow.progress.estimate import Estimate

LEVELS = ((0, 1, 5), (2, 3), (4,))
AFTER = {0: [2], 1: [3], 2: [4], 3: [4], 4: [], 5: []}
"""By job, those that need it: two chains with one end, and a job alone."""
SECONDS = (2, 4, 3, 1, 5, 6)
AS_EXPECTED = {0: 2.0, 1: 4.0, 5: 6.0}


@dataclass(eq=False)
class Job:
    """What an estimate reads of a job of Snakemake's."""

    number: int
    benchmark: Path
    output: tuple = ("a.wav",)
    rule: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(script="a.py"))


@pytest.fixture
def seconds_left(tmp_path):
    """`seconds_left(cores, took, running, seconds, local)` of a run whose jobs took `seconds` the last time."""

    def find(cores, took, running=None, seconds=SECONDS, local=True):
        planned = {number: Job(number, tmp_path / f"{number}.tsv") for number in AFTER}
        for number, known in enumerate(seconds):
            planned[number].benchmark.unlink(missing_ok=True)
            if known is not None:
                planned[number].benchmark.write_text(f"s\th:m:s\n{known}\t0:00:00\n")
        dag = SimpleNamespace(
            toposorted=lambda jobs: [[planned[number] for number in level] for level in LEVELS],
            jobid=lambda job: job.number,
            depending={planned[number]: [planned[n] for n in later] for number, later in AFTER.items()},
        )
        begun = {number: SimpleNamespace(result="done", seconds=s) for number, s in took.items()}
        for number, s in (running or {}).items():
            begun[number] = SimpleNamespace(result="running", seconds_so_far=s)
        jobs = SimpleNamespace(planned=planned, total=len(planned), jobs=begun)
        workflow = SimpleNamespace(dag=dag, cores=cores, local_exec=local)
        return Estimate(workflow, jobs).seconds_left()

    return find


def test_what_is_left_on_one_core_is_the_sum(seconds_left):
    assert seconds_left(1, AS_EXPECTED) == pytest.approx(3 + 1 + 5)
    assert seconds_left(1, AS_EXPECTED, running={2: 2.0}) == pytest.approx(1 + 1 + 5)
    assert seconds_left(1, AS_EXPECTED, running={2: 9.0}) == pytest.approx(1 + 5)  # longer than the last time


def test_on_many_cores_it_is_the_longest_chain(seconds_left):
    assert seconds_left(2, AS_EXPECTED) == pytest.approx(3 + 5)
    seconds = (2, 4, 3, 3, 0, 6)
    assert seconds_left(2, AS_EXPECTED, seconds=seconds) == pytest.approx((3 + 3) / 2)


def test_a_slower_machine_makes_all_of_it_longer(seconds_left):
    slow = {number: 2.5 * seconds for number, seconds in AS_EXPECTED.items()}
    assert seconds_left(1, slow) == pytest.approx(2.5 * (3 + 1 + 5))


def test_where_it_is_not_known_nothing_is_said(seconds_left):
    assert seconds_left(1, {0: 2.0, 1: 4.0}) is None  # too few to tell how fast this run is
    assert seconds_left(1, AS_EXPECTED, seconds=(2, 4, 3, None, 5, 6)) is None
    assert seconds_left(1, AS_EXPECTED, local=False) is None  # how many run at once on a cluster?
    ended = {**AS_EXPECTED, 2: 3.0}
    assert seconds_left(1, ended, seconds=(2, 4, 3, 1, 5, None)) == pytest.approx(1 + 5)
