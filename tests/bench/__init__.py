"""Speed and memory against peers, one file a claim. `python -m tests.bench` runs all; `--quick` shows that they run."""
