"""Estimators for scikit-learn: MLPClassifier and MLPRegressor, for pipelines, grid search and cross-validation.

Importing this module needs scikit-learn, importing `nn` does not. Nothing is standardized: put a StandardScaler before
an estimator, and a TransformedTargetRegressor around a regressor whose target is far from 0 or large.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError as error:
    raise ImportError("estimators need scikit-learn 1.6 or later: pip install 'autodiff-scalar[sklearn]'") from error

from autodiff.arrays import Floats

from .losses.penalties import L2
from .modules.mlp import MLP
from .modules.prediction import outputs, predicted
from .optimizers.lbfgs import LBFGS
from .optimizers.registry import NAMED
from .training.fit import fit


class _MLPEstimator(BaseEstimator):  # type: ignore[misc]
    """The base of both estimators: an MLP, built when the number of features is known, and its training."""

    loss: str

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (16,),
        *,
        activation: str = "tanh",
        optimizer: str = "adam",
        learning_rate: float = 0.01,
        alpha: float = 1e-4,
        batch_size: int | None = None,
        max_iter: int = 200,
        engine: str = "auto",
        random_state: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.engine = engine
        self.random_state = random_state

    @contextmanager
    def _atomic(self) -> Iterator[None]:
        """Restore all attributes, those of an earlier fit too, if the body of this context fails."""
        before = dict(vars(self))
        try:
            yield
        except BaseException:
            self.__dict__ = before  # in one step, which no interrupt tears
            raise

    def _start(self, outputs: int) -> None:
        """Build the net and its optimizer, with random numbers from `random_state`."""
        if self.optimizer not in NAMED:
            raise ValueError(f"`optimizer` is one of {', '.join(NAMED)}, got {self.optimizer!r:.60}")
        seed = int(check_random_state(self.random_state).randint(2**31))
        self._rng = np.random.default_rng(seed)
        hidden = self.hidden_layer_sizes
        sizes = [*(hidden if isinstance(hidden, Iterable) else [hidden]), outputs]
        self.model_ = MLP(self.n_features_in_, sizes, activation=self.activation, init="glorot", rng=self._rng)
        rule = NAMED[self.optimizer]
        self._optimizer = rule() if rule is LBFGS else rule(lr=self.learning_rate)
        self.n_iter_ = 0
        self.loss_curve_: list[float] = []

    def _train(self, X: Floats, Y: NDArray[Any], sample_weight: Any, epochs: int) -> None:
        history = fit(
            self.model_,
            X,
            Y,
            loss=self.loss,
            optimizer=self._optimizer,
            epochs=epochs,
            batch_size=None if self.batch_size is None else min(self.batch_size, len(X)),
            engine=self.engine,
            rng=self._rng,
            sample_weight=None if sample_weight is None else _check_sample_weight(sample_weight, X),
            penalty=L2(self.alpha),
            progress=False,
        )
        if history.stopped.startswith("interrupted"):
            raise KeyboardInterrupt(history.stopped)  # a search over many estimators is to end, too
        self.n_iter_ += history.epochs
        self.loss_curve_ = [*self.loss_curve_, *history.loss]

    def _outputs(self, X: Any) -> Floats:
        check_is_fitted(self)
        return outputs(self.model_, validate_data(self, X, dtype=np.float64, reset=False))


class MLPClassifier(ClassifierMixin, _MLPEstimator):  # type: ignore[misc]
    """A classifier: an MLP with an output for each class, trained on the cross-entropy of their softmax.

    `hidden_layer_sizes`, `activation`, `optimizer`, `batch_size` and `engine` are those of `nn.MLP` and `nn.fit`. lbfgs
    has no `learning_rate`. `alpha` is the strength of the L2 penalty. Without `batch_size`, each of `max_iter` epochs
    is one step on all rows, and a row of weight 2 counts as two rows. The same `random_state` gives the same net.
    Fitted attributes are `model_`, the net, `classes_`, `n_iter_` and `loss_curve_`.

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X, y = load_iris(return_X_y=True)
    >>> make_pipeline(StandardScaler(), MLPClassifier(random_state=0)).fit(X, y).score(X, y) > 0.95
    True
    """

    loss = "cross_entropy"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPClassifier:
        """Train a new net on the rows of X, (m, features), and their labels y, (m,); return the estimator.

        >>> MLPClassifier(max_iter=1, random_state=0).fit([[0.0], [1.0]], ["no", "yes"]).classes_.tolist()
        ['no', 'yes']
        """
        with self._atomic():
            X, y = validate_data(self, X, y, dtype=np.float64)
            check_classification_targets(y)
            self.classes_, index = np.unique(y, return_inverse=True)
            self._start(max(2, len(self.classes_)))
            self._train(X, index, sample_weight, self.max_iter)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> MLPClassifier:
        """Train for one more epoch on these rows; the first call needs `classes`, the labels of all later calls, too.

        >>> MLPClassifier(random_state=0).partial_fit([[0.0]], ["no"], classes=["no", "yes"]).predict([[0.0]]).shape
        (1,)
        """
        first = not hasattr(self, "classes_")
        if first and classes is None:
            raise ValueError("the first call of `partial_fit` needs `classes`, all labels that will ever come")
        with self._atomic():
            X, y = validate_data(self, X, y, dtype=np.float64, reset=first)
            check_classification_targets(y)
            known = np.unique(classes) if first else self.classes_
            if classes is not None and not np.array_equal(known, np.unique(classes)):
                raise ValueError(f"`classes` were {known.tolist()!r:.80}, got {np.unique(classes).tolist()!r:.80}")
            if not np.isin(y, known).all():
                raise ValueError(f"`y` has a label that is none of the classes {known.tolist()!r:.80}")
            if first:
                self.classes_ = known
                self._start(max(2, len(known)))
            self._train(X, np.searchsorted(known, y), sample_weight, 1)
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability of each class for each row of X, shape (m, classes).

        >>> MLPClassifier(max_iter=1).fit([[0.0], [1.0]], [0, 1]).predict_proba([[0.5]]).sum().round(12)
        np.float64(1.0)
        """
        scores = self._outputs(X)
        scores = scores[:, : len(self.classes_)]  # a single class has two outputs
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label of the most probable class for each row of X, shape (m,).

        >>> MLPClassifier(random_state=0).fit([[0.0], [1.0]], ["no", "yes"]).predict([[0.1], [0.9]]).tolist()
        ['no', 'yes']
        """
        index = predicted(self._outputs(X))
        return np.asarray(self.classes_[np.minimum(index, len(self.classes_) - 1)])  # one class has two outputs


class MLPRegressor(RegressorMixin, _MLPEstimator):  # type: ignore[misc]
    """A regressor: an MLP with one output, trained on the mean squared error; parameters as for `MLPClassifier`.

    >>> X = np.linspace(-1.0, 1.0, 40)[:, None]
    >>> MLPRegressor(random_state=0).fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.9
    True
    """

    loss = "mse"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Train a new net on the rows of X, (m, features), and their numbers y, (m,); return the estimator.

        >>> MLPRegressor(max_iter=1).fit([[0.0], [1.0]], [0.0, 1.0]).n_iter_
        1
        """
        with self._atomic():
            X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
            self._start(1)
            self._train(X, y, sample_weight, self.max_iter)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Train for one more epoch on these rows.

        >>> MLPRegressor().partial_fit([[0.0]], [0.0]).partial_fit([[1.0]], [1.0]).n_iter_
        2
        """
        first = not hasattr(self, "model_")
        with self._atomic():
            X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, reset=first)
            if first:
                self._start(1)
            self._train(X, y, sample_weight, 1)
        return self

    def predict(self, X: Any) -> Floats:
        """Return the prediction for each row of X, shape (m,).

        >>> MLPRegressor(max_iter=1).fit([[0.0], [1.0]], [0.0, 1.0]).predict([[0.5], [0.6]]).shape
        (2,)
        """
        return self._outputs(X)[:, 0]
