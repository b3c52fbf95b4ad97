"""Digests by a thread: those of `sha256sum`, whenever they are begun, and of a file while it is written."""

from __future__ import annotations

import hashlib
import os
import threading
import time

import pytest
import xxhash

from stemwright.base import hashing
from stemwright.base.files import atomic_write, digests_of_written
from stemwright.base.hashing import Digests, Hashing, TrailingHash, digests_of, sha256


@pytest.fixture(autouse=True)
def small_buffer(monkeypatch):
    monkeypatch.setattr(hashing, "_BUFFER", 1_000)
    monkeypatch.setattr(hashing, "_ALONE", 1_000)


@pytest.fixture
def files(tmp_path):
    contents = {"empty": b"", "short": b"x", "whole": os.urandom(2_000), "long": os.urandom(12_345)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {str(tmp_path / name): hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def both_of(content):
    return Digests(hashlib.sha256(content).hexdigest(), xxhash.xxh3_128_hexdigest(content))


@pytest.mark.parametrize("is_begun", [True, False])
def test_the_digests_of_files(files, is_begun):
    work = Hashing(files)
    for _ in range(2 * is_begun):
        work.start()
    assert work.result() == files == work.result()


def test_one_file_and_the_rest_of_one(files, tmp_path):
    assert {path: sha256(path) for path in files} == files
    with open(tmp_path / "long", "rb", buffering=0) as file:
        rest = file.read(345) and (tmp_path / "long").read_bytes()[345:]
        assert digests_of(file) == both_of(rest)
    with pytest.raises(FileNotFoundError, match="missing"):
        sha256(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        sha256(tmp_path)


def test_what_has_the_xxh3_on_record_is_not_hashed_otherwise(files, tmp_path):
    same, other, unknown = (str(tmp_path / name) for name in ("long", "whole", "short"))
    expected = {
        same: Digests("recorded", xxhash.xxh3_128_hexdigest((tmp_path / "long").read_bytes())),
        other: Digests("recorded", xxhash.xxh3_128_hexdigest(b"what it was")),
        unknown: Digests("recorded"),
    }
    assert Hashing(files, expected).result() == {**files, same: "recorded"}


def test_they_are_worked_out_meanwhile(files):
    before = threading.active_count()
    work = Hashing(files)
    assert threading.active_count() == before  # a process may be forked until it is begun
    work.start()
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    for path in files:
        os.unlink(path)  # what was hashed is not read again
    assert work.result() == files


def test_without_files_there_is_no_thread():
    before = threading.active_count()
    work = Hashing([])
    work.start()
    assert threading.active_count() == before and work.result() == {}


def test_a_file_that_is_missing_is_told_each_time(files, tmp_path):
    work = Hashing([*files, tmp_path / "missing"])
    work.start()
    for _ in range(2):
        with pytest.raises(FileNotFoundError, match="missing"):
            work.result()


@pytest.fixture
def no_threads(monkeypatch):
    """As with `ulimit -u`."""

    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)


def test_where_no_thread_can_be_started_all_is_done_all_the_same(files, tmp_path, no_threads):
    work = Hashing(files)
    work.start()
    assert work.result() == files
    with atomic_write(tmp_path / "x") as part, open(part, "wb") as file, TrailingHash(part) as digest:
        for size in (5, 0, 3_000):
            file.write(bytes(size))
            file.flush()
            digest.is_written_to(file.tell())
        assert digest.result() == both_of(bytes(3_005))
    assert digests_of_written(tmp_path / "x") == both_of(bytes(3_005))


def test_too_little_memory_is_told(files, tmp_path, monkeypatch):
    def fail(size):
        raise MemoryError

    monkeypatch.setattr(hashing, "bytearray", fail, raising=False)
    work = Hashing(files)
    work.start()
    with pytest.raises(MemoryError):
        work.result()
    path = tmp_path / "x"
    path.write_bytes(b"all")
    with TrailingHash(path) as digest, pytest.raises(MemoryError):
        digest.is_written_to(3)
        digest.result()


@pytest.mark.parametrize("sizes", [[], [0], [1], [999, 1, 0, 1_000], [5_000, 2_500, 1]])
def test_a_file_while_it_is_written(tmp_path, sizes):
    path = tmp_path / "x"
    with open(path, "wb") as file, TrailingHash(path) as digest:
        for size in sizes:
            file.write(bytes(4))  # a header, which is known at the end
            content = os.urandom(size)
            file.write(content)
            file.seek(-size - 4, os.SEEK_CUR)
            file.write(b"head")
            file.seek(0, os.SEEK_END)
            file.flush()
            digest.is_written_to(file.tell())
        found = digest.result()
    assert found == both_of(path.read_bytes())
    assert path.read_bytes().count(b"head") >= len(sizes)


def test_nothing_is_left_of_what_was_given_up(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(100_000))
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    with pytest.raises(ValueError, match="given up"), TrailingHash(path) as digest:
        for end in range(0, 100_001, 1_000):
            digest.is_written_to(end)
        raise ValueError("given up")
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == (threads, descriptors)
