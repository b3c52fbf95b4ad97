"""Repeatable: files made with an effect that may not repeat are marked."""

import numpy as np
import pytest
import soundfile as sf
from gate_files import only

from stemwright.gates import Subject, make, verify


@pytest.mark.parametrize("keys, status", [({}, "warn"), ({"severity": "error"}, "fail")])
def test_a_file_made_with_one_is_marked(tmp_path, keys, status):
    sf.write(tmp_path / "a.wav", np.zeros(9), 8_000)
    subject = Subject(str(tmp_path / "a.wav"), "processed", context={"unrepeatable": ["insert", "vst3"]})
    check = only(verify(subject, make({"repeatable": keys})))
    assert (check.id, check.status, check.measured) == ("repeatable", status, "insert, vst3")


def test_a_file_of_no_song_is_not_judged(tmp_path):
    sf.write(tmp_path / "a.wav", np.zeros(9), 8_000)
    check = only(verify(Subject(str(tmp_path / "a.wav"), "master", alone=True), make({"repeatable": {}})))
    assert check.status == "skip"
