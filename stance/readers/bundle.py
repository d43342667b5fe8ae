"""A reader on disk: a folder with a manifest, weights and, where it has one, a tokenizer.

``bundle.json`` records what the weights cannot say: labels and their order, calibration, how text
becomes input, from which encoder and data the reader came, and the digest of every file. Loading
checks all of it that can be checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from stance.atomic import atomic_write
from stance.ontology import CODEBOOK_VERSION, SENTIMENTS, STANCES
from stance.readers.calibration import Calibration
from stance.readers.encoders import file_digest
from stance.readers.features import TOKENIZER, Featuriser, PieceSettings
from stance.schema import Reader
from stance.settings import RuntimeSettings

MANIFEST: Final = "bundle.json"
FORMAT: Final = 1

#: The folder of a training run that holds its bundle.
BUNDLE: Final = "bundle"

_PACKAGE = Path(__file__).resolve().parent.parent


class BundleError(ValueError):
    """A bundle that is not there, damaged, or made for other labels."""


@dataclass
class Manifest:
    """The contents of ``bundle.json``.

    ``model`` is what rebuilding the network takes; ``training`` tells where the reader comes from
    (encoder and digest, data hash and counts, seed, settings) and ``scores`` how good it was, for
    people and the model card.
    """

    kind: str
    calibration: Calibration = field(default_factory=Calibration)
    pieces: PieceSettings | None = None
    model: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, with the labels the bundle was made for."""
        return {
            "format": FORMAT,
            "kind": self.kind,
            "stances": list(STANCES),
            "sentiments": list(SENTIMENTS),
            "codebook": CODEBOOK_VERSION,
            "calibration": self.calibration.to_dict(),
            "pieces": asdict(self.pieces) if self.pieces else None,
            "model": self.model,
            "training": self.training,
            "scores": self.scores,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Manifest:
        """Undo :meth:`to_dict`."""
        return cls(
            kind=values["kind"],
            calibration=Calibration.from_dict(values["calibration"]),
            pieces=PieceSettings(**values["pieces"]) if values["pieces"] else None,
            model=values["model"],
            training=values["training"],
            scores=values["scores"],
        )


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``bundle.json`` last of all: it holds the digest of every other file."""
    files = sorted(p for p in folder.iterdir() if p.name not in {MANIFEST, "README.md"})
    values = manifest.to_dict() | {"files": {p.name: file_digest(p) for p in files}}
    with atomic_write(folder / MANIFEST) as path:
        path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read and check ``bundle.json``; raise :class:`BundleError` saying what is wrong with it."""
    path = folder / MANIFEST
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BundleError(f"{folder} is no bundle: it has no {MANIFEST}") from error
    except json.JSONDecodeError as error:
        raise BundleError(f"{path}: not valid JSON ({error}); make or fetch it anew") from error
    for key, expected in (
        ("format", FORMAT),
        ("stances", list(STANCES)),
        ("sentiments", list(SENTIMENTS)),
    ):
        if values.get(key) != expected:
            raise BundleError(
                f"{path}: {key} is {values.get(key)!r}, but this version of stance reads "
                f"{expected!r}; train or export the bundle with this version"
            )
    _check_files(folder, values["files"])
    return Manifest.from_dict(values)


def _check_files(folder: Path, digests: Mapping[str, str]) -> None:
    for name, digest in digests.items():
        path = folder / name
        if not path.exists():
            raise BundleError(f"{path} is missing; fetch or export the bundle anew")
        if file_digest(path) != digest:
            raise BundleError(
                f"{path} is not the file that {MANIFEST} describes (sha256 differs); "
                "fetch or export the bundle anew"
            )


def find(bundle: str | Path) -> Path:
    """The folder of a bundle: a path, that of the run it is in, or the name of one that is shipped.

    Raises :class:`BundleError` naming the bundles there are.
    """
    for folder in (Path(bundle), Path(bundle) / BUNDLE):
        if (folder / MANIFEST).exists():
            return folder
    shipped = [_PACKAGE / "models", _PACKAGE.parent / "models"]  # installed; in a checkout
    for folder in shipped:
        if (folder / bundle / MANIFEST).exists():
            return folder / bundle
    names = sorted({p.parent.name for folder in shipped for p in folder.glob(f"*/{MANIFEST}")})
    raise BundleError(
        f"no bundle {str(bundle)!r}: not a folder with {MANIFEST} "
        f"or {BUNDLE}/{MANIFEST}, and the bundles by name are {', '.join(names) or 'none'}"
    )


def digest(bundle: str | Path) -> str:
    """SHA-256 that stands for a bundle: of its manifest, which holds that of every other file.

    Raises :class:`BundleError` if there is no such bundle.
    """
    return file_digest(find(bundle) / MANIFEST)


def load(bundle: str | Path = "default", runtime: RuntimeSettings | None = None) -> Reader:
    """Load a reader by the name of a shipped bundle or by its folder.

    Raises :class:`BundleError` for a bundle that is missing or damaged and
    :class:`~stance.extras.MissingExtraError` if it needs a package that is not installed.
    """
    folder = find(bundle)
    manifest = read_manifest(folder)
    if manifest.kind not in _LOADERS:
        raise BundleError(
            f"{folder / MANIFEST}: kind is {manifest.kind!r}, not one of {', '.join(_LOADERS)}"
        )
    return _LOADERS[manifest.kind](folder, manifest, runtime or RuntimeSettings())


def featuriser(folder: Path, manifest: Manifest) -> Featuriser:
    """The tokenizer and input settings of a neural bundle."""
    if manifest.pieces is None:
        raise BundleError(f"{folder / MANIFEST}: a {manifest.kind} bundle needs 'pieces'")
    return Featuriser.load(folder / TOKENIZER, manifest.pieces)


def _load_onnx(folder: Path, manifest: Manifest, runtime: RuntimeSettings) -> Reader:
    from stance.readers.neural import NeuralReader
    from stance.readers.onnx import OnnxEngine

    engine = OnnxEngine(folder, runtime)
    return NeuralReader(engine, featuriser(folder, manifest), manifest.calibration, runtime)


def _load_transformer(folder: Path, manifest: Manifest, runtime: RuntimeSettings) -> Reader:
    from stance.extras import require

    require("torch", extra="train")
    from stance.readers.neural import NeuralReader
    from stance.readers.transformer import TorchEngine, load_model

    engine = TorchEngine(load_model(folder, manifest.model))
    return NeuralReader(engine, featuriser(folder, manifest), manifest.calibration, runtime)


def _load_linear(folder: Path, manifest: Manifest, runtime: RuntimeSettings) -> Reader:
    from stance.extras import require

    require("skops", extra="linear")
    from stance.readers.linear import LinearReader, load_models

    return LinearReader(load_models(folder), manifest.calibration)


_LOADERS: dict[str, Callable[[Path, Manifest, RuntimeSettings], Reader]] = {
    "onnx": _load_onnx,
    "transformer": _load_transformer,
    "linear": _load_linear,
}
