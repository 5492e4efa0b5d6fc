"""`make soak`: every server is killed so many times under load, and each says what it still knows."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fakes.soak.crashes import Outcome, crash


def lines(outcome: Outcome) -> list[str]:
    """Return a line for each server that was killed."""
    made = []
    for name, kills in outcome.kills.items():
        server = next(one for one in outcome.found if name.startswith(one.value))
        found = outcome.found[server]
        made.append(
            f"{name}: {kills} kills, {outcome.met[name]} of them with calls under way, "
            f"{outcome.ledger.repeated[server]} calls repeated; {found.acknowledged} acknowledged, "
            f"{found.lost} lost, {found.doubled} doubled; audit chain {'whole' if found.whole else 'BROKEN'}"
        )
    again = sum(label for labels in outcome.ledger.delivered.values() for label in labels)
    made.append(f"{len(outcome.ledger.accepted)} applications, {again} labelled redeliveries, {outcome.seconds:.0f} s")
    return made


def main(kills: int) -> int:
    """Print what came of it; return 0 if nothing was lost or doubled."""
    with TemporaryDirectory() as folder:
        outcome = crash(Path(folder), kills)
    sys.stdout.write("\n".join(lines(outcome)) + "\n")
    return int(any(found.lost or found.doubled or not found.whole for found in outcome.found.values()))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
