from __future__ import annotations

from stance.data.counts import corpus_counts
from stance.schema import Act, Example, Mention


def test_counts_by_hand():
    iran = Mention(0, 4, "Iran", (Act("threat", 1), Act("threat", 2)), "negative")
    others = Mention(9, 13, "Iraq"), Mention(18, 24, "Israel")
    examples = [
        Example("1", "a", 0, "", "Iran hit Iraq and Israel", (iran, *others)),
        Example("2", "a", 25, "", "Nothing moved.", ()),
        Example("3", "b", 0, "", "Iran left", (Mention(0, 4, "Iran", (Act("drawdown"),)),)),
    ]
    counts = corpus_counts(examples)
    assert (counts.documents, counts.sentences, counts.mentions) == (2, 3, 4)
    assert counts.words == 3
    assert counts.stances == {"threat": 1, "cooperation": 0, "drawdown": 1}
    assert counts.neither == 0.5
    assert counts.sentiments == {"negative": 1, "neutral": 3, "positive": 0}


def test_nothing_counts_as_nothing():
    assert corpus_counts([]).neither == 0
