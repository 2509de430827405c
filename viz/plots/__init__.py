"""Plots with matplotlib, all of them drawn into `axes`.

`curves` of loss and accuracy, the decision `boundary`, `histograms` of activations and gradients, `weights` as an
image; `training` writes those of `autodiff train --plots`.
"""
