from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.text.decode import decode, mend, open_text, refuse_binary
from stance.text.failures import UnreadableError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_without_warning(encoding: str) -> None:
    assert decode("Türkei “left”.\r\nOk\r".encode(encoding)) == ("Türkei “left”.\nOk\n", ())


def test_declared_encoding_is_used_where_it_fits() -> None:
    assert decode("Россия".encode("koi8-r"), "koi8-r") == ("Россия", ())
    assert decode("Türkei".encode(), "ascii") == ("Türkei", ())
    assert decode(b"ab", "utf-16") == ("ab", ())
    assert decode(b"ab", "no such thing") == ("ab", ())


def test_other_bytes_are_read_with_a_warning() -> None:
    text, (warning,) = decode(b"\x93We left\x94")
    assert text == "“We left”"
    assert "cp1252" in warning
    text, (warning,) = decode(b"caf\xe9 \x81")
    assert text == "café \x81"
    assert "latin-1" in warning


@pytest.mark.parametrize(
    ("head", "named"),
    [
        (b"%PDF-1.7 text", "PDF"),
        (b"PK\x03\x04abc", "zip"),
        (b"\x89PNG\r\n", "image"),
        (b"text\0text", "binary"),
        (b"\x01\x02\x03text", "binary"),
    ],
)
def test_binary_data_is_named(head: bytes, named: str) -> None:
    with pytest.raises(UnreadableError, match=named):
        refuse_binary(head)


def test_one_bad_byte_in_a_stream_spoils_only_its_line() -> None:
    stream = open_text(io.BufferedReader(io.BytesIO("Türkei\r\n".encode() + b"T\xfcrkei\n")))
    first, second = stream.readlines()
    assert mend(first) == ("Türkei\n", ())
    text, (warning,) = mend(second)
    assert text == "Türkei\n"
    assert "UTF-8" in warning


def test_half_a_surrogate_pair_is_replaced() -> None:
    text, (warning,) = mend("left \ud83d it")
    assert text == "left \ufffd it"
    assert "surrogate" in warning


@given(st.binary(), st.sampled_from([None, "utf-8", "utf-7", "big5", "hz", "rot13", "idna", "\0"]))
def test_any_bytes_become_text_that_can_be_written(data: bytes, declared: str | None) -> None:
    text, _ = decode(data, declared)
    mended, _ = mend(text)
    assert "\r" not in mended
    mended.encode("utf-8")


@pytest.mark.parametrize("declared", ["unicode_escape", "unicode-escape", "raw_unicode_escape"])
def test_escapes_of_python_are_no_declared_encoding(declared: str) -> None:
    assert decode(rb"C:\news", declared) == (r"C:\news", ())
