"""What only runs inside Snakemake: the frame around a job, requested targets, songs' own rules, obstacles."""
