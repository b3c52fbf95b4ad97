"""Judging a delivery that was not made here: a folder or a zip of any program's export, without a song.

`delivery.inspect_delivery` does all of it: it finds the sound files and what each is (mix, master, stem), compares
their formats, adds up the stems, judges every file by the gates that need no song, and the finished ones by a preset.
"""
