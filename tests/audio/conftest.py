"""Fixtures for tests of audio files."""

import signal

import pytest


@pytest.fixture
def bounded():
    """Each test ends, or fails, within ten seconds: also where something would wait for ever."""

    def too_long(*_):
        raise TimeoutError("took more than ten seconds")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
