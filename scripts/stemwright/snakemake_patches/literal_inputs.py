"""The name of a user's file is taken as it is, braces and angle brackets too.

Without it
    Snakemake takes `{song}` in the path of an input for a wildcard and `<results>` for a path variable, also where a
    function returned it, and knows no way to escape them. `{song}.wav` is then another file, which is read instead;
    `{take2}.wav` and `<lt>.wav` end the plan of all songs. Nothing is built without this patch.
Upstream
    None filed: there, an input function may mean a wildcard by that, so it would have to be a new flag.
Touches
    `_IOFile.__new__`, `_IOFile.apply_wildcards`. Only for inputs marked with `literal`: our rules mark the files that
    songs name.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_literal_inputs.py::test_snakemake_reads_another_file fails.
"""

from __future__ import annotations

from collections.abc import Callable

from snakemake.io import flag, is_flagged

from stemwright.snakemake_patches._patch import Patch, Replacement, Source

_FLAG = "stemwright_literal"


def literal(path: str) -> str:
    """Mark an input as the name of a file, in which nothing is a wildcard or a path variable."""
    return flag(path, _FLAG)


def _make_new(new: Callable) -> Callable:
    def create(cls, file, rule):
        if not is_flagged(file, _FLAG):
            return new(cls, file, rule)
        name = new(cls, file, None)  # path variables belong to a rule
        name.rule = rule
        return name

    return create


def _make_apply(apply_wildcards: Callable) -> Callable:
    def apply(self, wildcards):
        return self if is_flagged(self, _FLAG) else apply_wildcards(self, wildcards)

    return apply


PATCH = Patch(
    name="literal_inputs",
    without="A file whose name has braces or angle brackets would be taken for another one.",
    is_safe_without=False,
    replacements=(
        Replacement("snakemake.io:_IOFile.__new__", {"9.27.0": "a04cc8ca4746859a"}, _make_new),
        Replacement("snakemake.io:_IOFile.apply_wildcards", {"9.27.0": "a1f0bc8ef48093d2"}, _make_apply),
    ),
    depends_on=(Source("snakemake.rules:Rule.expand_input", {"9.27.0": "f6d49c8c55878a7a"}),),
)
