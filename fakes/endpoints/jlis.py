"""The rows of J-LIS: relay and receipt API, resident network, certificates and cards (interfaces.md 8.2, 8.3)."""

from __future__ import annotations

from functools import partial
from typing import Final

from fakes.endpoints.endpoint import MIB, SMALL, BodyKind, Caller, Endpoint
from fakes.endpoints.portal import OF_PACKAGE
from fakes.messages import cards as c
from fakes.messages import jlis as m
from fakes.messages import telegrams as t
from fakes.procedures import Section
from fakes.refusals import Code
from fakes.servers import Server

PORTAL: Final = "portal"
TOWN: Final = "town"
"""Authorities of peers: the portal, and a town's systems."""

_row = partial(Endpoint, Server.JLIS)
_relay = partial(_row, caller=Caller.PEER, authority=PORTAL)
_town = partial(_row, caller=Caller.PEER, authority=TOWN)
_staff = partial(_row, caller=Caller.STAFF, authority=Section.RESIDENTS)
_NUMBERS = (Code.LEGAL_NUMBER, Code.CHECK_DIGIT)
_STEP = (Code.RULE_STATE, Code.RULE_AUTHORITY)

PUSH: Final = _relay(
    "relay_application", "POST", "/relay/v1/applications", summary="申請データの中継 / Relay of an application",
    body=BodyKind.MULTIPART, message=m.PushApplication, answers={200: m.Relayed},
    changes=True, synthetic=True, limit=50 * MIB + SMALL, refusals=(*OF_PACKAGE, Code.RULE_STATE),
)  # fmt: skip
PUSH_WITHDRAWAL: Final = _relay(
    "relay_withdrawal", "POST", "/relay/v1/applications/{reference_number}/withdrawal",
    summary="取下げの中継 / Relay of a withdrawal",
    body=BodyKind.JSON, message=m.Withdrawal, answers={200: m.StatusSet}, changes=True, refusals=_STEP,
)  # fmt: skip
LEASE_CHANGES: Final = _relay(
    "relay_statuses", "POST", "/relay/v1/statuses", summary="状況変更の取得 / Changes for the portal",
    body=BodyKind.JSON, message=m.ChangesWanted, answers={200: m.Changes}, changes=True,
)  # fmt: skip
ACK_CHANGES: Final = _relay(
    "relay_statuses_ack", "POST", "/relay/v1/statuses/ack", summary="状況変更の受領 / Acknowledge changes",
    body=BodyKind.JSON, message=m.AcknowledgeChanges, answers={200: m.Acknowledged}, changes=True,
)  # fmt: skip

LOGIN: Final = _town(
    "receive_login", "POST", "/receive/v1/login", summary="ログインAPI / Login of staff or link server",
    body=BodyKind.JSON, message=m.StaffLogin, answers={200: m.StaffToken},
    refusals=(Code.WRONG_STAFF_PASSWORD, Code.STAFF_LOCKED),
)  # fmt: skip
SEARCH: Final = _staff(
    "receive_search", "POST", "/receive/v1/applications/search",
    summary="申請データ一覧取得API / List of applications",
    body=BodyKind.JSON, message=m.SearchApplications, answers={200: m.ApplicationRows},
)  # fmt: skip
TAKE: Final = _staff(
    "receive_application", "GET", "/receive/v1/applications/{reference_number}",
    summary="申請データ取得API / Take an application", body=BodyKind.QUERY, message=m.TakeApplication,
    answers={200: None}, media="application/zip", refusals=(Code.RULE_STATE, Code.RULE_GONE),
)  # fmt: skip
TAKE_BATCH: Final = _staff(
    "receive_take", "POST", "/receive/v1/applications/take",
    summary="申請データ一括取得 / Take several applications",
    body=BodyKind.JSON, message=m.TakeApplications, answers={200: m.TakenApplications},
)  # fmt: skip
SIGNATURE: Final = _staff(
    "receive_signature", "GET", "/receive/v1/applications/{reference_number}/signature",
    summary="電子署名の取得 / Signature of an application", answers={200: None}, media="application/pkcs7-signature",
)  # fmt: skip
ACK: Final = _staff(
    "receive_ack", "POST", "/receive/v1/applications/{reference_number}/ack",
    summary="申請データの受領 / Acknowledge an application",
    body=BodyKind.JSON, message=m.AcknowledgeApplication, answers={200: m.StatusSet}, changes=True,
    refusals=(Code.RULE_STATE,),
)  # fmt: skip
ACK_BATCH: Final = _staff(
    "receive_ack_batch", "POST", "/receive/v1/applications/ack",
    summary="申請データの一括受領 / Acknowledge several applications",
    body=BodyKind.JSON, message=m.AcknowledgeApplications, answers={200: m.Acknowledged}, changes=True,
)  # fmt: skip
RELEASE: Final = _staff(
    "receive_release", "POST", "/receive/v1/applications/{reference_number}/release",
    summary="申請データの返却 / Give an application back to the relay",
    body=BodyKind.JSON, message=m.AcknowledgeApplication, answers={200: m.StatusSet}, changes=True,
    refusals=(Code.RULE_STATE,),
)  # fmt: skip
SEARCH_STATUSES: Final = _staff(
    "receive_statuses", "POST", "/receive/v1/statuses/search",
    summary="申請処理状況一覧取得API / States of applications",
    body=BodyKind.JSON, message=m.SearchStatuses, answers={200: m.StatusRows},
)  # fmt: skip
SET_STATUS: Final = _staff(
    "receive_status", "PUT", "/receive/v1/statuses/{reference_number}",
    summary="申請処理状況更新 / Change the state of an application",
    body=BodyKind.JSON, message=m.SetStatus, answers={200: m.StatusSet}, changes=True,
    refusals=(*_STEP, Code.MISMATCH),
)  # fmt: skip

