"""`python -m autodiff grad` and `check`: what they print, and what they answer to input that is wrong or hostile."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys

import pytest

from autodiff.__main__ import main


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, float]:
    """What a command that must succeed prints, as numbers by name."""
    assert main(list(arguments)) == 0
    lines = capsys.readouterr().out.splitlines()
    return {name.strip(): float(number) for name, number in (line.split(" = ") for line in lines)}


def test_grad_prints_the_value_and_the_gradient(capsys):
    found = output(capsys, "grad", "tanh(w*x + b)", "w=0.5", "x=2", "b=-0.5")
    slope = 1.0 - math.tanh(0.5) ** 2
    assert found == pytest.approx({"value": math.tanh(0.5), "∂/∂w": 2 * slope, "∂/∂x": 0.5 * slope, "∂/∂b": slope})


def test_order_two_prints_each_second_derivative_once(capsys):
    found = output(capsys, "grad", "x**2 * y", "x=3", "y=2", "--order", "2")
    assert found == {
        "value": 18.0,
        "∂/∂x": 12.0,
        "∂/∂y": 9.0,
        "∂²/∂x∂x": 4.0,
        "∂²/∂x∂y": 6.0,
        "∂²/∂y∂y": 0.0,
    }


CASES = [
    (["3*2"], 6.0),
    (["-x", "x=3"], -3.0),
    (["-x-1", "x=3"], -4.0),
    (["-x*y", "x=3", "y=2"], -6.0),
    (["2*x", "x=-3"], -6.0),
    (["2*x", "x=1e-3"], 0.002),
    (["x > 2", "x=3"], 1.0),
    (["where(x > 2, x, 0)", "x=3"], 3.0),
    (["sin(pi)*0 + x", "x=1"], 1.0),
    (["x\n + 1", "x=1"], 2.0),
    (["  x + 1", "x=1"], 2.0),
    (["+x", "x=1"], 1.0),
    (["log(x)", "x=0"], -math.inf),
    (["x + ñ", "x=1", "ñ=2"], 3.0),
    (["2*µ", "µ=3"], 6.0),
    (["+".join(["x"] * 300), "x=1"], 300.0),
    (["2**3**2"], 512.0),
    (["1e400*0"], math.nan),
]


@pytest.mark.parametrize(("arguments", "expected"), CASES, ids=[case[0][0][:20] for case in CASES])
def test_grad_reads_an_expression(capsys, arguments, expected):
    assert output(capsys, "grad", *arguments)["value"] == pytest.approx(expected, nan_ok=True)


BAD = [
    ("2 * sigmiod(x)", ["x=1"], 4, "did you mean `sigmoid`"),
    ("x + * y", ["x=1", "y=1"], 4, "cannot read"),
    ("x ^ 2", ["x=1"], 0, r"`\*\*`"),
    ("x + y", ["x=1"], 4, "`y` has no value"),
    ("ñ + y", ["ñ=1"], 4, "`y` has no value"),
    ("exp(x, y)", ["x=1", "y=1"], 0, "takes 1 arguments?, got 2"),
    ("exp + x", ["x=1"], 0, "is a function: call it"),
    ("x +", ["x=1"], None, "cannot read"),
    ("(x", ["x=1"], 0, "cannot read"),
    ("x", ["x=1", "y=2"], 0, "no such name"),
    ("x", ["x=1", "x=2"], 0, "two values"),
    ("x", ["x=a"], 2, "`a` is no number"),
    ("x", ["x"], 0, "NAME=NUMBER"),
    ("x", ["1=2"], 0, "NAME=NUMBER"),
    ("x", ["x="], 2, "no number"),
    ("", [], 0, "empty"),
    ("  ", [], 0, "empty"),
    ("1" + "0" * 400, [], 0, "float64"),
    ("exp(" * 150 + "x" + " + 1)" * 150, ["x=1"], None, "nested more than 200 deep"),
    ("y" * 200 + " + @", [], None, "cannot read"),
]


@pytest.mark.parametrize(("expression", "values", "column", "message"), BAD, ids=[repr(case[0][:20]) for case in BAD])
def test_bad_input_is_one_message_with_a_caret_and_exit_code_2(capsys, expression, values, column, message):
    assert main(["grad", expression, *values]) == 2
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert (captured.out, len(lines), lines[2].strip()) == ("", 3, "^")
    assert column is None or lines[2].index("^") == 2 + column
    assert re.search(message, lines[0])


HOSTILE = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "x.__class__",
    "x.data",
    "x[0]",
    "lambda: 1",
    "(lambda x: x)(1)",
    "(y := 3)",
    "[x for x in (1, 2)]",
    "{x}",
    "{x: 1}",
    "sum(x for x in y)",
    "x if y else z",
    "x and y",
    "not x",
    "~x",
    "x // y",
    "x % y",
    "x @ y",
    "x < y < z",
    "x in y",
    "'a' * 10**9",
    "b'a'",
    "f'{x}'",
    "2j",
    "True",
    "None",
    "...",
    "x, y",
    "*x",
    "exp(*x)",
    "exp(x=1)",
    "exp(**x)",
    "eval(x)",
    "open(x)",
    "__builtins__(x)",
    "relu.__globals__",
    "sum(x)",
    "take(x, y)",
    "await x",
    "(yield x)",
    "x; y",
    "x = 1",
    "import os",
    "x\0",
    "x" * 10_001,
    "(" * 5_000 + "x" + ")" * 4_999,
    "(" * 150 + "x" + ")" * 150 + "**" * 2,
    "-" * 9_000 + "x",
    "+" * 9_000 + "x",
    "x" + "**x" * 3_000,
    "exp(" * 1_500 + "x" + ")" * 1_500,
    "9" * 9_999,
]


@pytest.mark.parametrize("expression", HOSTILE, ids=[ascii(case[:24]) for case in HOSTILE])
def test_hostile_input_is_refused_with_exit_code_2(capsys, expression):
    assert main(["grad", " " + expression, "x=1", "y=2", "z=3"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("autodiff: ")
    assert max(map(len, captured.err.splitlines())) < 1_000


@pytest.mark.parametrize("name", ["__class__", "__init__", "_", "__import__", "eval", "self"])
def test_a_dunder_name_is_only_a_name(capsys, name):
    assert output(capsys, "grad", f"{name} * 2", f"{name}=3") == {"value": 6.0, f"∂/∂{name}": 2.0}


def test_deep_but_allowed_nesting_runs_at_order_two(capsys):
    assert main(["grad", "sin(" * 190 + "x" + ")" * 190, "x=1", "--order", "2"]) == 0
    assert "∂²/∂x∂x" in capsys.readouterr().out


def test_check_agrees_with_the_table(capsys):
    assert main(["check", "tanh(x*y) + log(y)", "x=0.3", "y=2"]) == 0
    assert "agree" in capsys.readouterr().out


def test_check_fails_at_a_kink_with_exit_code_1(capsys):
    assert main(["check", "relu(x)", "x=0"]) == 1
    assert "central differences" in capsys.readouterr().out


def test_check_does_not_praise_what_is_nan(capsys):
    assert main(["check", "log(x)", "x=-1"]) == 1
    assert "nan" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["grad"], ["grad", "x", "x=1", "--order", "3"]])
def test_a_command_line_that_cannot_be_read_exits_with_2(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert (caught.value.code, "usage" in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_the_command_prints_under_any_encoding(encoding):
    done = subprocess.run(
        [sys.executable, "-m", "autodiff", "grad", "x**2", "x=3"],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"6.0" in done.stdout


@pytest.mark.parametrize("command", [["grad", "x*y"], ["check", "x*y"], ["check", "relu(x*y)"]], ids=" ".join)
def test_an_output_that_nobody_reads_ends_the_command_without_a_word(command):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "autodiff", *command, "x=0", "y=3"], stdout=write, stderr=subprocess.PIPE
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize("command", [["grad", "x*y"], ["check", "x*y"], ["check", "relu(x*y)"]], ids=" ".join)
def test_an_output_on_a_full_disk_is_told_in_a_line(command):
    with open("/dev/full", "wb") as full:
        arguments = [sys.executable, "-m", "autodiff", *command, "x=0", "y=3"]
        done = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.decode() == "autodiff: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("x", ["1e308", "-1e308", "1e17", "5e-324", "-5e-324", "1e-310", "0"])
@pytest.mark.parametrize("expression", ["x", "x*0.5", "-x", "x/4 + 1"])
def test_check_agrees_where_a_step_could_round_away(capsys, expression, x):
    assert main(["check", expression, f"x={x}"]) == 0
    assert "agree" in capsys.readouterr().out


@pytest.mark.parametrize("x", ["1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "1e300"])
@pytest.mark.parametrize("expression", ["log(x)", "x*x", "1/x", "exp(x)", "sqrt(x)", "sin(x)"])
def test_check_ends_in_a_word_and_not_in_a_traceback_at_the_ends_of_the_range(capsys, expression, x):
    assert main(["check", expression, f"x={x}"]) in (0, 1)
    assert "central differences" in capsys.readouterr().out
