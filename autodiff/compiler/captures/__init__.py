"""Captures of a function: `environment` are the objects that it reads, `containers` their contents, for comparison."""
