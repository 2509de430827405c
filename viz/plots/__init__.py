"""Plots with matplotlib.

`curves` of losses, the decision `boundary`, `histograms` of layers, `weights` as images, all drawn into `axes` and named
in `plots`; `training` are the pictures that `autodiff train --plots` writes.
"""
