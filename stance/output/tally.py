"""What a run has read so far: counts, failures by their reasons, and how fast it goes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from stance.pipeline import ArticleReading
from stance.text.failures import Failure

#: Reasons that the end of a run tells; rarer ones are summed up.
REASONS_TOLD: Final = 5


@dataclass(slots=True)
class Tally:
    """What was read, in numbers.

    ``bearing`` counts the findings with a stance; ``reasons`` the failures by
    :attr:`stance.text.failures.Failure.kind`. ``missing`` holds those of the actors asked for that
    occurred in no article.
    """

    articles: int = 0
    sentences: int = 0
    findings: int = 0
    bearing: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    missing: set[str] = field(default_factory=set)

    @property
    def failures(self) -> int:
        """How many sources gave no article."""
        return self.reasons.total()

    def count(self, reading: ArticleReading) -> None:
        """Add an article."""
        self.articles += 1
        self.sentences += len(reading.sentences)
        self.findings += len(reading.findings)
        self.bearing += sum(bool(finding.stances) for finding in reading.findings)
        self.missing &= set(reading.missing)

    def fail(self, failure: Failure) -> None:
        """Add a failure."""
        self.reasons[failure.kind] += 1

    def add(self, other: Tally) -> None:
        """Add what another part of the run has read."""
        self.articles += other.articles
        self.sentences += other.sentences
        self.findings += other.findings
        self.bearing += other.bearing
        self.reasons += other.reasons
        self.missing &= other.missing

    def summary(self) -> str:
        """A line for the end of a run, and below it the reasons where several sources failed."""
        told = (
            f"read {_counted(self.articles, 'article')}, "
            f"{_counted(self.sentences, 'sentence')}: "
            f"{_counted(self.findings, 'finding')}, {self.bearing} with a stance"
        )
        if self.failures:
            told += f"; {_counted(self.failures, 'source')} failed"
        return "\n".join([told, *self._reasons_told()]) if self.failures > 1 else told

    def _reasons_told(self) -> list[str]:
        told = [
            f"{count:6,} × {reason}" for reason, count in self.reasons.most_common(REASONS_TOLD)
        ]
        rest = [count for _, count in self.reasons.most_common()[REASONS_TOLD:]]
        return told + ([f"{sum(rest):6,} × for {_counted(len(rest), 'other reason')}"] * bool(rest))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "articles": self.articles,
            "sentences": self.sentences,
            "findings": self.findings,
            "bearing": self.bearing,
            "reasons": dict(self.reasons),
            "missing": sorted(self.missing),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Tally:
        """Undo :meth:`to_dict`."""
        counts = {name: values[name] for name in ("articles", "sentences", "findings", "bearing")}
        return cls(**counts, reasons=Counter(values["reasons"]), missing=set(values["missing"]))


@dataclass(slots=True)
class Pace:
    """How fast a run goes on from ``earlier`` articles and failures toward ``total``."""

    total: int | None = None
    earlier: int = 0
    started: float = field(default_factory=time.monotonic)

    def told(self, tally: Tally, now: float | None = None) -> str:
        """Where the run is: articles, rate, time gone and, if the total is known, to go."""
        elapsed = (time.monotonic() if now is None else now) - self.started
        done = tally.articles + tally.failures
        rate = (done - self.earlier) / elapsed if elapsed > 0 else 0.0
        parts = [
            _counted(tally.articles, "article"),
            f"{rate:,.1f}/s",
            f"{_clock(elapsed)} elapsed",
        ]
        if self.total is not None and rate > 0:
            parts.append(f"{_clock(max(0, self.total - done) / rate)} remaining")
        if tally.failures:
            parts.append(f"{tally.failures:,} failed")
        return ", ".join(parts)


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
