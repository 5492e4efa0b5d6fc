"""The application: the page of a state, and what its buttons do. Addresses are relative to the secret path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from explore.answers import Found, Oracle
from explore.crew import CrewError
from explore.exporting import Exporter, NotExportedError
from explore.knobs import form_of
from explore.page import Said, View, render
from explore.reading import Asked, read
from explore.saving import NotSavedError, free_name, save
from report.words import Both, both
from texts import LANGS, Lang

_FILES = {"page.css": "text/css", "page.js": "text/javascript"}
_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""Of the report, which carries its style with it and has no script."""
_MOST_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where it all happens.

    Attributes
    ----------
    base
        The scenario file that was begun with.
    folder
        Where states are saved.
    """

    base: Path
    folder: Path
    lang: Lang
    replications: int


class Pages:
    """The page, over one scenario."""

    def __init__(self, place: Place, oracle: Oracle, exporter: Exporter) -> None:
        self._place = place
        self._oracle = oracle
        self._exporter = exporter
        self._form = form_of(oracle.start)
        self._reports: list[Path] = []

    def application(self, token: str) -> Starlette:
        """Return the application, under a path that nobody else knows."""
        routes = [
            Route("/", self.show, methods=["GET"]),
            Route("/save", self.save, methods=["POST"]),
            Route("/export", self.export, methods=["POST"]),
            Route("/report/{number:int}", self.report, methods=["GET"]),
            *(Route(f"/{name}", _file, methods=["GET"]) for name in _FILES),
        ]
        return Starlette(routes=[Mount(f"/{token}", routes=routes)], exception_handlers={Exception: self._failed})

    async def _failed(self, _request: Request, error: Exception) -> Response:
        reason = f"{type(error).__name__}: {error}"
        return PlainTextResponse(both("explore.trouble", reason=reason).in_(self._place.lang), 500)

    async def show(self, request: Request) -> Response:
        """Answer a state."""
        return await run_in_threadpool(self._page, request.query_params)

    async def save(self, request: Request) -> Response:
        """Save a state as a scenario file."""
        form = await _form(request)
        return await run_in_threadpool(self._saved, form)

    async def export(self, request: Request) -> Response:
        """Save a state, and write the report that compares it with the start."""
        form = await _form(request)
        return await run_in_threadpool(self._exported, form)

    async def report(self, request: Request) -> Response:
        """Show a report that was written here."""
        number = int(request.path_params["number"])
        if not 0 <= number < len(self._reports) or not self._reports[number].is_file():
            return Response(status_code=404)
        page = await run_in_threadpool(self._reports[number].read_bytes)
        return Response(page, headers={"Content-Security-Policy": _REPORT_POLICY}, media_type="text/html")

    def _page(self, form: Mapping[str, str]) -> Response:
        return HTMLResponse(render(self._view(form)))

    def _view(self, form: Mapping[str, str]) -> View:
        place = self._place
        asked = read(form, self._form)
        found, trouble = self._answer(asked)
        return View(
            lang=next((lang for lang in LANGS if lang == form.get("lang")), place.lang),
            form=self._form,
            asked=asked,
            found=found,
            replications=place.replications,
            folder=str(place.folder),
            name=form.get("name", "").strip() or free_name(place.folder, self._form.start.name),
            trouble=trouble,
        )

    def _answer(self, asked: Asked) -> tuple[Found | None, Both | None]:
        if asked.scenario is None:
            return None, None
        try:
            return self._oracle.ask(asked.scenario), None
        except CrewError as error:
            return None, both("explore.trouble", reason=str(error))

    def _written(self, form: Mapping[str, str]) -> tuple[View, Path | None]:
        """Save what the form says, if nothing is wrong with it."""
        view = self._view(form)
        if view.asked.scenario is None:
            return replace(view, said=Said(both("explore.not_yet"), good=False)), None
        place, start = self._place, self._oracle.start
        try:
            again = form.get("replace") == "yes"
            file = save(place.base, place.folder, view.name, start, view.asked.changes, replace=again)
        except NotSavedError as error:
            return replace(view, said=Said(error.says, good=False), exists=error.exists), None
        return replace(view, said=Said(both("explore.saved", file=file.name), good=True)), file

    def _saved(self, form: Mapping[str, str]) -> Response:
        return HTMLResponse(render(self._written(form)[0]))

    def _exported(self, form: Mapping[str, str]) -> Response:
        view, file = self._written(form)
        if file is not None:
            try:
                page = self._exporter.export(self._place.base, file)
            except NotExportedError as error:
                said = Said(both("explore.not_exported", reason=str(error)), good=False)
            else:
                self._reports.append(page)
                text = both("explore.exported", file=file.name, folder=str(page.parent))
                said = Said(text, good=True, link=f"report/{len(self._reports) - 1}")
            view = replace(view, said=said)
        return HTMLResponse(render(view))


async def _form(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=200, max_part_size=_MOST_BYTES) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _file(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    text = (files("explore") / "templates" / name).read_text(encoding="utf-8")
    return Response(text, media_type=_FILES[name])
