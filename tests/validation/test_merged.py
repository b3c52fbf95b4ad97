"""Mappings merged key by key."""

from stemwright.validation.merged import merge


def test_merge_replaces_all_but_mappings():
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert merge(base, {"a": {"c": [3]}, "e": {}}) == {"a": {"b": 1, "c": [3]}, "d": 1, "e": {}}
    assert merge(base, {"a": False}) == {"a": False, "d": 1}
    assert base == {"a": {"b": 1, "c": [1, 2]}, "d": 1}
