"""The page of a comparison in a browser."""

import pytest
from browser import PHONE, WIDE

from stemwright.pages.render import render

EVIL = '</script><img src=x onerror="globalThis.evil=1">${1}{{2}}\'\u2028\u202e' + "long" * 50


@pytest.mark.parametrize(("size", "dark"), [(PHONE, False), (WIDE, True)])
def test_hostile_names_on_a_phone_and_a_wide_screen(browser, tmp_path, size, dark):
    track = {"role": "stem", "status": "changed", "words": EVIL, "level": "−20 dBFS", "where": EVIL}
    tracks = [{**track, "name": EVIL, "cells": [10, 90] * 80, "number": number} for number in (0, None)]
    content = {
        "title": EVIL,
        "then": EVIL,
        "count": "0 of 2 files are identical",
        "is_identical": False,
        "summary": [EVIL],
        "bars": list(range(1, 161)),
        "tracks": tracks,
        "player": {"seconds": 1, "sections": [], "strips": [], "sources": []},
    }
    page = tmp_path / "index.html"
    page.write_text(render("diff.html", content), encoding="utf-8")
    browser.open(page, size, dark)
    assert browser.faults() == [] and browser.overflow() <= 0
    assert browser.run("return globalThis.evil ?? document.images.length") == 0
    assert browser.find("h1 bdi").get_attribute("textContent") == EVIL
