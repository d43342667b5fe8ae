"""From an article to its sentences, with exact offsets.

The splitting is done by `sentencex <https://github.com/wikimedia/sentencex>`_. Around it stand
three things that it leaves to its caller: paragraphs, quotations (it would keep a quotation of
several sentences in one piece) and bounded work on text of any size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stance.schema import Article, Sentence, Skipped
from stance.settings import SentenceSettings
from stance.text.lines import LIST_ITEM, paragraphs

#: Characters handed to sentencex at once; its time grows with the square of some inputs' length.
WINDOW = 4_000

#: Boundaries this close to a window's end are left to the next one, which sees what follows them.
MARGIN = 200

# Hidden from sentencex: brackets and quotation marks, between which it looks for no end, but no
# apostrophe inside a word; bullets, after which it looks for none either; breaks of wrapped lines;
# lone surrogates, which Rust cannot read.
_MASKED = re.compile(
    r"""[•▪●◦⁃■□◆○►()\[\]{}"“”„‟«»‹›「」『』\ud800-\udfff\s]|(?<!\w)['‘’]|['‘’](?!\w)"""
)
_CLOSING = re.compile(r"[\"'”’»›)\]]{0,8}")

# "Sen. Smith (D-N.Y.) Monday": brackets opened inside a sentence do not end it.
_INNER_BRACKETS = re.compile(r"[\w,;:] [(\[][^()\[\]]*[)\]]$")

# "“Why?” Gen. Ekman asked": the question ends, the sentence does not.
_ATTRIBUTION = re.compile(
    r"(?:[\w.'’-]+\s+){1,5}"
    r"(?:said|says|asked|asks|added|told|wrote|tweeted|replied|shouted|cried|wondered|wonders)\b"
)

# Abbreviations of news that sentencex 1.0 does not know; the next word never starts a sentence.
_ABBREVIATION = re.compile(r"\b(?:Amb|Atty|Cdr|Dep|Spc|approx|ret|(?:Lt|Maj|Brig)\.-Gen)\.$")

# "at 10 a.m. Nov. 29"
_HOUR = re.compile(r"\b[ap]\.m\.$")
_MONTH = re.compile(r"(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.")


def split_article(
    article: Article, settings: SentenceSettings | None = None
) -> tuple[list[Sentence], list[Skipped]]:
    """The sentences of ``article``, and what of its text is in none, with the reason.

    Offsets count characters of ``article.text``; a sentence is exactly the text between its own,
    stripped of white space. It holds newlines where the article breaks its lines at a fixed width.
    Sentences and skipped ranges together hold every character that is not white space. Ranges
    without a letter are skipped, as are those longer than ``settings.max_characters``.
    """
    settings = settings or SentenceSettings()
    sentences: list[Sentence] = []
    skipped: list[Skipped] = []
    prev = ""
    for start, end in _sentence_spans(article.text, settings.language):
        text = article.text[start:end]
        reason = _why_skip(text, settings)
        if reason:
            skipped.append(Skipped(start, end, reason))
        else:
            sentences.append(Sentence(text, start, prev, article.id))
            prev = text
    return sentences, skipped


def _why_skip(text: str, settings: SentenceSettings) -> str | None:
    if len(text) > settings.max_characters:
        return f"longer than {settings.max_characters:,} characters without a sentence boundary"
    if not any(map(str.isalpha, text)):
        return "no letters"
    return None


def _sentence_spans(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Ranges of the sentences without white space around them."""
    for first, last in paragraphs(text):
        paragraph = text[first:last]
        start = 0
        for end in _ends(paragraph, language):
            mark = LIST_ITEM.match(paragraph, start, end)
            if mark:
                yield first + mark.start(1), first + mark.end(1)
                start = mark.end()
            piece = paragraph[start:end]
            left = start + len(piece) - len(piece.lstrip())
            right = left + len(piece.strip())
            if left < right:
                yield first + left, first + right
            start = end


def _ends(paragraph: str, language: str) -> Iterator[int]:
    """Offsets just past each sentence of a paragraph; the last is the paragraph's length."""
    masked = _MASKED.sub(" ", paragraph)
    start = 0
    while start + WINDOW < len(paragraph):
        found = list(_window_ends(paragraph, masked, start, start + WINDOW, language))
        yield from found
        # Without a single boundary the window holds the inside of an overlong sentence.
        start = found[-1] if found else start + WINDOW - MARGIN
    yield from _window_ends(paragraph, masked, start, len(paragraph), language)
    yield len(paragraph)


def _window_ends(
    paragraph: str, masked: str, start: int, stop: int, language: str
) -> Iterator[int]:
    """Sentence ends strictly inside a window of a paragraph, clear of the window's own end."""
    import sentencex

    # In a window that is not the last, ends near its end are left to the next one.
    limit = stop - 1 if stop == len(paragraph) else stop - MARGIN
    for boundary in sentencex.get_sentence_boundaries(language, masked[start:stop]):
        content = start + boundary["start_index"] + len(boundary["text"].rstrip())
        closing = _CLOSING.match(paragraph, content)
        end = closing.end() if closing else content
        blank = content == start + boundary["start_index"]
        if not blank and end <= limit and _is_end(paragraph, content, end):
            yield end


def _is_end(paragraph: str, content: int, end: int) -> bool:
    """Whether a sentence really ends where sentencex, which saw no quotes or brackets, says so.

    ``content`` is the offset past the full stop, ``end`` the one past the quotation marks and
    brackets that close there.
    """
    stop = paragraph[content - 1]
    rest = paragraph[end : end + 80]
    after = rest.lstrip()
    if not after:
        return True
    before = paragraph[max(0, content - 12) : content]
    if _ABBREVIATION.search(before):
        return False
    if end > content:  # a quotation ends; does its sentence?
        return not (
            after[0].islower()
            or (stop in "?!" and _ATTRIBUTION.match(after))
            or _INNER_BRACKETS.search(paragraph, max(0, end - 60), end)
        )
    if stop == "." and rest == after:  # "failed.The talks", but not "Smith, D-N.Y., said"
        return paragraph[content - 2].islower() and after[0].isupper()
    return not (_HOUR.search(before) and _MONTH.match(after))
