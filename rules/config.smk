# Before Snakemake reads config.yaml: our library is found, and mistakes in that file are reported by file and line.
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from snakemake.exceptions import WorkflowError


class Mistake(WorkflowError):
    """What the user must correct. Snakemake adds the Snakefile's lines to an error's text; here they are no help."""

    __traceback__ = None


# A clone runs on its own library, in the folder beside these rules. Rules that Snakemake reads from elsewhere, as from a
# git host, have no such folder: they run on the library that is installed, which must be of their version.
HERE = workflow.current_basedir
SCRIPTS = Path(HERE.get_path_or_uri(secret_free=True), "../scripts").resolve()
IS_CLONE = (SCRIPTS / "stemwright").is_dir()


def script_file(name):
    """A script of ours as a local file: in a clone where it is, else in Snakemake's cache."""
    return SCRIPTS / name if IS_CLONE else Path(workflow.source_path(f"../scripts/{name}"))


def library_problem():
    """What is wrong with the library that `import stemwright` finds, as a text for the user; None if nothing is."""
    found = find_spec("stemwright")
    if found is None or found.origin is None:
        return (
            f"Stemwright's library is not installed for {sys.executable}, and these rules come without it: {HERE}\n"
            f"Install it: {how_to_install()}"
        )
    if IS_CLONE:
        if Path(found.origin).resolve().parent == SCRIPTS / "stemwright":
            return None
        return (
            f"{SCRIPTS / 'stemwright'}: another copy of Stemwright is loaded already: {found.origin}\n"
            "A workflow can use one only."
        )
    needed, installed = map(version_in, (script_file("stemwright/__init__.py"), Path(found.origin)))
    if installed == needed:
        return None
    return (
        f"These rules are of Stemwright {needed}, but the library installed for {sys.executable} is {installed}: "
        f"{found.origin}\nInstall the one that belongs to them: {how_to_install()}"
    )


def version_in(module):
    return re.search(r'^__version__ = "(.+)"$', module.read_text(encoding="utf-8"), re.MULTILINE)[1]


def how_to_install():
    if hasattr(HERE, "repo"):  # on a git host
        return f'pip install "git+https://{HERE.host}/{HERE.repo}@{HERE.ref}"'
    return "pip install . in a clone of Stemwright, at the version of these rules"


if IS_CLONE:
    sys.path.insert(0, str(SCRIPTS))
if problem := library_problem():
    raise Mistake(f"{problem}\nNothing was built.")

from stemwright.base.errors import StemwrightError
from stemwright.snakemake_patches import expect_jobs, install
from stemwright.workflow.plans import check_config


def read_or_stop(read):
    """What `read` gives; a user's mistake, Ctrl-C, or a library that is not there ends the parsing with its text."""
    try:
        return read()
    except StemwrightError as error:
        raise Mistake(f"{error}\nNothing was built.") from None
    except KeyboardInterrupt:
        raise Mistake("Interrupted. Nothing was built.") from None
    except ModuleNotFoundError as error:
        remedy = "make, then . .venv/bin/activate" if IS_CLONE else how_to_install()
        raise Mistake(
            f"A library that Stemwright needs is not installed for {sys.executable}: {error.name}\n"
            f"Install all of them: {remedy}\nNothing was built."
        ) from None


def has_config():
    """Whether there is a config.yaml to be read. There may be none where a first song is to be started, as by new_song.py."""
    is_first = "new" in sys.argv[1:] and bool(workflow.config_settings.overwrite_config.get("song"))
    is_elsewhere = workflow.modifier.skip_configfile or workflow.overwrite_configfiles
    if Path("config.yaml").exists() or is_elsewhere:
        return True
    if not is_first:
        raise Mistake(
            f"config.yaml: there is none in {Path.cwd()}, and it is to say which songs are built. To start with a first "
            "song: snakemake --cores 1 new --config song=night-bus\nNothing was built."
        )
    return False


read_or_stop(lambda: install(workflow))
if Path("config.yaml").exists() and not workflow.modifier.skip_configfile:
    read_or_stop(lambda: check_config("config.yaml", lambda: expect_jobs(workflow)))
