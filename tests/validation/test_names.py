"""Names: plain, or refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemwright.validation.names import parse_file_name, parse_name
from stemwright.validation.templates import file_name


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


@pytest.mark.parametrize(
    "name",
    [
        "Déjà vu",
        "Bär",
        "’Round Midnight",
        "Don't stop!",
        "春の海",
        "Ночь",
        "한국어",
        "عربي",
        "Ñandú (åØ) – 2",
    ],
)
def test_names_of_all_scripts_are_delivered(name):
    decomposed = unicodedata.normalize("NFD", name)
    assert parse_file_name(f"{decomposed}.wav") == unicodedata.normalize("NFC", f"{name}.wav")


@pytest.mark.parametrize(
    "name",
    [
        "a／b",
        "a∕b:",
        "a：b",
        "a＊",
        "a？",
        "a\u202eb",
        "a\u200bb",
        "a\u00a0b",
        "a\ue000",
        "\u0301a",
        "a\ud800",
        "CON.x",
        "ＣＯＮ",
        *("春" * 66, "a" * 117, ".a", "-a", " a", "", "a\x85", "a/b", "a\\b", "a:b", "$a"),
    ],
)
def test_what_systems_would_take_for_something_else_is_refused(name):
    with pytest.raises(ValueError, match="gives "):
        parse_file_name(f"{name}.wav")


def test_the_sign_that_is_not_safe_is_named():
    with pytest.raises(ValueError, match='with ", not a safe file name'):
        parse_file_name('Night "Bus".wav')


def test_names_in_ascii_by_choice():
    def ascii_name(title):
        return file_name("{title}", ".wav", {"title": title}, ascii=True)

    names = {
        "Déjà vu": "Deja vu",
        "Großer Bär": "Grosser Bar",
        "’Round Łódź": "'Round Lodz",
        "Røde Æble – 2": "Rode AEble - 2",
    }
    assert [ascii_name(title) for title in names] == [f"{name}.wav" for name in names.values()]
    with pytest.raises(ValueError, match="ASCII has no letter for 春"):
        ascii_name("春")
