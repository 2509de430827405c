"""Changes that an interrupt came into the middle of: a compiled function sees them, or they have not happened."""

import pytest

import autodiff as ad
import nn
from autodiff import observed

held = {"c": 0.0}


class Torn(dict):
    """A dict whose `clear` an interrupt prevents, once."""

    def clear(self):
        if self.pop("torn", True):
            self["torn"] = False
            raise KeyboardInterrupt
        super().clear()


def test_programs_that_an_interrupt_kept_from_being_forgotten_are_not_used_any_more():
    f = ad.compile(lambda x: x * held["c"], backend="numpy")
    held["c"] = 3.0
    assert f(2.0) == f(2.0) == 6.0  # the second looks at what has changed since the first
    f.specializations._families = Torn(f.specializations._families)
    held["c"] = 5.0
    with pytest.raises(KeyboardInterrupt):
        f(2.0)
    assert f(2.0) == 10.0


@pytest.mark.parametrize("change", [lambda part: setattr(part, "rate", 7.0), lambda part: delattr(part, "rate")])
def test_an_attribute_that_was_changed_when_an_interrupt_came_is_seen_to_have_changed(change, monkeypatch):
    class Part(nn.Module):
        rate = 5.0

        def __call__(self, x):
            return x * self.rate

    part = Part()
    part.rate = 3.0
    f = ad.compile(lambda x: part(x), backend="numpy")
    assert f(2.0) == f(2.0) == 6.0  # the second looks at what has changed since the first

    def tear():
        raise KeyboardInterrupt

    monkeypatch.setattr(observed, "object", tear, raising=False)
    with pytest.raises(KeyboardInterrupt):
        change(part)
    monkeypatch.undo()
    assert f(2.0) == 2.0 * part.rate


def test_a_list_that_was_changed_when_an_interrupt_came_is_seen_to_have_changed(monkeypatch):
    rates = observed.Tracked([3.0])
    f = ad.compile(lambda x: x * rates[0], backend="numpy")
    assert f(2.0) == f(2.0) == 6.0  # the second looks at what has changed since the first

    def tear():
        raise KeyboardInterrupt

    monkeypatch.setattr(observed, "object", tear, raising=False)
    with pytest.raises(KeyboardInterrupt):
        rates[0] = 7.0
    monkeypatch.undo()
    assert f(2.0) == 2.0 * rates[0]
