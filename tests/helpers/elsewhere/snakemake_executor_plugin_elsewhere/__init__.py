"""An executor as of a cluster, for tests: each job is a Snakemake of its own, which outlives the one that started it.

While the file `queue` exists, no job begins; while `blind` exists, Snakemake does not see that one has ended. What jobs
print goes to `elsewhere.out`, as a cluster keeps it.
"""

import os
import signal
import subprocess

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings

common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_default_storage_provider_args=True,
    pass_default_resources_args=True,
    pass_envvar_declarations_to_cmd=True,
    auto_deploy_default_storage_provider=False,
    init_seconds_before_status_checks=0,
)


class Executor(RemoteExecutor):
    def __post_init__(self):
        self.next_seconds_between_status_checks = 0.05

    def run_job(self, job):
        queued = "while [ -e queue ]; do sleep 0.02; done; "
        with open("elsewhere.out", "ab") as said:
            process = subprocess.Popen(
                queued + self.format_job_exec(job),
                shell=True,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        with open("elsewhere.pids", "a") as pids:
            print(process.pid, file=pids)
        self.report_job_submission(SubmittedJobInfo(job, str(process.pid), {"process": process}))

    async def check_active_jobs(self, active_jobs):
        for info in active_jobs:
            code = info.aux["process"].poll()
            if code is None or os.path.exists("blind"):
                yield info
            elif code:
                self.report_job_error(info)
            else:
                self.report_job_success(info)

    def cancel_jobs(self, active_jobs):
        for info in active_jobs:
            os.killpg(info.aux["process"].pid, signal.SIGTERM)
