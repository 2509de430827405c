"""Damaged and made-up files: each is one error with its reason, takes no memory, and changes nothing."""

from __future__ import annotations

import tracemalloc
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import Value
from nn import MLP, CheckpointError, Module, load, save
from nn.saving.safetensors import LARGEST_FILE, LONGEST_HEADER, START, pack, read

SMALL = pack(
    MLP(1, [1], rng=0).state(), {"model": {"kind": "MLP", "layers": [{"kind": "Layer", "activation": "relu"}]}}
)


def test_the_unchanged_file_is_read() -> None:
    assert list(read(BytesIO(SMALL), len(SMALL))[0]) == ["layers.0.weight", "layers.0.bias"]


def test_any_other_value_of_a_byte_is_noticed() -> None:
    others = ((place, byte) for place in range(len(SMALL)) for byte in range(256) if byte != SMALL[place])
    unnoticed = [(i, byte) for i, byte in others if _is_read(SMALL[:i] + bytes([byte]) + SMALL[i + 1 :])]
    assert unnoticed == []


def test_truncation_and_padding_of_any_length_are_noticed() -> None:
    assert [length for length in range(len(SMALL)) if _is_read(SMALL[:length])] == []
    assert [length for length in range(1, 20) if _is_read(SMALL + b"\0" * length)] == []


def _is_read(content: bytes) -> bool:
    try:
        read(BytesIO(content), len(content))
    except CheckpointError:
        return False
    return True


def sealed(header: str | bytes, numbers: bytes = b"") -> bytes:
    """Return a file with a right digest, whatever its header says; `DIGEST` in it stands for the digest."""
    text = header.encode() if isinstance(header, str) else header
    text = text.replace(b"DIGEST", b"0" * 64)
    content = len(text).to_bytes(8, "little") + text + numbers
    return content.replace(b"0" * 64, blake2b(content, digest_size=32).hexdigest().encode(), 1)


def header(about: str = r"\"format\":1,\"model\":null", rest: str = "") -> str:
    return START.decode() + r"DIGEST\"," + about + '}"}' + rest + "}"


TENSOR = ',"w":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}'


CRAFTED = {
    "newer": (sealed(header(r"\"format\":2")), "format 2 is newer than 1"),
    "no version": (sealed(header(r"\"model\":2")), "`format` is a version"),
    "version of another type": (sealed(header(r"\"format\":true")), "`format` is a version"),
    "deep metadata": (sealed(header(r"\"format\":1,\"model\":" + "[" * 100_000)), "nested too deeply|no JSON"),
    "deep header": (sealed(START + b'DIGEST\\"}"},"x":' + b"[" * 100_000), "nested too deeply|no JSON"),
    "huge number": (sealed(header(r"\"format\":" + "9" * 10_000)), "no JSON"),
    "list": (sealed(START.replace(b"{", b"[", 1) + b"DIGEST"), "does not begin"),
    "no text": (sealed(b'{"__metadata__":{}}'), "does not begin"),
    "not utf-8": (sealed(header().encode() + b"\xff\xfe"), "no JSON"),
    "metadata twice": (sealed(header(rest=',"__metadata__":3')), "no text `autodiff`"),
    "another dtype": (sealed(header(rest=TENSOR.replace("F64", "F32")), b"\0" * 16), "is F64"),
    "a shape of floats": (sealed(header(rest=TENSOR.replace("[2]", "[2.0]")), b"\0" * 16), "is F64 of some shape"),
    "a shape of bools": (sealed(header(rest=TENSOR.replace("[2]", "[true]")), b"\0" * 16), "is F64 of some shape"),
    "a negative shape": (sealed(header(rest=TENSOR.replace("[2]", "[-1,-2]")), b"\0" * 16), "is F64 of some shape"),
    "a huge shape": (sealed(header(rest=TENSOR.replace("[2]", f"[{2**62}]")), b"\0" * 16), "is F64 of some shape"),
    "many dimensions": (sealed(header(rest=TENSOR.replace("[2]", f"{[1] * 99}")), b"\0" * 8), "is F64 of some shape"),
    "other offsets": (sealed(header(rest=TENSOR.replace("[0,16]", "[8,24]")), b"\0" * 24), "lies at 0 to 16 of 24"),
    "offsets of strings": (sealed(header(rest=TENSOR.replace("[0,16]", '["0",16]')), b"\0" * 16), "lies at 0 to 16"),
    "an entry more": (sealed(header(rest=TENSOR.replace("]}", '],"x":1}')), b"\0" * 16), "has dtype, shape and"),
    "no tensor": (sealed(header(rest=',"w":[]')), "has dtype, shape and"),
    "too few numbers": (sealed(header(rest=TENSOR), b"\0" * 15), "lies at 0 to 16 of 15"),
    "too many numbers": (sealed(header(rest=TENSOR), b"\0" * 17), "take 16 bytes, the file has 17"),
    "a header too long": ((LONGEST_HEADER + 1).to_bytes(8, "little") + b" " * (LONGEST_HEADER + 1), "are the most"),
}


