"""What the documents show works: a snippet with stems is a song without mistakes and doubts; links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile as sf
import yaml
from documents import DOCUMENTS, ROOT, fenced
from workdirs import copy_code

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.song.load_album import check_songs, read_album
from stemwright.song.model import House


def snippets(pattern, unlike=r"\$"):
    """The YAML that has a pattern, and not another one; by default, no placeholders of a template."""
    found = [(place, text) for place, text in fenced("yaml") if re.search(pattern, text, re.M)]
    return [pytest.param(text, id=place) for place, text in found if not re.search(unlike, text)]


SONGS = snippets(r"^stems:")
ALBUMS = snippets(r"^songs:\n  - ")
LISTS = snippets(r"^songs:\n  - (?s:.*)\{table: ", unlike="^$")
UNSAID = "bpm: 98\nkey: G major\nlength: 60 bars\n"


@pytest.mark.parametrize("song", SONGS)
def test_a_snippet_is_a_song(song, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in re.findall(r"file: ([\w/-]+\.wav)", song):
        Path(file).parent.mkdir(exist_ok=True)
        sf.write(file, [0.0] * 800_000, 8_000, subtype="PCM_16")
    Path("song.yaml").write_text(song if "title:" in song else UNSAID + song, encoding="utf-8")
    assert not load_song("song", load_house({"songs": ["song"]}, []), "song.yaml").doubts


@pytest.mark.parametrize("album", ALBUMS)
def test_a_snippet_is_an_album(album, tmp_path):
    (tmp_path / "album.yaml").write_text(album, encoding="utf-8")
    rules = load_house({"songs": ["song"]}, [])
    check_songs(read_album("album", rules, str(tmp_path / "album.yaml")), house_songs())


@pytest.mark.parametrize("listed", LISTS)
def test_a_snippet_lists_songs(listed):
    songs = House.model_validate(yaml.safe_load(listed)).songs
    assert [(Path(each.table).suffix, each.name) for each in songs if not isinstance(each, str)]


def house_songs():
    return yaml.safe_load((ROOT / "config.yaml").read_text())["songs"]


def test_there_are_songs_in_it():
    assert len(SONGS) >= 15 and ALBUMS and LISTS


@pytest.mark.parametrize("workflow", sorted((ROOT / "examples/ci").glob("*.yml")), ids=lambda file: file.name)
def test_a_workflow_of_github_is_yaml_that_names_our_files(workflow):
    text = workflow.read_text(encoding="utf-8")
    (job,) = yaml.safe_load(text)["jobs"].values()
    assert any(step.get("uses", "").startswith("actions/checkout@") for step in job["steps"])
    ours = re.findall(r"(?:\.)?stemwright/([\w./]+)", " ".join(step.get("run", "") for step in job["steps"]))
    assert ours and all((ROOT / file).exists() for file in ours)


def test_the_site_has_all_documents_and_no_link_to_nowhere(tmp_path):
    command = [sys.executable, str(ROOT / "scripts/make_site.py"), "--to", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for document in DOCUMENTS:
        page = document.relative_to(ROOT).with_suffix(".html")
        assert (tmp_path / str(page).replace("README", "index")).exists()
    assert "Rubber Band" in (tmp_path / "search/search_index.json").read_text(encoding="utf-8")


def test_the_effect_that_a_guide_adds_passes_its_test(tmp_path):
    effect, test = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/guides/add-an-effect.md").read_text(encoding="utf-8"), re.DOTALL
    )
    code = copy_code(tmp_path / "code")
    (code / "scripts/stemwright/effects/crossfeed.py").write_text(effect)
    (tmp_path / "test_crossfeed.py").write_text(test)
    env = {"PYTHONPATH": str(code / "scripts"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_crossfeed.py"]
    passed = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert "1 passed" in passed.stdout, passed.stdout + passed.stderr
    song = "title: T\nbpm: 98\nlength: 4 bars\n"
    song += "stems: {a: {source: {tone: {note: A2}}, effects: [{crossfeed: {level_db: %s}}]}}\n"
    load = (
        "from stemwright.song.house import load_house; from stemwright.song.load import load_song\n"
        "load_song('song', load_house({'songs': ['song']}, []), 'song.yaml')"
    )
    for level, said in (
        ("-9", ""),
        ("3", "song.yaml:4: stems.a.effects[0].crossfeed.level_db: must be at most 0"),
    ):
        (tmp_path / "song.yaml").write_text(song % level)
        run = subprocess.run(
            [sys.executable, "-c", load], cwd=tmp_path, env=env, capture_output=True, text=True
        )
        assert said in run.stderr and (run.returncode == 0) == (not said), run.stderr
