"""The index of all songs: what is on disk of each, in a table that can be sorted and filtered."""

import json
import re
from pathlib import Path

import pytest
from browser import PHONE

from stemwright.pages.index import Listed, write_index
from stemwright.records.refusals import record_refusal
from stemwright.records.sentinel import write_sentinel

TITLE = '<b>Night</b> </script>"Bus"\u202e'


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "build"


def check(name, status="pass", measured=0):
    return {"id": name, "measured": measured, "unit": "", "limit": "", "status": status}


def passed(artifact, *checks, seconds=90.5):
    """A file with its sentinel."""
    Path(artifact).parent.mkdir(parents=True, exist_ok=True)
    Path(artifact).write_bytes(b"sound")
    form = {"sample_rate": 48_000, "frames": round(48_000 * seconds)}
    kind = {"master": "master", "disc": "disc"}.get(Path(artifact).parent.name, "stem")
    write_sentinel(
        artifact, {"artifact": artifact, "sha256": "", "kind": kind, "format": form, "checks": checks}
    )


def song(name, lufs=-14.1, warnings=0):
    passed(
        f"build/{name}/master/master.wav", check("loudness", "pass", lufs), check("true_peak", "pass", -1.02)
    )
    passed(f"build/{name}/{name}.zip", *[check("archive", "warn")] * warnings)
    Path("songs").mkdir(exist_ok=True)
    Path(f"songs/{name}.yaml").write_text("title: X")


def refused(name, file, *failed):
    artifact = Path(f"build/{name}/{file}")
    artifact.parent.mkdir(parents=True, exist_ok=True)
    artifact.write_bytes(b"sound")
    ledger = Path(f"build/{name}/refused/{file}.jsonl")
    record_refusal(ledger, {"artifact": str(artifact), "checks": [check("older", "fail")]})
    checks = [check("fine"), *(check(each, "fail") for each in failed)]
    record_refusal(ledger, {"artifact": str(artifact), "checks": checks})
    Path(str(ledger).replace("jsonl", "html")).write_text("page")


