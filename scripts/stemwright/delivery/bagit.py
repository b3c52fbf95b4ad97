"""The layout of an archive as a bag of BagIt 1.0, for long-term archives.

The delivery is the payload, in data/ as it is; around it stand the declaration of the bag, what is known of it, and the
checksums of payload and tag files. There is no date in it but one that the song itself gives.

Source: RFC 8493, whose section numbers are given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from stemwright.base.printable import printable
from stemwright.delivery.manifest import sha256sums

PAYLOAD = "data/"
DECLARATION, INFO, SUMS, TAG_SUMS = (
    "bagit.txt",
    "bag-info.txt",
    "manifest-sha256.txt",
    "tagmanifest-sha256.txt",
)
TAG_FILES = (DECLARATION, INFO, SUMS, TAG_SUMS)
"""The files of a bag beside its payload, in the order of the archive."""


class PayloadFile(NamedTuple):
    """A file of the delivery: its name there, its sha256, and its size in bytes."""

    name: str
    sha256: str
    size: int


def tag_files(payload: Iterable[PayloadFile], title: str = "", date: str = "") -> dict[str, bytes]:
    """What a bag has beside its payload.

    Parameters
    ----------
    payload : iterable of PayloadFile
        The files of the delivery.
    title : str
        What the bag is, as External-Description.
    date : str
        The date that the song gives, as Bagging-Date if it has a day (YYYY-MM-DD).

    Returns
    -------
    dict of str to bytes
        The content of each of `TAG_FILES`, in their order.
    """
    files = list(payload)
    info = {
        "External-Description": printable(title),
        "Bagging-Date": date if len(date) == len("2024-05-31") else "",
        "Payload-Oxum": f"{sum(file.size for file in files)}.{len(files)}",  # 2.2.2
    }
    texts = {
        DECLARATION: "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",  # 2.1.1
        INFO: "".join(f"{label}: {value}\n" for label, value in info.items() if value),
        SUMS: sha256sums({PAYLOAD + file.name.replace("%", "%25"): file.sha256 for file in files}),  # 2.1.3
    }
    tags = {name: text.encode() for name, text in texts.items()}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in tags.items()}
    return {**tags, TAG_SUMS: sha256sums(digests).encode()}  # 2.2.1
