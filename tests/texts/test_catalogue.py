"""The catalogue of texts is complete, bilingual, and neither shorter nor longer than the code needs."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import texts
from texts import LANGS, catalogue, say

FOLDER = Path(texts.__file__).parent
HOUSE = FOLDER.parent
ROOMS = ("texts", "scenarios", "results", "sim", "fakes", "loadtests", "report", "explore", "cli")
JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")

SAME_IN_JAPANESE: set[str] = set()
"""Texts with words that Japanese writes as English does."""

CODES = ("E-",)
"""Keys made from the codes of errors; the tests of errors hold them against what the code raises."""

LABELS = ("measure.", "unit.", "kind.", "users.", "site.", "weekday.", "activity.", "citizen.", "law.")
"""What the ids in result tables are called; whoever shows a table looks them up."""

KEYS = sorted(catalogue())


# --- what the catalogue holds ----------------------------------------------------------------------------------------


def test_no_key_stands_in_two_files() -> None:
    keys = Counter(key for file in FOLDER.glob("*.toml") for key in tomllib.loads(file.read_text(encoding="utf-8")))
    assert [key for key, count in keys.items() if count > 1] == []
    assert keys.keys() == catalogue().keys()


@pytest.mark.parametrize("key", KEYS)
def test_a_text_is_written_in_both_languages_with_the_same_values(key: str) -> None:
    text = catalogue()[key]
    assert text.keys() == set(LANGS)
    assert all(text[lang].strip() == text[lang] != "" for lang in LANGS)
    assert _placeholders(text["ja"]) == _placeholders(text["en"])
    assert all(name.isidentifier() for name in _placeholders(text["en"]))


def test_a_japanese_text_is_japanese_unless_it_has_no_words() -> None:
    foreign = {
        key for key in KEYS if _has_words(catalogue()[key]["en"]) and not JAPANESE.search(catalogue()[key]["ja"])
    }
    assert foreign == SAME_IN_JAPANESE


def test_an_english_text_is_not_japanese() -> None:
    assert [key for key in KEYS if JAPANESE.search(catalogue()[key]["en"])] == []


def test_values_fill_a_text_in_the_language_that_is_asked_for() -> None:
    assert say("errors.many", "ja", count=3) == "誤り 3件"
    assert say("errors.many", "en", count=3) == "3 errors"
    with pytest.raises(KeyError):
        say("errors.many", "en")


# --- what the code asks for ------------------------------------------------------------------------------------------


def test_every_key_that_the_code_names_exists() -> None:
    named = {key for node in _calls("say", "both", "t") if (key := _literal(node)) is not None and key not in LANGS}
    assert {"errors.did_you_mean"} <= named
    assert sorted((named | _keys_in_templates()) - catalogue().keys()) == []


def test_every_key_of_the_catalogue_is_used() -> None:
    used = {node.value for node in _nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    used |= _keys_in_templates()
    families = (*CODES, *LABELS, *_families())
    assert [key for key in KEYS if key not in used and not key.startswith(families)] == []


def test_every_family_that_the_code_looks_up_has_texts() -> None:
    asked = {head for node in _calls("say", "both", "t") if (head := _head(node.args[0] if node.args else None))}
    assert [head for head in sorted(asked) if not any(key.startswith(head) for key in KEYS)] == []


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _has_words(text: str) -> bool:
    return any(re.search(r"[^\W\d_]{2}", fixed) for fixed, *_ in Formatter().parse(text))


@cache
def _nodes() -> tuple[ast.AST, ...]:
    """Every node of the code of the rooms."""
    files = [file for room in ROOMS for file in sorted((HOUSE / room).rglob("*.py"))]
    return tuple(node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def _calls(*names: str) -> Iterator[ast.Call]:
    for node in _nodes():
        if isinstance(node, ast.Call) and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) in names:
            yield node


def _literal(node: ast.Call) -> str | None:
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _families() -> set[str]:
    """Beginnings of keys whose ends the code puts in: `f"table.{name}"`, `"table." + name`, `name_of("kind", …)`."""
    made = {head for node in _nodes() if (head := _head(node))}
    named = {f"{group}." for node in _calls("name_of") if (group := _literal(node)) is not None}
    return made | named | {head for text in _templates() for head in re.findall(r"""["']([\w.]+[._-])["']\s*~""", text)}


def _head(node: ast.AST | None) -> str | None:
    """Return the fixed beginning of a text that code puts together, if it can be the beginning of a key."""
    if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
        start = node.values[0]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        start = node.left
    else:
        return None
    head = start.value if isinstance(start, ast.Constant) else None
    return head if isinstance(head, str) and re.fullmatch(r"[\w.]{2,}[._-]", head) else None


@cache
def _templates() -> tuple[str, ...]:
    files = [file for room in ROOMS for file in sorted((HOUSE / room).rglob("*.j2"))]
    return tuple(file.read_text(encoding="utf-8") for file in files)


def _keys_in_templates() -> set[str]:
    return {key for text in _templates() for key in re.findall(r"""\bt\(\s*["']([^"']+)["']\s*[,)]""", text)}
