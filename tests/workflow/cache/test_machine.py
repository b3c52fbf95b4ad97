"""Which machines are of one kind: what NumPy, OpenBLAS and the C library choose their code by is known."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[3] / "scripts"
ASK = (
    "from stemwright.workflow.cache.machine import kind_of_machine as k; import json; print(json.dumps(k()))"
)


def ask(**env):
    env = {**os.environ, "PYTHONPATH": str(LIBRARY), **env}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK], env=env, capture_output=True, text=True
    ).stdout


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="these are names of x86")
def test_what_makes_a_machine_round_otherwise_makes_it_another():
    kinds = [
        ask(),
        ask(NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL AVX512_SPR"),
        ask(OPENBLAS_CORETYPE="Nehalem"),
        ask(GLIBC_TUNABLES="glibc.cpu.hwcaps=-FMA"),
    ]
    assert all(kinds) and len(set(kinds)) == 4 and ask() == kinds[0]
