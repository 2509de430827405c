"""Optimizers: `base` what each is, `sgd`, `adam`, `adaptive`, `lbfgs` the rules, `registry` their names.

`schedules` change the learning rate, `clipping` bounds gradients.
"""
