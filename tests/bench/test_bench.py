"""The bench itself: what it refuses to time, what it says, and that its works are what they are called."""

from __future__ import annotations

import math
import time

import pytest

import autodiff
from autodiff import Value
from autodiff.graph import postorder

from . import (
    calls,
    compilation,
    contenders,
    growth,
    harness,
    kernels,
    microgpt,
    nets,
    report,
    second_derivative,
    training,
)
from .harness import OURS, QUICK, Effort, Row, Table, child, digits, rows, shown, times


def table(*found: Row) -> Table:
    return Table("A work", "What it is.", "s", list(found), [])


def test_a_program_that_computes_something_else_is_not_timed():
    with pytest.raises(AssertionError, match=r"work: other computes 1\.00000001, autodiff 1\.0"):
        times("work", {OURS: lambda: [1.0], "other": lambda: [1.00000001]}, QUICK)


def test_what_a_run_returns_may_be_read_for_the_check_alone():
    runs = {OURS: lambda: [1.0], "other": lambda: "1.0"}
    assert list(times("work", runs, QUICK, {"other": lambda found: [float(found)]})) == [OURS, "other"]
    with pytest.raises(AssertionError, match=r"work: other computes 2\.0, autodiff 1\.0"):
        times("work", runs, QUICK, {"other": lambda found: [2.0 * float(found)]})


def test_a_program_that_forgets_a_result_is_not_timed():
    with pytest.raises(ValueError, match="zip"):
        times("work", {OURS: lambda: [1.0, 2.0], "other": lambda: [1.0]}, QUICK)


def test_each_program_has_its_turn_in_every_round():
    turns: list[str] = []
    runs = {name: lambda name=name: turns.append(name) or [0.0] for name in (OURS, "other")}
    record = times("work", runs, Effort(rounds=3, runs=1, seconds=0.0))
    assert turns[-6:] == [OURS, "other"] * 3
    assert [len(seconds) for seconds in record.values()] == [3, 3]


def test_ratios_are_those_of_the_same_round_and_the_fastest_is_first():
    found = rows({OURS: [1.0, 2.0, 4.0], "slow": [3.0, 6.0, 12.0], "fast": [0.5, 0.5, 4.0]}, {"slow": 5.0, OURS: 2.5})
    assert [row.who for row in found] == ["fast", OURS, "slow"]
    assert found[0] == Row("fast", 0.5, 0.5, 0.25, 1.0)
    assert found[1].kept
    assert (found[2].ratio, found[2].promise, found[2].kept) == (3.0, "≥ 5 ×", False)


def test_a_program_that_takes_too_long_is_run_once(monkeypatch):
    monkeypatch.setattr(harness, "PATIENCE", 1e-3)
    turns: list[float] = []
    runs = {OURS: lambda: [0.0], "slow": lambda: turns.append(0.0) or time.sleep(2e-3) or [0.0]}
    record = times("work", runs, Effort(rounds=3, runs=1, seconds=0.0))
    assert (len(turns), len(record[OURS]), len(record["slow"])) == (2, 3, 1)  # twice, since it might have compiled
    assert rows({OURS: [1.0, 2.0, 3.0], "slow": [8.0]}, {})[1] == Row("slow", 8.0, 4.0, 4.0, 4.0)


def test_the_summary_names_who_is_faster_than_we_before_who_is_slower():
    ours, fast, slow = Row(OURS, 1.0, 1.0, 1.0, 1.0), Row("a", 0.5, 0.5, 0.4, 0.6), Row("b", 3.0, 3.0, 2.0, 4.0)
    level = Row("c", 1.0, 1.0, 0.9, 1.1, "≥ 2 ×", kept=False)
    assert report.summary([table(fast, ours, level, slow)]) == (
        "- A work: **slower than** a (2 ×); faster than b (3 ×); level with c.\n"
        "  **Promised ≥ 2 × and missed:** 1 × against c."
    )


def test_a_package_that_is_not_installed_is_a_remark(monkeypatch):
    monkeypatch.setattr(contenders, "PEERS", ["nobody"])
    monkeypatch.setattr(contenders, "import_module", lambda name, package: _missing(name.lstrip(".")))
    assert contenders.willing("chain") == ([], [f"Not installed: {OURS}, nobody."])


def _missing(name: str) -> None:
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_the_expression_of_the_second_derivative_has_30_nodes():
    x = Value(second_derivative.POINT)
    assert len(postorder([second_derivative.expression(autodiff, x)])) == 30 + 1  # and x


