"""The store: what is answered is on disk, in order, once, and accounted for."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import bindparam, or_, select, update

from fakes.messages.answer import Answer
from fakes.refusals import Code, RefusedError
from fakes.store import audit
from fakes.store.databases import Connection, Place, PostgresConnection, SQLiteConnection
from fakes.store.documents import opened, read_document
from fakes.store.statements import Database, Statement
from fakes.store.store import Store, prepare
from fakes.store.tables import AUDIT, DOCUMENT, EVENT, HEAD
from fakes.store.transaction import Transaction
from fakes.store.unit import Decision, Event
from fakes.store.writer import REPLAYED
from tests.fakes.store.little import ALL, PROJECTIONS, TEXT, LittleCall, Written, view_of, with_store, write

EVENTS = Statement(select(EVENT).order_by(EVENT.c.seq))
DOCUMENTS = Statement(select(DOCUMENT))
AUDITS = Statement(select(AUDIT.c.record).order_by(AUDIT.c.seq))
HEADS = Statement(select(HEAD))


async def _gather(store: Store, *units: tuple[LittleCall, object]) -> list[Answer]:
    return await asyncio.gather(*(store.submit(call, decide) for call, decide in units))  # type: ignore[arg-type]


def test_what_is_answered_is_committed_with_its_event_its_document_and_its_audit_record(place: Place) -> None:
    async def use(store: Store) -> tuple[Answer, list[tuple[object, ...]]]:
        answer = await store.submit(LittleCall(request_id="r-1", attempt=2), write("a", "first", b"bytes"))
        return answer, view_of(place).all(ALL)

    answer, notes = with_store(place, use)
    assert (answer.status, notes) == (200, [("a", "first", 1)])
    view = view_of(place)
    [event] = view.all(EVENTS)
    assert event[:8] == (1, 1_677_600_000_000_000, "written", "a", "", "tester", "r-1", 2)
    assert event[-1] == b'{"type":"written","text":"first"}'
    assert (read_document(view, 1), read_document(view, 2)) == (b"bytes", None)
    [(number, sealed)] = view.all(DOCUMENTS)
    assert (number, b"bytes" in sealed) == (1, False)
    with pytest.raises(InvalidTag):
        opened(view, 2, sealed)
    assert view.all(AUDITS) == [(b'[1,"tester",200,"a"]',)]


def test_the_store_syncs_every_commit_to_disk(file_place: Place) -> None:
    connection = file_place.open()
    assert isinstance(connection, SQLiteConnection)
    cursor = connection.cursor()
    assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_calls_that_come_together_share_a_transaction_and_later_ones_see_earlier_ones(place: Place) -> None:
    async def use(store: Store) -> list[Answer]:
        return await _gather(store, *((LittleCall(), write(f"n{i}", "x")) for i in range(20)))

    answers = with_store(place, use)
    assert [answer.body for answer in answers] == [b"%d" % i for i in range(20)]


def test_a_call_that_cannot_be_recorded_spoils_no_other_of_its_batch(place: Place) -> None:
    async def use(store: Store) -> list[Answer]:
        return await _gather(
            store, (LittleCall(), write("a", "1")), (LittleCall(), write("a", "2")), (LittleCall(), write("b", "3"))
        )

    answers = with_store(place, use)
    assert [answer.status for answer in answers] == [200, 503, 200]
    assert answers[1].code == Code.UNEXPECTED
    view = view_of(place)
    assert [row[:2] for row in view.all(ALL)] == [("a", "1"), ("b", "3")]
    assert [row[0] for row in view.all(EVENTS)] == [1, 2]  # no gap where it failed
    assert sorted(row[0] for row in view.all(AUDITS)) == [
        b'[1,"tester",200,"a"]', b'[2,"tester",503,""]', b'[3,"tester",200,"b"]',
    ]  # fmt: skip
    assert audit.verify(view).whole


def test_a_program_error_in_a_decision_changes_nothing_and_is_accounted_for(place: Place) -> None:
    def decide(_tx: Transaction) -> Decision:
        raise ZeroDivisionError

    answer = with_store(place, lambda store: store.submit(LittleCall(), decide))
    assert answer.status == 503
    assert len(view_of(place).all(AUDITS)) == 1


def test_a_refusal_is_answered_and_accounted_for_and_nothing_happens(place: Place) -> None:
    def decide(_tx: Transaction) -> Decision:
        raise RefusedError(Code.NOT_FOUND)

    answer = with_store(place, lambda store: store.submit(LittleCall(), decide))
    assert (answer.status, answer.code) == (404, "E5004")
    view = view_of(place)
    assert (view.all(EVENTS), len(view.all(AUDITS))) == ([], 1)


def test_the_same_key_gets_the_same_answer_and_happens_once(place: Place) -> None:
    async def use(store: Store) -> list[Answer]:
        call = LittleCall(key="k", digest=b"d")
        together = await _gather(store, (call, write("a", "1")), (call, write("a", "1")))
        return [*together, await store.submit(call, write("a", "1"))]

    first, second, third = with_store(place, use)
    assert first.headers == ()
    assert second.headers == third.headers == (REPLAYED,)
    assert first.body == second.body == third.body
    assert len(view_of(place).all(EVENTS)) == 1
    assert len(view_of(place).all(AUDITS)) == 3


def test_the_same_key_for_other_content_is_refused(place: Place) -> None:
    async def use(store: Store) -> list[Answer]:
        return [
            await store.submit(LittleCall(key="k", digest=b"d"), write("a", "1")),
            await store.submit(LittleCall(key="k", digest=b"other"), write("b", "2")),
            await store.submit(LittleCall(key="k", digest=b"other", actor="somebody else"), write("c", "3")),
        ]

    assert [(a.status, a.code) for a in with_store(place, use)] == [(200, ""), (409, Code.KEY_REUSED), (200, "")]
    assert [row[0] for row in view_of(place).all(ALL)] == ["a", "c"]


def test_a_key_whose_call_failed_can_be_used_again(place: Place) -> None:
    async def use(store: Store) -> list[Answer]:
        await store.submit(LittleCall(), write("a", "1"))
        failed = await store.submit(LittleCall(key="k"), write("a", "2"))
        return [failed, await store.submit(LittleCall(key="k"), write("b", "2"))]

    assert [answer.status for answer in with_store(place, use)] == [503, 200]


def test_a_full_queue_refuses_and_refusals_are_accounted_for_all_the_same(place: Place) -> None:
    async def use(store: Store) -> tuple[list[object], Answer]:
        calls = [store.submit(LittleCall(), write(f"n{i}", "x")) for i in range(4)]
        outcomes: list[object] = list(await asyncio.gather(*calls, return_exceptions=True))
        always = await store.submit(LittleCall(), write("z", "x"), always=True)
        return outcomes, always

    outcomes, always = with_store(place, use, queue=2)
    refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
    assert [problem.code for problem in refused] == [Code.BUSY, Code.BUSY]
    assert always.status == 200


def test_a_store_that_stops_carries_out_what_waits(place: Place) -> None:
    async def use() -> list[Answer]:
        store = Store(place, PROJECTIONS)
        store.start()
        waiting = [asyncio.ensure_future(store.submit(LittleCall(), write(f"n{i}", "x"))) for i in range(300)]
        await asyncio.sleep(0)
        await store.stop()
        return await asyncio.gather(*waiting)

    assert {answer.status for answer in asyncio.run(use())} == {200}
    assert len(view_of(place).all(EVENTS)) == 300


def test_the_log_replayed_gives_the_same_tables(place: Place, empty_place: Place) -> None:
    async def use(store: Store) -> list[Answer]:
        return await _gather(store, *((LittleCall(), write(f"n{i}", f"text {i}")) for i in range(2500)))

    with_store(place, use, queue=3000)
    connection = empty_place.open()
    connection.begin()
    assert PROJECTIONS.replay(view_of(place), Transaction(empty_place.database, connection.cursor())) == 2500
    connection.commit()
    connection.close()
    assert view_of(empty_place).all(ALL) == view_of(place).all(ALL)


def test_readers_see_what_is_committed(place: Place) -> None:
    async def use(store: Store) -> object:
        await store.submit(LittleCall(), write("a", "here"))
        return await store.read(lambda view: view.one(TEXT, wanted="a"))

    assert with_store(place, use) == ("here",)


def test_a_process_that_lost_its_leadership_writes_nothing(place: Place) -> None:
    async def use(store: Store) -> object:
        return (await store.submit(LittleCall(key="k"), write("a", "1"))).code

    assert with_store(place, use, guard=lambda _tx: RefusedError(Code.STANDBY)) == Code.STANDBY
    assert view_of(place).all(ALL) == []
    assert len(view_of(place).all(AUDITS)) == 1, "that it was refused is recorded"
    again = with_store(place, lambda store: store.submit(LittleCall(key="k"), write("a", "1")))
    assert again.status == 200, "and does not bind the key"


def test_a_guard_that_cannot_tell_lets_nothing_through(place: Place) -> None:
    def guard(_tx: Transaction) -> None:
        raise PermissionError("the row cannot be read")

    async def use(store: Store) -> object:
        with pytest.raises(RefusedError) as refused:
            await store.submit(LittleCall(), write("a", "1"))
        return refused.value.code

    assert with_store(place, use, guard=guard) == Code.STORE_DOWN
    assert view_of(place).all(AUDITS) == []


def test_the_secrets_of_a_store_stay_the_same(place: Place) -> None:
    prepare(place, PROJECTIONS)
    first = with_store(place, _secret)
    assert len(first) == 32
    assert with_store(place, _secret) == first


async def _secret(store: Store) -> bytes:
    return store.secret("tokens")


def test_a_store_goes_on_where_it_ended(place: Place) -> None:
    with_store(place, lambda store: store.submit(LittleCall(), write("a", "1")))
    with_store(place, lambda store: store.submit(LittleCall(), write("b", "2")))
    view = view_of(place)
    assert [row[0] for row in view.all(EVENTS)] == [1, 2]
    assert audit.verify(view) == audit.Verified(2)


def test_two_stores_on_one_place_number_their_events_without_gaps_or_doubles(place: Place) -> None:
    async def use() -> None:
        one, two = Store(place, PROJECTIONS), Store(place, PROJECTIONS)
        one.start()
        two.start()
        await asyncio.gather(*((one if i % 2 else two).submit(LittleCall(), write(f"n{i}", "x")) for i in range(200)))
        await one.stop()
        await two.stop()

    asyncio.run(use())
    view = view_of(place)
    assert [row[0] for row in view.all(EVENTS)] == list(range(1, 201))
    assert audit.verify(view) == audit.Verified(200)


def test_a_disk_that_refuses_is_answered_as_such(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Connection) -> None:
        raise OSError("database or disk is full")

    async def use(store: Store) -> list[object]:
        monkeypatch.setattr(PostgresConnection if place.database == "postgresql" else SQLiteConnection, "commit", full)
        with pytest.raises(RefusedError) as refused:
            await store.submit(LittleCall(), write("a", "1"))
        monkeypatch.undo()
        return [refused.value.code, (await store.submit(LittleCall(), write("b", "2"))).status]

    assert with_store(place, use) == [Code.STORE_DOWN, 200]
    assert [row[0] for row in view_of(place).all(ALL)] == ["b"]


def test_two_projections_for_one_kind_of_event_are_refused() -> None:
    with pytest.raises(ValueError, match="two projections"):
        PROJECTIONS.on(Written)(lambda _tx, _event: None)


def test_a_place_is_one_of_the_two_databases() -> None:
    with pytest.raises(ValueError, match="mysql"):
        Place("mysql://localhost/x", "little")


def test_values_of_a_statement_are_named_and_constants_kept() -> None:
    condition = (or_(EVENT.c.kind == "a", EVENT.c.kind == "b"), EVENT.c.seq == bindparam("n"))
    statement = Statement(update(EVENT).where(*condition).values(actor=None, owner="x"))
    databases: tuple[Database, ...] = ("sqlite", "postgresql")
    for database in databases:
        sql, values = statement.bind(database, {"n": 5})
        assert sql.count("?" if database == "sqlite" else "%s") == len(values) == 5
        assert sorted(map(str, values)) == ["5", "None", "a", "b", "x"]
        with pytest.raises(KeyError):
            statement.bind(database, {})


def test_an_event_without_a_projection_is_an_error_of_the_program(place: Place) -> None:
    class Unknown(Written, tag="unknown"):
        pass

    def decide(_tx: Transaction) -> Decision:
        return Decision(Answer(200), (Event("a", Unknown("x")),))

    assert with_store(place, lambda store: store.submit(LittleCall(), decide)).status == 503
