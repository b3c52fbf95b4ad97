"""Snakemake's own report has the page of a song: as one file without its sound, as a zip with all of its folder."""

import json
import re
import zipfile

import pytest

from stemwright.workflow.requested_targets import is_report_zipped

PAGE, MASTER = "build/tune/report/index.html", "build/tune/master/master.json"


@pytest.mark.parametrize(
    "words, zipped",
    [
        (["--report", "a.zip"], True),
        (["build/x/x.zip", "--report=b.zip"], True),
        (["--reporter", "html", "--report-html-path", "a.zip"], True),
        (["--report", "a.html", "build/x/x.zip"], False),
        (["--report"], False),
        ([], False),
    ],
)
def test_whether_a_report_is_a_zip(words, zipped):
    assert is_report_zipped(words) == zipped


def results_in(text):
    """What a report shows: its categories, and by path what is told of each result."""
    categories, results = (
        json.JSONDecoder().raw_decode(text.partition(f'<script id="{name}">\n    var {name} = ')[2])[0]
        for name in ("categories", "results")
    )
    assert categories == {"tune": {"page": [PAGE], "master": [MASTER]}}
    assert {path: found["labels"] for path, found in results.items()} == {
        PAGE: {"file": "page"},
        MASTER: {"file": "settings"},
    }
    assert (
        "<strong>tune</strong>" in results[PAGE]["caption"]
        and "gain and the limiter" in results[MASTER]["caption"]
    )
    return results


@pytest.mark.long
def test_reports_of_a_song(empty):
    empty.write("config.yaml", {"songs": ["tune"], "report": True, "session": {"sample_rate": 8_000}})
    tone = {"source": {"tone": {"note": "A3", "level_db": -20}}, "gates": {"placeholder": False}}
    empty.write(
        "songs/tune.yaml", {"title": "<b>Tune</b>", "bpm": 120, "length": "1 bar", "stems": {"pad": tone}}
    )
    empty.snakemake()
    empty.snakemake("--report", "report.zip")
    page = (empty / PAGE).read_bytes()
    with zipfile.ZipFile(empty / "report.zip") as archive:
        (folder,) = (
            name[: -len("index.html")] for name in archive.namelist() if name.endswith("/index.html")
        )
        results = results_in(archive.read("report/report.html").decode())
        assert folder == "report/" + results[PAGE]["data_uri"].removesuffix("index.html")
        assert archive.read(f"{folder}index.html") == page
        tracks = set(re.findall(r'"id":"([\w-]+)"', page.decode()))
        assert tracks >= {"stem-pad", "mix", "master"}
        for track in tracks:
            for file in (f"tracks/{track}.js", f"tracks/{track}.audio.js"):
                assert archive.read(folder + file) == (empty / "build/tune/report" / file).read_bytes()
    empty.snakemake("--report", "report.html")
    results = results_in((empty / "report.html").read_text())
    assert results[PAGE]["data_uri"].startswith("data:text/html;")
    (empty / "build/tune/master/master.wav.ok").unlink()
    run = empty.fails("--report", "report.zip")
    assert "build/tune/master/master.wav.ok: is missing. A report is made of what is built" in run.text
