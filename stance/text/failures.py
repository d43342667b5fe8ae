"""What could not be read, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, page or row that gave no article.

    ``source`` names it (``file:line`` for a row); ``reason`` says what is wrong and what to do.
    """

    source: str
    reason: str

    @property
    def kind(self) -> str:
        """The reason without its particulars and the advice, to count alike ones together."""
        return re.split(r" \(|; ", self.reason, maxsplit=1)[0]

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class UnreadableError(Exception):
    """A source cannot become an article; the message is the reason of its :class:`Failure`."""


def describe(error: OSError) -> str:
    """Say what an error of the operating system means for whoever named the file."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder; check the path"
    if isinstance(error, PermissionError):
        return "reading it is not permitted; check its permissions"
    return f"it cannot be read: {error.strerror or error}"
