"""What instruments are built from: envelopes, wave tables, noise, operators, overlap-add."""
