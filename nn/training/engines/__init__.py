"""Engines: how a training computes its gradients.

`choice` picks one, `kernel` runs compiled or eager functions, `closed_form` BP1–BP4; `objective` adds penalties,
`batches` draws the rows of a step, and `validation` measures the rows held out.
"""
