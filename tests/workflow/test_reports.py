"""The page of a song is a target: its links hold, and it is written again for another verdict, and only for that."""

import re
from urllib.parse import unquote

import numpy as np
import soundfile as sf
from player_pages import rendered

REPORT = "build/tune/report/index.html"


def test_the_page_of_a_song(workdir, browser):
    workdir.edit("title", value="</script><b>Tune</b>")
    workdir.snakemake(f"{REPORT}.ok")
    page = workdir / REPORT
    text = page.read_text(encoding="utf-8")
    links = [unquote(link) for link in re.findall(r'href="(\.\./[^"]+)"', text)]
    assert "../tune.zip" in links and len(links) == len(set(links)) + 1  # the archive, at the top too
    assert all((page.parent / link).is_file() for link in links)
    tracks = re.findall(r'data-track="([^"]+)"', text)
    assert {"stem-bass", "mix", "master", "reference"} <= set(tracks)
    assert all((page.parent / f"tracks/{track}.js").is_file() for track in tracks)
    mix, _ = sf.read(workdir / "build/tune/mix/mix.wav")
    for source in ("mix", "stems"):  # what is played of either is the mix
        heard, _ = rendered(browser, page, 4, (0, f"desk.equal = false; await desk.choose('{source}')"))
        assert np.std(heard - mix[: len(heard)]) < 0.15 * np.std(mix)

    workdir.edit("gates", value={"true_peak": {"max_dbtp": -20, "severity": "warn"}})
    jobs = workdir.snakemake(f"{REPORT}.ok").jobs
    assert {"write the page", "verify the page", "verify the master"} <= set(jobs)
    assert not [job for job in jobs if not job.startswith("verify") and job != "write the page"]
    assert "limit ≤ −20" in page.read_text(encoding="utf-8")