def test_a_straight_line_has_exponent_1():
    points = [growth.Point(n, 2e-6, 0.0, 0.0, 0.0) for n in growth.SIZES]
    assert growth.exponent(points) == pytest.approx(1.0, abs=1e-12)
    assert growth.exponent([p._replace(seconds=1e-9 * p.nodes) for p in points]) == pytest.approx(2.0, abs=1e-12)


def test_a_child_answers_and_tells_why_it_fails():
    assert child("shown(0.002, 's')", "harness") == "2 ms"
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        child("seconds(0, collector=True)", "growth")


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.5e-7, "0.25 µs"), (1.25e-4, "125 µs"), (0.0424, "42.4 ms"), (12.0, "12 s")]
)
def test_figures_are_shown_in_a_unit_fit_for_reading(seconds, text):
    assert shown(seconds, "s") == text


def test_digits_are_three_and_never_exponents():
    assert [digits(x) for x in (1234567.0, 999.4, 1.0, 0.04242, 0.000667)] == [
        "1,234,567",
        "999",
        "1",
        "0.0424",
        "0.000667",
    ]


def test_nets_are_differentiated_alike_by_hand_and_by_kernels(monkeypatch):
    pytest.importorskip("llvmlite")
    monkeypatch.setattr(contenders, "PEERS", ["numpy"])
    tables = kernels.measure(quick=True)
    assert [found.title for found in tables] == [
        "Moons kernel",
        "Moons, mean and backward",
        "Moons with tanh",
        "Digits kernel",
    ]
    assert all({OURS, "numpy"} < {row.who for row in found.rows} for found in tables)
    assert all("largest relative error of a result by fastmath" in tables[i].remarks[-1] for i in (0, 2, 3))


@pytest.mark.parametrize(("net", "parameters"), [(nets.moons(), 337), (nets.digits(), 2_260)])
def test_nets_have_the_parameters_they_are_said_to_have(net, parameters):
    assert sum(W.size + b.size for W, b in net.matrices()) == parameters
    assert [len(row) for row in net.targets()] == [net.sizes[-1]] * 100
    assert len(nets.flat(0.0, net.matrices())) == 1 + parameters


def test_microgpt_has_4192_parameters_and_learns_the_same_compiled_and_eager():
    net = microgpt.Net()
    assert len(net.parameters()) == 4_192
    assert net.loss([26, 0, 26]).data == pytest.approx(3.3, abs=0.2)  # log 27 for a net that knows nothing
    documents = microgpt.names(4, 2, 3)
    assert sorted({len(tokens) for tokens in documents}) == [4, 5]
    learner, record = microgpt.steps(documents)
    assert list(record) == [OURS, microgpt.EAGER]
    table = microgpt.repeated(learner, documents[0], quick=True)
    assert {row.who for row in table.rows} == {OURS, f"{OURS} (call + backward)", microgpt.EAGER}


def test_compilation_is_measured_in_fresh_processes():
    pytest.importorskip("llvmlite")
    tables = compilation.measure(quick=True)
    assert [[row.who for row in found.rows].count(OURS) for found in tables] == [1, 1, 1, 1]
    assert "The total grows as instructions^" in tables[3].remarks[0]


def test_trainings_agree_and_are_promised(monkeypatch):
    pytest.importorskip("llvmlite")
    found = {name: work for name, work in training.works(quick=True).items() if name in ("moons", "iris")}
    monkeypatch.setattr(training, "works", lambda quick: found)
    tables = training.measure(quick=True)
    assert [table.title for table in tables] == ["Training, moons", "Training, iris"]
    for table in tables:
        promises = {row.who: row.promise for row in table.rows}
        assert promises.get("sklearn", "≥ 3 ×") == "≥ 3 ×"
        assert OURS in promises
        assert table.remarks[-1].startswith("The loss falls from ")


def test_a_loss_of_weights_is_that_of_the_definition():
    net = nets.Net("one", [1, 1], "relu", "logistic", [[2.0]], [-1.0], [[[1.0, 0.5]]])
    one = training.Work(net, 1, 0.1, 1)
    assert one.loss(net.matrices()) == pytest.approx(math.log1p(math.exp(2.5)), rel=1e-15)
    assert one._replace(net=net._replace(loss="margin")).loss(net.matrices()) == 3.5


@pytest.mark.parametrize("make", [calls.robot, calls.cluster, calls.sums])
def test_derivatives_of_one_call_are_those_of_the_closed_form(make):
    work = make()
    runs, read, _ = contenders.derivative_programs(work)
    found = read[OURS](runs[OURS]())
    calls.hold(make.__name__, OURS, found, work.expected)
    found[-1] += 1e-3
    with pytest.raises(AssertionError, match=f"{make.__name__}: {OURS} computes .*, the closed form is"):
        calls.hold(make.__name__, OURS, found, work.expected)