SEND_TELEGRAM: Final = _town(
    "cs_telegrams", "POST", "/cs/v1/telegrams", summary="電文送信 / Send a telegram",
    body=BodyKind.JSON, message=t.SendTelegram, answers={202: t.TelegramTaken}, changes=True, synthetic=True,
    refusals=(*_NUMBERS, Code.UNKNOWN_TOWN, Code.MISMATCH, Code.RULE_STATE, Code.RULE_CLOSED),
)  # fmt: skip
SEARCH_TELEGRAMS: Final = _town(
    "cs_telegrams_search", "POST", "/cs/v1/telegrams/search", summary="送信電文の状況 / Telegrams that were sent",
    body=BodyKind.JSON, message=t.SearchTelegrams, answers={200: t.TelegramRows},
)  # fmt: skip
INBOX: Final = _town(
    "cs_inbox", "GET", "/cs/v1/inbox", summary="電文受信 / Telegrams that wait",
    body=BodyKind.QUERY, message=t.InboxWanted, answers={200: t.Inbox, 204: None},
    refusals=(Code.RULE_CLOSED,),
)  # fmt: skip
ACK_INBOX: Final = _town(
    "cs_inbox_ack", "POST", "/cs/v1/inbox/ack", summary="電文受領 / Acknowledge telegrams",
    body=BodyKind.JSON, message=t.AcknowledgeTelegrams, answers={200: m.Acknowledged}, changes=True,
)  # fmt: skip

_ocsp = partial(
    _row, caller=Caller.PEER, body=BodyKind.OCSP, answers={200: None}, media="application/ocsp-response",
    assumed=False, refusals=(Code.MALFORMED,),
)  # fmt: skip
OCSP_SIGN: Final = _ocsp(
    "ocsp_sign", "POST", "/jpki/ocsp/sign", summary="署名用電子証明書の失効確認 (OCSP, RFC 6960) / Status of signing"
)  # fmt: skip
OCSP_AUTH: Final = _ocsp(
    "ocsp_auth", "POST", "/jpki/ocsp/auth", summary="利用者証明用電子証明書の失効確認 (OCSP) / Status of authentication"
)  # fmt: skip
_crl = partial(
    _row, caller=Caller.PEER, answers={200: None, 304: None}, media="application/pkix-crl", assumed=False
)  # fmt: skip
CRL_SIGN: Final = _crl("crl_sign", "GET", "/jpki/crl/sign.crl", summary="失効リスト（署名用） / CRL of signing")
CRL_AUTH: Final = _crl(
    "crl_auth", "GET", "/jpki/crl/auth.crl", summary="失効リスト（利用者証明用） / CRL of authentication"
)
REVOKE: Final = _town(
    "jpki_revoke", "POST", "/jpki/v1/revocations", summary="署名用電子証明書の失効 / Revoke a signing certificate",
    body=BodyKind.JSON, message=c.RevokeCertificate, answers={200: c.CertificateRevoked}, changes=True,
)  # fmt: skip
ISSUE: Final = _town(
    "jpki_issue", "POST", "/jpki/v1/certificates", summary="署名用電子証明書の発行 / Issue a signing certificate",
    body=BodyKind.JSON, message=c.IssueCertificate, answers={200: c.CertificateIssued}, changes=True, synthetic=True,
    refusals=(Code.RULE_STATE, Code.UNKNOWN_TOWN),
)  # fmt: skip

CARD_STATUS: Final = _town(
    "card_status", "POST", "/cards/v1/status", summary="カード発行状況の照会 / State of a card",
    body=BodyKind.JSON, message=c.CardQuestion, answers={200: c.CardStatus}, synthetic=True, refusals=_NUMBERS,
)  # fmt: skip
DELIVERY_INFO: Final = _town(
    "card_delivery_info", "POST", "/cards/v1/delivery-info", summary="送付先情報の送信 / Where a card is sent",
    body=BodyKind.JSON, message=c.DeliveryInfo, answers={202: c.DeliveryInfoTaken}, changes=True, synthetic=True,
    refusals=(*_NUMBERS, Code.UNKNOWN_TOWN, Code.MISMATCH),
)  # fmt: skip
UNLOCK: Final = _town(
    "card_unlock", "POST", "/cards/v1/unlock", summary="暗証番号のロック解除 / Unlock the secrets of a card",
    body=BodyKind.JSON, message=c.UnlockCard, answers={200: c.CardUnlocked}, changes=True,
)  # fmt: skip

ENDPOINTS: Final = (
    *(PUSH, PUSH_WITHDRAWAL, LEASE_CHANGES, ACK_CHANGES),
    *(LOGIN, SEARCH, TAKE, TAKE_BATCH, SIGNATURE, ACK, ACK_BATCH, RELEASE, SEARCH_STATUSES, SET_STATUS),
    *(SEND_TELEGRAM, SEARCH_TELEGRAMS, INBOX, ACK_INBOX),
    *(OCSP_SIGN, OCSP_AUTH, CRL_SIGN, CRL_AUTH, REVOKE, ISSUE),
    *(CARD_STATUS, DELIVERY_INFO, UNLOCK),
)
