"""Estimators pass scikit-learn's own checks, and work in pipelines, searches, copies and on data frames."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from nn import History, estimators
from nn.estimators import MLPClassifier, MLPRegressor

X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
WIDE = np.linspace(-1.0, 1.0, 30)[:, None]

CHECK_WITHOUT = """
import sys
sys.modules["llvmlite"] = None
from sklearn.utils.estimator_checks import check_estimator
from nn import estimators
check_estimator(getattr(estimators, sys.argv[1])(max_iter=60, learning_rate=0.03), on_skip=None)  # quickly
print("checked")
"""


@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()], ids=["classifier", "regressor"])
def test_an_estimator_passes_every_check_of_scikit_learn(estimator: Any) -> None:
    results = check_estimator(estimator, on_fail="raise", on_skip=None)
    assert {result["status"] for result in results if result["check_name"] != "check_array_api_input"} == {"passed"}
    assert len(results) > 50


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_an_estimator_passes_every_check_without_llvmlite(name: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-c", CHECK_WITHOUT, name], capture_output=True, text=True, env=environment)
    assert done.stdout == "checked\n", done.stderr


def test_importing_nn_imports_none_of_its_extras() -> None:
    extras = {"sklearn", "scipy", "pandas", "matplotlib", "safetensors", "viz"}
    code = f"import nn, sys; print(sorted({extras} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout == "[]\n", done.stderr


def test_without_scikit_learn_an_import_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nn.estimators")
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    with pytest.raises(ImportError, match=r"pip install 'autodiff-scalar\[sklearn\]'"):
        import nn.estimators  # noqa: F401


def test_cross_validation_of_irises_is_about_as_good_as_it_gets() -> None:
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(random_state=0))
    assert cross_val_score(pipeline, *load_iris(return_X_y=True), cv=5).mean() > 0.93


def test_a_grid_search_finds_the_better_rate() -> None:
    grid = {"learning_rate": [1e-7, 0.05], "hidden_layer_sizes": [(4,)]}
    search = GridSearchCV(MLPClassifier(max_iter=50, random_state=0), grid, cv=3).fit(X, Y)
    assert search.best_params_["learning_rate"] == 0.05


def test_data_frames_are_known_by_their_columns() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    model = MLPClassifier(max_iter=20, random_state=0).fit(frame, pd.Series(Y))
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert (model.predict(frame) == MLPClassifier(max_iter=20, random_state=0).fit(X, Y).predict(X)).all()
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a", "c", "d"]])


def test_a_clone_trains_the_same_net_and_a_copy_is_one() -> None:
    model = MLPClassifier(max_iter=5, random_state=3).fit(X, Y)
    again, copy = clone(model).fit(X, Y), pickle.loads(pickle.dumps(model))
    for other in (again, copy):
        assert other.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_a_weight_of_three_is_three_rows_and_of_zero_none(estimator: Any) -> None:
    counts = np.arange(len(X)) % 4
    weighted = estimator(random_state=0).fit(X, Y, sample_weight=counts)
    repeated = estimator(random_state=0).fit(np.repeat(X, counts, axis=0), np.repeat(Y, counts))
    for name, array in weighted.model_.state().items():
        assert array == pytest.approx(repeated.model_.state()[name], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("estimator", "y", "more"), [(MLPClassifier, Y, {"classes": [0, 1, 2]}), (MLPRegressor, Y, {})]
)
def test_epochs_of_partial_fit_are_those_of_fit(estimator: Any, y: Any, more: Any) -> None:
    parts = estimator(random_state=0)
    for _ in range(30):
        parts.partial_fit(X, y, **more)
    whole = estimator(random_state=0, max_iter=30).fit(X, y)
    assert (parts.n_iter_, parts.loss_curve_) == (30, whole.loss_curve_)
    assert parts.predict(X).tobytes() == whole.predict(X).tobytes()


def test_partial_fit_may_see_one_class_at_a_time() -> None:
    model = MLPClassifier(random_state=0)
    for _ in range(40):
        for label in (0, 1, 2):
            model.partial_fit(X[label == Y], Y[label == Y], classes=[0, 1, 2])
    assert model.score(X, Y) > 0.8


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        ([((X, Y), {})], "the first call of `partial_fit` needs `classes`"),
        ([((X, Y), {"classes": [0, 1]})], "none of the classes"),
        ([((X, Y), {"classes": [0, 1, 2]}), ((X, Y), {"classes": [0, 1, 3]})], "`classes` were"),
        ([((X, Y), {"classes": [0, 1, 2]}), ((X, Y + 1), {})], "none of the classes"),
        ([((X, Y), {"classes": [0, 1, 2]}), ((X[:, :2], Y), {})], "2 features"),
    ],
)
def test_partial_fit_refuses_what_does_not_go_on(calls: Any, message: str) -> None:
    model = MLPClassifier()
    *before, (data, options) = calls
    for arguments, more in before:
        model.partial_fit(*arguments, **more)
    with pytest.raises(ValueError, match=message):
        model.partial_fit(*data, **options)


def test_labels_may_be_strings_and_probabilities_are_in_their_order() -> None:
    names = np.array(["c", "a", "b"])[Y]
    model = MLPClassifier(random_state=0).fit(X, names)
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert (model.classes_[model.predict_proba(X).argmax(axis=1)] == model.predict(X)).all()
    assert model.score(X, names) > 0.95


def test_a_single_class_is_always_told() -> None:
    model = MLPClassifier(max_iter=2).fit(X, ["only"] * len(X))
    assert set(model.predict(X)) == {"only"}
    assert model.predict_proba(X).tolist() == [[1.0]] * len(X)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"optimizer": "adem"}, ValueError, "`optimizer` is one of"),
        ({"activation": "tangent"}, ValueError, "`tangent` is no activation"),
        ({"learning_rate": -1.0}, ValueError, "`lr` is positive"),
        ({"hidden_layer_sizes": (0,)}, ValueError, "at least 1"),
        ({"alpha": -1.0}, ValueError, "`strength`"),
        ({"batch_size": 0}, ValueError, "`batch_size`"),
        ({"engine": "steam"}, ValueError, "`engine` is one of"),
    ],
)
def test_parameters_are_checked_when_it_is_fitted(options: dict[str, Any], error: Any, message: str) -> None:
    model = MLPRegressor(**options)
    with pytest.raises(error, match=message):
        model.fit(WIDE, WIDE[:, 0])


def test_a_bare_size_is_one_hidden_layer() -> None:
    assert len(MLPRegressor(5, max_iter=1).fit(WIDE, WIDE[:, 0]).model_.layers[0].neurons) == 5


def test_batches_are_shuffled_by_the_random_state() -> None:
    first, again, other = (
        MLPRegressor(batch_size=7, max_iter=3, random_state=seed).fit(WIDE, WIDE[:, 0]).loss_curve_
        for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("rows", "options"), [(X, {"sample_weight": -np.ones(len(X))}), (X[:, :2], {"sample_weight": -np.ones(len(X))})]
)
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_a_refit_that_fails_leaves_the_estimator_as_it_was(estimator: Any, rows: Any, options: dict[str, Any]) -> None:
    model = estimator(max_iter=20, random_state=0).fit(X, Y)
    before, state = model.predict(X), dict(vars(model))
    with pytest.raises(ValueError, match="weight"):
        model.fit(rows, Y[::-1], **options)
    assert vars(model) == state
    assert (model.predict(X) == before).all()


@pytest.mark.parametrize(
    ("estimator", "more"), [(MLPClassifier, {"classes": [0, 1, 2]}), (MLPRegressor, {})], ids=["classes", "numbers"]
)
def test_a_first_call_of_partial_fit_that_fails_leaves_nothing_fitted(estimator: Any, more: dict[str, Any]) -> None:
    model = estimator(engine="fast")
    with pytest.raises(ValueError, match="`engine`"):
        model.partial_fit(X, Y, **more)
    assert vars(model) == vars(estimator(engine="fast"))


@pytest.mark.parametrize(
    "call",
    [
        lambda: MLPRegressor(max_iter=1).fit(np.ones((3, 1)), [1.0, 2.0, 3.0]),
        lambda: MLPClassifier().partial_fit(np.ones((2, 1)), ["a", "b"], classes=["a", "b"]),
    ],
    ids=["fit", "partial_fit"],
)
def test_a_warning_names_the_line_that_called_the_estimator(call: Callable[[], Any]) -> None:
    with pytest.warns(UserWarning, match="all rows of `X` are the same") as warned:
        call()
    assert [(w.filename, w.lineno) for w in warned] == [(__file__, call.__code__.co_firstlineno)]


def test_lbfgs_trains_without_a_learning_rate() -> None:
    assert MLPClassifier(optimizer="lbfgs", random_state=0).fit(X, Y).score(X, Y) > 0.95


def test_an_interrupt_is_passed_on_and_keeps_what_was_fitted_before(monkeypatch: pytest.MonkeyPatch) -> None:
    model = MLPClassifier(max_iter=20, random_state=0).fit(X, Y)
    state = dict(vars(model))
    monkeypatch.setattr(estimators, "fit", lambda *args, **options: History(stopped="interrupted in epoch 3"))
    with pytest.raises(KeyboardInterrupt, match="interrupted in epoch 3"):
        model.fit(X, Y)
    assert vars(model) == state
