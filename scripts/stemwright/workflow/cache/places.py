"""Where a cache is: a folder, or a bucket that fsspec reaches. Both hold files by name, and know no more of them."""

from __future__ import annotations

import errno
import os
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO

from stemwright.base.errors import StemwrightError

_CHUNK = 1 << 25
_TMP = "tmp"
_FRESH_S = 86_400  # what was used on this day already is not marked again
_OF_ONE_FILE = (errno.ELOOP, errno.EACCES, errno.EISDIR, errno.ENXIO, errno.EIO, errno.ESTALE, errno.ENOTDIR)


class Damaged(StemwrightError):
    """Something in the cache that is not what it should be: it is not used."""


class Place:
    """Base of a place: what a cache needs of it. Names are relative paths, made by us.

    Each method raises OSError if the place cannot be reached, and PermissionError if it may only be read.
    """

    def read(self, name: str, most: int) -> bytes:
        """The first `most` bytes of a file. Raises FileNotFoundError, or Damaged if it cannot be read."""
        raise NotImplementedError

    def fetch(self, name: str, to: str | os.PathLike, most: int) -> None:
        """Copy a file from there. Raises as `read` does.

        Parameters
        ----------
        name : str
            Its name.
        to : path-like
            The local file that is written.
        most : int
            How many bytes of it are copied, at most.
        """
        raise NotImplementedError

    def size(self, name: str) -> int | None:
        """The size of a file in bytes; None if there is none."""
        raise NotImplementedError

    def store(self, name: str, source: str | os.PathLike) -> None:
        """Copy a file there. Whoever reads it at that time reads the former one, or none."""
        raise NotImplementedError

    def mark_used(self, name: str) -> None:
        """Note that a file was used, for whoever removes what is not. Buckets have rules of their own for that."""


def place_of(location: str) -> Place:
    """The place at a path, or at a URL of fsspec. Raises OSError if it cannot be used."""
    scheme, separator, path = location.partition("://")
    if not separator or scheme == "file":
        return Folder(path if separator else location)
    return Bucket(location)


def load(location: str) -> None:
    """Import what a place there needs, if it is installed: a process that is forked for many jobs does so once."""
    scheme, separator, _ = location.partition("://")
    if separator and scheme != "file":
        with suppress(ImportError, ValueError):
            from fsspec import get_filesystem_class

            get_filesystem_class(scheme)


class Folder(Place):
    """A folder, perhaps shared by many machines.

    No file in it is followed if it is a link, nor is one in a folder that is. New files and folders can be read and
    written by those who can read and write the folder itself, whatever the umask.
    """

    def __init__(self, root: str | os.PathLike):
        self._root = os.path.realpath(root)
        if os.path.exists(self._root):
            os.scandir(self._root).close()  # raises what is wrong with it

    def read(self, name: str, most: int) -> bytes:
        with self._open(name) as file, _of_one_file(name):
            return file.read(most) or b""

    def fetch(self, name: str, to: str | os.PathLike, most: int) -> None:
        with self._open(name) as file, open(to, "wb", buffering=0) as target:
            _copy(file, target, most)

    def size(self, name: str) -> int | None:
        try:
            found = os.lstat(self._path(name))
        except FileNotFoundError:
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else -1

    def store(self, name: str, source: str | os.PathLike) -> None:
        os.makedirs(self._root, exist_ok=True)
        mode = stat.S_IMODE(os.stat(self._root).st_mode)
        for folder in (_TMP, *_folders_of(name)):
            with suppress(FileExistsError):
                os.mkdir(os.path.join(self._root, folder))
                os.chmod(os.path.join(self._root, folder), mode)
        path, part = self._path(name), self._path(f"{_TMP}/{uuid.uuid4().hex}")
        try:
            with open(source, "rb", buffering=0) as file, open(part, "xb", buffering=0) as target:
                _copy(file, target, os.fstat(file.fileno()).st_size)
                os.fchmod(target.fileno(), mode & 0o666)
            os.replace(part, path)
        finally:
            with suppress(OSError):
                os.unlink(part)

    def mark_used(self, name: str) -> None:
        path = self._path(name)
        with suppress(OSError):
            if os.lstat(path).st_mtime < time.time() - _FRESH_S:
                os.utime(path, follow_symlinks=False)

    def _path(self, name: str) -> str:
        path = os.path.join(self._root, name)
        folder = os.path.dirname(path)
        if os.path.realpath(folder) != folder:
            raise Damaged(f"{name}: is behind a link")
        return path

    @contextmanager
    def _open(self, name: str) -> Iterator[FileIO]:
        path = self._path(name)
        with _of_one_file(name):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Damaged(f"{name}: is no file")
        with FileIO(descriptor) as file:
            yield file


def _copy(source: FileIO, target: FileIO, most: int) -> None:
    """Append what is left of a file to another, at most so many bytes: where the file system can, as a clone of it."""
    left = most
    with suppress(OSError, AttributeError):  # another file system, or none that can; no Linux
        while left > 0 and (copied := os.copy_file_range(source.fileno(), target.fileno(), left)):
            left -= copied
    while left > 0 and (chunk := source.read(min(left, _CHUNK))):
        target.write(chunk)
        left -= len(chunk)


@contextmanager
def _of_one_file(name: str) -> Iterator[None]:
    """An error that says nothing of the place as a whole is one of that file."""
    try:
        yield
    except OSError as error:
        if error.errno in _OF_ONE_FILE:
            raise Damaged(f"{name}: cannot be read: {error.strerror}") from None
        raise


def _folders_of(name: str) -> list[str]:
    """The folders that a file of a cache is in, below that of the cache, from the outermost."""
    *folders, _ = name.split("/")
    return ["/".join(folders[:depth]) for depth in range(1, len(folders) + 1)]


class Bucket(Place):
    """A bucket, or whatever else fsspec reaches: files are put there whole, and read in pieces."""

    def __init__(self, url: str):
        with _in_words():
            from fsspec.core import url_to_fs  # costs more than most jobs, and only these need it

            self._fs, self._root = url_to_fs(url)

    def read(self, name: str, most: int) -> bytes:
        with _in_words():
            return bytes(self._fs.cat_file(f"{self._root}/{name}", start=0, end=most))

    def fetch(self, name: str, to: str | os.PathLike, most: int) -> None:
        with open(to, "wb") as target:
            for at in range(0, most, _CHUNK):
                end = min(at + _CHUNK, most)
                with _in_words():
                    chunk = self._fs.cat_file(f"{self._root}/{name}", start=at, end=end)
                target.write(chunk)
                if len(chunk) < end - at:
                    return

    def size(self, name: str) -> int | None:
        try:
            with _in_words():
                return int(self._fs.info(f"{self._root}/{name}")["size"])
        except FileNotFoundError:
            return None

    def store(self, name: str, source: str | os.PathLike) -> None:
        path = f"{self._root}/{name}"
        with _in_words():
            try:
                self._fs.put_file(os.fspath(source), path)
            except (
                FileNotFoundError
            ):  # where there are folders; the one of the cache must exist, as a bucket must
                for folder in _folders_of(name):
                    with suppress(FileExistsError):
                        self._fs.mkdir(f"{self._root}/{folder}", create_parents=False)
                self._fs.put_file(os.fspath(source), path)


@contextmanager
def _in_words() -> Iterator[None]:
    """Whatever a library for buckets raises as an OSError: each has errors of its own."""
    try:
        yield
    except OSError:
        raise
    except ImportError as error:
        raise OSError(f"needs a library that is not installed: {error}") from None
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}".partition("\n")[0]) from None
