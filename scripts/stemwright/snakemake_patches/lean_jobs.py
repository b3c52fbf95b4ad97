"""A job of a plan takes little memory: what many jobs have in common is there once.

Without it
    Snakemake keeps some 20 KB for each job, and as many objects: each of its lists of files has a dictionary of names
    and a list for each name, each mention of a file has two copies of its path and two dictionaries, two dictionaries
    hold the jobs beside a job, each reason to run has two sets, and five sets are empty. A thousand songs are 60,000
    jobs. Here, a path is there once, names are looked up when they are asked for, what is equal or empty is shared, and
    a few items are a tuple. Plans only take longer and more memory without this patch.
Upstream
    None filed.
Touches
    `Rule.expand_input`, `Rule.expand_output`, `Rule.expand_log`, `Rule.expand_benchmark`, `Rule.expand_params`,
    `Rule.expand_resources`: return the same items, in lists of ours. `Job.__init__`: afterwards, empty sets and
    dictionaries are shared, and wildcards are such a list, which is shared, too. `Job.benchmark`: is made when it is
    asked for. `Job.output_mintime`: looks at one file after the other, without a task for each. `JobFactory.new`: a job
    is known by its first output, not by a tuple of its wildcards. `DAG.cache_job`: remembers a job by its outputs, not
    by its log and benchmark, which jobs are seldom asked for by. `DAG.update_`, `DAG.cleanup`: afterwards, the jobs
    beside a job are in `_lean_dag.Links`, with tuples of files that are the same in both directions, and what was made
    to find files by their paths is let go. `DAG.reason`: makes reasons that keep what is otherwise than at the start.
    Only for our rules, without a storage and with paths as they are.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_lean_jobs.py::test_snakemake_keeps_much_of_each_job fails.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from snakemake.io import WILDCARD_REGEX, _IOFile, is_callable, is_flagged
from snakemake.path_modifier import PathModifier

from stemwright.snakemake_patches._lean import (
    LeanFile,
    LeanInputs,
    LeanLog,
    LeanOutputs,
    LeanParams,
    file_at,
    forget_files,
    input_file,
    shared_wildcards,
)
from stemwright.snakemake_patches._lean_dag import Links, lean_reason
from stemwright.snakemake_patches._ours import is_of_a_song, is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

if TYPE_CHECKING:
    from snakemake.jobs import Job
    from snakemake.rules import Rule

_EMPTY: frozenset = frozenset()
_NONE: Mapping = MappingProxyType({})
_SETS = ("temp_output", "protected_output", "touch_output", "pipe_or_service_output", "_queue_input")
_OF_THIS_MACHINE = "system_tmpdir"
"""The resource that Snakemake gives each job."""
_MOST = 64  # jobs beside a job that are looked at one after the other


def _make_inputs(expand_input: Callable) -> Callable:
    def expand(self, wildcards, groupid=None):
        if not _has_plain_inputs(self):
            return expand_input(self, wildcards, groupid)
        asked = shared_wildcards(wildcards)[1]
        files: list[_IOFile] = []
        layout: list[tuple[str, tuple[int, int | None]]] = []
        for function, is_unpacked in _functions(self):
            try:
                found = function(asked)
            except Exception:
                return expand_input(self, wildcards, groupid)  # tells of it
            for role, paths in found.items() if is_unpacked else [("", found)]:
                if isinstance(paths, str):
                    return expand_input(self, wildcards, groupid)
                start = len(files)
                files += [input_file(path, self) for path in paths]
                if role:
                    layout.append((role, (start, len(files))))
        return LeanInputs(files, layout), {}, {}, False

    return expand


def _make_outputs(expand_output: Callable) -> Callable:
    def expand(self, wildcards):
        if not _has_plain_outputs(self):
            return expand_output(self, wildcards)
        files = [file_at(path.format_map(wildcards), self) for path in _patterns(self).output]
        return LeanOutputs(files, self.output._get_names()), dict(zip(files, self.output, strict=True))

    return expand


def _make_log(expand_log: Callable) -> Callable:
    def expand(self, wildcards):
        if not _has_plain_outputs(self) or any(map(is_callable, self.log)):
            return expand_log(self, wildcards)
        files = [_made_once(path, wildcards, self) for path in _patterns(self).log]
        return LeanLog(files, self.log._get_names())

    return expand


def _make_benchmark(expand_benchmark: Callable) -> Callable:
    def expand(self, wildcards):
        if self.benchmark is None or not _has_plain_outputs(self):
            return expand_benchmark(self, wildcards)
        return _made_once(_patterns(self).benchmark, wildcards, self)

    return expand


def _make_params(expand_params: Callable) -> Callable:
    def expand(self, wildcards, input, output, job, omit_callable=False):
        if omit_callable or not _has_plain_params(self):
            return expand_params(self, wildcards, input, output, job, omit_callable)
        asked = shared_wildcards(wildcards)[1]
        try:
            params = LeanParams.of({name: function(asked) for name, function in self.params.items()})
        except Exception:
            return expand_params(self, wildcards, input, output, job, omit_callable)  # tells of it
        return params, list(params)

    return expand


def _make_resources(expand_resources: Callable) -> Callable:
    known: dict[tuple, Any] = {}

    def expand(self, wildcards, input, attempt, skip_evaluation=None):
        if not _has_fixed_resources(self):
            return expand_resources(self, wildcards, input, attempt, skip_evaluation)
        key = (self, frozenset(skip_evaluation or ()))
        if key not in known:
            known[key] = expand_resources(self, wildcards, input, attempt, skip_evaluation)
        return known[key]

    return expand


def _make_job(init: Callable) -> Callable:
    def make(self, rule, *args, **kwargs):
        init(self, rule, *args, **kwargs)
        if not is_ours(rule):
            return
        for name in _SETS:
            if not getattr(self, name):
                setattr(self, name, _EMPTY)
        is_formatted_alike = self._format_wildcards is self.wildcards
        self.wildcards_dict, self.wildcards = shared_wildcards(self.wildcards_dict)
        if is_formatted_alike:
            self._format_wildcards = self.wildcards
        if isinstance(self.output, LeanOutputs):
            self._output_by_path = self._aux_resources = _NONE

    return make


def _make_new_job(new: Callable) -> Callable:
    async def find(self, rule, dag, wildcards_dict=None, update=False, **kwargs):
        if not (_has_plain_outputs(rule) and rule.output):
            return await new(self, rule, dag, wildcards_dict=wildcards_dict, update=update, **kwargs)
        known = self.cache.get(_patterns(rule).output[0].format_map(wildcards_dict))
        if known and not update and known.rule is rule and known.wildcards_dict == wildcards_dict:
            return known
        job = await new(self, rule, dag, wildcards_dict=wildcards_dict, update=update, **kwargs)
        del self.cache[rule.name, *sorted(wildcards_dict.items())]
        self.cache[job.output[0]] = job
        return job

    return find


def _make_job_benchmark(benchmark: Callable) -> Callable:
    def make(self):
        if not _has_plain_outputs(self.rule):
            return benchmark(self)
        return self.rule.expand_benchmark(self.wildcards_dict)

    return make


def _make_reason(reason: Callable) -> Callable:
    def why(self, job):
        if job not in self._reason and not job.is_group() and _is_plain(job.rule):
            self._reason[job] = lean_reason()()
        return reason(self, job)

    return why


def _make_mintime(output_mintime: Callable) -> Callable:
    async def oldest(self):
        if not isinstance(self.output, LeanOutputs):
            return await output_mintime(self)
        files = [file for file in (*self.output, self.benchmark) if file is not None and await file.exists()]
        return min([(await file.mtime()).local_or_storage() for file in files], default=None)

    return oldest


def _make_cache(cache_job: Callable) -> Callable:
    def remember(self, job):
        if not isinstance(job.output, LeanOutputs):
            return cache_job(self, job)
        self.job_cache.update(((job.rule, file), job) for file in job.output)
        return None

    return remember


def _make_update(update_: Callable) -> Callable:
    async def update(self, job, *args, **kwargs):
        is_new = job not in self._dependencies
        await update_(self, job, *args, **kwargs)
        if is_new and _is_plain(job.rule):
            links = self._dependencies[job]
            if any(other.is_checkpoint for other in links):
                return  # Snakemake asks for sets then
            for other, files in links.items():
                links[other] = self.depending[other][job] = tuple(files)
            _make_lean(self._dependencies, job)

    return update


def _make_cleanup(cleanup: Callable) -> Callable:
    def clean(self):
        cleanup(self)
        for job in self.depending:
            if _is_plain(job.rule):
                _make_lean(self.depending, job)
        forget_files()

    return clean


def _make_lean(links: dict[Job, Mapping], job: Job) -> None:
    if len(links[job]) <= _MOST and not isinstance(links[job], Links):
        links[job] = Links(links[job])


@cache
def _is_plain(rule: Rule) -> bool:
    """Whether a rule is ours, and its files are not in a storage."""
    storage = rule.workflow.storage_settings.default_storage_provider
    return is_ours(rule) and not is_of_a_song(rule) and storage is None


@cache
def _has_plain_inputs(rule: Rule) -> bool:
    """Whether its inputs are given by functions, and are as these say."""
    has_flags = any(True for _ in rule.workflow.modifier.default_input_flags)
    is_changed = has_flags or rule.dependencies or not _leaves_paths(rule.input_modifier)
    return _is_plain(rule) and not is_changed and all(map(is_callable, rule.input))


def _leaves_paths(modifier: PathModifier | None) -> bool:
    """Whether no prefix is put before a path, or replaced."""
    while modifier is not None:
        if type(modifier) is not PathModifier or modifier.prefix or modifier._prefix_replacements:
            return False
        modifier = modifier.inner_modifier
    return True


@cache
def _has_plain_outputs(rule: Rule) -> bool:
    return _is_plain(rule) and not any(file.flags for file in rule.products())


@cache
def _has_plain_params(rule: Rule) -> bool:
    """Whether its params have names, and are given by functions of wildcards."""
    return _is_plain(rule) and all(
        name and callable(each) and len(inspect.signature(each).parameters) == 1
        for name, each in rule.params._allitems()
    )


@cache
def _has_fixed_resources(rule: Rule) -> bool:
    """Whether all of its jobs have the same resources."""
    return _is_plain(rule) and all(
        not each.is_evaluable() or each.raw == _OF_THIS_MACHINE for each in rule.resources.values()
    )


@cache
def _functions(rule: Rule) -> list[tuple[Callable, bool]]:
    """The functions that give a rule its inputs, each with whether it gives them by role."""
    found = [getattr(file, "_file", file) for file in rule.input]
    return [(getattr(each, "callable", each), is_flagged(each, "unpack")) for each in found]


@cache
def _patterns(rule: Rule) -> _Patterns:
    return _Patterns(rule)


class _Patterns:
    """The paths of what the jobs of a rule make, each with `{name}` for a wildcard."""

    def __init__(self, rule: Rule):
        self.output = [self._plain(file) for file in rule.output]
        self.log = [self._plain(file) for file in rule.log]
        self.benchmark = self._plain(rule.benchmark) if rule.benchmark else ""

    @staticmethod
    def _plain(path: str) -> str:
        return WILDCARD_REGEX.sub(lambda found: f"{{{found['name']}}}", str(path))


def _made_once(pattern: str, wildcards: dict[str, str], rule: Rule) -> _IOFile:
    """A file that no other job names."""
    path = pattern.format_map(wildcards)
    return LeanFile(path, rule)


PATCH = Patch(
    name="lean_jobs",
    without="Plans take longer and more memory.",
    is_safe_without=True,
    replacements=(
        Replacement("snakemake.rules:Rule.expand_input", {"9.27.0": "f6d49c8c55878a7a"}, _make_inputs),
        Replacement("snakemake.rules:Rule.expand_output", {"9.27.0": "e2cb531537ef6874"}, _make_outputs),
        Replacement("snakemake.rules:Rule.expand_log", {"9.27.0": "2b9ea75947bf2539"}, _make_log),
        Replacement("snakemake.rules:Rule.expand_benchmark", {"9.27.0": "f2f8de4e212f2419"}, _make_benchmark),
        Replacement("snakemake.rules:Rule.expand_params", {"9.27.0": "7a96eaed8a5349f9"}, _make_params),
        Replacement("snakemake.rules:Rule.expand_resources", {"9.27.0": "fbcd0d8a8caf80a9"}, _make_resources),
        Replacement("snakemake.jobs:Job.__init__", {"9.27.0": "6ff235ec8c9fba9f"}, _make_job),
        Replacement("snakemake.jobs:Job.output_mintime", {"9.27.0": "a2074c4c47f3d851"}, _make_mintime),
        Replacement("snakemake.jobs:Job.benchmark", {"9.27.0": "774e119a2dd8fd89"}, _make_job_benchmark),
        Replacement("snakemake.jobs:JobFactory.new", {"9.27.0": "30a4c8aa5a8c4536"}, _make_new_job),
        Replacement("snakemake.dag:DAG.reason", {"9.27.0": "b7e9f42c8e048a14"}, _make_reason),
        Replacement("snakemake.dag:DAG.cleanup", {"9.27.0": "122cf39298a6dd37"}, _make_cleanup),
        Replacement("snakemake.dag:DAG.cache_job", {"9.27.0": "c6f852db086371a4"}, _make_cache),
        Replacement("snakemake.dag:DAG.update_", {"9.27.0": "c5bdf4b6104c72e2"}, _make_update),
    ),
    depends_on=(
        Source("snakemake.iocontainers:Namedlist.__init__", {"9.27.0": "0ab8270399d72a05"}),
        Source("snakemake.io:_IOFile.__new__", {"9.27.0": "a04cc8ca4746859a"}),
        Source("snakemake.io:_IOFile.apply_wildcards", {"9.27.0": "a1f0bc8ef48093d2"}),
        Source("snakemake.io:_IOFile.__eq__", {"9.27.0": "3c508895a966e014"}),
        Source("snakemake.io:_IOFile.__hash__", {"9.27.0": "35723daa9c046b31"}),
        Source("snakemake.io:_IOFile.flags", {"9.27.0": "41f0c063c0810402"}),
        Source("snakemake.jobs:Job.add_aux_resource", {"9.27.0": "4b52cf48d75fe645"}),
        Source("snakemake.jobs:Reason.clear", {"9.27.0": "f3c18961279341fa"}),
        Source("snakemake.jobs:Reason.__bool__", {"9.27.0": "7352d2f6c4bcae63"}),
        Source("snakemake.jobs:Job.missing_output", {"9.27.0": "ee62fd1c500888f0"}),
    ),
)
