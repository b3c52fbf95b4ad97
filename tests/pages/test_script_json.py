"""Data in scripts: nothing in it is markup, and all of it is JSON."""

import json

import pytest

from stemwright.pages.script_json import script_json


def test_no_text_ends_the_script_and_all_of_it_comes_back():
    data = {"</script>": "<!--<script>&amp;\u2028\u2029]]>", "a": [1, None, "\U0001f600"]}
    text = script_json(data)
    assert json.loads(text) == data
    assert not set("<>&\u2028\u2029") & set(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_has_not_is_refused(value):
    with pytest.raises(ValueError):
        script_json([value])
