"""What is wrong with a request for a load test: a code, and a sentence in both languages."""

from __future__ import annotations

from texts import Lang, say


class LoadError(ValueError):
    """Something that cannot be carried out: `code` is a key of the catalogue, `values` what its sentence needs."""

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(self.say("en"))

    def say(self, lang: Lang) -> str:
        """Return the message in one language."""
        return say(self.code, lang, **self.values)
