"""Labelling functions: small named functions that look at one actor and say a label, or nothing.

A function takes a :class:`~stance.schema.Sentence` and a :class:`Candidate` of it and returns a
label, several, or None to abstain. ``"not threat"`` speaks against a label. An
:class:`~stance.schema.Act` names a target besides.

>>> @labelling_function
... def vows(sentence, mention):
...     return "threat" if mention.after.startswith(" vowed revenge") else None
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from stance.ontology import NEUTRAL, SENTIMENTS, STANCES
from stance.schema import Act, Mention, Reader, Sentence

#: What functions vote on: the stances, and the sentiments that are not neutral.
LABELS: Final = (*STANCES, *(name for name in SENTIMENTS if name != NEUTRAL))

#: Speaks against every stance.
NO_STANCE: Final = tuple(f"not {label}" for label in STANCES)

_NOT = "not "

Answer: TypeAlias = "str | Act | Iterable[str | Act] | None"


class FunctionError(ValueError):
    """A labelling function that cannot be loaded, or that answers what is no label."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One mention about to be labelled: the one at ``index`` of ``mentions``."""

    sentence: Sentence
    mentions: tuple[Mention, ...]
    index: int

    @property
    def mention(self) -> Mention:
        """The mention itself, with what its reader thinks of it."""
        return self.mentions[self.index]

    @property
    def text(self) -> str:
        """The words of the mention."""
        return self.mention.text

    @property
    def before(self) -> str:
        """The sentence up to the mention."""
        return self.sentence.text[: self.mention.start]

    @property
    def after(self) -> str:
        """The sentence past the mention."""
        return self.sentence.text[self.mention.end :]


@dataclass(frozen=True, slots=True)
class Vote:
    """What a function says of a candidate: yes or no by label, and whom a stance is toward.

    A label that is not in ``says`` is one on which the function is silent.
    """

    says: Mapping[str, bool] = field(default_factory=dict)
    targets: Mapping[str, frozenset[int]] = field(default_factory=dict)


SILENT: Final = Vote()


class LabellingFunction(Protocol):
    """Anything that votes on the candidates of many sentences."""

    @property
    def name(self) -> str:
        """By what the function is known in settings and reports."""
        ...

    def votes(self, rows: Sequence[Sequence[Candidate]]) -> list[list[Vote]]:
        """One vote per candidate of each sentence, in order."""
        ...


@dataclass(frozen=True)
class SimpleFunction:
    """A plain Python function as a labelling function."""

    name: str
    call: Callable[[Sentence, Candidate], Answer]

    def votes(self, rows: Sequence[Sequence[Candidate]]) -> list[list[Vote]]:
        """See :meth:`LabellingFunction.votes`. Raises :class:`FunctionError` for a wrong answer."""
        return [[self._vote(candidate) for candidate in row] for row in rows]

    def _vote(self, candidate: Candidate) -> Vote:
        try:
            return vote_of(self.call(candidate.sentence, candidate), candidate)
        except Exception as error:
            where = f"{candidate.text!r} in {candidate.sentence.text!r}"
            raise FunctionError(f"labelling function {self.name!r}: {error}; at {where}") from error


@dataclass(frozen=True)
class ReaderFunction:
    """A trained reader as a labelling function: it speaks on every label of every candidate."""

    name: str
    reader: Reader

    def votes(self, rows: Sequence[Sequence[Candidate]]) -> list[list[Vote]]:
        """See :meth:`LabellingFunction.votes`."""
        asked = [row for row in rows if row]
        judged = iter(
            self.reader.read(
                [row[0].sentence for row in asked],
                [[candidate.mention.span for candidate in row] for row in asked],
            )
            if asked
            else []
        )
        return [[_judgement(mention) for mention in next(judged)] if row else [] for row in rows]


def _judgement(mention: Mention) -> Vote:
    says = {label: label in mention.labels for label in STANCES}
    says |= {name: mention.sentiment == name for name in LABELS if name in SENTIMENTS}
    return Vote(says, {label: mention.targets(label) for label in mention.labels})


def vote_of(answer: Answer, candidate: Candidate) -> Vote:
    """The vote that a function's answer is; raises :class:`FunctionError` if it is none."""
    if answer is None:
        return SILENT
    says: dict[str, bool] = {}
    targets: dict[str, set[int]] = {}
    for item in [answer] if isinstance(answer, str | Act) else answer:
        label = item.label if isinstance(item, Act) else item
        against = isinstance(label, str) and label.startswith(_NOT)
        name = label.removeprefix(_NOT) if against else label
        if name not in LABELS:
            raise FunctionError(f"answers {item!r}; use one of {', '.join(LABELS)}, or None")
        says[name] = says.get(name, False) or not against
        if isinstance(item, Act) and item.target is not None:
            if item.target == candidate.index or item.target not in range(len(candidate.mentions)):
                raise FunctionError(f"answers the target {item.target}, which is no other mention")
            targets.setdefault(name, set()).add(item.target)
    return Vote(says, {name: frozenset(found) for name, found in targets.items()})


class Registry:
    """Labelling functions by name, in the order in which they were made."""

    def __init__(self) -> None:
        self._functions: dict[str, LabellingFunction] = {}

    def add(self, function: LabellingFunction) -> None:
        """Add a function; raises :class:`FunctionError` if its name is taken."""
        if function.name in self._functions:
            raise FunctionError(
                f"two labelling functions are called {function.name!r}: rename one of them"
            )
        self._functions[function.name] = function

    def without(self, names: Iterable[str]) -> list[LabellingFunction]:
        """All functions but those named; raises :class:`FunctionError` for an unknown name."""
        unknown = sorted(set(names) - set(self._functions))
        if unknown:
            raise FunctionError(
                f"no labelling function {unknown[0]!r}; there are {', '.join(self._functions)}"
            )
        return [f for name, f in self._functions.items() if name not in set(names)]


@dataclass
class _Marked:
    """The functions that the decorator has seen since they were last taken."""

    functions: list[SimpleFunction] = field(default_factory=list)


_marked = _Marked()


def labelling_function(
    call: Callable[[Sentence, Candidate], Answer],
) -> Callable[[Sentence, Candidate], Answer]:
    """Make ``call`` a labelling function of the same name; it stays callable as it was."""
    _marked.functions.append(SimpleFunction(call.__name__, call))
    return call


def load_functions(path: Path) -> list[SimpleFunction]:
    """The labelling functions of a Python file, in their order.

    Raises :class:`FunctionError` if there is no such file, it fails, or it marks no function.
    """
    spec = importlib.util.spec_from_file_location(f"labelling_functions_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FunctionError(f"no Python file of labelling functions at {path}")
    _marked.functions = []
    try:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except Exception as error:
        raise FunctionError(f"{path} does not load: {type(error).__name__}: {error}") from error
    found, _marked.functions = _marked.functions, []
    if not found:
        raise FunctionError(f"{path} marks no function with @labelling_function")
    return found
