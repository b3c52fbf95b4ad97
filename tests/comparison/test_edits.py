"""Random single edits of songs, as in bench/diff_edits.py: stem, bars and kind are those of the edit."""

import pytest
from built_in_process import Workshop
from compared_edits import judged
from random_songs import write_samples
from song_edits import EDITS


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edits")
    return Workshop(folder / "shop"), write_samples(folder / "samples")


@pytest.mark.long
@pytest.mark.parametrize(
    "seed", range(5 * len(EDITS), 5 * len(EDITS) + 20), ids=lambda seed: EDITS[seed % len(EDITS)].__name__
)
def test_a_random_edit_is_found(workshop, seed):
    truth, fault, found = judged(*workshop, seed)
    assert not fault, f"{truth.what}: {fault}: {found.summary}"


def test_an_edit_of_a_built_song(workshop):
    """One, in `make test`: a mute in a section."""
    truth, fault, found = judged(*workshop, 4)
    assert truth.kinds == ("mute",) and not fault, found.summary
