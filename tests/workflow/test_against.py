"""What songs are compared with: each way to name it, and what is none of them."""

import json
import shutil
import subprocess
import zipfile

import pytest

from stemwright.base.errors import StemwrightError
from stemwright.workflow.against import find_earlier, read_manifest, unpacked_side

TUNE = {"tune": "build/tune/tune.zip"}
ARCHIVES = {**TUNE, "other": "build/other/other.zip"}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def manifest_in(folder, song="tune"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"song": song, "files": []}))


def git(*args):
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@x", *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_folder_is_an_unpacked_zip_or_an_earlier_build(here):
    manifest_in(here / "unpacked")
    manifest_in(here / "bag/data")
    for place in ("elsewhere/build/tune", "out/tune"):
        (here / place).mkdir(parents=True)
        (here / place / "tune.zip").write_bytes(b"PK")
    assert find_earlier("unpacked", ARCHIVES).deliveries == {"tune": "unpacked"}
    assert find_earlier("bag", ARCHIVES).deliveries == {"tune": "bag"}
    found = find_earlier("elsewhere", ARCHIVES).deliveries
    assert found == {"tune": "elsewhere/build/tune/tune.zip"}
    assert find_earlier("out", TUNE).deliveries == {"tune": "out/tune/tune.zip"}
    (here / "empty").mkdir()
    with pytest.raises(StemwrightError, match="has no delivery of these songs"):
        find_earlier("empty", TUNE)


def test_a_delivery_of_another_song(here):
    manifest_in(here / "unpacked", "older")
    assert find_earlier("unpacked", TUNE).deliveries == {"tune": "unpacked"}
    with pytest.raises(StemwrightError, match=r"of the song older.*--config songs=\[NAME\]"):
        find_earlier("unpacked", ARCHIVES)


def test_a_commit_comes_after_a_file_of_that_name(here):
    git("init", "-q")
    (here / "a").write_text("a")
    git("add", "a")
    git("commit", "-qm", "one")
    commit = git("rev-parse", "HEAD")
    for name in ("HEAD", commit[:7], "HEAD~0"):
        assert find_earlier(name, TUNE).commit == commit
    manifest_in(here / "HEAD")
    assert find_earlier("HEAD", TUNE).deliveries == {"tune": "HEAD"}
    for name in ("nothing", "--help", "HEAD:a", "HEAD; ls", ""):
        with pytest.raises(StemwrightError, match="is no zip, no folder and no commit"):
            find_earlier(name, TUNE)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06" + bytes(18), b"PK" + bytes(100)])
def test_what_is_no_delivery_of_ours(here, content):
    (here / "old.zip").write_bytes(content)
    with pytest.raises(StemwrightError, match=r"old\.zip"):
        read_manifest("old.zip")


@pytest.mark.parametrize("text", ["", "[1]", '{"song": 1, "files": []}', "[" * 100_000, '{"song": "x"}'])
def test_a_manifest_that_is_none(here, text):
    with zipfile.ZipFile("old.zip", "w") as archive:
        archive.writestr("manifest.json", text)
    with pytest.raises(StemwrightError, match=r"old\.zip: is no delivery of Stemwright"):
        read_manifest("old.zip")


def test_a_zip_an_edit_and_a_commit(built, tmp_path):
    work = type(built)(shutil.copytree(built.path, tmp_path / "work"), built.code)
    old = shutil.copyfile(work / "build/tune/tune.zip", work / "old.zip")
    assert "tune: all 4 files are identical" in work.snakemake("diff", "--config", f"against={old}").text
    work.edit("stems", "bass", "gain_db", value=-6)
    said = work.snakemake("diff", "--config", f"against={old}").text
    assert "bass: -3.0 dB" in said and "master follows" in said and "tune: 2 of 4 files are identical" in said
    page = (work / "build/tune/diff/index.html").read_text()
    assert "bass before" in page and (work / "build/tune/diff/tracks/1-after.audio.js").exists()
    assert "| bass | changed | -3.0 dB |" in (work / "logs/diff.md").read_text()
    data = json.loads((work / "logs/diff.json").read_text())
    bass = next(track for track in data["songs"]["tune"]["tracks"] if track["name"] == "bass")
    assert bass["changes"][0]["kind"] == "level" and abs(bass["changes"][0]["amount"] + 3) < 0.05


def damaged(built, path, change):
    """The zip that was built, with the content of each of its files changed."""
    with zipfile.ZipFile(built / "build/tune/tune.zip") as sound, zipfile.ZipFile(path, "w") as other:
        for name in sound.namelist():
            other.writestr(name, change(name, sound.read(name)))
    return str(path)


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_file_that_is_not_the_one_of_the_manifest_is_not_believed(built, tmp_path, is_folder):
    def flipped(name, content):
        return content[:-1] + bytes([content[-1] ^ name.endswith("bass.wav")])

    old = damaged(built, tmp_path / "old.zip", flipped)
    if is_folder:
        shutil.unpack_archive(old, tmp_path / "old")
        old = str(tmp_path / "old")
    with (
        pytest.raises(StemwrightError, match=r"old.*: bass is not the file of that checksum"),
        unpacked_side(old),
    ):
        pass


def test_a_damaged_zip_is_not_compared(built, tmp_path):
    old = damaged(built, tmp_path / "old.zip", lambda name, content: content)
    content = bytearray((tmp_path / "old.zip").read_bytes())
    content[content.rindex(b"bass.wav", 0, len(content) // 2) + 1_000] ^= 1
    (tmp_path / "old.zip").write_bytes(content)
    with pytest.raises(StemwrightError, match=r"old\.zip: is damaged"), unpacked_side(old):
        pass


@pytest.mark.long
def test_the_songs_of_a_commit_are_built_beside_the_present_ones(built, tmp_path, monkeypatch):
    work = type(built)(shutil.copytree(built.path, tmp_path / "work"), built.code)
    monkeypatch.chdir(work.path)
    (work / ".gitignore").write_text(
        "build/\nlogs/\nbenchmarks/\n.snakemake/\naudio/\n"
    )  # recordings are not in it
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    work.edit("stems", "bass", "gain_db", value=-6)
    before = work.tree("build/tune/stems", "build/tune/processed")
    said = work.snakemake("diff", "--config", "against=HEAD").text
    assert "bass: -3.0 dB" in said and "tune: 2 of 4 files are identical" in said
    assert work.tree("build/tune/stems", "build/tune/processed") == before
    log = (work / "logs/diff.log").read_text()
    assert "deliver" in log and "render" not in log  # what is equal was not made again
    assert not list((work / ".snakemake").glob("diff-*"))
    assert git("status", "--short") == "M songs/tune.yaml"
