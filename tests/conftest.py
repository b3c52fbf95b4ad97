"""Fixtures for all tests."""

import contextlib
import os
import resource
import shutil

import pytest
from hypothesis import settings

# Times are noisy on shared machines: no example fails for being slow. The same examples at each run.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def needs():
    """`needs("ffmpeg")` is that program's path. Without it the test is skipped; under CI it fails."""

    def path_of(program):
        if path := shutil.which(program):
            return path
        under_ci = os.environ.get("CI", "") not in ("", "0", "false")
        (pytest.fail if under_ci else pytest.skip)(f"{program} is not installed")

    return path_of


@pytest.fixture
def room():
    """`with room(n):` no file can grow beyond n bytes, as when a disk is full, but as `File too large`."""

    @contextlib.contextmanager
    def limited(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
