"""Why servers cannot be served as asked: a code, which is a key of the catalogue, and what its sentence needs."""

from __future__ import annotations

from texts import Lang, say


class ServingError(Exception):
    """What was asked for cannot be.

    Attributes
    ----------
    code
        Permanent code, "E-serve-…"; also the key of its sentence.
    values
        What the sentence needs.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def say(self, lang: Lang) -> str:
        """Say what is wrong and what to do."""
        return say(self.code, lang, **self.values)

    def __str__(self) -> str:
        return f"{self.code}: {self.say('en')}"
