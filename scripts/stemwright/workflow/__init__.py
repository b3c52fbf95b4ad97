"""Code that runs only inside Snakemake: the frame of every job, requested targets, rules of songs, obstacles."""
