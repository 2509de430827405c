"""The commands of viz: `graph` (which has `explore`, too) and `demo`, with the `experiments` that it runs."""
