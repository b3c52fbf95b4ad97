"""Rule pack_archive: the delivered files with manifest, checksums and a README for the client, in one zip."""

import hashlib
import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.delivery import manifest, readme, sha256sums, write_zip
from stemwright.files import json_text, read_json
from stemwright.job import job
from stemwright.ledger import refusing
from stemwright.sentinel import hold, read_sentinel

with job(snakemake) as spec, refusing(spec["ledgers"]):
    names = [entry["file"] for entry in spec["files"]]
    passed = {path: read_sentinel(f"{path}.ok") for path in spec["ledgers"]}
    sentinels = {name: passed[path] for name, path in zip(names, snakemake.input.files, strict=True)}
    for read in (snakemake.input.timeline, snakemake.input.master):
        hold(read)
    settings = read_json(snakemake.input.settings)
    content = manifest(
        song=spec["song"],
        title=spec["title"],
        artist=spec["artist"],
        notes=spec["notes"],
        timeline=read_json(snakemake.input.timeline),
        files=[
            {
                **entry,
                "role": "stem" if entry["stem"] else "master",
                "title": (f"Stem: {entry['stem']}" if entry["stem"] else "Master") + spec["precision"],
                "sentinel": sentinels[entry["file"]],
            }
            for entry in spec["files"]
        ],
        mix=[{"stem": stem, **strip} for stem, strip in spec["stems"].items()],
        master={"effects": spec["master_effects"], "target": spec["target"], **settings},
        versions=spec["libraries"],
    )
    texts = {"manifest.json": json_text(content).encode(), "README.txt": readme(content).encode()}
    digests = {name: sentinel["sha256"] for name, sentinel in sentinels.items()}
    digests |= {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
    # What was verified is what is packed: every file is hashed on its way in.
    members = [(name, path, digests[name]) for name, path in zip(names, snakemake.input.files, strict=True)]
    members += [*texts.items(), ("SHA256SUMS", sha256sums(digests).encode())]
    write_zip(snakemake.output[0], members)
