"""Losses: `regression` of numbers, `classification` of labels, `targets` what each takes, `penalties` on weights."""
