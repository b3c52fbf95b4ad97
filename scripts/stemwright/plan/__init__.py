"""A song as jobs: its artifacts, plain data for the params of each job, and fingerprints of code."""
