"""Models in files: `model` saves and loads, `safetensors` is the format.

`architecture` describes a model and builds it again, by `kinds`, what can be described, and `blueprint`, the checked
description.
"""
