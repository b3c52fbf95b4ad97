"""Whether a script is in Python is told by its name.

Without it
    To tell the language of a script, Snakemake first imports the library that reads Jupyter notebooks, and with it
    those for JSON schemas: 0.14 s of CPU in each run that has a job with a script, between planning and the first job.
    Here, that is done only for a script whose name does not end in `.py`. Builds only start later without this patch.
Upstream
    None filed. A fix: import nbformat where notebooks are read.
Touches
    `snakemake.script.get_language`. For scripts of a host, too: the answer is the same.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_script_language.py::test_snakemake_imports_what_reads_notebooks fails.
"""

from __future__ import annotations

from collections.abc import Callable

from stemwright.snakemake_patches._patch import Patch, Replacement


def _make_language(get_language: Callable) -> Callable:
    def language(source_file, source):
        is_python = source_file.get_filename().endswith(".py")
        return "python" if is_python else get_language(source_file, source)

    return language


PATCH = Patch(
    name="script_language",
    without="Builds start later.",
    is_safe_without=True,
    replacements=(
        Replacement("snakemake.script:get_language", {"9.27.0": "76b8128fed500181"}, _make_language),
    ),
)
