"""`python -m autodiff.eager`: print the generated module of class Value; with `--compiled` that for the compiler."""

import sys

from .. import primitives as primitives  # fills the table
from ..build import compiled
from ..row import PRIMITIVES
from . import source

print(source(PRIMITIVES.values(), compiled=compiled or "--compiled" in sys.argv))
