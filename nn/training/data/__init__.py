"""Training data: `examples` checks rows, splits and weights; `task` joins them with the targets and the loss."""
