"""What models are made of.

`module` finds parameters in attributes; `layer` has neurons and layers, `mlp`, `sequential`, `activation`, `prelu` and
`dropout` are modules, `modes` training and evaluation, `standardization` of inputs, `classifier` labels of outputs,
`prediction` outputs for arrays of rows.
"""
