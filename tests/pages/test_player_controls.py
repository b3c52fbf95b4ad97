"""The player's controls: real clicks and keys, on the real clock; what it says when it cannot play; how it looks."""

import pytest
from browser import PHONE, TABLET, WIDE, until
from player_pages import BASS, DRUMS, KEYS, tone, write_page, write_song, write_track
from selenium.webdriver.common.keys import Keys

from stemwright.pages.song_data import player_data


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_song(tmp_path_factory.mktemp("song"))


def tapped(browser):
    """An analyser on what the player sounds like: the loudest frequency in Hz, and the level in dBFS."""
    return browser.run(
        """const { playback, desk } = stemwright.player;
        globalThis.tap ??= new AnalyserNode(playback.context, { fftSize: 2048, smoothingTimeConstant: 0 });
        desk.output.connect(tap);
        await new Promise((resolve) => setTimeout(resolve, 300));
        const bins = new Float32Array(1024);
        tap.getFloatFrequencyData(bins);
        const top = Math.max(...bins);
        return [bins.indexOf(top) * playback.context.sampleRate / 2048, top];"""
    )


def status(browser):
    return browser.run("return [stemwright.player.playback.state, stemwright.player.playback.position]")


def in_state(browser, state):
    return lambda: status(browser)[0] == state


def test_a_click_on_play_is_heard(browser, song):
    browser.open(song)
    browser.click("[data-do=play]")
    until(lambda: status(browser)[1] > 0)
    clock = "const { context, position } = stemwright.player.playback; return [context.currentTime, position]"
    before = browser.run(clock)
    frequency, level = tapped(browser)
    after = browser.run(clock)
    assert min(abs(frequency - hertz) for hertz in (BASS, KEYS, DRUMS)) < 5 and level > -40
    assert after[0] > before[0] + 0.2
    assert after[1] - before[1] == pytest.approx(after[0] - before[0], abs=0.06)
    browser.click("[data-do=loop]")
    browser.click(".player-sections li:nth-child(3) button")
    until(lambda: browser.run("return stemwright.transport.seconds") >= 4)  # figures of the page follow it
    assert browser.find(".player [aria-current=true]").text.startswith("chorus")
    browser.click("[data-id=keys] [data-do=solo]")
    until(lambda: abs(tapped(browser)[0] - KEYS) < 5)
    until(lambda: browser.run("return stemwright.player.desk.peak('keys')") == pytest.approx(0.1, rel=0.1))
    assert 4 <= browser.run("return stemwright.transport.seconds") < 6
    browser.press(" ")  # for Play, though Solo was clicked last
    until(in_state(browser, "paused"))
    until(lambda: browser.run("return stemwright.player.playback.context.state") == "suspended")


def test_keys(browser, song):
    browser.open(song)
    pressed = lambda selector: browser.find(selector).get_attribute("aria-pressed")  # noqa: E731
    for key, section in (("]", 2), ("]", 4), ("[", 2), (Keys.ARROW_LEFT, 0), (Keys.ARROW_RIGHT, 5)):
        browser.press(key)
        assert status(browser) == ["stopped", section]
    browser.press("l", "2")
    assert pressed("[data-do=loop]") == pressed("[data-id=keys] [data-do=solo]") == "true"
    browser.press("b")
    assert pressed("[data-slot=B]") == "true" and browser.find("[value=master]").is_selected()
    browser.press("a")
    assert browser.find("[value=stems]").is_selected()  # to hear a strip alone is to hear the strips
    browser.press("0")
    assert pressed("[data-id=keys] [data-do=solo]") == "false"
    browser.press(" ")
    until(in_state(browser, "playing"))
    browser.press(" ")
    until(in_state(browser, "paused"))
    browser.run(
        "document.querySelector('.player').insertAdjacentHTML('beforeend', '<input id=note>'); note.focus()"
    )
    browser.press("l", " ", "2")
    assert browser.run("return note.value") == "l 2" and status(browser)[0] == "paused"
    assert pressed("[data-do=loop]") == "true" and pressed("[data-id=keys] [data-do=solo]") == "false"
    browser.run("note.remove()")
    browser.press("?")
    assert browser.find(".player-keys").is_displayed()
    browser.click("[data-do=shortcuts]")
    browser.press(Keys.ESCAPE)
    browser.press("l")
    assert pressed("[data-do=loop]") == "true"


