"""Records of artifacts: what a job produced, sentinels, ledgers of refusals; and artifacts that no song claims."""
