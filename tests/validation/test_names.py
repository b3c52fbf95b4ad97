"""Names: plain, or refused."""

from hypothesis import given
from hypothesis import strategies as st

from stemwright.validation.names import parse_name


@given(st.text())
def test_a_name_is_plain_or_refused(text):
    try:
        parse_name(text)
    except ValueError:
        return
    assert (
        text.isascii()
        and text.replace("-", "a").replace("_", "a").isalnum()
        and 1 <= len(text) <= 64
        and text[0] != "-"
    )
