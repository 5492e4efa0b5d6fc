"""Options of the locustfile: they stand on the command line, in the environment, and in the form of the web UI."""

from __future__ import annotations

from typing import Any, Final

from texts import LANGS, say

_FORM: Final[dict[str, tuple[type, object]]] = {
    "scenario": (str, "launch"),
    "scale": (float, 10.0),
    "speed": (float, 60.0),
    "window": (str, "2023-03-27 08:30/12:30"),
    "target": (str, ""),
    "seed": (int, 1),
}
"""In the form of the web UI too; type and default."""
_COMMAND_LINE: Final[dict[str, tuple[type, object]]] = {"plan": (str, ""), "results": (str, "results/runs/locust")}


def add_options(parser: Any) -> None:
    """Add them to Locust's parser; only itself knows `include_in_web_ui`, its groups do not."""
    for name, (kind, default) in {**_FORM, **_COMMAND_LINE}.items():
        parser.add_argument(
            f"--{name}",
            type=kind,
            default=default,
            env_var=f"HIKKOSHI_{name.upper()}",
            include_in_web_ui=name in _FORM,
            help=" / ".join(say(f"load.option.{name}", lang) for lang in LANGS),
        )
