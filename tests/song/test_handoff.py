"""The names of the sound files of a hand-off, and what of it cannot be."""

import pytest
from moving_song import moving_plan

from stemwright.base.errors import StemwrightError


def test_names_tell_the_count_in(tmp_path):
    names = moving_plan(tmp_path).graph.names("live")
    marked = [f"x_{name}_count-in-2-bars.wav" for name in ("click", "cues", "bass", "drums", "pair")]
    assert list(names) == [marked[0], *(f"stage/{name}" for name in marked)]


def test_a_click_without_a_count_in_is_as_long_as_the_song(tmp_path):
    def edit(song):
        song["delivery"] = {
            "handoff": ["click"],
            "count_in": "0 bars",
            "container": "FLAC",
            "sample_rate": 11_025,
        }

    plan = moving_plan(tmp_path, edit)
    (click,) = plan.graph.stage("live")
    assert click.path == "build/x/delivery/handoff/x_click.flac"
    (delivered, *_) = plan.graph.stage("delivered")
    assert click.format == delivered.format and click.format["sample_rate"] == 11_025


def without_tempo(song):
    del song["sections"], song["changes"], song["pickup"], song["bpm"], song["key"]
    song["stems"], song["length"] = {"a": {"source": {"tone": {"note": "A2"}}}}, "3 s"
    song["delivery"]["handoff"] = ["labels", "tempo_map", "midi"]


MISTAKES = {
    "no tempo": (
        without_tempo,
        "delivery.handoff: tempo_map counts beats: give the song a bpm, or leave it out",
    ),
    "lossy": (
        lambda song: song["delivery"].update(container="MP3", bitrate_kbps=64, handoff=["click"]),
        "delivery.handoff: click must begin at the same sample in every player: set delivery.container to AIFF, FLAC, "
        "WAV (is MP3), or leave it out",
    ),
    "no count-in": (
        lambda song: song["delivery"].update(count_in="0 bars"),
        "delivery.count_in: must be at least 1 bar for stage_pack (is '0 bars')",
    ),
    "beats": (
        lambda song: song["delivery"].update(count_in="8 beats"),
        "delivery.count_in: must be whole bars, such as 2 bars, at most 16 (is '8 beats')",
    ),
    "no stems": (
        lambda song: song["delivery"].update(contents=["mix"]),
        "delivery.handoff: stage_pack is made of delivered stems, and there are none: deliver stems, or leave it out",
    ),
    "a stem called click": (
        lambda song: song["stems"].update(Click=song["stems"].pop("bass")),
        "delivery.names.stem: gives x_Click.wav, and the stage pack has a click track of that name; names must differ",
    ),
    "a delivery called handoff": (
        lambda song: song.update(deliveries={"Handoff": {"profile": "streaming"}}),
        "deliveries.Handoff: is the name of the folder of delivery.handoff: choose another",
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_mistakes(tmp_path, what):
    edit, message = MISTAKES[what]
    with pytest.raises(StemwrightError) as caught:
        moving_plan(tmp_path, edit)
    assert message in str(caught.value)
