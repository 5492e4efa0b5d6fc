"""`extends`: how a file lays its own keys over those of the file that it extends.

- Tables merge key by key, at any depth.
- A quantity is one value: a number, or a table with `value`, replaces the base's quantity with all its evidence.
- Lists are one value too, with one exception: where every item on both sides has an `id`, items merge by id. An item
  with the same id is laid over the base's item; a new one is added at the end.
"""

from __future__ import annotations

from scenarios.positions import Node, id_of
from scenarios.quantity import is_quantity_table


def merged(base: Node, over: Node) -> Node:
    """Return `base` with `over` laid on it; every part keeps the place where it was written."""
    if isinstance(base.content, dict) and isinstance(over.content, dict):
        if _is_quantity(base) or _is_quantity(over):
            return over
        table = dict(base.content)
        for name, child in over.content.items():
            table[name] = merged(table[name], child) if name in table else child
        return Node(table, over.mark, over.key)
    if isinstance(base.content, list) and isinstance(over.content, list):
        items = {id_of(item): item for item in base.content}
        added = {id_of(item): item for item in over.content}
        if items and added and None not in items and None not in added:
            for item_id, item in added.items():
                items[item_id] = merged(items[item_id], item) if item_id in items else item
            return Node(list(items.values()), over.mark, over.key)
    return over


def _is_quantity(node: Node) -> bool:
    return isinstance(node.content, dict) and is_quantity_table(node.content)
