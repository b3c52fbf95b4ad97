"""The page of a refused file: its places are where damage was put, in frames, in bars and in sound; and it plays."""

import base64
import io
import json
import re
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
from browser import PHONE, WIDE

from stemwright.gates import Check, Subject, make, verify
from stemwright.gates._verify import Verdict
from stemwright.pages.refused import write_refused_page

RATE, SECONDS = 8_000, 10
HOLES = (20_000, 51_234)  # at 120 bpm, a beat has 4,000 frames: bar 2, beat 2; bar 4, beat 1 and 3,234 frames
HOSTILE = '</script><img src=x onerror="document.title=1">&\u2028{{ 7 * 7 }}'


def sound():
    """A tone at another level on each side, with holes of 10 ms."""
    t = np.arange(SECONDS * RATE) / RATE
    samples = np.stack((0.4 * np.sin(2 * np.pi * 110 * t), 0.2 * np.sin(2 * np.pi * 165 * t + 1)), axis=1)
    for at in HOLES:
        samples[at : at + 80] = 0
    return samples


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    beats = [{"bar": 1 + n // 4, "beat": 1 + n % 4, "frame": 4_000 * n} for n in range(20)]
    sections = [("verse", 0, 48_000), (HOSTILE, 48_000, 80_000)]
    timeline = {"sample_rate": RATE, "frames": RATE * SECONDS, "beats": beats}
    timeline["sections"] = [{"name": n, "start_frame": a, "end_frame": b} for n, a, b in sections]
    (tmp_path / "build/x/mix").mkdir(parents=True)
    (tmp_path / "build/x/timeline.json").write_text(json.dumps(timeline))
    return tmp_path / "build/x"


def page_of(samples, gates, name="mix.wav", in_bars=True, subtype="FLOAT"):
    """The page of a file as text, and what its scripts are given."""
    path = f"build/x/mix/{name}"
    sf.write(path, samples, RATE, subtype, format="WAV")
    verdict = verify(Subject(path, "mix"), make(gates))
    assert not verdict.passed
    time = {"timeline": "build/x/timeline.json", "in_bars": in_bars}
    return written(name, verdict, time)


def written(name, verdict, time):
    page = write_refused_page(f"build/x/refused/mix/{name}.jsonl", verdict, time)
    assert page == f"build/x/refused/mix/{name}.html"
    with open(page, encoding="utf-8") as file:
        text = file.read()
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text)
    return text, json.loads(found[1]) if found else None


def test_places_are_where_the_damage_is(home):
    samples = sound()
    text, data = page_of(samples, {"dropout": {}, "stereo": {}})
    where = ["bar 2, beat 2, verse", "bar 4, beat 1.81, " + HOSTILE.replace("\u2028", "\\u2028")]
    assert [place["where"] for place in data["places"]] == where
    assert data["seconds"] == SECONDS and data["marks"] == [[at / RATE, 0.01, "fail"] for at in HOLES]
    for place, at in zip(data["places"], HOLES, strict=True):
        assert (place["at"], place["seconds"], place["check"]) == (at / RATE, 80 / RATE, "dropout")
        # What is played and what is drawn is the file, to half a step of 16 bits.
        heard, rate = sf.read(io.BytesIO(base64.b64decode(place["audio"]["flac"])))
        first = round(place["audio"]["from"] * RATE)
        assert rate == RATE and len(heard) == 2 * 12_000 + 80 and first == at - 12_000
        assert np.abs(heard - samples[first : first + len(heard)]).max() < 2**-15
        drawn = np.frombuffer(base64.b64decode(place["detail"]["samples"]), "<i2").reshape(-1, 2)
        assert len(drawn) == 2 * 400 + 80 and place["detail"]["from"] == (at - 400) / RATE
        assert np.abs(drawn * place["detail"]["peak"] / 32_767 - samples[at - 400 : at + 480]).max() < 2**-15
    peaks = np.frombuffer(base64.b64decode(data["view"]["peaks"]), np.int8)
    assert peaks.max() == round(0.4 * 127)
    assert "beat 2, verse</strong>" in text and "<dd>= 0 of 1 ms or more</dd>" in text
    assert 'href="../../mix/mix.wav"' in text and "correct the cause" in text


def test_the_page_is_the_same_each_time(home):
    assert page_of(sound(), {"dropout": {}}) == page_of(sound(), {"dropout": {}})


def test_a_song_without_tempo_has_sections_and_one_without_a_timeline_time(home):
    _, data = page_of(sound(), {"dropout": {}}, in_bars=False)
    assert data["places"][0]["where"] == "verse"
    (home / "timeline.json").unlink()
    text, data = page_of(sound(), {"dropout": {}})
    assert data["places"][1]["where"] == "at 0:06.404" and "at 0:06.404" in text
    (home / "timeline.json").write_text("{")  # damaged, which another check tells
    assert page_of(sound(), {"dropout": {}}) == (text, data)


def test_sound_that_no_converter_could_play(home):
    samples = sound()
    samples[30_000:30_010, 0] = [np.nan, np.inf, -np.inf, 4, -4, 4, -4, 4, -4, 4]
    _, data = page_of(samples, {"finite": {}})
    (place,) = data["places"]
    heard, _ = sf.read(io.BytesIO(base64.b64decode(place["audio"]["flac"])))
    assert place["frame"] == "30,000" and np.abs(heard).max() <= 1
    assert place["audio"]["gain_db"] == pytest.approx(-60, abs=0.1)  # an infinite one is taken for 1,000


def test_many_places_are_marked_and_each_check_is_heard(home):
    def check(name, status, count):
        return Check(name, status, count, places=[(100 * n + len(name), 1) for n in range(1, count + 1)])

    sf.write("build/x/mix/mix.wav", sound(), RATE, "FLOAT", format="WAV")
    verdict = verify(Subject("build/x/mix/mix.wav", "mix"), make({"silence": {}}))
    found = (
        check("many", "fail", 300),
        check("few", "fail", 1),
        check("told", "warn", 50),
        check("fine", "pass", 9),
    )
    text, data = written("mix.wav", replace(verdict, checks=found), {})
    assert len(data["marks"]) == 351 and "351 places are marked, of which 8 can be played" in text
    checks = [place["check"] for place in data["places"]]
    assert {name: checks.count(name) for name in checks} == {"many": 4, "few": 1, "told": 3}
    assert [place["at"] for place in data["places"]] == sorted(place["at"] for place in data["places"])
    assert [place["number"] for place in data["places"]] == list(range(1, 9))


def test_hostile_names_are_text(home):
    text, data = page_of(sound(), {"dropout": {}}, name="<b>&'.wav")
    assert "<b>&" not in text and "&lt;b&gt;&amp;" in text and 'href="../../mix/%3Cb%3E%26%27.wav"' in text
    assert "<img" not in text and "\u2028" not in text and "{{ 7 * 7 }}" in text
    check = Check("readable", "fail", HOSTILE, limit=HOSTILE, reason="\x1b[2J\u202e" + HOSTILE)
    (home / "mix/a.mid").write_bytes(b"x")
    text, data = written("a.mid", Verdict(Subject("build/x/mix/a.mid", "handoff"), None, (check,)), {})
    assert data is None and "<img" not in text and "\x1b" not in text and "\\x1b[2J\\u202e" in text


def test_it_plays_from_disk(home, browser):
    """The sound reaches the loudspeakers, the line follows it, keys work, and nothing is asked of a network."""
    page_of(sound(), {"dropout": {}})
    browser.open(home / "refused/mix/mix.wav.html", PHONE)
    assert browser.faults() == [] and browser.overflow() == 0
    browser.open(home / "refused/mix/mix.wav.html", WIDE, dark=True)
    assert browser.faults() == [] and browser.run("return document.title") == "mix.wav refused – Stemwright"
    browser.run(
        """const connect = AudioNode.prototype.connect;
        AudioNode.prototype.connect = function (to) {
          if (to !== this.context.destination) return connect.call(this, to);
          globalThis.heard = this.context.createAnalyser();
          connect.call(connect.call(this, heard), to);
        };"""
    )
    browser.click("#place-2 button")
    at = follow(browser)
    assert at[0] >= HOLES[1] / RATE - 1.5 - 1e-6 and at[1] > at[0]
    assert browser.run("return document.getElementById('playing').textContent").startswith(
        "Playing place 2, bar 4"
    )
    browser.run("globalThis.heard = null")  # until the next one starts
    browser.press("1")
    assert HOLES[0] / RATE - 1.5 - 1e-6 <= follow(browser)[0] < HOLES[0] / RATE + 1.5
    browser.press("\ue00c")  # Escape
    assert browser.run("return document.querySelectorAll('.playing').length") == 0
    ink = "return [...document.querySelectorAll('canvas')].map((c) => c.width && c.getContext('2d')"
    assert all(browser.run(f"{ink}.getImageData(0, 0, c.width, c.height).data.some((v) => v))"))


def follow(browser):
    """Where the line stands, in seconds, at two moments in which something is heard."""
    script = """const samples = new Float32Array(2048);
    globalThis.heard?.getFloatTimeDomainData(samples);
    return [Math.max(...samples) > 0.05, stemwright.transport.seconds];"""
    end, found = time.monotonic() + 5, []
    while len(found) < 2 and time.monotonic() < end:
        sounds, at = browser.run(script)
        if sounds and at not in found:
            found.append(at)
    assert len(found) == 2, "nothing is heard"
    return found
