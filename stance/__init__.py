"""Read news about conflict and security: who threatens, cooperates or draws down.

>>> import stance
>>> reading = stance.predict(open("article.txt").read())  # doctest: +SKIP
>>> reading.actors["U.S. forces"].stances  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stance.pipeline import ArticleReading, StancePipeline, predict
    from stance.schema import Article, Finding, Stance

    __version__: str

__all__ = [
    "Article",
    "ArticleReading",
    "Finding",
    "Stance",
    "StancePipeline",
    "__version__",
    "predict",
]

#: Where the public names live; each is imported when it is first used.
_HOMES = {
    "Article": "stance.schema",
    "ArticleReading": "stance.pipeline",
    "Finding": "stance.schema",
    "Stance": "stance.schema",
    "StancePipeline": "stance.pipeline",
    "predict": "stance.pipeline",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("actor-stance")
    if name not in _HOMES:
        raise AttributeError(f"module 'stance' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
