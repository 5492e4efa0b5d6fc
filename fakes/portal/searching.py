"""Search of procedures (外部連携制度・手続一覧／詳細検索API): what each town takes online, for providers."""

from __future__ import annotations

from typing import Final

from msgspec.structs import asdict

from fakes.endpoints.portal import FIND_PROCEDURE, SEARCH_PROCEDURES
from fakes.messages.portal import (
    ProcedureDetail,
    ProcedureFound,
    ProcedureInfo,
    ProcedureInfoDetail,
    ProcedureList,
    ProcedureSearch,
    SearchResult,
)
from fakes.portal.context import Portal
from fakes.portal.logins import check_source, is_provider
from fakes.procedures import HANDLED_BY, SERVICE_CODES, Procedure, procedure_id
from fakes.refusals import Code, RefusedError
from fakes.towns import TOWNS, Town
from fakes.web.answers import bare
from fakes.web.core import Handlers, Work
from fakes.web.request import WebCall
from texts import Lang, say

HANDLERS: Final[Handlers[Portal]] = Handlers()

_OPENED: Final = "2023-02-06T00:00:00+09:00"
"""All municipalities: https://www.digital.go.jp/policies/moving_onestop_service/faq-01/"""
_BY_ID: Final = {
    procedure_id(code, procedure): (town, procedure) for code, town in TOWNS.items() for procedure in Procedure
}


@HANDLERS.on(SEARCH_PROCEDURES)
def search(call: WebCall, portal: Portal) -> Work:
    """List the procedures of a town in which all keywords occur; none is an answer too."""
    message: ProcedureSearch = call.message
    _check(call, portal, message.id, message.password, {"cityCode": message.city_code, "keyword": message.keyword})
    found = [
        info
        for town, procedure in _BY_ID.values()
        if town.five == message.city_code and _matches(info := _info(town, procedure, call.lang), message)
    ]
    first = (message.page - 1) * message.per_page
    page = found[first : first + message.per_page]
    return bare(ProcedureList(SearchResult("OK", [], len(found)), page))


@HANDLERS.on(FIND_PROCEDURE)
def find(call: WebCall, portal: Portal) -> Work:
    """Tell all about one procedure; nothing if there is none of that ID."""
    message: ProcedureDetail = call.message
    _check(call, portal, message.id, message.password, {"psid": message.psid})
    known = _BY_ID.get(message.psid)
    if known is None:
        return bare(ProcedureFound(SearchResult("OK", [], 0), None))
    return bare(ProcedureFound(SearchResult("OK", [], 1), _detail(*known, call.lang)))


def _check(call: WebCall, portal: Portal, name: str, password: str, needed: dict[str, object]) -> None:
    """Check who asks, and that what is needed is there.

    Raises
    ------
    RefusedError
        E5011 for an address that is not registered, EE002 for what is missing, EE000 for another ID or password.
    """
    check_source(call, portal)
    for item, value in {"id": name, "password": password, **needed}.items():
        if not value:
            raise RefusedError(Code.PROVIDER_ITEM_MISSING, item)
    if not is_provider(portal, name, password):
        raise RefusedError(Code.PROVIDER_REFUSED)


def _matches(info: ProcedureInfo, message: ProcedureSearch) -> bool:
    text = f"{info.official_name} {info.alias_name} {info.summary}"
    return (
        all(word in text for word in message.keyword or ())
        and message.service_code in ("", info.service_code)
        and message.is_e_applicable in (None, info.is_e_applicable)
    )


def _info(town: Town, procedure: Procedure, lang: Lang) -> ProcedureInfo:
    return ProcedureInfo(
        psid=procedure_id(town.code, procedure),
        official_name=procedure.label(lang),
        alias_name=say("fakes.search.alias", lang),
        summary=say(f"fakes.search.{procedure.value}", lang, town=town.name if lang == "ja" else town.romaji),
        service_code=SERVICE_CODES[procedure],
        is_e_applicable=True,
        procedure_period_date_from="",
        procedure_period_date_to="",
        procedure_period_time_from="00:00",
        procedure_period_time_to="24:00",
        jurisdiction_department=HANDLED_BY[procedure].label(lang),
        open_start_datetime=_OPENED,
        open_end_datetime="",
        procedure_version="1",
        update_date_time=_OPENED,
    )


def _detail(town: Town, procedure: Procedure, lang: Lang) -> ProcedureInfoDetail:
    info = _info(town, procedure, lang)
    return ProcedureInfoDetail(
        **asdict(info),
        body=info.summary,
        target=say("fakes.search.target", lang),
        target_age_from="",
        target_age_to="",
        allowance_detail="",
        usage_fee=say("fakes.search.fee", lang),
        procedure_method=say("fakes.search.method", lang),
        eligible_person=say("fakes.search.eligible", lang),
        requirements=say("fakes.search.requirements", lang),
        contact=info.jurisdiction_department,
        target_area=town.name if lang == "ja" else town.romaji,
        related_link_list=[],
        muni_serv_link_list=[],
        form_link_list=[],
    )
