"""How long the hands of the staff need, in minutes. Every figure is a mean; the spread is `cv`."""

from __future__ import annotations

from pydantic import Field

from scenarios.quantity import Factor, Minutes, PositiveMinutes
from scenarios.schema.base import Table


class Work(Table):
    """Hands-on minutes per filing, lognormal with coefficient of variation `cv`."""

    cv: Factor = Field(description="変動係数 / coefficient of variation of every service time")
    move_in_paper: PositiveMinutes = Field(description="転入（転出証明書持参） / move in, paper certificate")
    move_in_card_route: PositiveMinutes = Field(
        description="転入（特例、準備なし） / move in, card route, not prepared"
    )
    move_in_prepared: PositiveMinutes = Field(
        description="転入（来庁予定連絡、準備済み） / move in, notice and prepared"
    )
    from_abroad: PositiveMinutes = Field(description="国外からの転入 / move in from abroad")
    move_within: PositiveMinutes = Field(description="転居 / move within the ward")
    move_within_prepared: PositiveMinutes = Field(description="転居（準備済み） / move within the ward, prepared")
    move_out_counter: PositiveMinutes = Field(description="転出（窓口） / move out at a counter")
    move_out_post: PositiveMinutes = Field(description="転出（郵送、事務） / move out by post, back office")
    check_online: PositiveMinutes = Field(
        description="オンライン転出の審査（事務） / checking an online notice, back office"
    )
    process_online: PositiveMinutes = Field(
        description="オンライン転出の処理（事務） / processing it and sending the certificate data, back office"
    )
    phone_check: PositiveMinutes = Field(description="電話確認（事務） / a phone check, back office")
    duplicate_check: PositiveMinutes = Field(description="重複の確認（事務） / finding a duplicate, back office")
    prepare_visit: PositiveMinutes = Field(description="来庁の準備（事務） / preparing one visit, back office")
    extra_person: Minutes = Field(description="2人目以降（1人） / each further person, moves in and within")
    missing_data: PositiveMinutes = Field(description="証明書情報未着の対応 / when the certificate data is missing")
    missing_data_answer: PositiveMinutes = Field(
        description="前住所地の回答待ち（職員は離れる） / waiting for the origin's answer, staff not held"
    )
    turned_away: PositiveMinutes = Field(description="出直しの案内 / telling a visitor to come again")
    card_update: PositiveMinutes = Field(description="継続利用と券面（1枚） / continuation and face update, per card")
    signing_certificate: PositiveMinutes = Field(
        description="署名用証明書の再発行 / re-issue of the signing certificate"
    )
    pin_reset: PositiveMinutes = Field(description="暗証番号の再設定 / PIN reset")
    certificate: PositiveMinutes = Field(
        description="証明書の交付など（他の客） / certificates and the like, other customers"
    )
    card_customer: PositiveMinutes = Field(description="カード窓口の他の客 / other customers of the card desks")
