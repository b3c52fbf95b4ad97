"""SoundFonts: the index of a file, and FluidSynth, which plays it."""
