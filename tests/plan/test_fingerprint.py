"""The fingerprint: an edit changes that of the jobs it can reach, and of no others."""

from __future__ import annotations

import ast
import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from stemwright.plan import fingerprint as our_fingerprint
from stemwright.validation import registry

PACKAGE = Path(our_fingerprint.__file__).parents[1]
SCRIPTS = PACKAGE.parent
JOBS = {
    "timeline": ("build_timeline", []),
    "tone": ("render_stem", ["stemwright.sources.tone"]),
    "drums": ("render_stem", ["stemwright.sources.drums"]),
    "gain": ("process_stem", ["stemwright.effects.gain"]),
    "reverb": ("process_stem", ["stemwright.effects.reverb", "stemwright.effects.gain"]),
    "mix": ("mix_stems", []),
    "master": ("master_mix", []),
    "verify": ("verify_artifact", ["stemwright.gates.dc", "stemwright.gates.loudness"]),
}


def loaded(root):
    """The fingerprint module of the package at `root`, as a process finds it that starts now."""
    spec = importlib.util.spec_from_file_location(
        "fingerprint_of_a_copy", root / "stemwright" / "plan" / "fingerprint.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prints(root):
    module = loaded(root)
    return {
        job: module.fingerprint([root / f"{script}.py"], modules) for job, (script, modules) in JOBS.items()
    }


@pytest.fixture
def copy(tmp_path):
    root = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, root, ignore=shutil.ignore_patterns("__pycache__"))
    return root


# --- what an edit reaches ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "file, jobs",
    [
        ("stemwright/effects/reverb.py", {"reverb"}),
        ("stemwright/effects/gain.py", {"gain", "reverb", "master"}),
        ("stemwright/effects/_pedalboard.py", {"reverb", "master"}),
        ("stemwright/effects/__init__.py", {"gain", "reverb", "master"}),
        ("stemwright/effects/fade.py", set()),
        ("stemwright/instruments/dsp/drum_kit.py", {"drums"}),
        ("stemwright/audio/fades.py", {"tone", "drums", "master"}),
        ("stemwright/gates/dc.py", {"verify"}),
        ("stemwright/gates/true_peak.py", set()),
        ("stemwright/measure/loudness.py", {"verify", "master"}),
        ("stemwright/mixing/sums.py", {"mix", "master", "verify"}),
        ("stemwright/audio/writer.py", {"tone", "drums", "gain", "reverb", "mix", "master", "verify"}),
        ("stemwright/music/timeline/tempo.py", set(JOBS)),
        ("stemwright/plan/jobs.py", set()),
        ("stemwright/song/model.py", set()),
        ("render_stem.py", {"tone", "drums"}),
        ("mix_stems.py", {"mix"}),
    ],
)
def test_an_edit_reaches_the_jobs_that_use_it(copy, file, jobs):
    before = prints(copy)
    with open(copy / file, "a") as module:
        module.write("\n# A comment counts: telling it from code is not worth being wrong once.\n")
    after = prints(copy)
    assert {job for job in JOBS if before[job] != after[job]} == jobs


def test_a_delivered_file_does_not_depend_on_its_archive_and_what_is_written_about_it(copy):
    before = loaded(copy).fingerprint([copy / "deliver_file.py"])
    for name in ("client_readme", "zip_writer"):
        with open(copy / "stemwright" / "delivery" / f"{name}.py", "a") as module:
            module.write("\n# Edited.\n")
    assert loaded(copy).fingerprint([copy / "deliver_file.py"]) == before
    assert "isal" not in before["libraries"]


def test_the_place_of_the_package_does_not_matter(copy):
    assert prints(copy) == prints(SCRIPTS)


def test_a_new_module_changes_nothing_until_it_is_used(copy):
    before = prints(copy)
    (copy / "stemwright/effects/flanger.py").write_text("from stemwright.effects._base import Effect\n")
    assert prints(copy) == before


# --- which imports are followed ---------------------------------------------------------------

IMPORTS = {
    "import stemwright.one": {"one"},
    "import stemwright.one as other": {"one"},
    "import stemwright.one, stemwright.two": {"one", "two"},
    "import stemwright.one as a, stemwright.two as b": {"one", "two"},
    "import os, stemwright.two as b": {"two"},
    "from stemwright import one, two": {"one", "two"},
    "from stemwright import one as a": {"one"},
    "from stemwright.one import name": {"one"},
    "from stemwright.one import name  # a comment": {"one"},
    "from stemwright.one import (\n    name,\n    other,\n)": {"one"},
    "from stemwright import (  # a comment\n    one,\n    two,\n)": {"one", "two"},
    "def later():\n    import stemwright.one\n": {"one"},
    "def later():\n\tfrom stemwright import two": {"two"},
    "if True:\n    from stemwright.one import name": {"one"},
    "import stemwright.deep.module": {"deep", "deep.module"},
    "from stemwright.deep import module": {"deep", "deep.module"},
    "from stemwright.deep import name": {"deep"},
    "from stemwright.chain import name": {"chain", "one"},
    "import stemwrights": set(),
    "text = 'import stemwright.one'": set(),
}


