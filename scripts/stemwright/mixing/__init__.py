"""Mixing and mastering: faders and pans, sums of stems, the master chain, loudness targets."""
