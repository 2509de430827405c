"""Programs: flat instructions over a work vector.

`program` is the Program, `operations` what an instruction may be, `levels` how deep instructions depend on another,
`schedule` an order of them that keeps few results alive.
"""
