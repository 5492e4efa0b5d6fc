"""Every value that somebody can send has bounds: nothing too long, no number that a store cannot hold, no fractions."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from msgspec import inspect

from fakes.endpoints import Caller, Endpoint, Server, endpoints_of

ROWS = [
    row
    for server in Server
    for row in endpoints_of(server)
    # A fault is checked by rules of its own (`fakes.faults.fault.checked`); only whoever runs the rehearsal sends one.
    if row.message is not None and row.caller is not Caller.OPERATOR
]


def parts(found: inspect.Type, name: str) -> Iterator[tuple[str, inspect.Type]]:
    """Return a type and all types in it, with the names of their places."""
    yield name, found
    match found:
        case inspect.Metadata():
            yield from parts(found.type, name)
        case inspect.StructType():
            for field in found.fields:
                yield from parts(field.type, f"{name}.{field.name}")
        case inspect.ListType():
            yield from parts(found.item_type, f"{name}[]")
        case inspect.UnionType():
            for one in found.types:
                yield from parts(one, name)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.server}.{row.name}")
def test_every_value_of_a_message_has_bounds(row: Endpoint) -> None:
    assert row.message is not None
    for name, one in parts(msgspec.inspect.type_info(row.message), row.message.__name__):
        match one:
            case inspect.IntType():
                assert one.ge is not None, name
                assert one.le is not None, name
                assert one.le < 2**63, name
            case inspect.StrType():
                assert one.max_length is not None, name
            case inspect.ListType():
                assert one.max_length is not None, name
            case inspect.FloatType() | inspect.DictType() | inspect.AnyType() | inspect.RawType():
                pytest.fail(f"{name} can be anything")
