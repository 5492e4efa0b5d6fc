"""Staff come in with their own ID and password, to their own town, for what their section does."""

from __future__ import annotations

from tests.fakes.clients import DESTINATION
from tests.fakes.ward.towns import Caller, Town, Towns


def test_a_session_says_what_the_section_may_do(origin: Town) -> None:
    session = origin.login("clerk01").result
    assert (session["section"], session["authorities"]) == ("residents", ["residents"])
    assert origin.login("chief01").result["authorities"] == ["residents", "chief"]
    assert origin.login("audit01").result["authorities"] == ["audit"]


def test_five_wrong_passwords_lock_and_the_right_one_does_not_help(origin: Town) -> None:
    assert [origin.login("clerk01", "wrong").status for _ in range(5)] == [401] * 5
    locked = origin.login("clerk01")
    assert (locked.status, locked.code) == (423, "E5015")
    assert origin.login("clerk02").status == 200


def test_a_lock_ends_after_half_an_hour(towns: Towns, origin: Town) -> None:
    for _ in range(5):
        origin.login("clerk01", "wrong")
    towns.wait(minutes=29)
    assert origin.login("clerk01").status == 423
    towns.wait(minutes=1)
    assert origin.login("clerk01", "wrong").status == 401
    assert origin.login("clerk01").status == 200


def test_a_right_password_starts_the_count_again(origin: Town) -> None:
    for _ in range(3):
        assert [origin.login("clerk01", "wrong").status for _ in range(4)] == [401] * 4
        assert origin.login("clerk01").status == 200


def test_a_locked_account_loses_its_session_and_the_supervisor_gives_it_back(origin: Town) -> None:
    clerk = origin.staff()
    for _ in range(5):
        origin.login("clerk01", "wrong")
    assert clerk.get("/shinsei/v1/applications").status == 401
    assert origin.staff("clerk02").post("/staff/v1/accounts/clerk01/unlock", {}).status == 403
    assert origin.staff("chief01").post("/staff/v1/accounts/clerk01/unlock", {}).result == {"staff_id": "clerk01"}
    assert clerk.get("/shinsei/v1/applications").status == 200
    assert origin.login("clerk01").status == 200


def test_nobody_learns_which_ids_there_are(origin: Town) -> None:
    nobody, wrong = origin.login("nobody", "x"), origin.login("clerk01", "x")
    assert (nobody.status, nobody.json["errors"]) == (wrong.status, wrong.json["errors"])
    assert origin.staff("chief01").post("/staff/v1/accounts/nobody/unlock", {}).status == 404


def test_the_town_is_that_of_the_certificate(towns: Towns, origin: Town, destination: Town) -> None:
    token = origin.login("clerk01").result["token"]
    elsewhere = Caller(towns, {"X-Peer": f"town-{DESTINATION}", "Authorization": f"Bearer {token}"})
    assert elsewhere.get("/shinsei/v1/applications").status == 403
    stranger = Caller(towns, {"X-Peer": "town-nowhere", "Authorization": f"Bearer {token}"})
    assert stranger.get("/shinsei/v1/applications").code == "E5011"
    assert destination.login("clerk01", origin.code).status == 401


def test_sections_reach_only_what_is_theirs(origin: Town) -> None:
    for name in ("insured01", "audit01", "cards01"):
        staff = origin.staff(name)
        assert staff.get("/shinsei/v1/applications").status == 403
        assert staff.post("/juki/v1/residents/search", {"name": "試験"}).status == 403
        assert staff.get("/juki/v1/planned").status == 403
    assert origin.staff("clerk01").get("/audit/v1/events").status == 403
    assert origin.staff("clerk01").post("/cards/v1/unlock", {}).status == 403
