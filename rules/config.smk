# Before Snakemake reads config.yaml: mistakes in it are told by file and line.
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

HERE = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
sys.path.insert(0, str((HERE / "../scripts").resolve()))

from stemwright.base.errors import StemwrightError
from stemwright.song.house import check_config


class Mistake(WorkflowError):
    """What the user is to mend. Snakemake adds the Snakefile's lines to an error's text; here they are no help."""

    __traceback__ = None


def read_or_stop(read):
    """What `read` gives; a user's mistake ends the parsing with its text."""
    try:
        return read()
    except StemwrightError as error:
        raise Mistake(f"{error}\nNothing was built.") from None


if Path("config.yaml").exists() and not workflow.modifier.skip_configfile:
    read_or_stop(lambda: check_config("config.yaml"))
