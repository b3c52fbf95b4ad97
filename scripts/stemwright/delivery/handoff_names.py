"""The names of folders and tracks of the hand-off."""

from __future__ import annotations

CLICK, CUES = "click", "cues"
"""The tracks of beeps."""

FOLDER = "handoff"
"""The folder of the hand-off among the delivered files, and in a zip: its projects name these files as `../FILE`."""

STAGE = "stage"
"""The folder of the stage pack in that of the hand-off."""
