"""What is played and when, without a sample: pitch, exact time, harmony, parts, MIDI files."""
