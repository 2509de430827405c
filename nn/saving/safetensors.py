"""The format of model files: safetensors, with a JSON text and a digest of every byte in the metadata.

The layout is that of safetensors (Hugging Face, https://github.com/huggingface/safetensors): the header's length in
eight bytes, the header as JSON, then the numbers. The header begins with START and the digest, so that the digest is
found before anything is believed: BLAKE2b over the whole file, the digest itself taken as zeros.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from hashlib import blake2b
from typing import IO, Any

import numpy as np

from autodiff.arrays import Floats

Tensors = dict[str, Floats]

FORMAT = 1
START = b'{"__metadata__":{"autodiff":"{\\"digest\\":\\"'
DIGITS = 64
LONGEST_HEADER = 4 * 2**20  # bytes; parsed, it takes some thirty times as many
LARGEST_FILE = 2**30
MOST_DIMENSIONS = 8


class CheckpointError(ValueError):
    """A file is no checkpoint, is damaged, is newer than this version, or does not fit the model."""


def pack(tensors: Mapping[str, Floats], about: Mapping[str, Any]) -> bytes:
    """Return the content of a safetensors file with `tensors` and, as JSON in its metadata, `about`.

    Raises CheckpointError if the file would be larger than `read` takes, and for a tensor named `__metadata__`.

    >>> from io import BytesIO
    >>> content = pack({"w": np.array([1.0, 2.0])}, {"model": "line"})
    >>> read(BytesIO(content), len(content))
    ({'w': array([1., 2.])}, {'model': 'line'})
    """
    header: dict[str, Any] = {"__metadata__": {"autodiff": _json({"digest": "0" * DIGITS, "format": FORMAT, **about})}}
    if "__metadata__" in tensors:
        raise CheckpointError("a parameter may have any name but `__metadata__`")
    end, parts = 0, []
    for name, array in tensors.items():
        parts.append(np.ascontiguousarray(array, "<f8").tobytes())
        begin, end = end, end + len(parts[-1])
        header[name] = {"dtype": "F64", "shape": list(array.shape), "data_offsets": [begin, end]}
    text = _json(header).encode("ascii")
    text += b" " * (-len(text) % 8)
    if len(text) > LONGEST_HEADER or end > LARGEST_FILE - len(text) - 8:
        raise CheckpointError(f"the model is too large for a checkpoint: header {len(text)}, numbers {end} bytes")
    content = bytearray(b"".join([len(text).to_bytes(8, "little"), text, *parts]))
    content[_DIGEST] = blake2b(content, digest_size=DIGITS // 2).hexdigest().encode("ascii")
    return bytes(content)


def read(file: IO[bytes], size: int) -> tuple[Tensors, dict[str, Any]]:
    """Return the tensors and `about` that `pack` wrote, from an open file of `size` bytes; a wrong header ends it.

    Raises CheckpointError for a file that `pack` did not make.

    >>> from io import BytesIO
    >>> read(BytesIO(b""), 0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    nn.saving.safetensors.CheckpointError: the header would have 0 bytes, the file has 0: truncated, ...
    """
    start = file.read(8)
    length = int.from_bytes(start, "little")
    if len(start) < 8 or length > size - 8:
        what = f"the header would have {length} bytes, the file has {size}"
        raise CheckpointError(f"{what}: truncated, or no safetensors file")
    if length > LONGEST_HEADER or size > LARGEST_FILE:
        most = f"{LONGEST_HEADER} and {LARGEST_FILE} are the most"
        raise CheckpointError(f"the header has {length} bytes, the file {size}; {most}")
    text = file.read(length)
    if not text.startswith(START):
        raise CheckpointError("the header does not begin as that of a checkpoint does: damaged, or not saved by `nn`")
    header = _object(text, "the header")
    about = _about(header.pop("__metadata__"))
    shapes = _shapes(header, size - 8 - length)
    numbers = file.read(size - 8 - length)
    _check_digest(start + text, numbers)
    return _arrays(shapes, numbers), about


_DIGEST = slice(8 + len(START), 8 + len(START) + DIGITS)


def _check_digest(head: bytes, numbers: bytes) -> None:
    zeroed = bytearray(head)
    zeroed[_DIGEST] = b"0" * DIGITS
    digest = blake2b(zeroed, digest_size=DIGITS // 2)
    digest.update(numbers)
    if head[_DIGEST] != digest.hexdigest().encode("ascii"):
        raise CheckpointError("the digest differs from that of the content: the file is damaged")


def _about(metadata: Any) -> dict[str, Any]:
    """Return the JSON of the metadata without digest and format."""
    text = metadata.get("autodiff") if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise CheckpointError("the metadata has no text `autodiff`: damaged, or not saved by `nn`")
    about = _object(text, "the metadata")
    version = about.pop("format", None)
    if type(version) is not int or version < 1:
        raise CheckpointError(f"`format` is a version from 1 to {FORMAT}, got {version!r:.40}")
    if version > FORMAT:
        raise CheckpointError(f"format {version} is newer than {FORMAT}, the newest that this version of `nn` reads")
    about.pop("digest", None)
    return about


def _shapes(header: dict[str, Any], size: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor; they fill `size` bytes in the order in which they are named."""
    end, shapes = 0, {}
    for name, entry in header.items():
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            raise CheckpointError(f"tensor `{name:.80}` has dtype, shape and data_offsets, got {entry!r:.80}")
        shape, begin = entry["shape"], end
        if entry["dtype"] != "F64" or not _is_shape(shape):
            raise CheckpointError(f"tensor `{name:.80}` is F64 of some shape, got {entry!r:.80}")
        end += 8 * math.prod(shape)
        if entry["data_offsets"] != [begin, end] or end > size:
            raise CheckpointError(
                f"tensor `{name:.80}` of shape {shape} lies at {begin} to {end} of {size} bytes, "
                f"the header says {entry['data_offsets']!r:.60}"
            )
        shapes[name] = tuple(shape)
    if end != size:
        raise CheckpointError(f"the tensors take {end} bytes, the file has {size} for them: truncated or padded")
    return shapes


def _is_shape(shape: Any) -> bool:
    return (
        isinstance(shape, list)
        and len(shape) <= MOST_DIMENSIONS
        and all(type(length) is int and 0 <= length <= LARGEST_FILE for length in shape)
    )


def _arrays(shapes: dict[str, tuple[int, ...]], numbers: bytes) -> Tensors:
    whole, end, arrays = np.frombuffer(numbers, "<f8"), 0, {}
    for name, shape in shapes.items():
        begin, end = end, end + math.prod(shape)
        arrays[name] = whole[begin:end].reshape(shape).astype(np.float64)
    return arrays


def _json(item: Any) -> str:
    return json.dumps(item, separators=(",", ":"), allow_nan=False)


def _object(text: str | bytes, what: str) -> dict[str, Any]:
    """Return the object that a JSON text describes."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise CheckpointError(f"{what} is no JSON: {reason}") from None
    if not isinstance(found, dict):
        raise CheckpointError(f"{what} is a JSON object, got {type(found).__name__}")
    return found
