"""Help pages in the reader's language. Commands and options carry keys of the catalogue; here they become words."""

from __future__ import annotations

from typing import Any

from cyclopts.help import HelpEntry, HelpPanel
from rich.console import Console, ConsoleOptions
from rich.table import Table

from texts import LANGS, Lang, catalogue, say

WIDTH = 80


class Help:
    """A formatter for cyclopts: plain text in two columns, aligned for Japanese too."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:  # noqa: ARG002
        """Print one panel: a heading, and a line for each command or option."""
        if not panel.entries:
            return
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for entry in panel.entries:
            labels = entry.display_labels_with_metavar if panel.format == "parameter" else entry.positive_names
            grid.add_row("  " + ", ".join(labels), self._described(entry))
        self._print(console, self._words(panel.title))
        self._print(console, grid)
        self._print(console, "")

    def render_usage(self, console: Console, options: ConsoleOptions, usage: Any) -> None:  # noqa: ARG002
        """Print how the command is written."""
        words = _plain(usage).removeprefix("Usage:").strip()
        if words:
            self._print(console, say("cli.help.usage", self.lang, words=words) + "\n")

    def render_description(self, console: Console, options: ConsoleOptions, description: Any) -> None:  # noqa: ARG002
        """Print what the command does: one line in each language, the reader's first, and more in the reader's."""
        key = _plain(description)
        if key not in catalogue():
            self._print(console, key)
            return
        for lang in sorted(LANGS, key=lambda lang: lang != self.lang):
            self._print(console, say(key, lang))
        more = "cli.more." + key.rpartition(".")[2]
        if more in catalogue():
            self._print(console, "\n" + say(more, self.lang))
        self._print(console, "")

    def _described(self, entry: HelpEntry) -> str:
        parts = [self._words(entry.description)]
        if entry.choices:
            parts.append(say("cli.help.choices", self.lang, choices=", ".join(entry.choices)))
        if entry.default not in (None, "False"):
            parts.append(say("cli.help.default", self.lang, value=entry.default))
        return " ".join(part for part in parts if part)

    def _words(self, value: Any) -> str:
        text = _plain(value)
        return say(text, self.lang) if text in catalogue() else text

    @staticmethod
    def _print(console: Console, what: object) -> None:
        width = min(console.width, WIDTH)
        with console.capture() as captured:
            console.print(what, highlight=False, markup=False, emoji=False, width=width)
        for line in captured.get().splitlines():
            console.print(line.rstrip(), highlight=False, markup=False, emoji=False, soft_wrap=True)


def _plain(value: Any) -> str:
    """Return the words of whatever cyclopts made of a text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if hasattr(value, "plain"):
        return str(value.plain).strip()
    console = Console(width=500, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(value, end="")
    return captured.get().strip()
