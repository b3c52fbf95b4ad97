"""The params of a job are worked out when they are used, and scripts are looked for once a rule.

Without it
    Snakemake works out the params of all jobs of the plan in order to find their conda environments and scripts, whose
    names could depend on them. Those of our rules do not. For a file that is not there, it then never looks at the
    params: in a dry run of songs that are not built yet, they are a third of the work. Plans only take longer without
    this patch.
Upstream
    None filed.
Touches
    `DAG.update_conda_envs`: before it, sets `Job._conda_env_spec` of jobs whose rule names its environment without
    wildcards, as Snakemake would. `ScriptProcessor.process_job`: is called for one job of each rule whose script is
    named without wildcards. Only for our rules.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_unread_params.py::test_snakemake_works_out_the_params_of_all_jobs fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

if TYPE_CHECKING:
    from snakemake.rules import Rule


def _make_environments(update_conda_envs: Callable) -> Callable:
    def update(self):
        for job in self.jobs:
            if job._conda_env_spec is None and is_ours(job.rule) and _is_fixed(job.rule.conda_env):
                job._conda_env_spec = job.rule.expand_conda_env(job.wildcards_dict)
        update_conda_envs(self)

    return update


def _make_script(process_job: Callable) -> Callable:
    def process(self, job):
        script = getattr(job.rule, self.script_type)
        if not is_ours(job.rule) or not _is_fixed(script):
            return process_job(self, job)
        seen: set[Rule] = self.__dict__.setdefault("_stemwright_seen", set())
        if job.rule not in seen:
            process_job(self, job)
            seen.add(job.rule)
        return None

    return process


def _is_fixed(name: Any) -> bool:
    """Whether an environment or a script is the same for all jobs of a rule."""
    return not callable(name) and "{" not in str(name)


PATCH = Patch(
    name="unread_params",
    without="Plans take longer.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.dag:DAG.update_conda_envs", {"9.27.0": "8b226ee022bcdc8f"}, _make_environments
        ),
        Replacement(
            "snakemake.dag:ScriptProcessor.process_job", {"9.27.0": "f104be55d678977b"}, _make_script
        ),
    ),
    depends_on=(
        Source("snakemake.jobs:Job._expand_params", {"9.27.0": "6fdde562b4fb5428"}),
        Source("snakemake.rules:Rule.expand_conda_env", {"9.27.0": "ae7c889551182772"}),
    ),
)
