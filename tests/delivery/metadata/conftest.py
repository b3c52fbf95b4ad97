"""One file of every container, with all that can be said, and what other programs read in them."""

import json
import subprocess

import pytest
from said import CONTAINERS, tagged


@pytest.fixture(scope="module")
def files(tmp_path_factory, needs):
    """The path of a file that says everything, by container."""
    needs("ffmpeg")
    folder = tmp_path_factory.mktemp("tagged")
    return {container: tagged(folder, container) for container in CONTAINERS}


@pytest.fixture(scope="module")
def exiftool(files, needs):
    """What exiftool reads, by container: values by group and name."""
    command = [needs("exiftool"), "-j", "-a", "-G1", "-n", "-b", *files.values()]
    found = {each["SourceFile"]: each for each in json.loads(subprocess.check_output(command))}
    return {container: found[str(path)] for container, path in files.items()}


@pytest.fixture(scope="module")
def mediainfo(files, needs):
    """What MediaInfo reads, by container: its tracks."""
    printed = subprocess.check_output([needs("mediainfo"), "--Output=JSON", *files.values()])
    found = {each["media"]["@ref"]: each["media"]["track"] for each in json.loads(printed)}
    return {container: found[str(path)] for container, path in files.items()}


@pytest.fixture(scope="module")
def ffprobe(files, needs):
    """What ffprobe reads, by container."""

    def read(path):
        command = [needs("ffprobe"), "-v", "error", "-show_format", "-show_streams", "-show_chapters"]
        return json.loads(subprocess.check_output([*command, "-of", "json", path]))

    return {container: read(path) for container, path in files.items()}
