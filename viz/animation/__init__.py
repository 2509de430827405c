"""Trainings as pages: `recorder` keeps moments of a training, `animation` shows them; the rest runs in the page."""
