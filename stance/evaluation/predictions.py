"""What a reader said of the gold mentions, on disk: a row per mention, with what to slice by.

A row says on which ``side`` the mention stands (dev or test), its sentence (``id``, ``document``
and the text, ``sentence``), where it stands in it (``start``, ``end``, ``text``), per stance the
gold and the predicted label and the probability, and both sentiments. To slice by: how many actors
and ``words`` the sentence has, whether the mention stands inside quotation marks of its sentence
(``quoted``), and the labelled file it is from (``source``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stance.actors.quotes import Quotes
from stance.atomic import atomic_write
from stance.evaluation.bootstrap import FloatArray
from stance.extras import require
from stance.ontology import STANCES
from stance.schema import Example, Mention

BoolArray: TypeAlias = NDArray[np.bool_]
Column: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class JudgedMentions:
    """The mentions of one side, ordered by sentence and place.

    ``frame`` holds what does not depend on the reader, a column by name; ``gold``, ``predicted``
    and ``probability`` are (mentions, stances), the sentiments (mentions,).
    """

    frame: dict[str, Column]
    gold: BoolArray
    predicted: BoolArray
    probability: FloatArray
    gold_sentiment: Column
    predicted_sentiment: Column

    def __len__(self) -> int:
        return len(self.gold)

    def same_gold(self, other: JudgedMentions) -> bool:
        """Whether ``other`` holds judgements of the very same labelled mentions."""
        return (
            len(self) == len(other)
            and all(np.array_equal(self.frame[key], other.frame[key]) for key in _PLACE)
            and np.array_equal(self.gold, other.gold)
            and np.array_equal(self.gold_sentiment, other.gold_sentiment)
        )


_PLACE = ("document", "id", "start", "end")
_FRAME = (*_PLACE, "text", "sentence", "actors", "words", "quoted", "source")


def mention_rows(
    side: str,
    examples: Sequence[Example],
    given: Sequence[Sequence[Mention]],
    sources: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """A row per gold mention; ``given`` are its judgements, ``sources`` the file of each id."""
    for example, judged in zip(examples, given, strict=True):
        quotes = Quotes(example.text)
        for gold, mention in zip(example.actors, judged, strict=True):
            yield {
                "side": side,
                "id": example.id,
                "document": example.document,
                "sentence": example.text,
                "start": gold.start,
                "end": gold.end,
                "text": gold.text,
                **{f"gold_{label}": label in gold.labels for label in STANCES},
                **{f"predicted_{label}": label in mention.labels for label in STANCES},
                **{f"probability_{label}": mention.probabilities[label] for label in STANCES},
                "gold_sentiment": gold.sentiment,
                "predicted_sentiment": mention.sentiment,
                "actors": len(example.actors),
                "words": len(example.text.split()),
                "quoted": quotes.at(gold.start) is not None,
                "source": sources[example.id],
            }


def write_predictions(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows as Parquet; the file appears whole or not at all."""
    arrow, parquet = require("pyarrow", "train"), require("pyarrow.parquet", "train")
    text, whole, truth = arrow.string(), arrow.int32(), arrow.bool_()
    fields = {
        **dict.fromkeys(("side", "id", "document", "sentence"), text),
        **{"start": whole, "end": whole, "text": text},
        **{f"gold_{label}": truth for label in STANCES},
        **{f"predicted_{label}": truth for label in STANCES},
        **{f"probability_{label}": arrow.float64() for label in STANCES},
        **{"gold_sentiment": text, "predicted_sentiment": text},
        **{"actors": whole, "words": whole, "quoted": truth, "source": text},
    }
    table = arrow.Table.from_pylist(list(rows), schema=arrow.schema(fields))
    with atomic_write(path) as temporary:
        parquet.write_table(table, temporary)


def read_predictions(path: Path, side: str) -> JudgedMentions:
    """The mentions of one side of a file that :func:`write_predictions` wrote."""
    parquet = require("pyarrow.parquet", "compare")
    table = parquet.read_table(path, filters=[("side", "=", side)])
    table = table.sort_by([(key, "ascending") for key in _PLACE])

    def column(name: str) -> Column:
        values: Column = table.column(name).to_numpy()
        return values

    def matrix(prefix: str) -> Column:
        return np.stack([column(f"{prefix}_{label}") for label in STANCES], axis=1)

    return JudgedMentions(
        {name: column(name) for name in _FRAME},
        matrix("gold"),
        matrix("predicted"),
        matrix("probability"),
        column("gold_sentiment"),
        column("predicted_sentiment"),
    )
