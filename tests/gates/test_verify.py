"""Gates on several cores: at the same time, and with the same verdict."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import dataclass

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.gates._base import Check, Gate
from stemwright.measure import Meter

met = multiprocessing.Event()


class Waiting(Meter):
    """Measures nothing until `Alone` judges."""

    def start(self, rate, channels):
        self.has_met = False

    def feed(self, block):
        self.has_met = met.wait(timeout=20)


@dataclass(frozen=True)
class Measuring(Gate):
    def meters(self, subject):
        return (Waiting(),)

    def judge(self, subject, meters):
        return [Check("measuring", "pass" if meters[0].has_met else "fail")]


@dataclass(frozen=True)
class Alone(Gate):
    def judge(self, subject, meters):
        met.set()
        return [Check("alone", "pass")]


def test_a_gate_that_reads_by_itself_judges_while_meters_measure(tmp_path):
    sf.write(tmp_path / "x.wav", np.zeros((100, 1)), 8_000)
    met.clear()
    subject = Subject(str(tmp_path / "x.wav"), "stem", cores=2)
    checks = verify(subject, [Measuring(), Alone(), Measuring()]).checks
    assert [(check.id, check.status) for check in checks] == [
        ("measuring", "pass"),
        ("alone", "pass"),
        ("measuring", "pass"),
    ]


@dataclass(frozen=True)
class Reader(Gate):
    """Says in which process it judges."""

    number: int = 0

    def judge(self, subject, meters):
        return [Check(str(self.number), "pass", os.getpid())]


@pytest.mark.parametrize("cores, forks", [(1, [False, False, False]), (2, [False, True, True])])
def test_without_meters_all_gates_but_the_first_judge_in_a_fork(tmp_path, cores, forks):
    (tmp_path / "x.zip").touch()
    subject = Subject(str(tmp_path / "x.zip"), "archive", cores=cores)
    checks = verify(subject, [Reader(number=number) for number in range(3)]).checks
    assert [check.id for check in checks] == ["0", "1", "2"]
    assert [check.measured != os.getpid() for check in checks] == forks


@pytest.mark.parametrize("fault", ["none", "another sound", "shorter", "truncated", "missing"])
def test_the_verdict_does_not_depend_on_the_number_of_cores(tmp_path, fault):
    noise = np.random.default_rng(1).normal(0, 0.1, (4_000, 1))
    part, mix = tmp_path / "part.wav", tmp_path / "mix.wav"
    sf.write(part, noise[: 3_000 if fault == "shorter" else None], 8_000, "FLOAT")
    sf.write(mix, noise[::-1] if fault == "another sound" else noise, 8_000, "FLOAT")
    if fault == "truncated":
        mix.write_bytes(mix.read_bytes()[:-100])
    null = {"subtype": "FLOAT", "parts": [{"faders": {}, "subtype": "FLOAT"}]}
    parts = [str(part)] if fault != "missing" else [str(tmp_path / "no.wav")]
    gates = make({"finite": {}, "null_test": {}, "dc": {}, "silence": {}})

    def verdict(cores):
        subject = Subject(str(mix), "mix", context={"null": null}, inputs={"parts": parts}, cores=cores)
        try:
            return [check.record() for check in verify(subject, gates).checks]
        except OSError as error:
            return str(error)

    assert verdict(1) == verdict(2)
    statuses = {check["id"]: check["status"] for check in verdict(2)} if fault != "missing" else {}
    assert statuses.get("null") == {"none": "pass", "another sound": "fail", "shorter": "fail"}.get(fault)


@dataclass(frozen=True)
class Several(Gate):
    def judge(self, subject, meters):
        said = [("a", "fail", "loud", "turn it down"), ("a.x", "fail", "loud", "turn it down")]
        said += [("a.y", "pass", "", "turn it down"), ("a.z", "warn", "louder", "turn it down")]
        said += [
            ("a.o", "fail", "long", "cut it"),
            ("a.q", "fail", "nan", "see finite"),
            ("a.r", "fail", "nan", "see finite"),
        ]
        return [Check(id, status, reason=reason, remedy=remedy) for id, status, reason, remedy in said]


def test_what_two_checks_of_a_gate_say_alike_is_said_once(tmp_path):
    sf.write(tmp_path / "x.wav", np.zeros((100, 1)), 8_000)
    checks = verify(Subject(str(tmp_path / "x.wav"), "stem"), [Several(), Several()]).checks
    told = [
        ("a", "loud", "turn it down"),
        ("a.x", "", "see a"),
        ("a.y", "", "turn it down"),  # it passes: nothing of it is shown
        ("a.z", "louder", "see a"),
        ("a.o", "long", "cut it"),
        ("a.q", "nan", "see finite"),
        ("a.r", "nan", "see finite"),
    ]
    assert [(check.id, check.reason, check.remedy) for check in checks] == [*told, *told]
