"""The graph of a song: its artifacts, each after what it is made of, and circles, which are errors."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from stemwright.base.errors import StemwrightError
from stemwright.graph import Artifact, Graph, Verdict
from stemwright.plan.jobs import Plan

HEAD = "from stemwright.plan.stages._base import Stage\n"
STAGE = """
class {title}(Stage):
    script = "none"

    def names(self, song):
        return {names}

    def artifact(self, song, graph, name):
        needed = {needed}.get(name, [])
        return self.make(graph, name + ".wav", name, inputs={{"parts": [graph.get(*each) for each in needed]}})
"""


@pytest.fixture
def graph(tmp_path, monkeypatch):
    """`graph(stages)`: of a song x whose stages have these artifacts, each with what it needs."""

    def graph(stages):
        package = tmp_path / f"stages_of_{tmp_path.name}"
        package.mkdir()
        (package / "__init__.py").touch()
        for stage, needs in stages.items():
            text = STAGE.format(title=stage.capitalize(), names=list(needs), needed=needs)
            (package / f"{stage}.py").write_text(HEAD + text)
        monkeypatch.syspath_prepend(tmp_path)
        return Graph(SimpleNamespace(name="x"), "build", package.name)

    return graph


def names(artifacts):
    return [(artifact.stage, artifact.name) for artifact in artifacts]


def test_every_artifact_comes_after_what_it_is_made_of(graph):
    found = graph(
        {
            "bus": {"hall": [("stem", "b"), ("bus", "drums")], "drums": [("stem", "a")]},
            "mix": {"mix": [("stem", "b"), ("bus", "hall")]},
            "stem": {"a": [], "b": []},
        }
    )
    assert names(found.artifacts) == [
        ("stem", "b"),
        ("stem", "a"),
        ("bus", "drums"),
        ("bus", "hall"),
        ("mix", "mix"),
    ]
    assert names(found.stage("bus")) == [("bus", "hall"), ("bus", "drums")]  # in the order of the stage
    mix = found.get("mix")
    assert mix is found.get("mix", "mix") is found.artifacts[-1]
    assert mix.path == "build/x/mix.wav"
    assert names(mix.upstream()) == names(found.artifacts[:-1])
    with pytest.raises(KeyError, match="x has no bus echo"):
        found.get("bus", "echo")


CIRCLES = {
    "bus a → bus a": ({"bus": {"a": [("bus", "a")]}}, ("bus", "a")),
    "bus a → bus b → bus c → bus a": (
        {"bus": {"a": [("bus", "b")], "b": [("bus", "c")], "c": [("bus", "a")]}},
        ("bus", "a"),
    ),
    "bus a → mix → bus a": ({"bus": {"a": [("mix",)]}, "mix": {"mix": [("bus", "a")]}}, ("bus", "a")),
    # The way to it is no part of it.
    "bus b → bus c → bus b": (
        {"bus": {"a": [("bus", "b")], "b": [("bus", "c")], "c": [("bus", "b")]}},
        ("bus", "a"),
    ),
}


@pytest.mark.parametrize("circle", CIRCLES)
def test_a_circle_is_an_error_that_names_all_in_it(graph, circle):
    stages, asked = CIRCLES[circle]
    found = graph(stages)
    for _ in range(2):  # at each time that one asks
        with pytest.raises(StemwrightError) as caught:
            found.get(*asked)
        assert str(caught.value) == f"x: artifacts need each other in a circle: {circle}"


def test_what_two_artifacts_need_is_no_circle(graph):
    found = graph({"bus": {"a": [("stem", "s")], "b": [("stem", "s"), ("bus", "a")]}, "stem": {"s": []}})
    assert names(found.artifacts) == [("stem", "s"), ("bus", "a"), ("bus", "b")]


def test_a_verdict_is_waited_for_and_read_as_a_sentinel():
    """An artifact that is made of what was measured of another waits for it, and its content is not in it."""
    stem = Artifact("stem", "a", "build/x", "a.wav")
    page = Artifact("report", "report", "build/x", "page.html", inputs={"verdicts": [Verdict(stem)]})
    assert page.inputs["verdicts"][0].path == "build/x/a.wav.ok"
    assert page.upstream() == [stem]
    assert page.lineage() == [page]
    assert Plan.job_inputs(page) == {"verdicts": [Verdict(stem)], "verified": []}
