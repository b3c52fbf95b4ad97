"""Which of a test's parameters are for `make test`, and which take long."""

import pytest


def long_but(quick, values):
    """All the values, as parameters: those that are not among the quick ones carry the mark `long`."""
    return [value if value in quick else _long(value) for value in values]


def _long(value):
    return pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.long)
