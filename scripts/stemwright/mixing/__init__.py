"""Mixing: sums of files through faders, the master, loudness targets."""
