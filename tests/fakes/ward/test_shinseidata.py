"""申請管理 hands the data of an application to 基幹, in the official style."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fakes.identifiers import Profile, individual_number
from tests.fakes.clients import Response
from tests.fakes.ward.towns import Town, Towns, filed

PATH = "/app_submit/v10/shinseidata"


def handed(town: Town, message: Any) -> Response:
    return town.system("shinsei").post(PATH, message)


@pytest.fixture
def data(towns: Towns) -> Any:
    """The data of an application."""
    household = towns.household()
    number, application = filed(towns, household)
    return {
        "municipality": household.address.municipality,
        "reference_number": number,
        "procedure": "move_out",
        "address_number": household.head.address_number,
        "individual_number": household.head.individual_number,
        "applicant": msgspec.to_builtins(application.applicant),
        "members": msgspec.to_builtins(application.members),
        "new_address": msgspec.to_builtins(application.new_address),
    }


def test_everybody_is_named_by_the_address_number(towns: Towns, origin: Town, data: Any) -> None:
    rows = handed(origin, data).result
    assert [row["address_number"] for row in rows] == [one.address_number for one in towns.household().members]
    applicant = handed(origin, {**data, "members": []}).result
    assert [row["address_number"] for row in applicant] == [data["address_number"]]
    assert handed(origin, {**data, "members": [], "applicant": None}).result == []


def test_what_does_not_belong_together_is_refused(origin: Town, destination: Town, data: Any) -> None:
    assert handed(destination, data).code == "E0004"
    assert handed(origin, {**data, "procedure": "move_in_visit"}).code == "E0004"
    assert handed(origin, {**data, "address_number": "0" * 15}).code == "E0004"
    assert handed(origin, {**data, "reference_number": "20230301999999999"}).status == 404
    legal = individual_number(data["individual_number"][:-1], Profile.LEGAL)
    assert handed(origin, {**data, "individual_number": legal}).code == "E2002"
    assert handed(origin, {**data, "members": data["members"] * 9}).status == 400


def test_another_system_has_no_scope_for_it(origin: Town, data: Any) -> None:
    assert origin.system("link").post(PATH, data).status == 403
