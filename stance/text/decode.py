"""From bytes to text: encodings, and what is no text at all."""

from __future__ import annotations

import codecs
import io
import re

from stance.text.failures import UnreadableError

#: Bytes looked at to tell text from other data.
HEAD = 8192

#: A head with a larger share of control characters is no text.
MAX_CONTROL_SHARE = 0.1

_BYTE_ORDER_MARKS = (  # the longer ones first: UTF-16's is the beginning of UTF-32's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Codecs of Python that a page may name but cannot be in.
_NO_DOCUMENT_ENCODING = re.compile(r"utf-(?:7|16|32)|(?:raw[-_])?unicode[-_]escape|idna|punycode")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = bytes({*range(32)} - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_SIGNATURES = (
    (b"%PDF-", "it is a PDF; save its text first, for example with pdftotext"),
    (b"PK\x03\x04", "it is a zip archive or an Office document; unpack it or save it as text"),
    (b"\xd0\xcf\x11\xe0", "it is an old Office document; save it as text"),
    (b"{\\rtf", "it is a Rich Text document; save it as plain text"),
    (b"\x1f\x8b", "it is compressed; give its name the suffix .gz"),
    (b"PAR1", "it is a Parquet table; give its name the suffix .parquet"),
    (b"\x89PNG", "it is an image"),
    (b"\xff\xd8\xff", "it is an image"),
    (b"GIF8", "it is an image"),
)


def refuse_binary(head: bytes) -> None:
    """Raise :class:`UnreadableError` if data that begins with ``head`` is no text."""
    for signature, reason in _SIGNATURES:
        if head.startswith(signature):
            raise UnreadableError(reason)
    if _marked_encoding(head):
        return
    head = head[:HEAD]
    if b"\0" in head:
        raise UnreadableError(
            "it holds binary data; if it is text, save it as UTF-8 or give it a byte order mark"
        )
    if len(head) - len(head.translate(None, _CONTROL)) > MAX_CONTROL_SHARE * len(head):
        raise UnreadableError("it holds binary data; only text can be read")


def decode(data: bytes, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text of ``data`` with line feeds as newlines, and warnings about its encoding.

    A byte order mark decides, then the ``declared`` encoding where it fits, then UTF-8. Anything
    else is read as Windows-1252 (or, where that has gaps, Latin-1) with a warning; no bytes fail.
    """
    for encoding in (_marked_encoding(data), _usable(declared), "utf-8"):
        if encoding:
            try:
                return normalise_newlines(data.decode(encoding)), ()
            except UnicodeError:
                continue
    encoding = "cp1252"
    try:
        text = data.decode(encoding)
    except UnicodeError:
        encoding = "latin-1"
        text = data.decode(encoding)
    return normalise_newlines(text), (f"not valid UTF-8; read as {encoding}, check its letters",)


def normalise_newlines(text: str) -> str:
    """``text`` with every newline, of whatever system, as a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def open_text(binary: io.BufferedReader) -> io.TextIOWrapper:
    """Text stream over ``binary`` with line feeds as newlines; bytes that do not fit are kept.

    They stand as lone surrogates until :func:`mend` reads them anew, so that one bad row costs no
    other. Raises :class:`UnreadableError` for data that is no text.
    """
    head = binary.peek(HEAD)
    refuse_binary(head)
    encoding = _marked_encoding(head) or "utf-8"
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    return io.TextIOWrapper(binary, encoding=encoding, errors=errors)


def mend(text: str) -> tuple[str, tuple[str, ...]]:
    """Text that can be encoded, and warnings if it was not.

    Bytes that :func:`open_text` kept are read as :func:`decode` would read them; any other lone
    surrogate (half an escaped pair in JSON) becomes a replacement character.
    """
    if not _SURROGATE.search(text):
        return text, ()
    try:
        return decode(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        warning = "holds half a surrogate pair; a replacement character stands in its place"
        return _SURROGATE.sub("\ufffd", text), (warning,)


def _marked_encoding(data: bytes) -> str | None:
    return next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)


def _usable(declared: str | None) -> str | None:
    """``declared`` if it names an encoding that text without a byte order mark can be in."""
    if not declared:
        return None
    try:
        b" ".decode(declared)
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return None
    return None if _NO_DOCUMENT_ENCODING.match(name) else name
