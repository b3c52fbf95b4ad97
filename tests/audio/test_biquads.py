"""Biquads: the same samples by SciPy's private filter and by its public one, and which of them is used when."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import PathFinder

import numpy as np
import pytest
import scipy
from scipy import signal

from stemwright.audio import biquads
from stemwright.audio.biquads import at_rest, butterworth, filter_rows, filtered

SECTIONS = butterworth(5, 3_000, "high", 48_000)


@pytest.fixture
def kernel():
    """Chooses the filter anew, now and after the test."""
    biquads._kernel.cache_clear()
    yield biquads._kernel
    biquads._kernel.cache_clear()


def noise(channels, frames=9_999):
    return np.random.default_rng(1).normal(0, 0.1, (channels, frames))


def by(kernel, rows, state):
    kernel(SECTIONS, rows, state)
    return rows.tobytes(), state.tobytes()


def test_the_locked_scipy_is_filtered_with_alone(kernel):
    assert kernel() is not biquads._public
    code = "import sys; from stemwright.audio import biquads; biquads._kernel(); print('scipy.signal' in sys.modules)"
    env = {"PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("frames", [0, 1, 9_999])
def test_private_and_public_filters_give_equal_bytes(kernel, channels, frames):
    rows, state = noise(channels, frames), np.random.default_rng(2).normal(0, 1, (channels, len(SECTIONS), 2))
    private = by(kernel(), rows.copy(), state.copy())
    assert private == by(biquads._public, rows.copy(), state.copy())
    if frames:
        assert private[0] != rows.tobytes() and private[1] != state.tobytes()


def another_version(monkeypatch):
    monkeypatch.setattr(scipy, "__version__", "1.99.0")


def no_such_module(monkeypatch):
    monkeypatch.setattr(PathFinder, "find_spec", lambda name, path=None: None)


def no_such_function(monkeypatch):
    monkeypatch.setattr(biquads, "module_from_spec", lambda spec: sys)
    monkeypatch.setattr("importlib.machinery.ExtensionFileLoader.exec_module", lambda self, module: None)


def others_under_its_name(other):
    def arrange(monkeypatch):
        monkeypatch.setattr("importlib.machinery.ExtensionFileLoader.exec_module", lambda self, module: None)
        module = type("module", (), {"_sosfilt": staticmethod(other)})
        monkeypatch.setattr(biquads, "module_from_spec", lambda spec: module)

    return arrange


def with_another_argument(sections, rows, state, axis):
    raise AssertionError


def that_gives_a_new_array(sections, rows, state):
    return signal.sosfilt(sections, rows, zi=state.transpose(1, 0, 2))


def that_keeps_no_state(sections, rows, state):
    rows[:] = signal.sosfilt(sections, rows)


UNTRIED = {
    "another version": another_version,
    "no such module": no_such_module,
    "no such function": no_such_function,
    "another argument": others_under_its_name(with_another_argument),
    "a new array": others_under_its_name(that_gives_a_new_array),
    "no state": others_under_its_name(that_keeps_no_state),
}


@pytest.mark.parametrize("case", UNTRIED)
def test_what_was_not_tried_is_not_used(kernel, monkeypatch, case):
    rows, state = noise(2), at_rest(SECTIONS, 2)
    expected = by(kernel(), rows.copy(), state.copy())
    with monkeypatch.context() as context:
        UNTRIED[case](context)
        kernel.cache_clear()
        assert kernel() is biquads._public
    filter_rows(SECTIONS, rows, state)
    assert (rows.tobytes(), state.tobytes()) == expected


@pytest.mark.parametrize("version", ["1.15.0", "1.17.1", "1.17.99"])
def test_tried_versions_are_used(kernel, monkeypatch, version):
    monkeypatch.setattr(scipy, "__version__", version)
    assert kernel() is not biquads._public


@pytest.mark.parametrize("version", ["1.14.1", "1.18.0", "1.17.0.dev0+git1", "2.1.17"])
def test_untried_versions_are_not(kernel, monkeypatch, version):
    monkeypatch.setattr(scipy, "__version__", version)
    assert kernel() is biquads._public


@pytest.mark.parametrize("way", ["private", "public"])
def test_blocks_do_not_matter(kernel, monkeypatch, way):
    if way == "public":
        another_version(monkeypatch)
    samples = noise(2).T
    blocks = np.split(samples, [1, 2, 500, 501, 7_000])
    found = np.concatenate(list(filtered(SECTIONS, blocks, 2)))
    assert np.array_equal(found, signal.sosfilt(SECTIONS, samples, axis=0))
    assert np.array_equal(np.concatenate(blocks), samples)  # what is fed is left as it was
