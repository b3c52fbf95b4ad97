"""The workflow for continuous integration: what it runs is a command that judges a delivery."""

import shlex
from pathlib import Path

import yaml
from exports import export, stems

import verify_delivery

WORKFLOW = Path(__file__).resolve().parents[2] / "examples/ci/verify-delivery.yml"


def test_its_command_judges_a_delivery(tmp_path, monkeypatch):
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    steps = workflow["jobs"]["verify"]["steps"]
    (command,) = [step["run"] for step in steps if "verify_delivery" in step.get("run", "")]
    program, script, *arguments = shlex.split(command)
    assert (program, script) == ("python", "stemwright/scripts/verify_delivery.py")
    export(tmp_path / "delivery", stems())
    monkeypatch.chdir(tmp_path)
    assert verify_delivery.main(arguments) == 0
    assert {"report.json", "report.xml"} <= {path.name for path in tmp_path.iterdir()}
