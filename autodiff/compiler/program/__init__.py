"""Programs: flat instructions over a work vector.

`program` is the Program, `operations` the meaning of an instruction, `levels` the depth of each instruction in the
graph, `schedule` groups of instructions that can be done at once, `simplification` what goes from composed transforms,
where `signs` of zeros cannot show.
"""
