"""Rule pack_album: pack an album's tracks, disc and cue sheet into a zip, with manifest, README and checksums."""

import hashlib
import os
import sys
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.delivery import verify
from stemwright.delivery.album_texts import album_manifest, album_readme
from stemwright.delivery.manifest import MANIFEST, README, SUMS, VERIFY, manifest_text, sha256sums
from stemwright.delivery.zip_writer import write_zip
from stemwright.records.sentinel import read_sentinel
from stemwright.workflow.job import job, work

with job(snakemake, checked_later=["files"]) as params:
    root = work().root
    files = {os.path.basename(path): path.removeprefix(root) for path in snakemake.input.files}
    sentinels = {name: read_sentinel(path, root) for name, path in files.items()}
    content = album_manifest(params, sentinels, *list(files)[-2:])
    texts = {
        MANIFEST: manifest_text(content).encode(),
        README: album_readme(content).encode(),
        VERIFY: Path(verify.__file__).read_bytes(),
    }
    digests = {name: sentinel["sha256"] for name, sentinel in sentinels.items()}
    # Each file is hashed while it is packed, and must have the digest that was verified.
    members = [(name, root + path, digests[name]) for name, path in files.items()]
    digests |= {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
    members += [*texts.items(), (SUMS, sha256sums(digests).encode())]
    with work().naming_all_changed():
        write_zip(snakemake.output[0], members, snakemake.threads)
