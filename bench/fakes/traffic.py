"""What is sent: logins once, then submissions and inquiries as whole HTTP requests, and as scripts for wrk."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from fakes.filing import application_of
from fakes.package.building import build_package
from fakes.people import People
from fakes.procedures import Procedure, city_service_code

TOWN, DESTINATION = "990019", "131041"
APPLICANTS = 64
_LINE = "line-between-the-parts"
SUBMIT = "/apply/submit_application_set"
LIST = "/inquiries/applications"
INQUIRE = "/inquiries/reference_number?temporary_reference_number="

_SUBMIT_LUA = """
local keys, bodies, n = {{}}, {{}}, 0
for line in io.lines("{folder}/keys") do keys[#keys + 1] = line end
for i = 1, #keys do local f = io.open("{folder}/body" .. i, "rb"); bodies[i] = f:read("*a"); f:close() end
local run = tostring(os.time()) .. "-"
request = function()
  n = n + 1
  local i = n % #keys + 1
  return wrk.format("POST", "{path}", {{["Content-Type"] = "multipart/form-data; boundary={line}",
    ["X-Access-Key"] = keys[i], ["X-Test-Data"] = "synthetic", ["Idempotency-Key"] = run .. n}}, bodies[i])
end
"""
_INQUIRE_LUA = """
local keys, numbers, n = {{}}, {{}}, 0
for line in io.lines("{folder}/keys") do keys[#keys + 1] = line end
for line in io.lines("{folder}/numbers") do numbers[#numbers + 1] = line end
request = function()
  n = n + 1
  local i = n % #keys + 1
  return wrk.format("GET", "{path}" .. numbers[i], {{["X-Access-Key"] = keys[i]}})
end
"""
_LIST_LUA = """
local keys, n = {{}}, 0
for line in io.lines("{folder}/keys") do keys[#keys + 1] = line end
request = function()
  n = n + 1
  return wrk.format("GET", "{path}", {{["X-Access-Key"] = keys[n % #keys + 1]}})
end
"""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests of one kind: a script for wrk, and whole requests (`%d` is the number of one)."""

    name: str
    script: Path
    requests: list[bytes]


def prepare(url: str, people: People, folder: Path) -> tuple[Traffic, Traffic]:
    """Log applicants in, let each submit once, and write down what they send from then on."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    keys, numbers, bodies = [], [], []
    for index in range(APPLICANTS):
        household = people.household(index, TOWN)
        assert household.head.card is not None
        moving = people.today + timedelta(5)
        address = people.address(index, DESTINATION, 1)
        filed = application_of(household, address, people.today, moving, moving + timedelta(2))
        bodies.append(_form(build_package(filed)))
        card = {"card_serial": household.head.card.serial, "pin": household.head.card.pin}
        kind = {"Content-Type": "application/json"}
        keys.append(_asked(connection, "/accounts/login", json.dumps(card).encode(), kind)["access_key"])
        submitted = _asked(connection, SUBMIT, bodies[-1], _headers(keys[-1]))
        numbers.append(submitted["temporary_reference_number"])
        (folder / f"body{index + 1}").write_bytes(bodies[-1])
    (folder / "keys").write_text("\n".join(keys), encoding="ascii")
    (folder / "numbers").write_text("\n".join(numbers), encoding="ascii")
    submit, inquire = folder / "submit.lua", folder / "inquire.lua"
    submit.write_text(_SUBMIT_LUA.format(folder=folder, path=SUBMIT, line=_LINE), encoding="ascii")
    inquire.write_text(_INQUIRE_LUA.format(folder=folder, path=INQUIRE), encoding="ascii")
    return (
        Traffic("submit", submit, [_submission(key, body) for key, body in zip(keys, bodies, strict=True)]),
        Traffic("inquire", inquire, [_inquiry(key, number) for key, number in zip(keys, numbers, strict=True)]),
    )


def questions(folder: Path) -> tuple[Traffic, Traffic]:
    """Return the inquiry of before and the list of one's own applications, as scripts for wrk."""
    (folder / "list.lua").write_text(_LIST_LUA.format(folder=folder, path=LIST), encoding="ascii")
    return Traffic("inquire", folder / "inquire.lua", []), Traffic("list", folder / "list.lua", [])


def _form(package: bytes) -> bytes:
    fields = {"city_service_code": city_service_code(TOWN, Procedure.MOVE_OUT), "sign_flg": "1"}
    texts = "".join(
        f'--{_LINE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    file = f'--{_LINE}\r\nContent-Disposition: form-data; name="application_zip"; filename="a.zip"\r\n\r\n'
    return texts.encode() + file.encode() + package + f"\r\n--{_LINE}--\r\n".encode()


def _headers(key: str) -> dict[str, str]:
    return {
        "Content-Type": f"multipart/form-data; boundary={_LINE}",
        "X-Access-Key": key,
        "X-Test-Data": "synthetic",
    }


def _asked(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> dict[str, str]:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {content.decode()}")
    result: dict[str, str] = json.loads(content)["result"]
    return result


def _submission(key: str, body: bytes) -> bytes:
    lines = [f"POST {SUBMIT} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}", "Idempotency-Key: open-%d"]
    lines += [f"{name}: {value}" for name, value in _headers(key).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _inquiry(key: str, number: str) -> bytes:
    lines = [f"GET {INQUIRE}{number} HTTP/1.1", "Host: bench", "X-Request-Id: open-%d", f"X-Access-Key: {key}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
