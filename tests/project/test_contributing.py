"""What CONTRIBUTING.md shows works as it stands there: one file and its test, and no other edit."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workdirs import Workdir, copy_code

ROOT = Path(__file__).resolve().parents[2]
GATE, TEST = re.findall(
    r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.fixture(scope="module")
def contributed(tmp_path_factory):
    """The code with the gate of CONTRIBUTING.md in it."""
    code = copy_code(tmp_path_factory.mktemp("contributed") / "code")
    (code / "scripts/stemwright/gates/section_level.py").write_text(GATE)
    return code


def test_the_gate_is_short():
    body = GATE[GATE.index("@dataclass") :].strip().split("\n")
    assert len([line for line in body if line.strip()]) <= 30


def test_its_test_passes_and_finds_a_gate_that_passes_all(contributed, tmp_path):
    def run():
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_section_level.py"]
        env = {"PYTHONPATH": str(contributed / "scripts"), "PATH": "/usr/bin:/bin"}
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)

    (tmp_path / "test_section_level.py").write_text(TEST)
    passed = run()
    assert "3 passed" in passed.stdout, passed.stdout + passed.stderr
    gate = contributed / "scripts/stemwright/gates/section_level.py"
    gate.write_text(GATE.replace("found > self.floor_dbfs", "True"))
    try:
        assert "2 failed, 1 passed" in run().stdout
    finally:
        gate.write_text(GATE)


def test_schema_and_reference_have_it(contributed):
    shutil.copytree(ROOT / "schema", contributed / "schema", dirs_exist_ok=True)
    subprocess.run([sys.executable, contributed / "scripts/make_docs.py"], check=True)
    schema = json.loads((contributed / "schema/song.schema.json").read_text())
    assert "section_level" in schema["$defs"]["Gates"]["properties"]
    reference = (contributed / "docs/reference.md").read_text()
    assert "### Gate `section_level`" in reference and "  section_level: {floor_dbfs: -50}" in reference


def test_builds_have_it(built, contributed, tmp_path):
    shutil.copytree(built.path, tmp_path / "work")
    work = Workdir(tmp_path / "work", contributed)
    assert work.snakemake().jobs == ["verify the mix"]
    checks = {
        c["id"]: c["status"] for c in json.loads((work / "build/tune/mix/mix.wav.ok").read_text())["checks"]
    }
    assert checks["section_level.1_one"] == checks["section_level.2_two"] == "pass"
    work.edit("gates", "section_level", value={"floor_dbfs": 0})
    assert "section_level.1_one" in work.fails().text
