"""Batches of whole songs: what `snakemake --batch all=1/10` builds of a catalogue.

Snakemake does not tell a workflow its batch while the workflow is parsed. As with targets, the words of the command
line are searched, so that only the songs of the batch are read (see `stemwright.workflow.requested_targets`).
Where Snakemake cuts by itself (without the patch `whole_batches`, in another workflow, with a storage), all are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from snakemake.cli import parse_batch

from stemwright.base.errors import StemwrightError
from stemwright.snakemake_patches import batch_by


class Batches:
    """The batches of a run.

    Parameters
    ----------
    songs : sequence of str
        The names of all songs.
    owner : callable
        Tells which song a file belongs to, "" if it belongs to none, as a file of an album.
    words : sequence of str
        The command line; empty where Snakemake cuts by itself.
    """

    def __init__(self, songs: Sequence[str], owner: Callable[[str], str], words: Sequence[str]):
        self._songs, self._owner = sorted(songs), owner
        values = [value for option, value in pairwise(words) if option == "--batch"]
        values += [word.removeprefix("--batch=") for word in words if word.startswith("--batch=")]
        is_chosen = batch_by(self.choose)
        self._asked = parse_batch(values[-1]) if values and is_chosen else None

    def is_partial(self, targets: Sequence[str]) -> bool:
        """Whether no more is asked for than some of the songs. `targets` are those that are named, if any is."""
        asked = self._asked
        return asked is not None and not asked.is_final and [asked.rulename] == (list(targets) or ["all"])

    @property
    def songs(self) -> list[str]:
        """The songs of the batch that the command line asks for. Raises StemwrightError if there are too few songs."""
        return self._of(self._asked.idx, self._asked.batches) if self._asked else self._songs

    def choose(self, files: Sequence[str], index: int, number: int) -> list[str]:
        """Those of the files that are in a batch.

        Parameters
        ----------
        files : sequence of str
            Files of all songs, or of those of the batch.
        index : int
            Which batch, from 1.
        number : int
            How many batches there are.

        Returns
        -------
        list of str
            In the last batch, also those that belong to no song. Raises StemwrightError if there are too few songs.
        """
        songs = {*self._of(index, number), *([""] if index == number else [])}
        return [file for file in files if self._owner(file) in songs]

    def _of(self, index: int, number: int) -> list[str]:
        total = len(self._songs)
        if number > total:
            raise StemwrightError(
                f"--batch: there are {total} songs, so at most {total} batches, and not {number}"
            )
        return self._songs[(index - 1) * total // number : index * total // number]
