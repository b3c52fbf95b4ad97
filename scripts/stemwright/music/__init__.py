"""Music as data: pitch, exact time, harmony, parts and MIDI files. What is played and when, without any audio."""
