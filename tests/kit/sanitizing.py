"""Sanitizing a file as the upload of a form does."""

import io

import pytest

from rules import Refused
from rules.requests import sanitized_files
from rules.requests.attachments import Upload


def cleaned(data: bytes, name: str = "a.jpg"):
    return sanitized_files.clean(Upload(name, len(data), io.BytesIO(data)))


def reason(data: bytes, name: str = "a.jpg") -> str:
    with pytest.raises(Refused) as refused:
        cleaned(data, name)
    return refused.value.problems["files"]
