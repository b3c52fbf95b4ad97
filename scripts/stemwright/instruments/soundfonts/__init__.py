"""SoundFonts: reading the presets of a file, and FluidSynth, which plays them."""
