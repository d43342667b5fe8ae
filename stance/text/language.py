"""Is a text in the language that the reader was trained on?"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

#: Characters from the beginning of the text that are looked at.
SAMPLE = 3000

#: Texts with fewer letters in the sample are too short to tell.
MIN_LETTERS = 40

#: The identifier's probability from which on its answer draws a warning.
MIN_PROBABILITY = 0.5

#: Share of words below that makes a text plainly English; prose has about 0.3.
ENGLISH_SHARE = 0.15

# Common words of English that are rare as words of other languages (so not "in", "is", "was").
_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "the of and to that for with by from which were are this his their they it its not but has "
        "have been said would will after who on at be he she we you",
    )
)


def warn_if_not(text: str, expected: str) -> str | None:
    """A warning where ``text`` is in another language than ``expected`` (a code such as "en").

    Plain English is told by its function words; only what is not loads the language identifier
    (about a second, once). Short texts and doubtful cases draw no warning; ``expected=""`` never
    does.
    """
    sample = text[:SAMPLE]
    expected = re.split(r"[-_]", expected.lower())[0]
    if not expected or (expected == "en" and _plainly_english(sample)):
        return None
    if sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return None
    language, probability = _identifier().classify(sample)
    if language == expected or probability < MIN_PROBABILITY:
        return None
    return (
        f'its language looks like "{language}", not "{expected}"; what is found in it means little'
    )


def _plainly_english(text: str) -> bool:
    words = text.lower().split()
    return sum(word in _ENGLISH for word in words) > ENGLISH_SHARE * len(words)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
