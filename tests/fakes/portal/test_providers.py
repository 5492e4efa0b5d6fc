"""Private-sector portals: login, search of procedures, submission and signature with the applicant's card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from fakes.endpoints import Server
from fakes.identifiers import owner_token
from fakes.people import People
from fakes.pki.cards import CardIssuer
from tests.fakes.clients import ORIGIN, Client, Person, Response
from tests.fakes.conftest import SEED, settings_in
from tests.fakes.inprocess import Local, locals_of
from tests.fakes.portal.conftest import PASSWORD, PROVIDERS

NewPerson = Callable[[int], Person]
LIST = "/Application/api/v1/ws/eLinkServProcListSearch"
DETAIL = "/Application/api/v1/ws/eLinkServProcDetailSearch"
WHO = {"id": "P0001", "password": PASSWORD}
OF_WARD = {**WHO, "cityCode": "13104", "keyword": ["引越し"]}


def authenticated(local: Local, password: str = PASSWORD) -> Response:
    form = urlencode({"id": "P0001", "password": password}).encode()
    kind = "application/x-www-form-urlencoded"
    return Client(local).send("POST", "/accounts/authenticate_provider", form, Content_Type=kind)


@pytest.fixture
def provider(local: Local, people: People) -> NewPerson:
    """Applicants for whom a provider files."""

    def make(index: int) -> Person:
        one = Person(local, people, index)
        one.headers |= {"X-Provider-Id": "P0001", "X-Access-Key": authenticated(local).result["access_key"]}
        return one

    return make


def test_a_provider_logs_in_with_the_hash_of_its_password(local: Local) -> None:
    answer = authenticated(local)
    assert answer.json["metadata"]["access_key"] == answer.result["access_key"]
    refused = authenticated(local, "0" * 64)
    assert (refused.status, refused.code) == (403, "E0009")


def test_the_procedures_of_a_town_are_found_by_words_in_pages(local: Local) -> None:
    client = Client(local)
    found = client.post(LIST, OF_WARD).json
    assert (found["result"]["resultName"], found["result"]["hitCount"]) == ("OK", 3)
    visit = client.post(LIST, {**OF_WARD, "keyword": ["転居届"]}).json
    assert [one["serviceCode"] for one in visit["eLinkServProcInfoList"]] == ["9103"]
    assert client.post(LIST, {**OF_WARD, "keyword": ["転居届", "船"]}).json["result"]["hitCount"] == 0
    pages = [client.post(LIST, {**OF_WARD, "perPage": 2, "page": page}).json for page in (1, 2, 3)]
    listed = [one for page in pages for one in page["eLinkServProcInfoList"]]
    assert (listed, len(pages[0]["eLinkServProcInfoList"])) == (found["eLinkServProcInfoList"], 2)
    assert {page["result"]["hitCount"] for page in pages} == {3}


def test_a_procedure_is_described(local: Local) -> None:
    client = Client(local)
    [first, *_] = client.post(LIST, OF_WARD).json["eLinkServProcInfoList"]
    told = client.post(DETAIL, {**WHO, "psid": first["psid"]}).json["eLinkServProcInfo"]
    assert first.items() <= told.items()
    assert told["targetArea"] == "新宿区"
    nothing = client.post(DETAIL, {**WHO, "psid": "TEST0"}).json
    assert (nothing["eLinkServProcInfo"], nothing["result"]["hitCount"]) == (None, 0)


@pytest.mark.parametrize(
    ("path", "change", "status", "code"),
    [
        (LIST, {"password": "0" * 64}, 403, "EE000"),
        (LIST, {"id": "nobody"}, 403, "EE000"),
        (LIST, {"cityCode": ""}, 400, "EE002"),
        (LIST, {"keyword": []}, 400, "EE002"),
        (LIST, {"password": ""}, 400, "EE002"),
        (DETAIL, {"psid": "", "cityCode": None, "keyword": None}, 400, "EE002"),
        (DETAIL, {"psid": "x", "password": "é", "cityCode": None, "keyword": None}, 403, "EE000"),
    ],
)
def test_a_search_without_what_it_needs_is_refused(
    local: Local, path: str, change: dict[str, object], status: int, code: str
) -> None:
    message = {name: value for name, value in {**OF_WARD, **change}.items() if value is not None}
    refused = Client(local).post(path, message)
    assert (refused.status, refused.code) == (status, code)


def test_a_provider_that_calls_from_another_address_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, Server.PORTAL, providers=PROVIDERS, sources=("192.0.2.1",))
    with locals_of(settings) as [local]:
        client = Client(local)
        for refused in (client.post(LIST, OF_WARD), authenticated(local)):
            assert (refused.status, refused.code) == (403, "E5011")


def test_a_provider_files_for_a_person_who_signs_with_their_own_card(
    provider: NewPerson, cards: tuple[CardIssuer, Path]
) -> None:
    one, other = provider(0), provider(1)
    key = cards[0].signing(one.household.head, one.household.address)
    submitted = one.submit(one.package(), others={"card_serial": one.card.serial}).result
    assert submitted["owner_token"] == owner_token(SEED, one.card.serial, ORIGIN)
    number = submitted["temporary_reference_number"]
    content = one.to_sign(number)
    assert one.send_signature(number, content, key, others={"card_serial": other.card.serial}).code == "E0004"
    assert one.send_signature(number, content, key, "WRONG1").status == 403
    assert one.send_signature(number, content, key).result["finished"] is True


def test_a_provider_may_say_whose_card_it_is_with_the_signature(
    provider: NewPerson, cards: tuple[CardIssuer, Path]
) -> None:
    one, other = provider(2), provider(3)
    key = cards[0].signing(one.household.head, one.household.address)
    number = one.submit(one.package()).result["temporary_reference_number"]
    content = one.to_sign(number)
    assert one.send_signature(number, content, key).code == "E0001"
    wrong = {"card_serial": other.card.serial}
    assert one.send_signature(number, content, key, other.card.signing_password, wrong).code == "E3002"
    assert one.send_signature(number, content, key, others={"card_serial": one.card.serial}).status == 200
