"""How many cores a job has: by the audio that it reads."""

import pytest

from stemwright.graph import Artifact
from stemwright.plan.cores import cores


@pytest.mark.parametrize(
    "seconds, files, most, work, expected",
    [
        (60, 3, 16, 1, 1),
        (137, 6, 16, 1, 4),
        (137, 6, 2, 1, 2),
        (40_000, 6, 16, 1, 16),
        (0, 0, 16, 1, 1),
        (137, 1, 2, 1, 1),
        (137, 1, 2, 8, 2),
        (10, 1, 2, 8, 1),
    ],
)
def test_more_audio_and_more_work_have_more_cores(seconds, files, most, work, expected):
    """64 MB each, as 24-bit stereo: 137 s of 6 files are 237 MB."""
    audio = {"frames": 48_000 * seconds, "channels": 2}
    made_of = [Artifact("delivered", f"{n}", "build/x", f"{n}.wav", format=audio) for n in range(files)]
    texts = [Artifact("timeline", "timeline", "build/x", "timeline.json", is_audio=False)]
    archive = Artifact("archive", "archive", "build/x", "x.zip", inputs={"files": made_of, "timeline": texts})
    assert cores(archive, most, work) == expected
