"""Rule write_index: the index of a dataset, its splits, its checksums and its README."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import atomic_write, read_json, write_json
from stemwright.delivery.dataset_texts import digests, index, readme, splits_of
from stemwright.delivery.manifest import sha256sums
from stemwright.workflow.job import job, work

with job(snakemake) as params:
    home = f"{work().root}{params['home']}/"

    def checked(path: str) -> dict:
        """A file of ours by its path in the dataset, with its checksums."""
        return {"path": path.removeprefix(home), **digests(path)}

    paths = list(snakemake.input.tracks)
    tracks = [{**read_json(path), "itself": checked(path)} for path in paths]
    named = {role: snakemake.output[role].removeprefix(home) for role in ("index", "splits", "sums")}
    with atomic_write(snakemake.output.readme) as part:
        part.write_text(readme({**params, "files": named}, tracks), encoding="utf-8")
    write_json(snakemake.output.splits, splits_of(tracks))
    splits = checked(snakemake.output.splits)
    write_json(snakemake.output.index, index(params["version"], tracks, splits))
    files = [file for track in tracks for file in (*track["files"], track["itself"])]
    files += [checked(snakemake.output.index), splits, checked(snakemake.output.readme)]
    with atomic_write(snakemake.output.sums) as part:
        sums = {file["path"]: file["sha256"] for file in sorted(files, key=lambda file: file["path"])}
        part.write_text(sha256sums(sums), encoding="utf-8")
