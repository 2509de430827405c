"""Formulas of graphs: `formula` as users call it, from the table's `rows` as forms.

`reading` reads a rule as a form where a row states none; `simplify` puts numbers, signs and factors in order.
"""
