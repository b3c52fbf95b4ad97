"""Validation of user input: declared fields, YAML with line numbers, and problems located by file and line."""
