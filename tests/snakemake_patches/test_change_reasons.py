"""A change of params is told in words. Of a whole song's: tests/workflow/test_reasons.py."""

import pytest
from small_workflow import SmallWorkflow

from stemwright.snakemake_patches.change_reasons import in_words

TEXT = """
rule make:
    input: expand("input{number}", number=range(7))
    output: "made"
    params: job={"params": {"gain": {"gain_db": config["gain"]}}, "tools": {"code": "1", "libraries": {}}}
    message: "make"
    shell: "touch {output}"
"""


def reason_of_an_edit(work):
    """Why a job with other params and seven new inputs is to run again."""
    for number in range(7):
        work.write(f"input{number}", "")
    work.run("made", "--config", "gain=1")
    return work.run("made", "-n", "--config", "gain=2").text.split("Reason: ")[1].splitlines()[0]


def test_snakemake_prints_both_dictionaries(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go, if it is as short."""
    reason = reason_of_an_edit(SmallWorkflow(tmp_path, TEXT))
    assert "{'params': {'gain': {'gain_db': 1}}" in reason and "{'params': {'gain': {'gain_db': 2}}" in reason


def test_with_the_patch_it_says_what_changed(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["change_reasons"])
    assert reason_of_an_edit(work) == (
        "Params have changed since last execution: gain changed (gain_db 1 → 2)"
    )
    for number in range(7):
        work.write(f"input{number}", "other")
    reason = work.run("made", "-n", "--config", "gain=1").text.split("Reason: ")[1].splitlines()[0]
    assert reason.startswith("Updated input files: ") and reason.endswith(" and 3 more")


def test_a_host_s_reason_is_told_as_ever(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["change_reasons"])
    work.use_as_module(TEXT.replace("rule make", "rule theirs").replace('"made"', '"theirs"'))
    for number in range(7):
        work.write(f"input{number}", "")
    work.run("theirs", "--config", "gain=1")
    told = work.run("theirs", "-n", "--config", "gain=2").text
    assert "{'params': {'gain': {'gain_db': 1}}" in told and "gain changed" not in told


def said(*params, after=""):
    """A reason as Snakemake tells it: the params before and now, or those now alone."""
    before, now = params if len(params) == 2 else ("<nothing exclusive>", *params)
    return (
        "Params have changed since last execution: Union of exclusive params before and now across all output: "
        f"before: {before} now: {now} {after}"
    )


def params(told, code="1234", numpy="2.2", **more):
    return {"params": told, "tools": {"code": code, "libraries": {"numpy": numpy}}, **more}


MANY = dict.fromkeys("abcdef", 1)


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (params({"a": {"b": 1.5}}), params({"a": {"b": 2.0}}), "a changed (b 1.5 → 2)"),
        (params({"title": "x now: y"}), params({"title": "z now: y"}), "title changed (x now: y → z now: y)"),
        (params({"title": "' now: {"}), params({"title": '"} now:'}), "title changed (' now: { → \"} now:)"),
        (params({}), params({}, code="5"), "code changed"),
        (params({}), params({}, numpy="2.3"), "numpy changed (2.2 → 2.3)"),
        (params({}), params({}, refusals=1), "refused since it was made"),
        (params(MANY), params({**MANY, "f": 2}), "f changed (1 → 2)"),
        (
            params({"context": {"harmony": [{"chords": [["8", "12", [0, [0, 4], None]]]}], "frames": 9}}),
            params({"context": {"harmony": [{"chords": []}], "frames": 10}}),
            "length changed; key or chords changed",
        ),
        (
            params({"timeline": {"tempo": [[1, "120", "4/4"]]}, "chords": [], "ledgers": {"a": "b"}}),
            params({"timeline": {"tempo": [[1, "126", "4/4"]]}, "chords": [["0", "G"]], "ledgers": {}}),
            "chords changed; what it is built on changed; tempo or sections changed",
        ),
        (
            params({"context": {"null": {"parts": [["a", 1]]}}}),
            params({"context": {}}),
            "what it is made or checked for changed",
        ),
        (
            params({"a": MANY}),
            params({"a": dict.fromkeys(MANY, 2)}),
            "a changed (a 1 → 2, b 1 → 2, c 1 → 2, d 1 → 2 and 2 more)",
        ),
    ],
)
def test_the_words(before, now, words):
    told = f"Params have changed since last execution: {words}"
    assert in_words(said(before, now)) == told
    after = "; Software environment definition has changed since last execution"
    assert in_words(said(before, now, after=after)) == told + after
    assert in_words(f"Missing output files: x; {said(before, now)}") == f"Missing output files: x; {told}"


def test_nothing_on_record():
    told = "Params have changed since last execution: none is on record"
    assert in_words(said(params({}))) == told
    assert in_words(f"Missing output files: x; {said(params({}))}") == "Missing output files: x"


@pytest.mark.parametrize(
    "reason",
    [
        said(1, 2),
        said(2),
        said({"params": 1}, {"params": 2}),
        said("{'spec': {}},{'spec': {}}", params({})),
        said("{'spec'", "}"),
        "Forced execution",
        "Updated input files: a, b, c, d",
        "Code has changed since last execution",
    ],
)
def test_what_is_not_ours_stays(reason):
    assert in_words(reason) == reason


def test_long_lists_are_cut():
    assert in_words("Input files updated by another job: a, b, c, d, e, f; Code has changed") == (
        "Input files updated by another job: a, b, c, d and 2 more; Code has changed"
    )
