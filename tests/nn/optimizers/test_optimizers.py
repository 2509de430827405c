"""Optimizers: each rule against its closed form and PyTorch's, on arrays and on Values; its state; errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autodiff import Value
from nn import MLP, SGD, Adagrad, Adam, AdamW, RMSprop, fit
from nn.optimizers.registry import NAMED, resolve

RULES = {name: rule for name, rule in NAMED.items() if not hasattr(rule, "drive")}  # all but L-BFGS, which is SciPy's
CASES: list[tuple[Any, dict[str, Any]]] = [
    *((rule, {}) for rule in RULES.values()),
    (SGD, {"lr": 0.1, "momentum": 0.9}),
    (SGD, {"lr": 0.1, "momentum": 0.5, "dampening": 0.3}),
    (SGD, {"lr": 0.01, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (Adam, {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1, "amsgrad": True}),
    (AdamW, {"lr": 0.1, "weight_decay": 0.2, "amsgrad": True}),
    (RMSprop, {"alpha": 0.9, "eps": 1e-3, "momentum": 0.9, "centered": True, "weight_decay": 0.1}),
    (Adagrad, {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.1, "eps": 1e-3}),
]
IDS = [f"{rule.__name__}{i}" for i, (rule, _) in enumerate(CASES)]
rng = np.random.default_rng(0)
START, ROOT = rng.normal(size=7), rng.normal(size=(7, 7))


def slope(p: Any, t: int) -> Any:
    """Return the gradient of a quadratic that shakes: both signs, all sizes."""
    return ROOT @ (ROOT.T @ p) / 7.0 + np.sin(t + np.arange(7.0))


def mean(past: Any, beta: float) -> Any:
    """Return the weighted mean of what a rule saw, the latest with the weight 1, that before with beta, beta² …."""
    weights = beta ** np.arange(len(past))[::-1]
    return weights @ past / weights.sum()


STEPS = {  # p − p' in closed form, with default arguments, from p and all gradients so far, the rows of G
    "sgd": lambda p, G: 1e-3 * G[-1],
    "adam": lambda p, G: 1e-3 * mean(G, 0.9) / (np.sqrt(mean(G**2, 0.999)) + 1e-8),
    "adamw": lambda p, G: 1e-3 * (1e-2 * p + mean(G, 0.9) / (np.sqrt(mean(G**2, 0.999)) + 1e-8)),
    "rmsprop": lambda p, G: 1e-2 * G[-1] / (np.sqrt((1.0 - 0.99 ** len(G)) * mean(G**2, 0.99)) + 1e-8),
    "adagrad": lambda p, G: 1e-2 * G[-1] / (np.sqrt((G**2).sum(axis=0)) + 1e-10),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_moves_by_its_closed_form(name: str) -> None:
    own, p = RULES[name](), START.copy()
    past: list[Any] = []
    for t in range(50):
        past.append(slope(p, t))
        expected = p - STEPS[name](p, np.array(past))
        own.advance(p, past[-1])
        assert np.abs(p - expected).max() <= 1e-14, t


@pytest.mark.parametrize("name", NAMED)
def test_a_rule_is_public_and_leaves_frozen_parameters_bit_for_bit(name: str) -> None:
    assert getattr(nn, NAMED[name].__name__) is NAMED[name]
    assert NAMED[name].__name__ in nn.__all__
    net = MLP(1, [3, 1], activation="tanh", rng=0)
    before, x = net.state(), np.linspace(-1.0, 1.0, 9)
    fit(net, x, x**2, optimizer=name, frozen=["layers.0"], epochs=3, progress=False)
    same = {key: array.tobytes() == before[key].tobytes() for key, array in net.state().items()}
    assert same == {key: key.startswith("layers.0") for key in before}


@pytest.mark.parametrize(("rule", "options"), CASES, ids=IDS)
def test_a_rule_is_that_of_torch_step_for_step(rule: Any, options: Any) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.tensor(START, requires_grad=True)
    peer = getattr(torch.optim, rule.__name__)([theirs], **options)
    ours, own = START.copy(), rule(**options)
    for t in range(200):
        theirs.grad = torch.tensor(slope(theirs.detach().numpy(), t))
        peer.step()
        own.advance(ours, slope(ours, t))
        assert np.abs(ours - theirs.detach().numpy()).max() <= 1e-12, t


@pytest.mark.parametrize(("rule", "options"), CASES, ids=IDS)
def test_a_rule_moves_values_as_it_moves_arrays(rule: Any, options: Any) -> None:
    p, values = START.copy(), [Value(x) for x in START.tolist()]
    on_array, on_values = rule(**options), rule(values, **options)
    for t in range(5):
        g = slope(p, t)
        for v, d in zip(values, g.tolist(), strict=True):
            v.grad = d
        on_values.step()
        on_array.advance(p, g)
        assert [v.data for v in values] == p.tolist()


@pytest.mark.parametrize(("rule", "options"), CASES, ids=IDS)
def test_a_rule_leaves_the_gradient_as_it_is(rule: Any, options: Any) -> None:
    own, p = rule(**options), START.copy()
    for t in range(3):
        g = slope(p, t)
        kept = g.copy()
        own.advance(p, g)
        assert g.tobytes() == kept.tobytes()


@pytest.mark.parametrize(("rule", "options"), CASES, ids=IDS)
def test_a_rule_goes_on_from_its_state_bit_for_bit(rule: Any, options: Any) -> None:
    p, own, other = START.copy(), rule(**options), rule(**options)
    for t in range(3):
        own.advance(p, slope(p, t))
    q, state = p.copy(), own.state()
    other.load_state(state)
    own.advance(p, slope(p, 3))
    other.advance(q, slope(q, 3))
    assert p.tobytes() == q.tobytes()
    assert all(other.state()[name].tobytes() == array.tobytes() for name, array in own.state().items())


def test_a_state_is_a_copy() -> None:
    own, p = Adam(), START.copy()
    own.advance(p, p)
    own.state()["exp_avg"][:] = 7.0
    assert 7.0 not in own.memory["exp_avg"]


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    own, p = Adam(), START.copy()
    own.advance(p, p)
    before = own.state()
    with pytest.raises(ValueError, match="a state of `Adam` has the names"):
        own.load_state({"steps": 1.0, "lr": 0.1})
    with pytest.raises(ValueError, match=r"`exp_avg_sq` has the shape \(7,\), got \(6,\)"):
        own.load_state({**before, "lr": 0.5, "exp_avg_sq": np.zeros(6)})
    with pytest.raises(ValueError, match="of 7 parameters, the optimizer has 1"):
        Adam([Value(1.0)]).load_state(before)
    assert own.lr == 1e-3
    assert own.memory["exp_avg"].tobytes() == before["exp_avg"].tobytes()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SGD(lr=0.0), "`lr` is positive, got 0"),
        (lambda: SGD(lr=float("nan")), "`lr` is finite"),
        (lambda: SGD(momentum=-1.0), "`momentum` is not negative"),
        (lambda: SGD(nesterov=True), "`nesterov` needs a `momentum`"),
        (lambda: SGD(momentum=0.5, dampening=0.1, nesterov=True), "and no `dampening`"),
        (lambda: Adam(betas=(0.9, 1.0)), r"`betas\[1\]` is below 1, got 1"),
        (lambda: Adam(eps=0.0), "`eps` is positive"),
        (lambda: RMSprop(alpha=1.5), "`alpha` is below 1"),
        (lambda: Adagrad(lr_decay=-0.1), "`lr_decay` is not negative"),
        (lambda: Adam().step(), r"`Adam` was made without parameters: Adam\(model.parameters\(\)\)"),
    ],
)
def test_wrong_arguments_are_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_optimizers_are_known_by_name() -> None:
    assert {name: type(resolve(name.title())) for name in NAMED} == NAMED
    with pytest.raises(ValueError, match=r"`optimizer` is one of sgd, .*, lbfgs, or an Optimizer, got 'adan'"):
        resolve("adan")
    with pytest.raises(TypeError, match="`optimizer` is a name or an Optimizer, got float"):
        resolve(0.1)
