"""The towns of the fakes: the ward, and four towns whose codes no municipality can have; their addresses.

Prefectures are 01 to 47 (https://stampfactory.net/dictionary/?id=46924), so a code that begins with 99 is nobody's.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fakes.identifiers import checked_municipality_code
from fakes.package.application import Address
from fakes.refusals import Code, RefusedError
from fakes.streams import Stream

WARD_CODE: Final = "131041"
PHONE: Final = "000-0000-0000"
POSTCODES: Final = ("0000000", "9999999")
"""Absent from the Japan Post data of 2026-10."""


class Town(Struct, frozen=True):
    """A municipality that takes part.

    Attributes
    ----------
    code
        Six digits, 全国地方公共団体コード.
    prefecture, name, kana, romaji
        As written; kana and romaji of prefecture and name together.
    postcode
        Of every address in it.
    """

    code: str
    prefecture: str
    name: str
    kana: str
    romaji: str
    postcode: str

    @property
    def five(self) -> str:
        """Code without the check digit, as the procedure search uses it (cityCode)."""
        return self.code[:-1]


TOWNS: Final[dict[str, Town]] = {
    town.code: town
    for town in (
        Town(WARD_CODE, "東京都", "新宿区", "トウキョウト　シンジュクク", "Shinjuku City, Tokyo", POSTCODES[0]),
        Town("990019", "試験県", "模擬市", "シケンケン　モギシ", "Mogi City, Shiken", POSTCODES[1]),
        Town("990027", "試験県", "仮想市", "シケンケン　カソウシ", "Kaso City, Shiken", POSTCODES[1]),
        Town("990035", "試験県", "例示町", "シケンケン　レイジマチ", "Reiji Town, Shiken", POSTCODES[1]),
        Town("991015", "試験県", "演習村", "シケンケン　エンシュウムラ", "Enshu Village, Shiken", POSTCODES[1]),
    )
}
"""By code, the ward first."""

OTHERS: Final = tuple(code for code in TOWNS if code != WARD_CODE)

_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_CHOME = "一二三四五六七八九"


def town(code: str, item: str = "municipality") -> Town:
    """Return the town of a code.

    Raises
    ------
    RefusedError
        As `checked_municipality_code`; E2004 for a code of a municipality that takes no part here.
    """
    found = TOWNS.get(code)
    if found is None:
        raise RefusedError(Code.UNKNOWN_TOWN, item, found=checked_municipality_code(code, item))
    return found


def fake_address(stream: Stream, index: int, code: str) -> Address:
    """Return the address of a household in a town: 試験町, a lot, and a building for two in three."""
    place = town(code)
    drawn = stream.word(index)
    drawn, chome = divmod(drawn, len(_CHOME))
    drawn, lot = divmod(drawn, 40)
    drawn, number = divmod(drawn, 30)
    drawn, housing = divmod(drawn, 3)
    room = f"{drawn % 9 + 1}{drawn // 9 % 12 + 1:02d}"
    return Address(
        municipality=code,
        postcode=place.postcode,
        prefecture=place.prefecture,
        city=place.name,
        town=f"試験町{_CHOME[chome]}丁目",
        lot=wide(f"{lot + 1}番{number + 1}号"),
        building=wide(f"試験荘{room}号室") if housing else "",
    )


def wide(text: str) -> str:
    """Return a text with its digits in full width, as the items of an address want them."""
    return text.translate(_WIDE)
