"""Which language the reader reads, by what the environment says."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping

from texts import LANGS, Lang

VARIABLE = "HIKKOSHI_LANG"
_SILENT = ("", "C", "POSIX")


def language_of(environment: Mapping[str, str] | None = None) -> Lang:
    """Return the language of an environment: HIKKOSHI_LANG, then the locale; Japanese if nothing says otherwise."""
    known = os.environ if environment is None else environment
    for lang in LANGS:
        if known.get(VARIABLE, "").strip().lower() == lang:
            return lang
    spoken = next((known[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if known.get(name)), "")
    if not spoken and sys.platform == "win32" and environment is None:
        spoken = locale.getlocale()[0] or ""
    name = spoken.partition(".")[0]
    return "ja" if name in _SILENT or name.lower().startswith("ja") else "en"
