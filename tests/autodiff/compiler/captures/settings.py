"""Settings: a module whose number is imported inside functions by the tests of captures."""

K = 2.0
