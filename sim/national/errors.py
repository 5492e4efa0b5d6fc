"""What cannot be simulated of a country, told with a permanent code in two languages."""

from __future__ import annotations

from texts import Lang, say


class NationalError(ValueError):
    """A national scenario that is well written and still cannot be run.

    Attributes
    ----------
    key, fields
        The permanent code, which is also the key of its sentence in the catalogue of texts; and what fills that in.
    """

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(f"{key}: {say(key, 'en', **fields)}")
        self.key = key
        self.fields = fields

    def say(self, lang: Lang) -> str:
        """Say what is wrong in one language."""
        return say(self.key, lang, **self.fields)
