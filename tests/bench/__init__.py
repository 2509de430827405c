"""Speed claims, one file each. `python -m tests.bench` runs them all; `--quick` only shows that they run."""
