"""Stages of an album: what its songs are built into together, one file a stage. Their rules are in `rules/album.smk`.

They are as the stages of a song (`stemwright.plan.stages`); what they are given as the song is the album, and the graph
that they are given knows those of the songs.
"""
