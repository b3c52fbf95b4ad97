"""Harmony: keys, scale degrees, chord symbols, and the chord charts of sections.

Pitches are MIDI note numbers (60 is C4), pitch classes 0 (C) to 11 (B). Degrees and chords in numerals count on
the scale of their section's key, so they move with it; a section's `transpose` moves them and chords in letters.

Symbols and charts are read in the main process alone (`chords`, `chart`). A job gets what `section.Harmony` says of
them, so that it hangs on what sounds and not on how it was written.
"""
