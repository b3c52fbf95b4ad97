"""Notes as they sound: closed forms of swing, graces, chokes and bends, and the onsets that are heard in the stem."""

from dataclasses import replace

import numpy as np
import pytest
from rendering import on, rendered, timeline

from stemwright import sources
from stemwright.delivery.performance import read_notes, read_performance

RATE = 8_000
ORGAN = {"instrument": {"organ": {}}, "step": "1/8"}


def played(entry, context):
    """The notes of a source, in order."""
    ((_, source),) = sources.make(entry).performances()
    return sorted(source.played(context))


def test_swing_moves_every_second_step():
    context = on(timeline(length="1 bars"))
    notes = played(
        {
            "play": {
                **ORGAN,
                "swing": 0.625,
                "parts": {"*": {"notes": {"pattern": "C4 1/8, D4 1/8, E4 1/8, F4 1/8"}}},
            }
        },
        context,
    )
    # A quarter is 4,000 frames at 120 bpm; the second of a pair of eighths is at 0.625 of it.
    assert [note.frame for note in notes] == [0, 2_500, 4_000, 6_500, 8_000, 10_500, 12_000, 14_500]
    assert [note.pitch for note in notes] == [60, 62, 64, 65] * 2


def test_a_bend_is_where_it_rests_and_a_vibrato_where_it_swings_around():
    context = on(timeline(length="1 bars"))
    part = {"notes": {"pattern": "A3^1 3/8, C4~ 3/8, ~D4 1/4"}}
    notes = played({"play": {**ORGAN, "transpose": 12, "parts": {"*": part}}}, context)
    # Up by a semitone within 210 ms of 750; to and fro by 25 cents; and a slide of 80 ms up to its note.
    assert [note.pitch for note in notes] == [pytest.approx(70, abs=0.01), pytest.approx(72, abs=0.05), 74]


def test_a_flam_has_its_grace_thirty_ms_early_and_hats_choke_each_other():
    context = on(timeline(length="1 bars"))
    drums = {
        "drums": {
            "patterns": {
                "*": {"snare": "----f-----------", "open_hat": "x---------------", "hat": "-x--------------"}
            }
        }
    }
    notes = played(drums, context)
    assert [(note.frame, note.piece, note.pitch) for note in notes] == [
        (0, "open_hat", 46),
        (1_000, "hat", 42),
        (3_760, "snare", 38),
        (4_000, "snare", 38),
    ]
    assert notes[0].end == 500  # a thirty-second, which is before its choke
    short = replace(sources.make({"drums": {**drums["drums"], "step": "1/64"}}))
    ((_, source),) = short.performances()
    assert min(source.played(context)).end == 250  # the choke


@pytest.mark.parametrize(
    "kind",
    [
        {"drums": {"patterns": {"*": {"rim": "x---x--x--x-x---"}}, "timing_ms": 12, "swing": 0.6, "seed": 4}},
        {
            "play": {
                "instrument": {"organ": {}},
                "parts": {
                    "*": {"notes": {"pattern": "C4 1/8, rest 1/8, E4 1/8, rest 1/8, G4 1/8, rest 1/8"}}
                },
                "timing_ms": 12,
            }
        },
    ],
    ids=["drums", "play"],
)
def test_the_stem_is_heard_where_its_notes_are(kind):
    """Where the energy of a millisecond rises, a note begins within 3 ms, and nowhere else."""
    context = on(timeline(length="2 bars"))
    sound = rendered(kind, context)[:, 0] ** 2
    hop = RATE // 1_000
    levels = sound[: len(sound) // hop * hop].reshape(-1, hop).sum(axis=1)
    before = np.array([levels[max(0, i - 20) : i].mean() if i else 0 for i in range(len(levels))])
    rises = np.flatnonzero((levels > 8 * before) & (levels > 0.01 * levels.max()))
    heard = [int(i) for i, gap in zip(rises, np.diff(rises, prepend=-1_000), strict=True) if gap > 40]
    expected = [note.frame / hop for note in played(kind, context)]
    assert len(heard) == len(expected) and np.abs(np.subtract(heard, expected)).max() <= 3
    assert any(frame % 500 for frame in (note.frame for note in played(kind, context)))  # humanised


def test_a_stem_that_sounds_in_some_sections_has_their_notes(tmp_path):
    line = timeline(sections=[("verse", "1 bars"), ("chorus", "1 bars")])
    source = {"play": {**ORGAN, "parts": {"*": {"notes": {"pattern": "C4 1/8"}}}}}
    entry = {"name": "low", "source": source, "seed": "x", "files": [], "harmony": [], "sections": ["chorus"]}
    notes = read_performance([entry], [], line)
    assert [note.frame for note in notes] == list(range(16_000, 32_000, 2_000))
    assert {(note.layer, note.end - note.frame) for note in notes} == {("low", 2_000)}


def test_a_table_that_is_none(tmp_path):
    (tmp_path / "x.csv").write_text("onset,pitch\n1,2\n")
    with pytest.raises(ValueError, match="its first line names onset, pitch"):
        read_notes(tmp_path / "x.csv")
