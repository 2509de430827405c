"""Engines: how a training computes losses and gradients.

`engine` is the interface; `compiled`, `eager` and `closed_form` (BP1–BP4) implement it, and `choice` picks one.
`objective` is the loss of one row, `batches` the rows of a step, `validation` the rows held out.
"""
