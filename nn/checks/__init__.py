"""Arguments of the user's, checked: `arrays` of numbers, `numbers` in bounds, `seeds` of generators, `vector`."""
