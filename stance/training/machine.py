"""What a run ran on, which code it was, and what it took."""

from __future__ import annotations

import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import stance

_CHECKOUT = Path(stance.__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """The machine that a result depends on, and the versions of those packages it has."""
    packages = ("actor-stance", "numpy", "scikit-learn", "tokenizers", "torch", "transformers")
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        **{name: version for name in packages if (version := _version(name))},
    }


def code(checkout: Path = _CHECKOUT) -> dict[str, str | None]:
    """The package's version and, of a git checkout, its commit, with ``-dirty`` if changed."""
    return {"version": stance.__version__, "commit": _commit(checkout)}


def peak_memory() -> int | None:
    """The most memory this process has held so far, in bytes; None where the system keeps no count.

    Runs of one process share it: the count never goes down.
    """
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _commit(checkout: Path) -> str | None:
    if not (checkout / ".git").exists():  # an installed package may lie in a stranger's checkout
        return None
    describe = ("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    try:
        done = subprocess.run(describe, cwd=checkout, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
