"""Forms as bytes: with files (multipart/form-data, RFC 7578), and without."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

URLENCODED: Final = "application/x-www-form-urlencoded"


def multipart(fields: Mapping[str, str | bytes]) -> tuple[str, bytes]:
    """Return content type and body of a form; bytes are a file."""
    boundary = secrets.token_hex(16)
    parts = []
    for name, value in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, bytes):
            head += f'; filename="{name}"\r\nContent-Type: application/octet-stream'
        content = value if isinstance(value, bytes) else value.encode()
        parts.append(head.encode() + b"\r\n\r\n" + content + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def urlencoded(fields: Mapping[str, str]) -> tuple[str, bytes]:
    """Return content type and body of a plain form."""
    return URLENCODED, urlencode(fields).encode()
