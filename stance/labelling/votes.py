"""What every function says of every candidate, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from stance.labelling.functions import LABELS, Candidate, LabellingFunction, Vote
from stance.ontology import STANCES
from stance.schema import Mention

YES: Final = 1
NO: Final = 0
QUIET: Final = -1

VoteArray: TypeAlias = npt.NDArray[np.int8]
BoolArray: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Votes:
    """``says`` (functions, candidates, labels) holds ``YES``, ``NO`` or ``QUIET``.

    ``candidates`` runs through all sentences in order; ``given`` holds the votes themselves by
    function, with their targets. The columns of labels are those of ``LABELS``.
    """

    functions: tuple[str, ...]
    candidates: list[Candidate]
    given: list[list[Vote]]
    says: VoteArray


@dataclass(frozen=True)
class Worth:
    """How one function does on one label; shares are of all candidates.

    ``coverage``: it speaks; ``overlap``: so does another; ``conflict``: another says otherwise.
    ``precision`` is of its yes, ``accuracy`` of all it says, over ``judged`` candidates with gold;
    ``yes`` counts all its yes.
    """

    function: str
    label: str
    coverage: float
    overlap: float
    conflict: float
    judged: int
    accuracy: float
    yes: int
    precision: float


def collect_votes(
    functions: Sequence[LabellingFunction], rows: Sequence[Sequence[Candidate]]
) -> Votes:
    """Let every function vote on every candidate."""
    candidates = [candidate for row in rows for candidate in row]
    given = [[vote for row in f.votes(rows) for vote in row] for f in functions]
    says = np.full((len(functions), len(candidates), len(LABELS)), QUIET, dtype=np.int8)
    for i, votes in enumerate(given):
        for j, vote in enumerate(votes):
            for label, yes in vote.says.items():
                says[i, j, LABELS.index(label)] = YES if yes else NO
    return Votes(tuple(f.name for f in functions), candidates, given, says)


def gold_matrix(gold: Sequence[Mention]) -> BoolArray:
    """Which labels each gold mention bears, (mentions, labels)."""
    rows = [
        [label in m.labels if label in STANCES else label == m.sentiment for label in LABELS]
        for m in gold
    ]
    return np.array(rows, dtype=np.bool_).reshape(-1, len(LABELS))


def worth(votes: Votes, has_gold: BoolArray, gold: BoolArray) -> list[Worth]:
    """The worth of each function on each label on which it ever speaks.

    ``has_gold`` (candidates) says which candidates ``gold`` (those alone, labels) is about.
    """
    return [
        _worth(votes, i, column, has_gold, gold)
        for i in range(len(votes.functions))
        for column in range(len(LABELS))
        if (votes.says[i, :, column] != QUIET).any()
    ]


def _worth(votes: Votes, i: int, column: int, has_gold: BoolArray, gold: BoolArray) -> Worth:
    own = votes.says[i, :, column]
    others = np.delete(votes.says[:, :, column], i, axis=0)
    speaks = own != QUIET
    overlap = speaks & (others != QUIET).any(axis=0)
    conflict = speaks & ((others != QUIET) & (others != own)).any(axis=0)
    judged = own[has_gold]
    truth = gold[:, column]
    spoken, yes = judged != QUIET, judged == YES
    return Worth(
        votes.functions[i],
        LABELS[column],
        coverage=float(speaks.mean()),
        overlap=float(overlap.mean()),
        conflict=float(conflict.mean()),
        judged=int(spoken.sum()),
        accuracy=_share((judged == truth) & spoken, spoken),
        yes=int((own == YES).sum()),
        precision=_share(truth & yes, yes),
    )


def _share(part: BoolArray, whole: BoolArray) -> float:
    return float(part.sum() / whole.sum()) if whole.any() else float("nan")
