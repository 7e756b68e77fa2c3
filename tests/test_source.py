"""How the bytes of a file become its text."""

from __future__ import annotations

import pytest

from flake8_asyncio.syntax.source import decode


def test_a_codec_that_is_not_known_here_is_taken_for_utf_8():
    assert decode("# coding: future_fstrings\nname = 'é'\n".encode()).endswith("'é'\n")


def test_what_is_not_in_its_encoding_is_refused():
    with pytest.raises(ValueError, match="utf-8"):
        decode(b"name = '\xff'\n")
