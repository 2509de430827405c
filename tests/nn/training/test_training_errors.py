"""fit: arguments refused before anything is changed, and the model after a training that failed or was interrupted."""

from __future__ import annotations

import _thread
import math
import signal
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nn
from autodiff import TraceError, Value
from nn import MLP, SGD, Module, Training
from nn.datasets import moons

from ...support.fitting import quiet

X, LABELS = moons(40, rng=0)
NAN, INF = float("nan"), float("inf")


def net(outputs: int = 1) -> MLP:
    return MLP(2, [4, outputs], activation="tanh", rng=0)


def at(row: int, column: int, x: float) -> Any:
    changed = X.copy()
    changed[row, column] = x
    return changed


WRONG: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("nan in data", {"X": at(3, 1, NAN)}, ValueError, "`X` has nan in row 3, column 1"),
    ("inf in data", {"X": at(0, 0, -INF)}, ValueError, "`X` has -inf in row 0, column 0"),
    ("nan in targets", {"Y": [NAN] * 40}, ValueError, "`Y` has nan in row 0"),
    ("three dimensions", {"X": np.zeros((2, 2, 2))}, ValueError, r"shape \(m, inputs\).*got shape \(2, 2, 2\)"),
    ("no rows", {"X": np.zeros((0, 2)), "Y": []}, ValueError, r"at least one; got shape \(0, 2\)"),
    ("ragged rows", {"X": [[1.0], [1.0, 2.0]]}, ValueError, "`X` has rows of different lengths"),
    ("strings", {"X": [["a", "b"]] * 40}, TypeError, "`X` takes real numbers, got str 'a'"),
    ("other inputs", {"X": np.ones((40, 3)) * LABELS[:, None]}, ValueError, r"`layers\.0` takes 2 inputs, got 3"),
    ("other lengths", {"Y": LABELS[:39]}, ValueError, "`X` and `Y` differ in length: 40 rows and 39 targets"),
    ("other targets", {"Y": np.ones((40, 2))}, ValueError, "`Y` has 2 targets a row, but the model has 1"),
    (
        "text as target",
        {"Y": ["a"] * 40},
        TypeError,
        "`Y` has labels, such as a: take a loss of classes",
    ),
    ("no callbacks", {"callbacks": None}, TypeError, "`callbacks` is a list of functions, got NoneType None"),
    ("a callback alone", {"callbacks": print}, TypeError, "`callbacks` is a list of functions, got builtin"),
    ("a clip of 0", {"clip": 0}, ValueError, "`clip` is positive, got 0"),
    ("objects as target", {"Y": [None] * 40}, TypeError, "`Y` takes numbers, or labels that are ints or strings"),
    ("three classes", {"loss": "hinge", "Y": np.arange(40) % 3}, ValueError, "3 classes, .*but one output tells 2"),
    ("one output", {"loss": "cross_entropy", "Y": LABELS}, ValueError, "needs an output for each class"),
    ("a loss", {"loss": "mean"}, ValueError, "`loss` is one of mse, .*got 'mean'"),
    ("no loss", {"loss": 3}, TypeError, "`loss` is a name or a function of outputs and target, got int 3"),
    ("an engine", {"engine": "gpu"}, ValueError, "`engine` is one of auto, compiled, eager, backprop, got 'gpu'"),
    ("a batch", {"batch_size": 0}, ValueError, "`batch_size` is at least 1, got 0"),
    ("epochs", {"epochs": -1}, ValueError, "`epochs` is at least 0"),
    ("a rng", {"rng": "x"}, TypeError, "`rng` is an int or a NumPy Generator"),
    ("a share", {"validation": 1.0}, ValueError, r"`validation` is a share .* got 1\.0 of 40 rows"),
    ("a truth", {"validation": True}, TypeError, "`validation` is a share of the rows or a pair"),
    ("a triple", {"validation": (X, LABELS, 1)}, ValueError, "got 3 things"),
    ("other columns", {"validation": (np.eye(3), [1, 2, 3])}, ValueError, r"`validation\[0\]` has 3 columns, `X` 2"),
    ("weights", {"sample_weight": [1.0]}, ValueError, r"`sample_weight` has the shape \(40,\), got \(1,\)"),
    ("negative weights", {"sample_weight": [-1.0] * 40}, ValueError, "weights are not negative"),
    ("weights of numbers", {"class_weight": {1: 2.0}}, ValueError, "`class_weight` needs labels"),
    ("a weight of nobody", {"loss": "hinge", "class_weight": {7: 2.0}}, ValueError, r"`class_weight` has \[7\]"),
    ("a penalty", {"penalty": 0.1}, TypeError, r"`penalty` is `nn\.L1"),
    ("a clip", {"clip": "norm"}, TypeError, "`clip` takes functions, got str"),
    ("a schedule", {"schedule": 0.1}, TypeError, "`schedule` takes functions, got float"),
    ("a callback", {"callbacks": [1]}, TypeError, "`callbacks` takes functions, got int"),
    ("patience", {"patience": 0}, ValueError, "`patience` is at least 1"),
    ("a tolerance", {"tolerance": -1.0}, ValueError, "`tolerance` is not negative"),
    ("frozen", {"frozen": [3]}, TypeError, "`frozen` has paths, Values and Modules, got int 3"),
    ("mixed labels", {"loss": "hinge", "Y": [1, "a"] * 20}, TypeError, "`Y` has labels of different kinds"),
    ("a list as loss", {"loss": lambda output, y: [output]}, TypeError, r"the loss gives for a row \[Value"),
    ("nothing as loss", {"loss": lambda output, y: None}, TypeError, "the loss gives for a row None. It should"),
    ("steps of its own", {"optimizer": "lbfgs", "batch_size": 4}, ValueError, "`LBFGS` takes whole steps of its own"),
]


