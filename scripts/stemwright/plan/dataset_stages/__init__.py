"""Stages of a dataset: what its songs are built into together, one file a stage, with rules in `rules/dataset.smk`.

They are as the stages of a song (`stemwright.plan.stages`); what they are given as the song is the dataset, and the
graph that they are given knows those of the songs.
"""
