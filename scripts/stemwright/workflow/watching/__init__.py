"""Watching a song while it is written: what is saved is built, and a page plays it."""