@pytest.fixture
def package(tmp_path):
    root = tmp_path / "scripts"
    for folder in ("deep", "plan"):
        (root / "stemwright" / folder).mkdir(parents=True)
    shutil.copy(PACKAGE / "plan" / "fingerprint.py", root / "stemwright" / "plan")
    for name in ("__init__", "plan/__init__", "one", "two", "three", "deep/__init__", "deep/module"):
        (root / "stemwright" / f"{name}.py").write_text("name = 1\n")
    (root / "stemwright" / "chain.py").write_text("from stemwright.one import name\n")
    return root


@pytest.mark.parametrize("text", IMPORTS)
def test_imports_are_followed(package, text):
    (package / "job.py").write_text(text)
    before = loaded(package).fingerprint([package / "job.py"])
    reached = set()
    for file in sorted((package / "stemwright").rglob("*.py")):
        name = (
            str(file.relative_to(package / "stemwright").with_suffix(""))
            .replace("/", ".")
            .removesuffix(".__init__")
        )
        source = file.read_text()
        if name != "fingerprint":
            file.write_text(source + "# edited\n")
            reached |= {name} if loaded(package).fingerprint([package / "job.py"]) != before else set()
            file.write_text(source)
    assert reached - {"__init__"} == IMPORTS[text]


@pytest.mark.parametrize("text", ["from . import one", "from .one import name", "from .. import one"])
def test_relative_imports_are_refused(package, text):
    (package / "job.py").write_text(text)
    with pytest.raises(ValueError, match="only absolute imports are followed"):
        loaded(package).fingerprint([package / "job.py"])


def test_a_module_that_there_is_not(package):
    with pytest.raises(ModuleNotFoundError, match=r"no module stemwright\.four"):
        loaded(package).fingerprint([], ["stemwright.four"])


@pytest.mark.parametrize(
    "path", sorted(SCRIPTS.rglob("*.py")), ids=lambda path: str(path.relative_to(SCRIPTS))
)
def test_the_imports_found_are_those_that_python_sees(path):
    ours, others = set(), set()
    tree = ast.parse(path.read_text())
    tree.body = [node for node in tree.body if not is_for_types(node)]
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            top = name.split(".")[0]
            if top == "stemwright":
                parts = name.split(".")[1:]
                prefixes = [parts[: i + 1] for i in range(len(parts))]
                ours |= {".".join(["stemwright", *p]) for p in prefixes if is_module(PACKAGE.joinpath(*p))}
            elif top not in sys.stdlib_module_names and top not in ("pydantic", "pydantic_core"):
                others.add(top)
    found_ours, found_others = our_fingerprint._imports(path)
    assert found_ours - {"stemwright"} == ours
    assert found_others == others


def is_for_types(node):
    """Whether a statement is `if TYPE_CHECKING:`, which no job runs."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def is_module(path):
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


# --- libraries --------------------------------------------------------------------------------


def test_libraries_are_those_of_the_job():
    libraries = {job: set(found["libraries"]) for job, found in prints(SCRIPTS).items()}
    assert libraries["timeline"] == set()
    assert "pedalboard" in libraries["reverb"] and "pedalboard" not in libraries["gain"]
    assert "scipy" in libraries["master"] and "scipy" not in libraries["mix"]
    for job in JOBS:
        assert not {"pydantic", "pydantic_core", "snakemake", "yaml"} & libraries[job]


def test_every_library_has_a_version():
    effects = [
        registry.module_name("stemwright.effects", kind) for kind in registry.kinds("stemwright.effects")
    ]
    gates = [registry.module_name("stemwright.gates", kind) for kind in registry.kinds("stemwright.gates")]
    no_jobs = {
        SCRIPTS / f"{name}.py"
        for name in ("make_docs", "make_site", "measure", "measure_audio", "new", "new_song", "watch")
    }
    scripts = sorted(set(SCRIPTS.glob("*.py")) - no_jobs)
    found = our_fingerprint.fingerprint(scripts, effects + gates)["libraries"]
    assert {"numpy", "pedalboard", "scipy", "soundfile", "soxr"} <= set(found)
    for library, version in found.items():
        assert version[0].isdigit() or library in ("pyarrow", "yaml"), library


def test_a_verification_does_not_depend_on_pages():
    """How a refusal is shown is no reason to verify anew what passed."""
    found = our_fingerprint.fingerprint([SCRIPTS / "verify_artifact.py"], ["stemwright.gates.click"])[
        "libraries"
    ]
    assert "soundfile" in found and "jinja2" not in found


def test_another_version_of_a_library_is_seen(monkeypatch):
    before = prints(SCRIPTS)
    real = loaded(SCRIPTS).version
    monkeypatch.setattr(
        "importlib.metadata.version", lambda name: "99" if name == "pedalboard" else real(name)
    )
    after = prints(SCRIPTS)
    assert {job for job in JOBS if before[job] != after[job]} == {"reverb", "master"}
    assert all(before[job]["code"] == after[job]["code"] for job in JOBS)
