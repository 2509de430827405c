"""Commands of nets on tables: `train` and `predict`; `learn` is the training itself, for use from Python."""
