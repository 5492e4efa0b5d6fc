"""What can go wrong with run folders: one error type with a permanent code and a text in both languages."""

from __future__ import annotations

from texts import Lang, say


class ResultsError(Exception):
    """A run folder cannot be written or read.

    Attributes
    ----------
    code
        Permanent code, such as `E-out-unwritable`. The text key is `results.error.` and the rest of the code.
    values
        What the text needs: a path, a table, a version.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def key(self) -> str:
        """The key of the sentence in the catalogue of texts."""
        return "results.error." + self.code.removeprefix("E-").replace("-", "_")

    def say(self, lang: Lang) -> str:
        """One sentence on what is wrong, and one on what to do."""
        return say(self.key, lang, **self.values)

    def __str__(self) -> str:
        return f"{self.code}: {self.say('en')}"
