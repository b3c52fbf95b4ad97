"""Gate page: a page is refused that is damaged, leads elsewhere, lacks something, or took a text for markup."""

import pytest
from song_pages import params, records, timeline, write_song_page

from stemwright.gates import Subject, make, verify
from stemwright.records.sentinel import write_sentinel

TITLE = "Tune <b>&amp; </script> \U0001f3b8"


@pytest.fixture
def judged(tmp_path):
    """The status of each check of the page after an edit of its text."""
    given = params(title=TITLE, titles=["Verse <i>", "Chorus"])
    found = records(given)
    page = write_song_page(tmp_path / "report", given, timeline(), found)
    sentinels = []
    for file, record in found.items():
        artifact = str(tmp_path / file)
        (tmp_path / file).parent.mkdir(exist_ok=True)
        write_sentinel(artifact, {"artifact": artifact, **record})
        sentinels.append(f"{artifact}.ok")
    context = {
        "judged": list(found),
        "tracks": [track["id"] for track in given["tracks"]],
        "downloads": ["delivery/tune_master.wav", "tune.zip"],
        "texts": [TITLE, "Nobody", "Verse <i>", "Chorus"],
    }

    def verdict(old="", new=""):
        text = page.read_text(encoding="utf-8")
        assert old in text
        page.write_text(text.replace(old, new), encoding="utf-8")
        subject = Subject(str(page), "report", context=context, inputs={"verdicts": sentinels})
        return {each.id: each.status for each in verify(subject, make({"page": {}})).checks}

    return verdict


def test_a_page_as_it_is_written_passes(judged):
    names = ("parses", "markup", "links", "tracks", "verdicts")
    assert judged() == {f"page.{name}": "pass" for name in names}


@pytest.mark.parametrize(
    "check, old, new",
    [
        ("parses", "</main>", ""),
        ("parses", "</html>", ""),
        ("parses", "</h1>", "</h2>"),
        ("parses", "<!doctype html>", "<!-- "),
        ("markup", "Tune &lt;b&gt;", "Tune <b></b>"),
        ("markup", "Verse &lt;i&gt;", "Verse"),
        ("markup", "<main", '<img src="data:,"><main'),
        ("markup", "<main", "<main onclick='x()'"),
        ("links", 'href="../tune.zip"', 'href="https://example.org/tune.zip"'),
        ("links", 'href="../tune.zip"', 'href="//example.org/tune.zip"'),
        ("links", 'href="../tune.zip"', 'href="/tune.zip"'),
        ("links", 'href="../tune.zip"', 'href="../other.zip"'),
        ("links", 'href="../tune.zip"', 'href="javascript:x()"'),
        ("links", 'href="#checks"', 'href="#nowhere"'),
        ("links", "</style>", "p { background: url(https://example.org/p.png) }</style>"),
        ("tracks", 'data-track="stem-bass"', ""),
        ("verdicts", 'data-status="pass"', 'data-status="warn"'),
        ("verdicts", '<th scope="row">loudness</th>', '<th scope="row">other</th>'),
        ("verdicts", "mix/mix.wav</bdi>", "mix/other.wav</bdi>"),
    ],
)
def test_a_page_that_is_not_is_refused(judged, check, old, new):
    assert judged(old, new)[f"page.{check}"] == "fail"


def test_an_empty_file_is_refused(judged, tmp_path):
    (tmp_path / "report/index.html").write_text("")
    assert set(judged().values()) == {"fail", "pass"}
    assert judged()["page.parses"] == "fail"
