"""What the user writes: key types, YAML with line numbers, and problems that name their place."""
