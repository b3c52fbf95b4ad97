"""Rule diff: say what has changed in the sound of songs since an earlier build; write a page for each."""

import shutil
import sys
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import atomic_write, write_json
from stemwright.comparison import compare
from stemwright.comparison.deliveries import side_of
from stemwright.comparison.report import lines, markdown, to_json
from stemwright.pages.diff import write_page
from stemwright.workflow.against import read_manifest, unpacked_side
from stemwright.workflow.job import job, print_to_screen
from stemwright.workflow.revision import built_at

with job(snakemake) as params:
    songs, commit = params["songs"], params["commit"]
    deliveries = (
        built_at(
            commit,
            {song: each["archive"] for song, each in songs.items()},
            params["results"],
            params["snakefile"],
            snakemake.threads,
        )
        if commit
        else nullcontext({song: each["earlier"] for song, each in songs.items()})
    )
    found, missing = {}, {}
    with deliveries as earlier:
        for song, each in songs.items():
            if song not in earlier:
                missing[song] = "new"
                continue
            archive = params["root"] + each["archive"]
            manifest = read_manifest(archive)
            files = {name: params["root"] + path for name, path in each["files"].items()}
            with unpacked_side(earlier[song]) as old:
                found[song] = compare(old, side_of(each["archive"], manifest, files))
                folder = Path(archive).with_name("diff")
                shutil.rmtree(folder, ignore_errors=True)
                write_page(str(folder), found[song], manifest, params["against"])
            print_to_screen(
                "\n".join([*lines(song, found[song]), f"  to listen to: {folder / 'index.html'}"])
            )
    for song, what in missing.items():
        print_to_screen(f"{song}: is {what}")
    with atomic_write(params["markdown"]) as part:
        part.write_text(markdown(found, missing), encoding="utf-8")
    write_json(
        params["json"],
        {
            "against": params["against"],
            "songs": {song: to_json(each) for song, each in found.items()},
            "missing": missing,
        },
    )
