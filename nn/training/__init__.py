"""Training: `fit` is what users call.

`preparation` checks its arguments and makes a `state`, what changes from epoch to epoch. `selection` says which
parameters move, `stopping` when to end; `history` and `progress` tell how it went, `diagnosis` what is not finite;
`checkpoints` and `snapshot` keep a training in a file, under a `fingerprint`. `data` is what a model is trained on, and
`engines` compute its gradients.
"""
