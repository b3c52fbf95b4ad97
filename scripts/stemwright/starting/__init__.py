"""New songs: YAML written from a few answers, or from a folder of recordings, and added to `config.yaml`."""
