"""The computed parts of `docs/national.md`: the answer of the reference run, its variants, and the inputs."""

from __future__ import annotations

import shlex
from functools import cache

import pandas as pd

from results.store import Run, open_run
from scenarios.evidence import evidence_of
from scenarios.packaged import country, scenario
from sim.input_tables import HEADS, cells
from sim.national import variants
from sim.national.findings import sentences
from sim.national.reference import REFERENCE, VARIANTS
from sim.national.stored import read_national
from sim.national.study import NationalResult
from sim.national.wording import heading, sections
from texts import Lang, pages

SECTIONS = ("filings", "peaks", "required", "sizes", "offices", "outage")
LONGEST = 10


def national_part(name: str) -> str:
    """Return one part of the page.

    Parameters
    ----------
    name
        `run`, `findings en` or `findings ja`, one of `SECTIONS`, `variants`, or `inputs`.

    Raises
    ------
    KeyError
        For a part that there is not.
    """
    if name == "inputs":
        return _inputs()
    if name == "variants":
        table = pd.read_csv(REFERENCE / VARIANTS, keep_default_na=False, encoding="utf-8-sig")
        return pages.table(variants.headings("en"), (variants.cells(row, "en") for _, row in table.iterrows()))
    run, result = _reference()
    if name == "run":
        return f"```text\n{shlex.join(run.manifest.command)}\n{heading(result, 'en')}\n```"
    if name in ("findings en", "findings ja"):
        lang: Lang = "ja" if name.endswith("ja") else "en"
        return "\n".join(f"- {line}" for line in sentences(result, lang))
    if name not in SECTIONS:
        raise KeyError(name)
    section = sections(result, "en", LONGEST)[SECTIONS.index(name)]
    table_text = pages.table(section.headings, section.rows)
    return f"**{section.title}**\n\n{table_text}" + (f"\n\n{section.note}" if section.note else "")


@cache
def _reference() -> tuple[Run, NationalResult]:
    run = open_run(REFERENCE)
    return run, read_national(run)


def _inputs() -> str:
    """Numbers that the country has and the ward of `launch` has not, or not so."""
    ward = set(evidence_of(scenario("launch")))
    return pages.table(HEADS, (cells(row) for row in evidence_of(country("national_march")) if row not in ward))
