"""The commands of nets: `train` and `predict`, and `learn`, what the first does without a command line."""
