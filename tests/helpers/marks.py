"""Which of a test's parameters are for `make test`, and which take long."""

import pytest


def long_but(quick, values):
    """All the values, as parameters: those that are not among the quick ones carry the mark `long`."""
    return [value if value in quick else pytest.param(value, marks=pytest.mark.long) for value in values]
