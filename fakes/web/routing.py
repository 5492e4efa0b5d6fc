"""From method and path to the endpoint: a dictionary for fixed paths, and one step more for those with a value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from fakes.endpoints.endpoint import PATH_VALUES, Endpoint
from fakes.refusals import Code, RefusedError

_VALUE: Final = re.compile(r"{(\w+)}")


class Routes:
    """The paths of one server.

    Parameters
    ----------
    endpoints
        Its rows of the table.

    Raises
    ------
    ValueError
        When two have the same method and path.
    """

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._fixed: dict[str, dict[str, Endpoint]] = {}
        self._open: dict[str, tuple[re.Pattern[str], dict[str, Endpoint]]] = {}
        for endpoint in endpoints:
            if _VALUE.search(endpoint.path):
                _, methods = self._open.setdefault(endpoint.path, (_pattern(endpoint.path), {}))
            else:
                methods = self._fixed.setdefault(endpoint.path, {})
            if endpoint.method in methods:
                raise ValueError(f"two endpoints for {endpoint.method} {endpoint.path}")
            methods[endpoint.method] = endpoint

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        """Return the endpoint, and the values in the path.

        Raises
        ------
        RefusedError
            404 for an unknown path, 405 for another method.
        """
        methods, values = self._methods(path)
        endpoint = methods.get(method)
        if endpoint is None:
            raise RefusedError(Code.WRONG_METHOD, allow=", ".join(sorted(methods)))
        return endpoint, values

    def _methods(self, path: str) -> tuple[dict[str, Endpoint], dict[str, str]]:
        if (fixed := self._fixed.get(path)) is not None:
            return fixed, {}
        for pattern, methods in self._open.values():
            if (found := pattern.fullmatch(path)) is not None:
                return methods, found.groupdict()
        raise RefusedError(Code.NOT_FOUND)


def _pattern(path: str) -> re.Pattern[str]:
    """Return the expression of a path whose values look as `PATH_VALUES` says."""
    parts = _VALUE.split(path)
    fixed, names = parts[::2], parts[1::2]
    made = [re.escape(fixed[0])]
    for name, text in zip(names, fixed[1:], strict=True):
        made.append(f"(?P<{name}>{PATH_VALUES[name].removeprefix('^').removesuffix('$')})" + re.escape(text))
    return re.compile("".join(made))
