"""What Snakemake keeps of each job, with little memory: used as its own, it says the same."""

import re
import sys
from collections import defaultdict

import pytest
import snakemake.cli  # noqa: F401 (before its parts, which import each other)
from hypothesis import given
from hypothesis import strategies as st
from snakemake.io import IOFile, flag, is_flagged
from snakemake.jobs import Reason

from stemwright.snakemake_patches._lean import LeanAncientFile, LeanFile, shared_wildcards
from stemwright.snakemake_patches._lean_dag import Links, lean_reason

FILES = [LeanFile(f"file{number}", None) for number in range(12)]
SOME = st.lists(st.sampled_from(FILES), max_size=12)
JOBS = [object() for _ in range(4)]
SETS = ("updated_input", "updated_input_run", "missing_output")


def in_sets(links):
    return {job: set(files) for job, files in links.items()}


@given(
    st.dictionaries(st.sampled_from(JOBS), st.sets(st.sampled_from(FILES), min_size=1)),
    st.lists(st.tuples(st.sampled_from(JOBS), st.none() | st.sampled_from(FILES))),
)
def test_the_jobs_beside_a_job(links, changes):
    """As in a dictionary of sets: read, added to, and deleted from."""
    lean, plain = Links(links), defaultdict(set, {job: {*files} for job, files in links.items()})
    for job, file in changes:
        if file is None:
            assert set(lean.get(job, ())) == set(plain.get(job, ()))
            assert set(lean.pop(job, ())) == set(plain.pop(job, ()))
        elif job not in links:
            lean[job].add(file)
            plain[job].add(file)
        assert in_sets(lean) == plain and len(lean) == len(plain)
        assert set(lean) == set(lean.keys()) == set(plain) and list(map(set, lean.values())) == [
            plain[job] for job in lean
        ]
    for some in (JOBS[:1], JOBS[1:]):
        assert (
            lean.keys().isdisjoint(some) == plain.keys().isdisjoint(some)
            and lean.keys() & some == plain.keys() & some
        )
    assert [job in lean for job in JOBS] == [job in plain for job in JOBS]


def test_a_job_that_is_not_there_cannot_be_deleted():
    links = Links({JOBS[0]: FILES[:1]})
    with pytest.raises(KeyError):
        del links[JOBS[1]]
    assert list(links.items()) == [(JOBS[0], (FILES[0],))]


def words(reason):
    """What a reason says, with files in order."""
    return sorted(re.split(r"([,;:()] *)", str(reason)))


@given(
    st.lists(st.tuples(st.sampled_from(SETS), st.none() | SOME)),
    st.lists(st.tuples(st.sampled_from(["forced", "noio", "finished", "pipe", "derived"]), st.booleans())),
)
def test_reasons(sets, states):
    """Files are added to some of its sets, or all taken away; its states are set."""
    lean, plain = lean_reason()(), Reason()
    for reason in (lean, plain):
        for name, files in sets:
            getattr(reason, name).clear() if files is None else getattr(reason, name).update(files)
    for name, state in [(None, None), *states]:
        for reason in (lean, plain):
            if name:
                setattr(reason, name, state)
        for use in (
            bool,
            words,
            lambda reason: [set(getattr(reason, name)) for name in SETS],
            lambda reason: [FILES[0] in getattr(reason, name) for name in SETS],
            lambda reason: [reason.missing_output.intersection(FILES[:3]), reason.derived, reason.finished],
            lambda reason: list(reason.get_names()),
            Reason.is_provenance_triggered,
        ):
            assert use(lean) == use(plain)
    lean.clear()
    assert not lean and str(lean) == str(Reason()) and not lean.finished


def test_a_reason_takes_little():
    """Beside a set of one of Snakemake's, which is as large as all of it."""
    reason = lean_reason()()
    reason.missing_output.update(FILES[:1])
    assert sys.getsizeof(reason) < sys.getsizeof({FILES[0]}) / 2 < sys.getsizeof(Reason())


@pytest.mark.parametrize("kind, path", [(LeanFile, "a/b"), (LeanAncientFile, flag("a/b", "ancient"))])
def test_files_are_as_snakemake_s(kind, path):
    lean, plain = kind("a/b", None), IOFile(path, None)
    assert lean == plain == "a/b" == lean and hash(lean) == hash(plain) == hash("a/b")
    assert lean != IOFile("a/c", None) and lean != "a/c"
    for use in (
        lambda file: (type(file.file), file.file, file.flags, file.is_callable()),
        lambda file: [is_flagged(file, name) for name in ("ancient", "temp", "storage_object")],
        lambda file: (file.is_storage, file.is_ancient, file.is_temp, file.is_directory),
        lambda file: (file.contains_wildcard(), file.apply_wildcards({}).flags, file.constant_suffix()),
    ):
        assert use(lean) == use(plain)
    with pytest.raises(AttributeError, match="nothing"):
        lean.nothing  # noqa: B018


def test_flags_of_a_file_cannot_be_changed_for_others():
    lean = LeanAncientFile("a", None)
    lean.flags["other"] = lean.file.flags["other"] = True
    assert lean.flags == lean.file.flags == {"ancient": True}


def test_jobs_share_their_wildcards():
    first, second, other = ({"song": song} for song in ("one", "one", "two"))
    assert shared_wildcards(second)[0] is shared_wildcards(first)[0] == second
    found = [shared_wildcards({"song": str(number)}) for number in range(2_000)]
    assert [named.song for _, named in found] == [str(number) for number in range(2_000)]
    assert shared_wildcards(other)[1].song == "two"
