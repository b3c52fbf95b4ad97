"""Fixtures for the tests of the shared cache."""

import pytest
from cached_jobs import Machine

from stemwright.workflow.cache import CACHE


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """`machine("a")` is a machine that builds in a folder of that name; all share one cache."""
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))

    def make(name, song="tune"):
        made = Machine(tmp_path / name, tmp_path / "cache", song)
        monkeypatch.chdir(made.path)
        return made

    return make
