"""The page of a comparison: each changed file before and after, in a real browser, and where it differs."""

import numpy as np
import pytest
import soundfile as sf
from browser import PHONE, WIDE, until

from stemwright.comparison import Change, Comparison, TrackComparison
from stemwright.pages.diff import write_page

RATE = 8_000
EVIL = "</script><script>x()</script>"
MANIFEST = {
    "title": EVIL,
    "seconds": 1.5,
    "sections": [{"name": EVIL, "start": {"seconds": 0.0}, "end": {"seconds": 1.5}}],
}
BARS = [(1, None), (2, -95.0), (3, -90.0), (4, -89.0), (5, -50.0), (6, -10.0), (7, 0.0), (8, None)]


def sound(folder, name, level, rate=RATE):
    """A file of 1.5 s: a tone of 500 Hz at a level, full scale 1."""
    path = folder / f"{name}.wav"
    sf.write(path, level * np.sin(2 * np.pi * 500 * np.arange(round(1.5 * rate)) / rate), rate, "PCM_24")
    return str(path)


def page_of(folder, bars=(), rate=RATE, tempo=({"bpm": "120"},), kinds=("level",)):
    """The page of a song whose bass and master are 6 dB louder than before, at a rate before that may be another."""
    before, after = sound(folder, "before", 0.1, rate), sound(folder, "after", 0.2)
    changed = {"old_path": before, "new_path": after, "residual_dbfs": -23.0, "by_bar": list(bars)}
    changes = [Change(kind, (), -6.0, "dB", "-6.0 dB", 1.0) for kind in kinds]
    tracks = [
        TrackComparison("stem", EVIL, "changed", **changed, changes=changes),
        TrackComparison("stem", "keys", "identical", "bytes", after, after),
        TrackComparison("stem", "pad", "added", new_path=after),
        TrackComparison("master", "master", "changed", **changed, follows=[EVIL]),
    ]
    report = folder / "a.js folder"  # an ending of ours within a path is no ending
    write_page(str(report), Comparison(tracks, (), [f"{EVIL}: -6.0 dB"]), {**MANIFEST, "tempo": tempo}, EVIL)
    return report / "index.html"


@pytest.mark.parametrize("size, dark, bars, rate", [(PHONE, True, BARS, RATE), (WIDE, False, (), 11_025)])
def test_before_and_after_are_heard_at_equal_loudness(browser, tmp_path, size, dark, bars, rate):
    browser.open(page_of(tmp_path, bars, rate), size, dark)
    assert browser.faults() == [] and browser.overflow() <= 0
    slots = "return [...document.querySelectorAll('[data-slot] span')].map((each) => each.textContent)"
    assert browser.run(slots) == ["master before", "master after"]
    browser.click("[data-compare='1']")
    until(lambda: browser.run("return stemwright.player.playback.state") == "playing")
    assert browser.run(slots) == [f"{EVIL} before", f"{EVIL} after"]
    assert browser.run("return stemwright.player.desk.source") == "1-before"
    equal = "return [stemwright.player.desk.equal, document.querySelector('[data-do=equal]').checked]"
    assert browser.run(equal) == [False, False]  # where levels alone have changed, they are to be heard
    browser.press("e")
    assert browser.run(equal) == [True, True]
    match = "const { desk } = stemwright.player; return [desk.match('1-before'), desk.match('1-after')]"
    assert browser.run(match) == pytest.approx([0, -20 * np.log10(2)], abs=0.5)  # of what the codec has kept
    browser.press("b")
    until(lambda: browser.run("return stemwright.player.desk.source") == "1-after")
    assert browser.run("return document.querySelectorAll('main script').length") == 0


@pytest.mark.parametrize("kinds", [(), ("tone",), ("level", "tone")])
def test_where_more_than_levels_has_changed_loudness_is_equal_at_first(browser, tmp_path, kinds):
    browser.open(page_of(tmp_path, kinds=kinds))
    assert browser.run("return stemwright.player.desk.equal") is True


def test_cells_are_as_strong_as_the_difference(browser, tmp_path):
    browser.open(page_of(tmp_path, BARS))
    cells = """
        const rows = [...document.querySelectorAll(".files tbody tr")];
        return rows.map((row) => [...row.querySelectorAll(".bars i")].map(
            (cell) => parseFloat(cell.style.getPropertyValue("--strength"))));
    """
    strengths = [0, 0, 0, 11, 55, 100, 100, 0]  # 10 to 100 from -90 to -10 dBFS
    assert browser.run(cells) == [strengths, [0] * 8, [0] * 8, strengths]
    assert labels(browser) == ["differs in bars 4–7", "not compared", "not compared", "differs in bars 4–7"]


def labels(browser):
    return browser.run("return [...document.querySelectorAll('.bars')].map((each) => each.ariaLabel)")


def test_a_song_without_bars_is_told_by_its_seconds(browser, tmp_path):
    browser.open(page_of(tmp_path, [(0, None), (1, -50.0), (2, -50.0), (3, None), (60, -50.0)], tempo=()))
    assert labels(browser)[0] == "differs in 0:01–0:03, 1:00–1:01"
    assert "second by second" in browser.find("#files-title").text
    assert "Where: 0:00–1:01" in browser.find("thead").text


def test_a_long_song_has_cells_of_many_bars(browser, tmp_path):
    bars = [(bar, -50.0 if bar == 321 else None) for bar in range(1, 322)]
    browser.open(page_of(tmp_path, bars))
    cells = browser.run(
        "return [...document.querySelectorAll('tr.changed .bars i')].map((c) => c.style.cssText)"
    )
    assert len(cells) == 2 * 107  # of 3 bars, of which there are more than 160
    assert [n for n, cell in enumerate(cells) if "55%" in cell] == [106, 213]
    assert "Where: bars 1–321" in browser.find("thead").text
