"""The first call of a mean over rows passes the stages that `dispatch/compiled.py` lists, in their order."""

from __future__ import annotations

import pytest

from autodiff.build import compiled

from ....support.first_call import first_call

STAGES = [  # the file, and the object that it hands on
    ("compiler/dispatch/signature.py", "Arguments"),
    ("compiler/captures/environment.py", "Environment"),
    ("compiler/batch/inputs.py", "Inputs"),
    ("compiler/trace/tape.py", "Tape"),
    ("compiler/trace/builder.py", "Builder"),
    ("compiler/trace/reverse.py", "Sweep"),
    ("compiler/trace/builder.py", "Program"),
    ("compiler/trace/run.py", "Path"),
    ("compiler/backends/choice.py", "engine"),
    ("compiler/dispatch/results.py", "Value"),
    ("compiler/dispatch/compiled.py", "Value"),
    ("node.py", "NoneType"),
]


@pytest.mark.skipif(compiled, reason="needs the modules of Python: a profile does not see native functions")
@pytest.mark.parametrize(("backend", "engine"), [("auto", "Adaptive"), ("numpy", "Vectorized")])
def test_the_first_call_passes_its_stages_in_order(backend: str, engine: str) -> None:
    if backend == "auto":
        pytest.importorskip("llvmlite")
    expected = [(file, engine if handed == "engine" else handed) for file, handed in STAGES]
    found = [(stage.file, stage.object) for stage in first_call(backend)]
    assert [stage for stage in found if stage in expected] == expected
    assert found[0] == expected[0]
    assert found[-1] == expected[-1]
