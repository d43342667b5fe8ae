"""Training in several processes, as torchrun starts them: one of them writes, the others wait."""

from __future__ import annotations

import os


def writes() -> bool:
    """Whether this process is the one that writes files; a single process is."""
    return os.environ.get("RANK", "0") == "0"


def wait_for_everyone() -> None:
    """Go on when every process has come here."""
    if os.environ.get("WORLD_SIZE", "1") != "1":
        from accelerate import PartialState  # type: ignore[import-untyped]

        PartialState().wait_for_everyone()