@pytest.mark.parametrize(("options", "kind", "message"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_does_not_fit_is_refused_before_anything_is_changed(options: Any, kind: Any, message: str) -> None:
    model, optimizer = net(), SGD(lr=0.1)
    before = model.state()
    with pytest.raises(kind, match=message):
        quiet(model, **{"X": X, "Y": LABELS, "optimizer": optimizer, **options})
    assert all(model.state()[name].tolist() == array.tolist() for name, array in before.items())
    assert optimizer.steps == 0


def test_a_label_of_validation_that_training_lacks_is_named_with_its_row() -> None:
    with pytest.raises(ValueError, match=r"`validation\[1\]` has in row 1 the label 'c'; the classes are \('a', 'b'\)"):
        quiet(net(), X, ["a", "b"] * 20, loss="hinge", validation=(X[:2], ["a", "c"]))


def test_a_model_must_be_a_module_with_parameters() -> None:
    class Nothing(Module):
        def __call__(self, x: Any) -> Any:
            return x[0]

    with pytest.raises(TypeError, match="`model` is a Module that can be called, got function"):
        quiet(lambda x: x[0], X, LABELS)
    with pytest.raises(ValueError, match="the model, a Nothing, has no parameters"):
        quiet(Nothing(), X, LABELS)
    with pytest.raises(TypeError, match="is the closed form of an MLP, got Rounding"):
        quiet(Rounding(), X, LABELS, engine="backprop")
    with pytest.raises(TypeError, match=r"`layers\.0` has an activation with parameters"):
        quiet(MLP(2, [3, 1], activation="prelu"), X, LABELS, engine="backprop")


def test_rows_that_are_all_the_same_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="all rows of `X` are the same"):
        quiet(net(), np.ones((3, 2)), [1.0, 2.0, 3.0], epochs=1)


@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_a_loss_that_is_not_finite_stops_with_step_batch_row_and_operation(engine: str) -> None:
    model, seen = net(), []

    def loss(output: Value, y: Any) -> Value:
        return (output - output + y).log()  # -inf where y is 0

    data = np.ones(40)
    data[17] = 0.0
    order = np.random.default_rng(0).permutation(40)
    batch = int(np.flatnonzero(order == 17)[0]) // 10 + 1
    message = (
        rf"step {batch}, epoch 1, batch {batch} of 4: the loss is -inf: it is not finite\. In row 17 `log` of 0\.0 has "
        r"the value -inf\. The parameters are as they were before the step"
    )
    with pytest.raises(FloatingPointError, match=message):
        quiet(model, X, data, loss=loss, batch_size=10, engine=engine, callbacks=[seen.append])
    assert seen == []
    assert np.isfinite(model.state()["layers.0.weight"]).all()


def test_a_gradient_that_is_not_finite_stops_with_the_parameters_before_the_step() -> None:
    model = net()
    before = model.state()
    with pytest.raises(
        FloatingPointError, match=r"the gradient is not finite\. In row 0 `sqrt` of -?0\.0 has the partial inf"
    ):
        quiet(model, X, np.zeros(40), loss=lambda output, y: (output * y).sqrt(), optimizer=SGD(lr=1.0))
    assert all(model.state()[name].tolist() == array.tolist() for name, array in before.items())


def test_steps_that_overflow_stop_with_the_parameters_before_the_step() -> None:
    model = MLP(1, [1], rng=0)
    before = model.state()
    with pytest.raises(FloatingPointError, match=r"the step of SGD\(lr=1e\+308.* not finite\. Take a smaller"):
        quiet(model, [1.0, 2.0], [100.0, -200.0], optimizer=SGD(lr=1e308))
    assert all(model.state()[name].tolist() == array.tolist() for name, array in before.items())


@pytest.fixture
def heeded() -> Iterator[None]:
    """Heed control-C, which a process that was started in the background of a shell does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
def test_control_c_leaves_a_usable_model_and_history() -> None:
    model = net()

    def interrupt(training: Training) -> None:
        if training.epoch == 3:
            _thread.interrupt_main()

    history = quiet(model, X, LABELS, loss="hinge", epochs=10**6, callbacks=[interrupt])
    assert history.stopped == f"interrupted in epoch {history.epochs + 1}"
    assert 3 <= history.epochs < 1000
    again = net()
    quiet(again, X, LABELS, loss="hinge", epochs=history.epochs)
    assert model.state()["layers.1.weight"].tolist() == again.state()["layers.1.weight"].tolist()


def test_an_error_in_a_callback_leaves_the_parameters_of_the_last_epoch() -> None:
    model, again = net(), net()
    with pytest.raises(ZeroDivisionError):
        quiet(model, X, LABELS, loss="hinge", epochs=5, callbacks=[lambda training: 1 // (3 - training.epoch)])
    quiet(again, X, LABELS, loss="hinge", epochs=3)
    assert model.state()["layers.1.weight"].tolist() == again.state()["layers.1.weight"].tolist()


@pytest.mark.parametrize("factor", [None, "half", math.nan, math.inf, -0.5])
def test_a_schedule_that_gives_no_factor_is_told_with_its_time(factor: Any) -> None:
    model = net()
    before = model.state()
    with pytest.raises(ValueError, match=r"`schedule` gives a factor of `lr`, 0 or more, got .* at epoch 0.5"):
        quiet(model, X, LABELS, batch_size=20, epochs=1, schedule=lambda t: factor if t > 0 else 0.0)
    assert all(model.state()[name].tolist() == array.tolist() for name, array in before.items())


def test_logits_are_asked_for_where_a_softmax_or_a_sigmoid_would_be_taken_twice() -> None:
    labels = (LABELS > 0).astype(int)
    for model in (MLP(2, [2], output="softmax"), nn.Sequential(MLP(2, [3, 2]), "softmax")):
        with pytest.raises(ValueError, match="`cross_entropy` takes logits, of which it takes the softmax"):
            quiet(model, X, labels, loss="cross_entropy")
    for model in (MLP(2, [1], output="sigmoid"), nn.Sequential(MLP(2, [1]), "sigmoid")):
        with pytest.raises(ValueError, match="`binary_cross_entropy` takes logits, of which it takes the sigmoid"):
            quiet(model, X, labels, loss="binary_cross_entropy")
    quiet(MLP(2, [3, 2], activation="sigmoid", output="linear"), X, labels, loss="cross_entropy", epochs=1)
    quiet(MLP(2, [1], output="tanh"), X, LABELS, loss="hinge", epochs=1)


class Rounding(Module):
    """A model that looks at a number."""

    def __init__(self) -> None:
        self.w = Value(0.5)

    def __call__(self, x: Any) -> Value:
        return self.w * x[0] if getattr(x[0], "data", x[0]) > 0 else self.w


def same(m: int = 3) -> Any:
    return np.ones((m, 2)), [1.0] * m


@pytest.mark.parametrize(
    "call",
    [
        lambda: nn.fit(net(), *same(), epochs=1, progress=False),
        lambda: nn.fit(net(), X, LABELS, validation=same(), epochs=1, progress=False),
        lambda: nn.fit(Rounding(), X, LABELS, epochs=1, progress=False),
    ],
    ids=["the same rows", "the same rows of validation", "not compiled"],
)
def test_a_warning_names_the_line_that_called_fit(call: Callable[[], Any]) -> None:
    with pytest.warns(UserWarning, match="the same|on Values") as warned:
        call()
    assert [(w.filename, w.lineno) for w in warned] == [(__file__, call.__code__.co_firstlineno)]


def test_what_cannot_be_compiled_is_trained_on_values_and_says_so() -> None:
    model = Rounding()
    with pytest.warns(UserWarning, match="training runs on Values, slowly: the model cannot be compiled: "):
        history = quiet(model, X, LABELS, epochs=2)
    assert history.engine == "eager"
    with pytest.raises(TraceError):
        quiet(Rounding(), X, LABELS, epochs=2, engine="compiled")
