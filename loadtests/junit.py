"""The verdict as JUnit XML, for CI: one test case a rule, finding and gate."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from loadtests.verdict import Outcome, Row, Verdict
from texts import Lang

_SUITES: Final = ("gate", "finding", "rule", "security")


def junit(verdict: Verdict, lang: Lang, seconds: float) -> bytes:
    """Return the XML; what is missed or faulty is a failure, what cannot be said an error.

    Parameters
    ----------
    seconds
        How long the run took.
    """
    root = ET.Element("testsuites", {"name": "hikkoshi load", **_totals(verdict.rows), "time": f"{seconds:.3f}"})
    for name in _SUITES:
        rows = [row for row in verdict.rows if row.name.startswith(f"{name}.")]
        suite = ET.SubElement(root, "testsuite", {"name": name, **_totals(rows)})
        for row in rows:
            _case(suite, row, lang)
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def write_junit(verdict: Verdict, lang: Lang, seconds: float, file: Path) -> None:
    """Write the XML beside the other results."""
    file.write_bytes(junit(verdict, lang, seconds))


def _totals(rows: tuple[Row, ...] | list[Row]) -> dict[str, str]:
    errors = sum(row.outcome is Outcome.CANNOT_SAY for row in rows)
    failures = sum(row.outcome in (Outcome.NOT_ENOUGH, Outcome.FAULTY) for row in rows)
    return {"tests": str(len(rows)), "failures": str(failures), "errors": str(errors)}


def _case(suite: ET.Element, row: Row, lang: Lang) -> None:
    group, _, name = row.name.partition(".")
    case = ET.SubElement(suite, "testcase", classname=f"hikkoshi.load.{group}", name=name)
    said = _legal(row.says(lang))
    if row.outcome is Outcome.ENOUGH:
        ET.SubElement(case, "system-out").text = said
    else:
        kind = "error" if row.outcome is Outcome.CANNOT_SAY else "failure"
        ET.SubElement(case, kind, type=row.outcome.word, message=said)


def _legal(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return "".join(char if char.isprintable() or char in "\t\n" else "\ufffd" for char in text)
