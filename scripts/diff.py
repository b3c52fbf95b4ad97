"""Rule diff: say what has changed in the sound of songs since an earlier build; write a page for each."""

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import write_json, write_text
from stemwright.comparison import compare
from stemwright.comparison.report import lines, markdown, to_json
from stemwright.workflow.against import delivered_side, unpacked_side
from stemwright.workflow.job import job, print_to_screen
from stemwright.workflow.revision import built_at

with job(snakemake) as params:
    root, songs = params["root"], params["songs"]
    commit = params["commit"]
    then = (
        built_at(commit, list(songs), params["results"], params["snakefile"], snakemake.threads)
        if commit
        else nullcontext({song: each["earlier"] for song, each in songs.items()})
    )
    found, missing = {}, {}
    with then as earlier:
        for song, each in songs.items():
            if song not in earlier:
                missing[song] = "new"
                continue
            new = delivered_side(root + each["archive"])
            with unpacked_side(earlier[song]) as old:
                found[song] = compare(old, new)
