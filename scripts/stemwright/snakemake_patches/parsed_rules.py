"""Our files of rules are parsed once in a working directory.

Without it
    Snakemake parses every file of rules at each start. For ours, that takes as long as a tenth of a run that finds
    nothing to do. Starts only take longer without this patch.
Upstream
    None filed.
Touches
    `parse` in `snakemake.workflow`: what it made of a file of ours is kept in `.snakemake/stemwright/rules`, and used
    while the bytes of the file, Snakemake and Python are the same. It is code. Who can write there can as well write to
    songs/SONG.smk, which is code, too.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_parsed_rules.py::test_snakemake_parses_each_file_again fails.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import snakemake

from stemwright.base.kept import keep, read_kept
from stemwright.snakemake_patches._ours import is_file_of_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_FOLDER = Path(".snakemake/stemwright/rules")


def _make_parse(parse: Callable) -> Callable:
    def parsed(
        path: Any,
        workflow: Workflow,
        linemap: dict[int, int],
        overwrite_shellcmd: str | None = None,
        rulecount: int = 0,
    ) -> tuple[str, int]:
        file = Path(path.get_path_or_uri(secret_free=True))
        if overwrite_shellcmd is not None or not (is_file_of_ours(str(file)) and file.is_file()):
            return parse(path, workflow, linemap, overwrite_shellcmd, rulecount)
        place = _FOLDER / f"{hashlib.sha256(os.fsencode(file)).hexdigest()}.json"
        source = hashlib.sha256(file.read_bytes()).hexdigest()
        key = json.dumps([source, snakemake.__version__, sys.version, str(file), rulecount]).encode()
        kept = read_kept(place)
        if kept[:1] == [key]:
            code, lines, rules = json.loads(kept[1])
            linemap.update(lines)
            return code, rules
        code, rules = parse(path, workflow, linemap, overwrite_shellcmd, rulecount)
        keep(place, [key, json.dumps([code, list(linemap.items()), rules]).encode()])
        return code, rules

    return parsed


PATCH = Patch(
    name="parsed_rules",
    without="Each start takes longer.",
    is_safe_without=True,
    replacements=(Replacement("snakemake.workflow:parse", {"9.27.0": "5f743dffe1251744"}, _make_parse),),
    depends_on=(Source("snakemake.workflow:Workflow.include", {"9.27.0": "fa1ebc2bd22a4d29"}),),
)
