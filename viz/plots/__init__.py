"""Plots with matplotlib.

`curves` of losses, the decision `boundary`, `histograms` of layers, `weights` as images, drawn into `axes`, named in
`plots`; `training` are the pictures that `autodiff train --plots` writes.
"""