def rows(listed):
    """The text of each cell of each song of the index, and the links in it."""
    path = write_index("build", listed)
    assert path == "build/index.html"
    text = Path(path).read_text(encoding="utf-8")
    found = {}
    for row in re.findall(r"<tr data-state.*?</tr>", text, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        words = [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in cells]
        found[re.search('data-sort="(.*?)"', row)[1]] = (words, re.findall('href="(.*?)"', row))
    return found


def test_each_state_of_a_song(build):
    song("whole", warnings=2)
    (build / "whole/report").mkdir()
    (build / "whole/report/index.html").write_text("page")
    song("bad")
    refused("bad", "stems/a.wav", "click.boundary", "dc")
    refused("bad", "stems/mended.wav", "dc")
    passed("build/bad/stems/mended.wav")
    passed("build/begun/timeline.json", seconds=0)
    found = rows([Listed("whole", "The Whole"), Listed("bad"), Listed("begun"), Listed("new")])
    zips = ["whole/report/index.html", "whole/whole.zip"]
    figures = ["2", "-14.1 LUFS", "-1.02 dBTP", "1:30"]
    minus = [figure.replace("-", "−") for figure in figures]
    assert found["whole"] == (["The Whole whole", "verified", *minus, "whole.zip"], zips)
    words, links = found["bad"]
    assert words[1] == "refused stems/a.wav click.boundary, dc" and links[0] == "bad/refused/stems/a.wav.html"
    assert found["begun"][0] == ["begun begun", "in part", "0", "", "", "", ""]
    assert found["new"][0] == ["new new", "not built", "", "", "", "", ""]


def test_what_is_planned_counts_where_it_is_known(build):
    song("a")
    refused("a", "stems/gone.wav", "dc")  # of a stem that was removed since
    files = ["build/a/a.zip", "build/a/master/master.wav"]
    assert rows([Listed("a", artifacts=files)])["a"][0][1] == "verified"
    files.append("build/a/delivery/a.wav")
    assert rows([Listed("a", artifacts=files)])["a"][0][1] == "in part 2 of 3 files"
    assert rows([Listed("a")])["a"][0][1] == "refused stems/gone.wav dc"


def test_songs_of_other_runs_stay_with_their_titles(build):
    song("a")
    song("b")
    passed("build/removed/removed.zip")  # its YAML is gone
    assert list(rows([Listed("b", TITLE)])) == ["a", "b"]
    first = (build / "index.html").read_bytes()
    assert rows([Listed("a")])["b"][0][0].startswith("&lt;b&gt;Night&lt;/b&gt;")
    assert (build / "index.html").read_bytes() == first  # nothing has changed
    shown, _, rest = first.decode().partition('id="titles">')
    assert json.loads(rest.partition("</script>")[0]) == {"b": TITLE}
    assert "<b>Night" not in shown + rest and "\u202e" not in shown


def test_songs_in_folders(build):
    song("blue")
    for name in ("rock/blue", "rock/red"):
        passed(f"build/{name}/master/master.wav", check("loudness", "pass", -9))
        passed(f"build/{name}/{name[5:]}.zip")
    refused("rock/red", "mix/mix.wav", "dc")
    Path("songs/rock").mkdir()
    Path("songs/rock/red.yaml").write_text("")  # of another run
    found = rows([Listed("rock/blue", "Blue")])
    assert {name: links for name, (_, links) in found.items()} == {
        "blue": ["blue/blue.zip"],
        "rock/blue": ["rock/blue/blue.zip"],
        "rock/red": ["rock/red/refused/mix/mix.wav.html", "rock/red/red.zip"],
    }
    assert found["rock/blue"][0][:2] == ["Blue rock/blue", "verified"]


def test_an_album_has_a_folder_of_its_own(build):
    passed("build/albums/x/disc/x.wav", seconds=3_700)
    passed("build/albums/x/x.zip")
    song("x")
    assert rows([Listed("x")])["x"][0][0] == "x x"  # the album has no YAML
    assert "albums/x/x.zip" not in (build / "index.html").read_text(encoding="utf-8")
    write_index("build", [Listed("x", "Lines", kind="album")])
    text = (build / "index.html").read_text(encoding="utf-8")
    assert 'href="albums/x/x.zip"' in text and 'href="x/x.zip"' in text and "1:01:40" in text


def test_records_that_cannot_be_read_do_not_stop_it(build):
    song("a")
    Path("build/a/master/master.wav.ok").write_text('{"seal": 1}')
    (build / "a/refused/mix").mkdir(parents=True)
    (build / "a/refused/mix/mix.wav.jsonl").write_bytes(b'\xff\n["no record"]\n')
    for titles in ('{"a": 1', "[1]", "[" * 100_000):
        (build / "index.html").write_text(f'<script type="application/json" id="titles">{titles}')
        assert rows([Listed("a")])["a"][0][1] == "in part"


def test_it_sorts_and_filters(build, browser):
    for name, lufs in (("a", -9.5), ("b", -14), ("c", -23)):
        song(name, lufs)
    refused("c", "stems/a.wav", "dc")
    rows([Listed("a", TITLE), Listed("b", "Zwei"), Listed("new", "Neu")])
    for size in ((1400, 900), PHONE):
        browser.open(build / "index.html", size, dark=size == PHONE)
        assert browser.faults() == [] and browser.overflow() == 0

    def shown():
        rows = "[...document.querySelectorAll('tbody tr')].filter((row) => !row.hidden)"
        return browser.run(f"return {rows}.map((row) => row.querySelector('.file').textContent)")

    assert shown() == ["a", "b", "c", "new"]
    browser.click("th:nth-child(4) button")
    assert shown() == ["c", "b", "a", "new"]
    browser.click("th:nth-child(4) button")
    assert shown() == ["a", "b", "c", "new"]  # what was not measured is last either way
    browser.find("#find").send_keys("zwei")
    assert shown() == ["b"] and browser.find("#shown").text == "1 of 4"
    browser.find("#find").clear()
    browser.find("#state").send_keys("refused")
    assert shown() == ["c"]
    assert browser.run("return document.querySelectorAll('tbody b, tbody script').length") == 0