@pytest.mark.parametrize(
    "soloed, heard",
    [
        ("", {"lead", "hall", "drums"}),
        ("lead", {"lead"}),
        ("lead hall", {"lead", "hall"}),  # what the lead sends to the hall is not what it adds to the mix
        ("kick", {"kick"}),
        ("kick room", {"room"}),
        ("kick drums", {"drums"}),
        ("kick lead", {"kick", "lead"}),
    ],
)
def test_no_strip_is_heard_twice(browser, tmp_path, soloed, heard):
    inside = [("room", False, ["drums"]), ("kick", False, ["room"])]
    browser.open(write_page(tmp_path, 1, [("lead", True, ["hall"]), "hall", "drums", *inside], ["mix"]))
    found = browser.run(
        """const { desk } = stemwright.player;
        for (const strip of desk.strips) strip.solo = arguments[0].split(" ").includes(strip.id);
        return desk.strips.filter((strip) => desk.audible(strip)).map(({ id }) => id);""",
        soloed,
    )
    assert set(found) == heard


def test_a_strip_within_a_bus_says_why_it_has_no_mute(browser, song):
    browser.open(song)
    mute = browser.find("[data-id=kick] [data-do=mute]")
    assert mute.get_attribute("aria-disabled") == "true"
    mute.click()
    assert "heard in drums" in browser.find("[role=status]").text
    assert mute.get_attribute("aria-pressed") == "false"


# What it says when it cannot play


def test_without_a_click_it_says_so(chromium, song):
    chromium.open(song)
    chromium.complaints()
    chromium.run("await stemwright.player.playback.play()")
    assert "Press Play" in chromium.find("[role=alert]").text
    assert status(chromium) == ["paused", 0]
    assert all("AudioContext was not allowed to start" in said for said in chromium.complaints())


@pytest.mark.parametrize(
    "damage, expected", [("broken", "cannot decode"), ("missing", "tracks/mix.audio.js cannot be read")]
)
def test_a_fault_is_told_in_words(chromium, tmp_path, damage, expected):
    write_track(tmp_path, "mix", tone(300, 1))
    audio = tmp_path / "tracks/mix.audio.js"
    if damage == "broken":
        audio.write_text('stemwright.audio("mix", ["AAAA"]);')
    else:
        audio.unlink()
    chromium.open(write_page(tmp_path, 1, sources=["mix"]))
    chromium.complaints()
    chromium.click("[data-do=play]")
    until(in_state(chromium, "paused"))
    assert expected in chromium.find("[role=alert]").text
    assert [said for said in chromium.complaints() if "ERR_FILE_NOT_FOUND" not in said] == []


def test_a_source_that_is_missing_leaves_the_one_that_is_heard(chromium, tmp_path):
    for name in ("mix", "master"):
        write_track(tmp_path, name, tone(300, 4))
    (tmp_path / "tracks/master.audio.js").unlink()
    chromium.open(write_page(tmp_path, 4, sources=["mix", "master"]))
    chromium.click("[data-do=play]")
    until(in_state(chromium, "playing"))
    chromium.click("[value=master]")
    told = until(lambda: chromium.find("[role=alert]").text)
    assert "tracks/master.audio.js cannot be read" in told
    assert chromium.find("[value=mix]").is_selected() and status(chromium)[0] == "playing"


# What it looks like


def test_strips_are_listed_under_the_buses_in_which_they_are_heard():
    def strip(kind, name, is_direct, *buses):
        return {
            "id": f"{kind}-{name}",
            "kind": kind,
            "label": name,
            "is_direct": is_direct,
            "buses": list(buses),
        }

    tracks = [
        strip("stem", "kick", False, "drums"),
        strip("stem", "key", False),
        strip("stem", "vocal", True, "reverb"),
        strip("stem", "top", False, "overheads"),
        strip("bus", "overheads", False, "drums"),
        strip("bus", "reverb", True),
        strip("bus", "drums", True, "reverb"),
        {"id": "version-short", "kind": "version", "label": "Version short", "timeline": {"seconds": 1}},
        {"id": "mix", "kind": "mix", "label": "Mix"},
    ]
    found = player_data({"titles": []}, {"seconds": 3, "sections": []}, tracks)
    expected = ["vocal", "reverb", "drums", "kick", "overheads", "top", "key"]
    assert [each["name"] for each in found["strips"]] == expected
    assert found["strips"][3]["buses"] == [{"id": "bus-drums", "name": "drums"}]
    assert found["sources"] == [
        {"id": "mix", "name": "Mix"},
        {"id": "version-short", "name": "Version short", "timeline": {"seconds": 1}},
    ]


def test_names_are_text_and_nothing_is_at_fault(browser, tmp_path):
    hostile = "<img src=x onerror=alert(1)>\"'&\u202e" + "long " * 20
    for name in ("stem-a", "mix"):
        write_track(tmp_path, name, tone(300, 1))
    page = write_page(tmp_path, 1, ["stem-a"], ["mix"], [(hostile, 0, 0.5), ("end", 0.5, 1)])
    for size, dark in ((PHONE, False), (TABLET, True), (WIDE, True)):
        browser.open(page, size, dark)
        assert browser.overflow() == 0
        assert browser.faults() == []
    assert browser.run("return document.querySelectorAll('.player img').length") == 0
    assert browser.run("return stemwright.player.playback.sections[0].name") == hostile
