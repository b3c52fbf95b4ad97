"""Rule pack_archive: pack the delivered files into a zip, with manifest, README for the client, and checksums."""

import hashlib
import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.errors import ChangedFileError
from stemwright.base.files import json_text, read_json
from stemwright.delivery import chapters, manifest, readme, sha256sums, write_zip
from stemwright.mixing.faders import read_levels
from stemwright.records.sentinel import read_sentinel, verify_unchanged
from stemwright.workflow.job import job, work

with job(snakemake, checked_later=["files"]) as params:
    root = work().root
    names = [entry["file"] for entry in params["files"]]
    passed = {path: read_sentinel(path, root) for path in snakemake.params.job["ledgers"]}
    files = [path.removeprefix(root) for path in snakemake.input.files]
    sentinels = {name: passed[path] for name, path in zip(names, files, strict=True)}
    (timeline,), (master,) = snakemake.input.timeline, snakemake.input.master
    verify_unchanged(master.removeprefix(root), root, work().read)
    levels = read_levels(snakemake.input.get("levels", ()))
    (settings_file,) = snakemake.input.settings
    settings = read_json(settings_file)
    content = manifest(
        song=params["song"],
        title=params["title"],
        artist=params["artist"],
        notes=params["notes"],
        timeline=read_json(timeline),
        files=[
            {
                **entry,
                "title": entry["title"] + params["precision"],
                "sentinel": sentinels[entry["file"]],
            }
            for entry in params["files"]
        ],
        mix=[
            {"stem": stem, **strip, **({"gain_db": levels[stem]} if stem in levels else {})}
            for stem, strip in params["stems"].items()
        ],
        total=params["sum"],
        master={"effects": params["master_effects"], "target": params["target"], **settings},
        versions=params["libraries"],
        chapters=params["chapters"],
        has_tempo=params["has_tempo"],
    )
    texts = {"manifest.json": json_text(content).encode(), "README.txt": readme(content).encode()}
    if params["chapters"]:
        texts["chapters.txt"] = chapters(params["chapters"]).encode()
    digests = {name: sentinel["sha256"] for name, sentinel in sentinels.items()}
    digests |= {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
    # Each file is hashed while it is packed, and must have the digest that was verified.
    members = [(name, path, digests[name]) for name, path in zip(names, snakemake.input.files, strict=True)]
    members += [*texts.items(), ("SHA256SUMS", sha256sums(digests).encode())]
    try:
        write_zip(snakemake.output[0], members)
    except ChangedFileError as error:  # all of them are named, so that one more run is enough
        others = [each for each in work().changed() if each.artifact != error.artifact]
        raise ChangedFileError(error.artifact, error.text, others) from None
