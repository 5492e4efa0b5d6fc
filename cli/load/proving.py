"""`hikkoshi load --prove`: each seeded defect in a short run of its own, and one without: is each caught, rightly?"""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from cli.errors import CommandError, PassedOnError
from cli.exits import Exit
from cli.here import Here
from cli.load.asked import asked_of
from cli.load.folder import VERDICT, described, folder_for, write
from cli.load.options import LoadOptions, sizes_of
from cli.load.running import Numbers, run
from cli.progress import stages
from cli.serve import fresh
from fakes.defects import DefectError, Defects
from loadtests.matrix import CLEAN, Made, Proof, Recipe, as_data, proof_of, recipes, table, together
from loadtests.verdict import write_json
from results import machine

MATRIX = "matrix.json"
PAGE = "matrix.md"
TRIES = 3
"""A run that cannot be believed proves nothing, neither way; so often it is played until it counts as not caught."""
DURATION = "25s"
SCALE = "40"
"""Some 250 filings in the hours that are played: one in twenty is met a dozen times."""


def prove(options: LoadOptions, here: Here) -> Exit:
    """Run the matrix, or the defects that are named; print a line for each as it comes, and write the table.

    Raises
    ------
    CommandError
        For a name that no defect has.
    """
    wanted = _wanted(options)
    turns = [_turns(recipe, options) for recipe in wanted]
    made = _made(options.seed)
    folder = fresh(options.out / "load_matrix")
    proofs: list[Proof] = []
    done = 0
    with stages(here, quiet=options.quiet or options.json) as report:
        for own in turns:
            played: list[Proof] = []
            for turn in own:
                report(here.text("cli.load.stage.prove", defect=turn.name), done, sum(map(len, turns)))
                played.append(_believed(turn, options, folder, here))
                done += 1
                if not options.json:
                    here.answer(_line(turn, played[-1], here))
                _keep(folder, [*proofs, together(played)], made)
            proofs.append(together(played))
    if options.json:
        here.answer((folder / MATRIX).read_text(encoding="utf-8").rstrip("\n"))
    else:
        right = sum(proof.right for proof in proofs)
        here.answer(here.text("cli.load.proved", right=right, all=len(proofs), path=folder / PAGE))
    return Exit.FINE if all(proof.right for proof in proofs) else Exit.MISSED


def _wanted(options: LoadOptions) -> list[Recipe]:
    """Return the runs; amounts that are named with a defect count."""
    if not options.defects:
        return recipes()
    try:
        given = Defects.parse(options.defects)
    except DefectError as error:
        raise PassedOnError(error) from error
    usual = recipes(given.names)
    named = dict(zip(given.names, given.given, strict=True))
    return [
        msgspec.structs.replace(recipe, defects=named[recipe.name]) if "=" in named[recipe.name] else recipe
        for recipe in usual
    ]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One run of a recipe: the name of its files, and its seed."""

    recipe: Recipe
    name: str
    seed: int


def _turns(recipe: Recipe, options: LoadOptions) -> list[_Turn]:
    """Return the runs of a recipe: of the clean one as many as were asked for, each with a seed of its own."""
    number = options.clean_runs if recipe.name == CLEAN else 1
    names = [recipe.name, *(f"{recipe.name}_{place}" for place in range(2, number + 1))]
    return [_Turn(recipe, name, options.seed + place) for place, name in enumerate(names)]


def _believed(turn: _Turn, options: LoadOptions, folder: Path, here: Here) -> Proof:
    """Play a run; once more when it cannot be believed, because the machine did something else meanwhile."""
    proof = _proof(turn, options, folder, here)
    for again in range(1, TRIES):
        if not proof.broken:
            break
        shutil.rmtree(folder / turn.name, ignore_errors=True)
        proof = msgspec.structs.replace(_proof(turn, options, folder, here), again=again)
    return proof


def _proof(turn: _Turn, options: LoadOptions, folder: Path, here: Here) -> Proof:
    """Play one run, keep its verdict, and let go of the rest if it is as it should be."""
    recipe = turn.recipe
    sized = replace(
        options,
        seed=turn.seed,
        window=recipe.window,
        defects=recipe.defects,
        scale=options.scale or SCALE,
        duration=options.duration or (None if options.speed else DURATION),
    )
    sizes = sizes_of(sized)
    asked = asked_of(recipe.scenario, sized, sizes)
    start = dt.datetime.now().astimezone()
    with folder_for(asked, folder / turn.name, ["hikkoshi", *here.words], start) as held:
        ran = run(asked, Numbers(options.workers, sizes.drain_s, None, tls=options.tls), held.path, lambda *_: None)
        if ran.broken_off:
            raise CommandError("E-load-stopped", Exit.INTERRUPTED)
        proof = proof_of(recipe, ran.judgement.verdict, ran.seconds)
        file = folder / f"{turn.name}.{VERDICT}"
        write_json(ran.judgement.verdict, described(asked, ran), file)
        if not proof.right:
            write(held, asked, ran, here.lang)  # to be looked at
    if proof.right:
        shutil.rmtree(folder / turn.name, ignore_errors=True)
    return proof


def _line(turn: _Turn, proof: Proof, here: Here) -> str:
    found = ", ".join(f"{finding.label(here.lang)} {count:,}" for finding, count in proof.found.items())
    return here.text(
        "cli.load.proof",
        right=here.text("load.matrix.yes" if proof.right else "load.matrix.no"),
        defect=proof.defects or turn.name,
        found=found or "–",
        verdict=here.text(f"load.outcome.{proof.outcome}"),
        others=", ".join((*proof.broken, *proof.missed)) or "–",
    )


def _made(seed: int) -> Made:
    commit, dirty = machine.commit()
    where = f"{machine.processor()}, {machine.cores()} × CPU, {machine.system()}"
    at = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    return Made(machine.package_version(), commit, dirty, at, where, seed)


def _keep(folder: Path, proofs: list[Proof], made: Made) -> None:
    """Write what is known so far: for programs, and as a page in both languages."""
    folder.mkdir(parents=True, exist_ok=True)
    encoded = msgspec.json.encode(as_data(proofs, made))
    (folder / MATRIX).write_bytes(msgspec.json.format(encoded, indent=2) + b"\n")
    (folder / PAGE).write_text(table(proofs), encoding="utf-8", newline="\n")
