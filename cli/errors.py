"""What the front door refuses: one error type with a permanent code, a sentence in two languages and an exit code."""

from __future__ import annotations

from typing import Protocol

from cli.exits import Exit
from texts import Lang, say


class CommandError(Exception):
    """A command cannot be carried out as asked.

    Attributes
    ----------
    code
        Permanent code, "E-…"; also the key of its sentence in the catalogue of texts.
    exit
        How the program ends.
    values
        What the sentence needs.
    """

    def __init__(self, code: str, exit: Exit = Exit.USAGE, **values: object) -> None:  # noqa: A002  the word of this room
        super().__init__(code)
        self.code = code
        self.exit = exit
        self.values = values

    def say(self, lang: Lang) -> str:
        """Say what is wrong and what to do."""
        return say(self.code, lang, **self.values)

    def __str__(self) -> str:
        return f"{self.code}: {self.say('en')}"


class Speaks(Protocol):
    """An error of another room that has a code and a sentence of its own."""

    code: str

    def say(self, lang: Lang) -> str:
        """Say what is wrong and what to do."""
        ...


class PassedOnError(CommandError):
    """What another room refuses, said in its own words."""

    def __init__(self, error: Speaks, exit: Exit = Exit.USAGE) -> None:  # noqa: A002  the word of this room
        super().__init__(error.code, exit)
        self._error = error

    def say(self, lang: Lang) -> str:
        """Say what is wrong and what to do."""
        return self._error.say(lang)
