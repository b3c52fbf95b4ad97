"""Harmony: keys, scale degrees, chord symbols and the chord charts of sections.

Pitches are MIDI note numbers (60 is C4), pitch classes run from 0 (C) to 11 (B). Scale degrees and chords in Roman
numerals are relative to the key of their section; a section's `transpose` moves these and chords in letters.

Only the main process reads symbols and charts (`chords`, `chart`). A job gets the data of `section.Harmony`, so that
it depends on what sounds and not on how it was written.
"""
