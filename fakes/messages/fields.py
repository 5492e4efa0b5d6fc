"""Types of single values in messages: lengths and characters, with their source where one is known."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

_LEAP: Final = "[0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][48]|[13579][26]|[2468]0)00"
DAY: Final = (
    "((?!0000)[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|({_LEAP})-02-29)"
)
"""A day that there is, and a moment of it: what the documents allow can be read."""
MOMENT: Final = f"{DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{{1,6}})?[+]09:00"

TemporaryNumber = Annotated[str, Meta(min_length=20, max_length=20, pattern="^[0-9]{20}$", title="仮受付番号")]
ReferenceNumber = Annotated[str, Meta(min_length=17, max_length=17, pattern="^[0-9]{17}$", title="受付番号")]
ReferenceNumberIfAny = Annotated[str, Meta(max_length=17, pattern="^([0-9]{17})?$", title="受付番号")]
MunicipalityCode = Annotated[str, Meta(min_length=6, max_length=6, pattern="^[0-9]{6}$", title="市区町村コード X(6)")]
CityServiceCode = Annotated[str, Meta(min_length=10, max_length=10, pattern="^[0-9]{10}$", title="手続コード")]
CardSerial = Annotated[
    str, Meta(min_length=16, max_length=16, pattern="^TEST[0-9]{12}$", title="カード製造番号 (仮定)")
]
Pin = Annotated[str, Meta(min_length=4, max_length=4, pattern="^[0-9]{4}$", title="利用者証明用暗証番号")]
SigningPassword = Annotated[
    str, Meta(min_length=6, max_length=16, pattern="^[0-9A-Z]{6,16}$", title="署名用パスワード")
]
ProviderId = Annotated[str, Meta(min_length=1, max_length=64, title="事業者ID, 長さは仮定")]
HashedPassword = Annotated[str, Meta(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$", title="SHA-256, 16進")]
Flag = Annotated[str, Meta(min_length=1, max_length=1, pattern="^[01]$", title="フラグ X(1)")]
StaffId = Annotated[str, Meta(min_length=1, max_length=10, pattern="^[0-9A-Za-z_-]{1,10}$", title="操作者ID X(10)")]
Password = Annotated[str, Meta(min_length=1, max_length=128, title="パスワード")]
Moment = Annotated[
    str,
    Meta(max_length=32, pattern=f"^{MOMENT}$", title="日時 (ISO 8601, JST)"),
]
Note = Annotated[str, Meta(max_length=500, title="連絡事項 N(500), 長さは仮定")]
Page = Annotated[int, Meta(ge=1, le=1_000_000, title="頁")]
PerPage = Annotated[int, Meta(ge=1, le=100, title="一頁の件数")]
Owner = Annotated[str, Meta(min_length=32, max_length=32, title="所有者トークン")]
OwnerIfAny = Annotated[str, Meta(max_length=32, title="所有者トークン")]
Cursor = Annotated[int, Meta(ge=0, le=2**53, title="読取位置")]
Delivery = Annotated[int, Meta(ge=1, le=1_000_000, title="配信番号")]
HexDigest = Annotated[str, Meta(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$", title="SHA-256, 16進")]
Terminal = Annotated[str, Meta(max_length=40, pattern="^[0-9A-Za-z._-]*$", title="端末名")]
Day = Annotated[str, Meta(min_length=10, max_length=10, pattern=f"^{DAY}$", title="DATE(10)")]
IndividualNumber = Annotated[str, Meta(min_length=12, max_length=12, pattern="^[0-9]{12}$", title="個人番号 X(12)")]
ResidentCode = Annotated[str, Meta(min_length=11, max_length=11, pattern="^[0-9]{11}$", title="住民票コード X(11)")]
