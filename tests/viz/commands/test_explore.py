"""The explore command, and graph where it writes a page, through the command line."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import nn
from autodiff import __main__ as command_line


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, with the commands registered whether or not the package is installed."""
    points = [EntryPoint(name, f"viz.commands.graph:{name}", "autodiff.commands") for name in ("graph", "explore")]
    monkeypatch.setattr(command_line, "entry_points", lambda group: points)
    monkeypatch.chdir(tmp_path)


def net(*nouts: int) -> nn.MLP:
    return nn.MLP(2, nouts, activation="tanh", rng=0)


def data(path: str) -> Any:
    """Return what a page knows."""
    html = Path(path).read_text(encoding="utf-8")
    start = html.index('id="data">') + len('id="data">')
    return json.loads(html[start : html.index("</script>", start)])


def last(page: Any, name: str) -> str:
    """Return the adjoint of the value with this name, or this scope, at the end of the page's steps."""
    (node,) = [node["id"] for node in page["nodes"] if name in (node["name"], node["scope"]) and not node["op"]]
    return [add["after"] for step in page["steps"] for add in step["adds"] if add["to"] == node][-1]


def test_explore_steps_through_a_saved_net(capsys: pytest.CaptureFixture[str]) -> None:
    model = net(3, 1)
    nn.save(model, "model.safetensors")
    assert command_line.main(["explore", "model.safetensors", "--input", "0.5,-1.0"]) == 0
    output = model([0.5, -1.0])
    assert capsys.readouterr().out == f"a₁ = {output.data}\nwrote explore.html\n"
    output.backward()
    page = data("explore.html")
    assert [node["name"] for node in page["nodes"] if node["name"]] == ["x₁", "x₂", "a₁"]
    assert last(page, "layers.0.neurons.1.w.0") == repr(model.layers[0].neurons[1].w[0].grad)
    assert [view["name"] for view in page["views"]] == ["layers", "neurons", "values"]


def test_explore_differentiates_the_cost_of_a_target(capsys: pytest.CaptureFixture[str]) -> None:
    model = net(3, 2)
    nn.save(model, "model.safetensors")
    command = ["explore", "model.safetensors", "--input", "-0.5,1", "--target", "-1,0", "--out", "cost.html"]
    assert command_line.main(command) == 0
    assert capsys.readouterr().out.endswith("wrote cost.html\n")
    delta = nn.backprop.gradients(model, [-0.5, 1.0], [-1.0, 0.0]).delta[1]
    layer = data("cost.html")["layers"][1]
    page = data("cost.html")
    ends = [
        [add["after"] for step in page["steps"] for add in step["adds"] if add["to"] == firings[0]["z"]][-1]
        for firings in layer["neurons"]
    ]
    assert [float(text) for text in ends] == pytest.approx(delta.tolist(), rel=1e-13)
    assert layer["checks"][0][0] == "BP1"


@pytest.mark.parametrize("wanted", [None, 1, 2])
def test_explore_takes_the_output_that_is_wanted_or_the_largest(wanted: int | None) -> None:
    model = net(2)
    nn.save(model, "model.safetensors")
    options = ["--output", str(wanted)] if wanted else []
    assert command_line.main(["explore", "model.safetensors", "--input", "1,2", *options]) == 0
    outputs = [output.data for output in model([1.0, 2.0])]
    expected = ("a₁", "a₂")[wanted - 1 if wanted else outputs.index(max(outputs))]
    page = data("explore.html")
    assert next(node["name"] for node in page["nodes"] if node["id"] == page["root"]) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.safetensors", "--input", "1,2"], "missing.safetensors"),
        (["damaged.safetensors", "--input", "1,2"], "damaged.safetensors"),
        (["model.safetensors", "--input", "1"], "2"),
        (["model.safetensors", "--input", "1,2", "--target", "1"], "a number for each of 2 outputs"),
        (["model.safetensors", "--input", "1,2", "--output", "3"], "counts from 1 to 2, got 3"),
        (["model.safetensors", "--input", "1,2", "--out", "g.bmp"], "must end in one of .svg"),
    ],
)
def test_explore_answers_bad_input_in_a_line_with_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    nn.save(net(2), "model.safetensors")
    Path("damaged.safetensors").write_bytes(b"no model")
    assert command_line.main(["explore", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("explore.html").exists()


def test_explore_needs_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command_line.main(["explore", "model.safetensors", "--input", "1,two"])
    assert "numbers between commas, such as 0.5,1.0; got '1,two'" in capsys.readouterr().err


def test_graph_writes_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["graph", "x**2 * y", "x=3", "y=2", "--out", "g.html"]) == 0
    assert capsys.readouterr().out == "wrote g.html\n"
    assert (last(data("g.html"), "x"), last(data("g.html"), "y")) == ("12.0", "9.0")
