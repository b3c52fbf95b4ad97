"""The page of a watched file in Chromium: it plays, goes on with a new sound where it is, and shows what went wrong."""

import io

import numpy as np
import pytest
import soundfile as sf
from browser import PHONE, Browser, until
from selenium.webdriver.common.by import By

from stemwright.workflow.watching.server import Page, State

RATE = 8_000
TARGET = "build/song/preview/bar9-17.wav"
MISTAKE = 'songs/song.yaml:3: stems.<img src=x onerror="document.title=1">: must be a number'


def sound(seconds):
    """A WAV file in 32-bit float, as windows are."""
    file = io.BytesIO()
    sf.write(file, np.full((round(seconds * RATE), 2), 0.1), RATE, "FLOAT", format="WAV")
    return file.getvalue()


@pytest.fixture
def shown(needs):
    """The page and a browser that can reach this machine, and nothing else."""
    own = Browser(
        needs("chromium"), needs("chromedriver"), "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    )
    with Page(TARGET) as page:
        own.driver.get(page.url)
        yield page, own
        asked = [said for said in own.complaints() if not said.startswith(f"requested: {page.url}")]
        assert asked == []
    own.quit()


def text(browser, place):
    return browser.driver.find_element(By.ID, place).text


def seconds(browser):
    minutes, rest = text(browser, "time").split(":")
    return 60 * int(minutes) + float(rest)


@pytest.mark.long
def test_it_goes_on_where_it_is(shown):
    page, browser = shown
    assert until(lambda: text(browser, "state") == "building")
    assert not browser.find("#play").is_enabled()
    page.tell(State("done", 1, "", 2.5), sound(30))
    assert (
        until(lambda: text(browser, "state") == "up to date") and text(browser, "about") == "built in 2.5 s"
    )
    browser.click("#play")
    assert until(lambda: seconds(browser) > 0.6)
    page.tell(State("building", 1, "", 2.5))
    assert until(lambda: text(browser, "state") == "building")
    before = seconds(browser)
    assert text(browser, "play") == "Pause"  # the old sound goes on
    page.tell(State("done", 2, "", 2.5), sound(40))
    heard = (
        "return performance.getEntriesByType('resource').filter((e) => e.name.includes('sound?v=2')).length"
    )
    assert until(lambda: browser.run(heard))
    assert until(lambda: seconds(browser) > before + 0.3)  # not from the start
    page.tell(State("failed", 2, MISTAKE, 1.0))
    assert until(lambda: text(browser, "error") == MISTAKE)
    assert text(browser, "state") == "failed" and "onerror" not in browser.driver.title
    assert text(browser, "play") == "Pause"
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "#error img")
    browser.click("#play")
    stood = seconds(browser)
    assert text(browser, "play") == "Play" and stood > before
    assert browser.faults() == []
    browser.driver.set_window_size(*PHONE)
    assert browser.overflow() == 0
