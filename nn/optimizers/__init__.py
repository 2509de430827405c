"""Optimizers: `base` is their class, `sgd`, `adam`, `adaptive` and `lbfgs` are update rules, `registry` their names.

`schedules` change the learning rate, `clipping` bounds gradients. A new rule is a file and a line in the registry.
"""
