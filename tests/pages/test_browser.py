"""The browser that tests of pages use sees what they must not do."""

from browser import PHONE

_WRONG = """<!doctype html><html lang="en"><title>Wrong</title>
<main><h1>Wrong</h1><button></button><p style="color: #999; background: #aaa">Pale</p>
<p style="width: 2000px">Wide</p></main>
<script>console.error("said"); new Image().src = "http://example.org/asked.png";</script>"""


def test_errors_requests_and_faults_are_seen(chromium, tmp_path):
    page = tmp_path / "wrong.html"
    page.write_text(_WRONG + '<meta name="viewport" content="width=device-width">')
    chromium.complaints()
    chromium.open(page, PHONE)
    complaints = chromium.complaints()
    assert any("said" in said for said in complaints), complaints
    assert "requested: http://example.org/asked.png" in complaints
    assert {fault.split(":")[0] for fault in chromium.faults()} >= {"button-name", "color-contrast"}
    assert chromium.overflow() > 1_000
    assert chromium.complaints() == []


def test_colour_scheme_size_and_screenshot(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<!doctype html><meta name=viewport content='width=device-width'><body style='margin: 0; height: 1500px'>"
    )
    for dark in (False, True):
        browser.open(page, PHONE, dark)
        assert browser.run("return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [
            360,
            dark,
        ]
    browser.screenshot(tmp_path / "page.png")
    png = (tmp_path / "page.png").read_bytes()
    assert [int.from_bytes(png[at : at + 4], "big") for at in (16, 20)] == [360, 1500]
