"""Where a cache is: folders that many share, and buckets."""

import errno
import os
import stat
from multiprocessing import get_context

import fsspec
import pytest

from stemwright.workflow.cache.places import Bucket, Damaged, Folder, place_of

NAME = "sha256/ab/" + "c" * 62


@pytest.fixture(params=["folder", "bucket with folders", "bucket"])
def place(request, tmp_path):
    if request.param == "folder":
        yield place_of(str(tmp_path / "cache"))
    elif request.param == "bucket with folders":
        (tmp_path / "cache").mkdir()
        yield place_of(f"local://{tmp_path}/cache")
    else:
        fsspec.filesystem("memory").store.clear()
        yield place_of("memory://cache/of ours")
        fsspec.filesystem("memory").store.clear()


def test_what_is_stored_is_read(place, tmp_path):
    source, to = tmp_path / "source", tmp_path / "to"
    for content in (os.urandom(100_000), b"", b"x"):
        source.write_bytes(content)
        place.store(NAME, source)
        place.mark_used(NAME)
        place.fetch(NAME, to, len(content))
        assert to.read_bytes() == content and place.size(NAME) == len(content)
        assert place.read(NAME, 1 << 20) == content


def test_no_more_is_read_than_asked_for(place, tmp_path):
    (tmp_path / "source").write_bytes(bytes(range(100)))
    place.store(NAME, tmp_path / "source")
    place.fetch(NAME, tmp_path / "to", 40)
    assert (tmp_path / "to").read_bytes() == place.read(NAME, 40) == bytes(range(40))


def test_what_is_not_there(place, tmp_path):
    assert place.size(NAME) is None
    for read in (lambda: place.read(NAME, 9), lambda: place.fetch(NAME, tmp_path / "to", 9)):
        with pytest.raises(FileNotFoundError):
            read()


def test_a_bucket_is_read_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("stemwright.workflow.cache.places._CHUNK", 7)
    (tmp_path / "source").write_bytes(bytes(range(100)))
    place = Bucket("memory://pieces")
    place.store(NAME, tmp_path / "source")
    for size in (0, 6, 7, 8, 99, 100, 150):
        place.fetch(NAME, tmp_path / "to", size)
        assert (tmp_path / "to").read_bytes() == bytes(range(100))[:size]


def test_a_url_that_nothing_knows_is_told_in_words():
    with pytest.raises(OSError, match="Protocol not known: nosuch"):
        place_of("nosuch://x")


def test_a_file_url_is_a_folder(tmp_path):
    (tmp_path / "source").write_bytes(b"x")
    place_of(f"file://{tmp_path}/cache").store(NAME, tmp_path / "source")
    assert (tmp_path / "cache" / NAME).read_bytes() == b"x"


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o2775, 0o1777])
def test_what_is_new_may_be_used_by_those_who_may_use_the_folder(mode, tmp_path):
    (tmp_path / "source").write_bytes(b"x")
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(mode)
    before = os.umask(0o077)
    try:
        Folder(cache).store(NAME, tmp_path / "source")
    finally:
        os.umask(before)
    file = cache / NAME
    assert {stat.S_IMODE(each.stat().st_mode) for each in file.parents[:2]} == {mode}
    assert stat.S_IMODE(file.stat().st_mode) == mode & 0o666


def test_on_a_full_disk_nothing_is_left_behind(room, tmp_path):
    (tmp_path / "source").write_bytes(bytes(100_000))
    place = Folder(tmp_path / "cache")
    with room(50_000), pytest.raises(OSError) as told:
        place.store(NAME, tmp_path / "source")
    assert told.value.errno == errno.EFBIG
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_nothing_is_written_through_a_link_that_leads_out(tmp_path):
    (tmp_path / "source").write_bytes(b"x")
    outside = tmp_path / "outside"
    outside.mkdir()
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "sha256").symlink_to(outside)
    with pytest.raises(Damaged, match="is behind a link"):
        Folder(cache).store(NAME, tmp_path / "source")
    assert not any(path.is_file() for path in outside.rglob("*"))


def test_what_is_used_is_younger_than_what_is_not(tmp_path):
    (tmp_path / "source").write_bytes(b"x")
    place = Folder(tmp_path / "cache")
    other = NAME[:-1] + "d"
    for name in (NAME, other):
        place.store(name, tmp_path / "source")
        os.utime(tmp_path / "cache" / name, (0, 0))
    place.mark_used(NAME)
    ages = {name: (tmp_path / "cache" / name).stat().st_mtime for name in (NAME, other)}
    assert ages[NAME] > 1e9 and ages[other] == 0


def write_often(root, source):
    place = Folder(root)
    for _ in range(50):
        place.store(NAME, source)


def test_who_reads_while_others_write_reads_a_whole_file(tmp_path):
    sources = []
    for letter in "ab":
        sources.append(tmp_path / letter)
        sources[-1].write_bytes(letter.encode() * 50_000)
    root = tmp_path / "cache"
    Folder(root).store(NAME, sources[0])
    writers = [get_context("fork").Process(target=write_often, args=(root, source)) for source in sources]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(Folder(root).read(NAME, 1 << 20))
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert seen <= {source.read_bytes() for source in sources} and seen
    assert not any(path.is_file() for path in (root / "tmp").iterdir())
