"""The measure of overhead: a bare Starlette server that reads the body and answers a few bytes of JSON."""

from __future__ import annotations

import asyncio
import socket
from multiprocessing.connection import Connection

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def _echo(request: Request) -> JSONResponse:
    return JSONResponse({"bytes": len(await request.body())})


def serve(listening: socket.socket, ready: Connection) -> None:
    """Serve on a socket until the process is ended."""

    async def run() -> None:
        application = Starlette(routes=[Route("/{path:path}", _echo, methods=["GET", "POST"])])
        server = uvicorn.Server(uvicorn.Config(application, http="httptools", log_config=None, access_log=False))
        ready.send(True)
        await server.serve([listening])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
