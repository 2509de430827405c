"""Print the module that is generated: `python -m autodiff.eager`."""

from .. import primitives as primitives  # fills the table
from ..row import PRIMITIVES
from . import source

print(source(PRIMITIVES.values()))
