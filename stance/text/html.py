"""From a web page to its article, by trafilatura."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, cast

from stance.schema import Article
from stance.text.failures import UnreadableError

if TYPE_CHECKING:
    from trafilatura.settings import Document

_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.I
)
_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9._:-]+)""", re.I
)

# What goes wrong with a page is told by its Failure; these would tell it again on stderr.
for _name in ("trafilatura", "htmldate", "courlan", "justext"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


def looks_like_html(data: bytes) -> bool:
    """Whether ``data`` begins as a web page does."""
    return bool(_BEGINNING.match(data))


def declared_charset(data: bytes) -> str | None:
    """The encoding that a page names in its first kilobytes, if it does."""
    found = _CHARSET.search(data[:2048])
    return found.group(1).decode("ascii") if found else None


def article_of(html: str, name: str, source: str) -> Article:
    """The article of a page: its running text, title and date, without menus and comments.

    A page without a recognisable article is read whole, with a warning. Raises
    :class:`UnreadableError` where there is no text at all.
    """
    import trafilatura

    warnings: tuple[str, ...] = ()
    # The parser is a large C library fed with anything; none of its errors may stop a batch.
    try:
        extracted = trafilatura.bare_extraction(
            html, favor_recall=True, include_comments=False, with_metadata=True
        )
        document = cast("Document | None", extracted)
        text = (document.text or "").strip() if document else ""
        if not text:
            text = trafilatura.html2txt(html).strip()
            warnings = ("no article was recognised in the page; all its text was read",)
    except Exception as error:
        raise UnreadableError(f"the page could not be parsed ({error}); save it as text") from error
    if not text:
        raise UnreadableError(
            "the page holds no text; if a script fills it, save it from a browser"
        )
    title, date = (document.title, document.date) if document else (None, None)
    return Article(name, text, title or None, date or None, source, warnings)
