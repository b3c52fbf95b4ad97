"""The document that a user writes: its models, how it is loaded, and what must hold in it as a whole."""