@pytest.mark.parametrize(("content", "message"), CRAFTED.values(), ids=CRAFTED)
def test_a_file_that_someone_made_up_is_refused_with_a_reason(content: bytes, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        read(BytesIO(content), len(content))


WEIGHTS = {"layers.0.weight": np.ones((2, 1)), "layers.0.bias": np.zeros(2)}


RELU: dict[str, Any] = {"kind": "Layer", "activation": "relu"}


def nested(depth: int) -> dict[str, Any]:
    part: dict[str, Any] = {"kind": "MLP", "layers": [RELU]}
    for _ in range(depth):
        part = {"kind": "Standardized", "mean": [0.0], "scale": [1.0], "model": part}
    return part


DESCRIBED = {
    "nothing": ({}, "says nothing of the model"),
    "no object": ({"model": 3}, "has an entry `kind`, got 3"),
    "another kind": ({"model": {"kind": "os.system"}}, "`kind` is one of MLP"),
    "no layers": ({"model": {"kind": "MLP"}}, "has an entry `layers`"),
    "layers of another type": ({"model": {"kind": "MLP", "layers": "x"}}, "has an entry `layers`"),
    "too few layers": ({"model": {"kind": "MLP", "layers": []}}, "nothing but layers"),
    "too many layers": ({"model": {"kind": "MLP", "layers": [RELU, RELU]}}, "needs a tensor `layers.1.weight`"),
    "neurons for layers": ({"model": {"kind": "MLP", "layers": [RELU | {"kind": "Neuron"}]}}, "needs a tensor"),
    "no activation": ({"model": {"kind": "MLP", "layers": [RELU | {"activation": "compile"}]}}, "no activation"),
    "activation of another type": ({"model": {"kind": "MLP", "layers": [RELU | {"activation": 3}]}}, "`activation`"),
    "activations": ({"model": {"kind": "MLP", "layers": [RELU | {"activation": ["relu"]}]}}, "2 neurons and 1 activ"),
    "typed": ({"model": {"kind": "MLP", "layers": [RELU | {"activation": ["relu", 3]}]}}, "no activation"),
    "activation of a module of no kind": ({"model": {"kind": "MLP", "layers": [RELU | {"activation": {}}]}}, "`kind`"),
    "no probability": ({"model": {"kind": "Sequential", "layers": [RELU, {"kind": "Dropout", "p": 2.0}]}}, "`p`"),
    "a layer as an activation": (
        {"model": {"kind": "MLP", "layers": [RELU | {"activation": RELU}]}},
        "needs a tensor `layers.0.activations.0.weight`",
    ),
    "classes that are none": (
        {"model": {"kind": "Classifier", "classes": [[]], "model": nested(0)}},
        "numbers or strings",
    ),
    "a scale of 0": ({"model": nested(1) | {"scale": [0.0]}}, "no standardization"),
    "a mean of text": ({"model": nested(1) | {"mean": ["a"]}}, "no standardization"),
    "nested too deeply": ({"model": nested(490)}, "nested too deeply"),
}


@pytest.mark.parametrize(("about", "message"), DESCRIBED.values(), ids=DESCRIBED)
def test_an_architecture_that_is_none_is_refused_with_a_reason(about: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(pack(WEIGHTS, about))
    with pytest.raises(CheckpointError, match=message):
        load(path)


def test_layers_that_do_not_follow_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    weights = WEIGHTS | {"layers.1.weight": np.ones((1, 3)), "layers.1.bias": np.ones(1)}
    path.write_bytes(pack(weights, {"model": {"kind": "MLP", "layers": [RELU, RELU]}}))
    with pytest.raises(CheckpointError, match="each layer has the inputs that the one below gives"):
        load(path)


@pytest.mark.parametrize("size", [100 * 2**20, LARGEST_FILE + 1, 2**40])
def test_a_large_file_of_something_else_takes_no_memory(size: int, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:
        file.write(SMALL)
        file.truncate(size)
    tracemalloc.start()
    with pytest.raises(CheckpointError, match="bytes"):
        load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10**6


def test_a_parameter_cannot_pass_for_the_metadata(tmp_path: Path) -> None:
    model = Module()
    vars(model)["__metadata__"] = Value(1.0)
    with pytest.raises(CheckpointError, match="__metadata__"):
        save(model, tmp_path / "model.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_too_large_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nn.saving.safetensors.LARGEST_FILE", 100)
    with pytest.raises(CheckpointError, match="too large"):
        pack(WEIGHTS, {})
