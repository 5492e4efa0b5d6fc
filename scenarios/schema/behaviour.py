"""What people do: when they file, when they come, what goes wrong."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.quantity import Count, Factor, Minutes, PositiveMinutes, Rate, Share
from scenarios.schema.base import Table


class Behaviour(Table):
    """Rates of behaviour. Shares of online filings unless said otherwise."""

    by_post: Share = Field(
        description="郵送の割合（窓口以外の転出） / share of offline moving-out notices sent by post"
    )
    card_route: Share = Field(
        description="カード所持者の特例転入（オンライン以外） / card holders who use the card route without the service"
    )
    outside_hours: Share = Field(description="閉庁時間の申請 / submitted outside opening hours")
    files_from: Minutes = Field(
        description="オンライン申請を始める時刻（0時からの分） / nobody files earlier, minutes after midnight"
    )
    filed_after_move: Share = Field(description="引越し後の申請（10日以内） / submitted after the move, within 10 days")
    lead_days: PositiveMinutes = Field(
        description="引越し何日前に申請するか（中央値、日） / days from filing to move, median, 30 at most"
    )
    lead_spread: Factor = Field(
        description="申請時期のばらつき（対数正規分布の標準偏差） / spread of these days, log standard deviation"
    )
    advised_margin: Count = Field(
        description="来庁の何開庁日前までに申請するか / opening days before the visit by which all but the hasty file"
    )
    living_days: PositiveMinutes = Field(
        description=(
            "引越しから来庁までの日数（14日で切る前の平均、日） / "
            "days from the move to the visit, mean of an exponential that is then cut at the 14 days"
        )
    )
    late: Share = Field(description="14日を過ぎて来庁（全届出） / come after the 14 days (all moves in and within)")
    on_planned_day: Share = Field(description="予定日に来庁 / visit on the planned day")
    within_two_days: Share = Field(description="予定日の前後2日以内 / visit within two days of the planned day")
    hasty: Share = Field(
        description=(
            "余裕を見ずに来庁（申請の当日か翌開庁日） / "
            "visit without the advised margin, on the day of filing or the next opening day"
        )
    )
    hasty_same_day: Share = Field(description="そのうち申請の当日に来庁 / of these, on the day of filing")
    same_day_after_call: Share = Field(
        description="未着でも電話で当日完了 / of visits before the data, finished the same day after a call"
    )
    returned: Share = Field(description="要再申請 / returned for correction")
    resubmit_hours: PositiveMinutes = Field(
        description="再申請までの時間（平均、時間） / hours until resubmission, mean"
    )
    phone_check: Share = Field(description="電話確認 / needs a phone check")
    withdrawn: Share = Field(description="取下げ / withdrawn by the applicant")
    duplicate: Share = Field(description="重複申請 / submitted twice")
    duplicate_after: PositiveMinutes = Field(
        description="重複申請までの時間（平均、分） / minutes until the second submission, mean"
    )
    card_not_brought: Share = Field(description="カード忘れ（カード所持者） / card holders who come without the card")
    pin_forgotten: Share = Field(description="暗証番号忘れ（カード処理） / PIN forgotten or locked at the card step")
    wants_signing_certificate: Share = Field(
        description="署名用電子証明書の再発行 / of card steps, asks for a new signing certificate"
    )
    balk: Share = Field(description="混雑を見て帰る / go home when the posted wait is too long (all visitors)")
    balk_wait: Minutes = Field(description="帰る目安の表示待ち時間（分） / posted wait at which they do, minutes")
    renege_per_hour: Rate = Field(description="待つ間に帰る割合（毎時） / leave the queue, share per hour waited")

    @model_validator(mode="after")
    def _shares_fit(self) -> Behaviour:
        if float(self.on_planned_day) + float(self.within_two_days) > 1.0:
            raise PydanticCustomError(
                "shares_over_one", "shares that exclude each other add up to more than 1", {"key": "within_two_days"}
            )
        if not 0.0 <= float(self.renege_per_hour) < 1.0:
            raise PydanticCustomError("rate_not_share", "a share per hour is below 1", {"key": "renege_per_hour"})
        return self
