"""Optional dependencies: imported when first needed, named with their extra when missing."""

from __future__ import annotations

import importlib
from types import ModuleType


class MissingExtraError(ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""


def require(module: str, extra: str) -> ModuleType:
    """Import ``module``, or raise :class:`MissingExtraError` naming the extra that brings it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise MissingExtraError(
            f"this needs {module}, which is not installed; "
            f'install it with: pip install "actor-stance[{extra}]", '
            f'or from a checkout: pip install -e ".[{extra}]"'
        ) from error
