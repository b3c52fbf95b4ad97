"""The gate of files for playing live: passes what a song gives, and refuses what is late, missing, soft or changed."""

import numpy as np
import pytest
import soundfile as sf
from moving_song import moving_plan
from moving_times import BEATS

from stemwright.gates import Subject, make, verify

LEAD, FRAMES = 55_000, 206_870
COUNTED = [(n % 4 + 1, 5_000 * n) for n in range(11)]
CLICKS = [*COUNTED, *((beat, LEAD + round(8_000 * at)) for _, beat, at in BEATS)]
CUES = [frame for _, frame in [*CLICKS[7:12], *CLICKS[24:28]]]


def ticks(places):
    """A track with a tick of our own in this test, of (frame, level): a decaying square of 20 frames."""
    sound = np.zeros(FRAMES)
    for frame, level in places:
        sound[frame : frame + 20] = (level * np.sign(np.sin(np.arange(20) + 0.5)) * 0.8 ** np.arange(20))[
            : FRAMES - frame
        ]
    return sound


CLICK = [(frame, 0.5 if beat == 1 else 0.3) for beat, frame in CLICKS]
CUE = [(frame, 0.3) for frame in CUES]


@pytest.fixture
def judged(tmp_path):
    """`judged(name, samples, delivered)`: the checks by id, each with its status and what was measured."""

    def judged(name, samples, delivered=None):
        plan = moving_plan(tmp_path)
        artifact = plan.graph.get("live", f"stage/x_{name}_count-in-2-bars.wav")
        sf.write(tmp_path / "live.wav", samples, 8_000, "PCM_24")
        inputs = {}
        if delivered is not None:
            sf.write(tmp_path / "delivered.wav", delivered, 8_000, "PCM_24")
            inputs["delivered"] = [str(tmp_path / "delivered.wav")]
        context = plan.verification(artifact)["params"]["context"]
        subject = Subject(str(tmp_path / "live.wav"), "live", context=context, inputs=inputs)
        return {
            check.id: (check.status, check.measured) for check in verify(subject, make({"live": {}})).checks
        }

    return judged


def test_clicks_and_cues_where_the_closed_form_has_them_pass(judged):
    assert judged("click", ticks(CLICK)) == {"live.beats": ("pass", 0), "live.accents": ("pass", 0)}
    assert judged("cues", ticks(CUE)) == {"live.beats": ("pass", 0)}


def moved(places, number, by):
    return [(frame + by if n == number else frame, level) for n, (frame, level) in enumerate(places)]


BAD = {
    "late by a frame": ("click", moved(CLICK, 20, 1)),
    "early by a frame": ("click", moved(CLICK, 20, -1)),
    "the last one missing": ("click", CLICK[:-1]),
    "the first one missing": ("click", CLICK[1:]),
    "one too many": ("click", sorted([*CLICK, (2_500, 0.3)])),
    "late by a beat": ("click", [(frame + 5_000, level) for frame, level in CLICK[:-1]]),
    "a cue early by a frame": ("cues", moved(CUE, 4, -1)),
    "a cue too many": ("cues", sorted([*CUE, (CLICKS[20][1], 0.3)])),
    "a cue missing": ("cues", CUE[:-1]),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_off_is_refused(judged, what):
    name, places = BAD[what]
    assert judged(name, ticks(places))["live.beats"][0] == "fail"


def test_an_accent_that_is_not_on_a_bar_line_is_refused(judged):
    places = [(frame, 0.5 if n == 13 else level) for n, (frame, level) in enumerate(CLICK)]
    assert judged("click", ticks(places)) == {"live.beats": ("pass", 0), "live.accents": ("fail", 1)}


def test_a_stem_is_the_delivered_file_after_silence(judged):
    steps = np.random.default_rng(3).integers(-(2**23), 2**23, (FRAMES - LEAD, 2)) / 2**23
    whole = np.concatenate([np.zeros((LEAD, 2)), steps])
    assert judged("bass", whole, steps) == {"live.samples": ("pass", 0)}
    for frame in (0, LEAD - 1, LEAD, FRAMES - 1):
        changed = whole.copy()
        changed[frame, 1] += 2**-23 * (-1 if changed[frame, 1] > 0 else 1)
        assert judged("bass", changed, steps) == {"live.samples": ("fail", 1)}
    shifted = np.concatenate([whole[1:], whole[:1]])
    assert judged("bass", shifted, steps)["live.samples"][0] == "fail"
