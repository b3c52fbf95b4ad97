"""Rule pack_archive: pack the delivered files into a zip, with manifest, README for the client, and checksums."""

import hashlib
import os
import sys
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import read_json
from stemwright.delivery import verify
from stemwright.delivery.bagit import PAYLOAD, PayloadFile, tag_files
from stemwright.delivery.client_readme import readme
from stemwright.delivery.manifest import (
    CHAPTERS,
    MANIFEST,
    README,
    SUMS,
    VERIFY,
    chapters,
    manifest,
    manifest_text,
    sha256sums,
)
from stemwright.delivery.zip_writer import write_zip
from stemwright.mixing.faders import read_levels
from stemwright.records.produced import check_accounts
from stemwright.records.sentinel import read_sentinel, verify_unchanged
from stemwright.workflow.job import job, work

with job(snakemake, checked_later=["files", "handoff"]) as params:
    root = work().root
    names = [entry["file"] for entry in params["files"]] + params["handoff"]
    passed = {path: read_sentinel(path, root) for path in snakemake.params.job["ledgers"]}
    places = [*snakemake.input.files, *snakemake.input.get("handoff", ())]
    files = [path.removeprefix(root) for path in places]
    sentinels = {name: passed[path] for name, path in zip(names, files, strict=True)}
    (timeline,), (master,) = snakemake.input.timeline, snakemake.input.master
    verify_unchanged(master.removeprefix(root), root, work().read)
    levels = read_levels(snakemake.input.get("levels", ()))
    (settings_file,) = snakemake.input.settings
    settings = read_json(settings_file)
    inputs = [
        {"name": os.path.basename(place), "sha256": work().read[place.removeprefix(root)]}
        for place in snakemake.input.get("sources", ())
    ]
    check_accounts(snakemake.input.get("accounts", ()), work().read)
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
                "inputs": sorted({inputs[number]["sha256"] for number in entry["inputs"]}),
                "sentinel": sentinels[entry["file"]],
            }
            for entry in params["files"]
        ],
        handoff=[{"name": name, "sha256": sentinels[name]["sha256"]} for name in params["handoff"]],
        mix=[
            {"stem": stem, **strip, **({"gain_db": levels[stem]} if stem in levels else {})}
            for stem, strip in params["stems"].items()
        ],
        total=params["sum"],
        sum_files=params["sum_files"],
        made_from={
            "song": params["asked"],
            "inputs": inputs,
            **({"commit": params["commit"]} if "commit" in params else {}),
        },
        master={"effects": params["master_effects"], "target": params["target"], **settings},
        versions=params["libraries"],
        chapters=params["chapters"],
        has_tempo=params["has_tempo"],
    )
    texts = {
        MANIFEST: manifest_text(content).encode(),
        README: readme(content).encode(),
        **({CHAPTERS: chapters(params["chapters"]).encode()} if params["chapters"] else {}),
        VERIFY: Path(verify.__file__).read_bytes(),
    }
    digests = {name: sentinel["sha256"] for name, sentinel in sentinels.items()}
    digests |= {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
    texts[SUMS] = sha256sums(digests).encode()
    # Each file is hashed while it is packed, and must have the digest that was verified.
    members = [(name, path, digests[name]) for name, path in zip(names, places, strict=True)]
    members += texts.items()
    if params["bag"]:
        digests[SUMS] = hashlib.sha256(texts[SUMS]).hexdigest()
        payload = [
            PayloadFile(name, digests[name], len(content) if name in texts else os.path.getsize(content))
            for name, content, *_ in members
        ]
        members = [(PAYLOAD + name, *rest) for name, *rest in members]
        members += tag_files(payload, **params["bag"]).items()
    with work().naming_all_changed():
        write_zip(snakemake.output[0], members, snakemake.threads)
