"""Models in files: `model` saves and loads them, `safetensors` is the format of the file.

`architecture` describes a model and builds it again, `kinds` does so for each class of modules, and `blueprint` is a
description that is checked where it is read. A new class of modules that saves is one entry in `kinds`.
"""
