from __future__ import annotations

import pytest

from stance.evaluation.bootstrap import Bootstrap
from stance.evaluation.swaps import STATES, swap, templates
from stance.schema import Act, Example, Mention

BOOTSTRAP = Bootstrap(200, 0.95, 1)
TEXT = "An Iranian unit from Tehran hit the army, and Iran denied it."


def example(document="d"):
    spans = [(3, 15), (36, 40), (46, 50)]
    return Example("x", document, 0, "", TEXT, tuple(Mention(*s, TEXT[slice(*s)]) for s in spans))


class Prejudiced:
    """Sees a threat where a Russian or Russia acts, and nothing anywhere else."""

    def read(self, sentences, spans=None):
        return [
            [self.judged(sentence.text[slice(*span)], span) for span in places]
            for sentence, places in zip(sentences, spans, strict=True)
        ]

    @staticmethod
    def judged(text, span):
        guilty = "Russia" in text
        probabilities = {"threat": float(guilty), "cooperation": 0.5, "drawdown": 0.0}
        acts = (Act("threat"),) if guilty else ()
        return Mention(*span, text, acts, probabilities=probabilities)


def test_every_form_of_the_state_is_replaced_and_spans_move():
    (template,) = templates([example()], 10)

    sentence, spans = template.filled("Russia")

    assert sentence.text == "A Russian unit from Moscow hit the army, and Russia denied it."
    assert [sentence.text[slice(*s)] for s in spans] == ["Russian unit", "army", "Russia"]


def test_the_state_itself_gives_the_sentence_back():
    (template,) = templates([example()], 10)

    sentence, spans = template.filled("Iran")

    assert sentence.text == TEXT
    assert spans == template.example.spans


def test_sentences_that_call_no_actor_by_a_state_are_passed_over():
    plain = Example("y", "d", 0, "", "In Iran the army left.", (Mention(12, 16, "army"),))

    assert templates([plain, example()], 10) == templates([example()], 10)
    assert len(templates([example()] * 5, 3)) == 3


def test_flips_and_drift_can_be_worked_out_by_hand():
    """One of 30 states flips two of three actors, in one of three labels each."""
    report = swap(Prejudiced(), templates([example("a"), example("b")], 10), BOOTSTRAP)

    assert report.sentences == 2
    assert report.flips.n == 2 * len(STATES) * 3 * 3
    assert report.flips.value == pytest.approx(2 / (len(STATES) * 9))
    assert report.drift["Russia"]["threat"] == pytest.approx(1 - 1 / len(STATES))
    assert report.drift["Norway"]["threat"] == pytest.approx(-1 / len(STATES))
    assert report.drift["Norway"]["cooperation"] == 0


def test_nothing_to_swap_is_an_error():
    with pytest.raises(ValueError, match="nothing to swap"):
        swap(Prejudiced(), [], BOOTSTRAP)
