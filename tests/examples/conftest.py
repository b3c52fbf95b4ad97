"""The songs in examples/, built for real from what is in the repository."""

import io
import json
import shutil
import zipfile

import pytest
import soundfile as sf
from workdirs import ROOT, Workdir, once


class Example(Workdir):
    """The folder of an example, and what is in the zip of its song."""

    @property
    def archive(self):
        name = self.path.name
        return zipfile.ZipFile(self / f"build/{name}/{name}.zip")

    @property
    def manifest(self):
        return json.loads(self.archive.read("manifest.json"))

    def delivered(self, name):
        """The samples of a delivered file, by the name of its stem or `master`: float64, shape (frames, 2)."""
        data = self.archive.read(f"{self.path.name}_{name}.wav")
        return sf.read(io.BytesIO(data), always_2d=True)[0]


@pytest.fixture(scope="session")
def copied(tmp_path_factory, code):
    """`copied(name)`: the folder of an example as it is in the repository, with nothing built."""

    def copy(name):
        folder = tmp_path_factory.mktemp("example") / name
        made = shutil.ignore_patterns("build", "logs", "benchmarks", ".snakemake", "*.wav", "*.mid")
        work = Example(shutil.copytree(ROOT / "examples" / name, folder, ignore=made), code)
        work.write("config.yaml", (work / "config.yaml").read_text(encoding="utf-8"))  # without pages
        return work

    return copy


@pytest.fixture(scope="session")
def example(tmp_path_factory, copied, code):
    """`example(name)`: the folder of an example, built."""

    def built(name):
        def build(folder):
            work = copied(name)
            work.snakemake()
            folder.mkdir(parents=True)
            shutil.move(work.path, folder / name)

        return Example(once(tmp_path_factory, f"built-{name}", build) / name, code)

    return built
