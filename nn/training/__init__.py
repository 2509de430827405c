"""Training: `fit` is what users call.

`options` are its keyword arguments, checked; `selection` finds the parameters to train; `data` holds the rows and their
targets; `engines` compute losses and gradients. `state` is the training as it runs, epoch by epoch: `stopping` ends it,
`history` records it, `progress` shows it, `diagnosis` finds the origin of numbers that are not finite. `checkpoints`
keep a training in a file, with a `fingerprint` of what it was asked to do.
"""
