"""What a model is trained on: `examples` are arrays of rows, `task` the loss of a model on them."""
