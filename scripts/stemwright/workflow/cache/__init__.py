"""The shared cache: what one machine has built, another need not build again.

A cache is a folder, or a bucket (a URL of fsspec). In it are files, each named by its SHA-256 (`sha256/ab/cdef…`), and
entries (`entries/ab/cdef….json`), each named by the key of a job: a digest of all that the job's result depends on. An
entry says which files the job made. So it needs no lock: equal names mean equal content, and what is replaced is
replaced by a rename.

A job's frame (`stemwright.workflow.job`) asks for its entry before it does the work, and stores one after. Nothing in
a cache is believed for its name: a file counts if it has the SHA-256 and the size of its entry, an entry if it names
the key, and a sentinel if it is one of the same bytes, judged by the same gates, code and limits.

Modules of jobs import nothing else of this package by name: how a cache is kept is no reason to build anything again.
"""

CACHE = "STEMWRIGHT_CACHE"
"""The environment variable by which jobs know the cache. It is no param: no artifact depends on it."""

FROM_CACHE = "reused from the cache: "
"""How the log of a job begins that did not do its work: what it was to make was in the cache."""


def is_from_cache(log: str) -> bool:
    """Whether a log begins so."""
    try:
        with open(log, "rb") as file:
            return file.read(len(FROM_CACHE)) == FROM_CACHE.encode()
    except OSError:
        return False
