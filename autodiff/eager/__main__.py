"""Print the module that is generated: `python -m autodiff.eager`, as a compiler gets it with `--compiled`."""

import sys

from .. import primitives as primitives  # fills the table
from ..build import compiled
from ..row import PRIMITIVES
from . import source

print(source(PRIMITIVES.values(), compiled=compiled or "--compiled" in sys.argv))
