"""The progress bar of a training: epochs, loss and accuracy, redrawn a few times a second."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from .history import History

INTERVAL = 0.2  # seconds


class Progress:
    """A tqdm bar of `total` epochs; nothing is drawn with `shown=False`.

    >>> with Progress(2, shown=False) as bar:
    ...     bar.show(History(loss=[0.5]))
    """

    def __init__(self, total: int, *, shown: bool) -> None:
        self.bar: Any = None
        self._next = 0.0  # the time before which nothing is drawn
        if shown:
            from tqdm.auto import tqdm

            self.bar = tqdm(total=total, unit="epoch", mininterval=0.0)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def show(self, history: History, *, last: bool = False) -> None:
        """Redraw the bar if the last drawing is `INTERVAL` ago, and always if `last`.

        >>> Progress(2, shown=False).show(History(loss=[0.5]))
        """
        if self.bar is None or (not last and perf_counter() < self._next):
            return
        self._next = perf_counter() + INTERVAL
        curves = {"loss": history.loss, "accuracy": history.accuracy, "validation": history.validation_loss}
        self.bar.set_postfix_str(", ".join(f"{k}={xs[-1]:.4g}" for k, xs in curves.items() if xs), refresh=False)
        self.bar.update(history.epochs - self.bar.n)
        self.bar.refresh()
