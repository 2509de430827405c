"""What a function captures, and whether it changed.

`environment` compares what was captured with what is there now. `reach` walks to it, by the `names` that code reads, or
that are `computed`, and the `kinds` and `origins` of objects. `containers` are compared by what they hold.
"""
