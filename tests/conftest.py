"""Fixtures for all tests."""

import contextlib
import os
import resource
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

for helper in (Path(__file__).parent / "helpers").glob("*.py"):
    pytest.register_assert_rewrite(helper.stem)  # before any is imported: their asserts say what they saw

import snakemake_forks  # noqa: E402
from tune import CONFIG, SONG, make_audio  # noqa: E402
from workdirs import Workdir, copy_code, once  # noqa: E402

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what tests start need not compile our code each time

# Times are noisy on shared machines: no example fails for being slow. The same examples at each run.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("long", settings.get_profile("steady"), max_examples=300)  # for make test-all
settings.load_profile("steady")


@pytest.fixture(scope="session")
def needs():
    """`needs("ffmpeg")` is that program's path. Without it the test is skipped; under CI it fails."""

    def path_of(program):
        if path := shutil.which(program):
            return path
        under_ci = os.environ.get("CI", "") not in ("", "0", "false")
        (pytest.fail if under_ci else pytest.skip)(f"{program} is not installed")

    return path_of


@pytest.fixture(scope="session")
def chromium(needs):
    """One Chromium for all tests of a process."""
    from browser import Browser  # only where a page is opened: Selenium and axe are imported by it

    shared = Browser(needs("chromium"), needs("chromedriver"))
    yield shared
    shared.quit()


@pytest.fixture
def browser(chromium):
    """Chromium. The test fails if a page says an error on its console, or asks a network for something."""
    chromium.complaints()
    yield chromium
    assert chromium.complaints() == []


@pytest.fixture
def room():
    """`with room(n):` no file can grow beyond n bytes, as when a disk is full, but as `File too large`."""

    @contextlib.contextmanager
    def limited(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


@pytest.fixture(scope="session")
def code(tmp_path_factory):
    """A copy of the workflow, so that an edit in the checkout does not reach into a run of the tests."""
    copy = once(tmp_path_factory, "code", copy_code)
    snakemake_forks.settle(copy)
    files = {file: file.read_bytes() for file in copy.rglob("*.py")}
    yield copy
    assert files == {file: file.read_bytes() for file in copy.rglob("*.py")}  # tests edit copies of their own


@pytest.fixture(scope="session")
def built(tmp_path_factory, code):
    """A folder in which the song has been built. Not to be changed: use `workdir`."""

    def build(folder):
        work = Workdir(folder, code)
        work.write("config.yaml", CONFIG)
        work.write("songs/tune.yaml", SONG)
        make_audio(work.path)
        assert "render bass" in work.snakemake().jobs

    return Workdir(once(tmp_path_factory, "built", build), code)


@pytest.fixture
def workdir(built, tmp_path):
    """A copy of the built folder, to be changed."""
    shutil.copytree(built.path, tmp_path / "work")
    return Workdir(tmp_path / "work", built.code)


@pytest.fixture
def empty(tmp_path, code):
    """A folder with nothing in it."""
    (tmp_path / "work").mkdir()
    return Workdir(tmp_path / "work", code)


@pytest.fixture
def unbuilt(built, empty):
    """A folder with the song, and nothing built."""
    for name in ("config.yaml", "songs/tune.yaml", "audio/loop.wav", "audio/reference.wav"):
        (empty / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(built / name, empty / name)
    return empty
