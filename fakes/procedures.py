"""The three procedures of a relocation, who may handle them, and to which municipality each goes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from texts import Lang, say


class Procedure(StrEnum):
    """What is filed online; the moving-in notice itself is made at the counter.

    Source: https://www.digital.go.jp/policies/moving_onestop_service/faq-01/
    """

    MOVE_OUT = "move_out"
    """転出届, to the municipality that is left."""
    MOVE_IN_VISIT = "move_in_visit"
    """転入予約 (来庁予定の連絡), to the municipality of the new address; filed together with the notice above."""
    MOVE_WITHIN_VISIT = "move_within_visit"
    """転居予約, a visit notice for a move within one municipality."""

    def label(self, lang: Lang) -> str:
        """Return what people call it."""
        return say(f"fakes.item.{self.value}", lang)


class Section(StrEnum):
    """Sections of a municipality; staff belong to one."""

    RESIDENTS = "residents"
    """戸籍住民課, resident registration."""
    CARDS = "cards"
    """マイナンバーカード担当: cards, PINs, certificates."""
    INSURANCE = "insurance"
    """医療保険年金課: sees no application of a relocation."""
    AUDIT = "audit"
    """情報システム課: reads the audit trail and nothing else."""

    def label(self, lang: Lang) -> str:
        """Return what people call it."""
        return say(f"fakes.section.{self.value}", lang)


HANDLED_BY: Final[dict[Procedure, Section]] = dict.fromkeys(Procedure, Section.RESIDENTS)
"""The section that handles a procedure; another section's request for it is refused."""

SERVICE_CODES: Final[dict[Procedure, str]] = {
    Procedure.MOVE_OUT: "9101",
    Procedure.MOVE_IN_VISIT: "9102",
    Procedure.MOVE_WITHIN_VISIT: "9103",
}
"""Last four digits of `city_service_code` (assumption)."""

TOGETHER: Final[frozenset[frozenset[Procedure]]] = frozenset(
    {
        frozenset({Procedure.MOVE_OUT, Procedure.MOVE_IN_VISIT}),
        frozenset({Procedure.MOVE_OUT}),
        frozenset({Procedure.MOVE_WITHIN_VISIT}),
    }
)
"""What one application may hold: a move to another town, with or without visit notice, or a move within one."""


def city_service_code(municipality: str, procedure: Procedure) -> str:
    """Return the ten characters that name a municipality's procedure: its code and the service code."""
    return municipality + SERVICE_CODES[procedure]


def procedure_id(municipality: str, procedure: Procedure) -> str:
    """Return the id of a municipality's procedure in the search (psid)."""
    return f"TEST{city_service_code(municipality, procedure)}"
