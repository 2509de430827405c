"""Modules: layers, nets, and the parts of a model around them.

`module` is the base class, which finds parameters in attributes; `layer` has neurons and layers, `mlp` and `sequential`
nets of them, `activation` and `dropout` their parts; `modes` switches between training and evaluation,
`standardization` scales inputs, `classifier` adds labels, `prediction` has outputs and predicted classes of many rows.
"""
