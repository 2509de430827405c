"""Checks of arguments: `arrays` of real numbers, `numbers` within bounds, `seeds` of generators, `vector`."""
