"""The page over real HTTP: what it says, what it refuses, and that nobody else can drive it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tests.explore.conftest import Served
from texts import LANGS, Lang, say


def test_the_page_says_that_nothing_is_changed_and_shows_the_start(served: Served) -> None:
    page = served.client.get()
    assert page.status == 200
    assert say("explore.unchanged", "ja") in page.text
    assert "Trial after" not in page.text


@pytest.mark.parametrize("lang", LANGS)
def test_a_change_is_answered_in_the_language_that_is_asked_for(served: Served, lang: Lang) -> None:
    page = served.client.get(state={"lang": lang, "main_windows_ordinary": "20", "main_clerks_ordinary": "30"})
    assert say("report.verdict.lower", lang) in page.text
    assert f'<html lang="{lang}">' in page.text
    assert say("explore.unchanged", lang) not in page.text


@pytest.mark.parametrize("lang", LANGS)
def test_what_was_changed_is_marked_in_words(served: Served, lang: Lang) -> None:
    page = served.client.get(state={"lang": lang, "main_windows_ordinary": "20", "prepare": "no"})
    marked = rf'id="(\w+)-moved" data-swap>{say("explore.moved", lang)}<'
    assert sorted(re.findall(marked, page.text)) == ["main_windows_ordinary", "prepare"]
    assert not re.search(marked, served.client.get(state={"lang": lang}).text)


@pytest.mark.parametrize(
    ("state", "key", "values"),
    [
        ({"uptake": "90"}, "explore.wrong.percent", {"found": "90", "least": "0", "most": "44.1"}),
        ({"main_windows_peak": "０"}, "explore.wrong.whole", {"found": "0", "least": "1", "most": "99"}),
        ({"main_clerks_peak": "1.5"}, "explore.wrong.whole", {"found": "1.5", "least": "1", "most": "99"}),
        ({"peak_to": "soon"}, "explore.wrong.date", {"found": "soon"}),
        ({"prepare": "maybe"}, "explore.wrong.choice", {"found": "maybe"}),
    ],
)
@pytest.mark.parametrize("lang", LANGS)
def test_a_value_that_cannot_be_is_told_beside_its_field(
    served: Served, lang: Lang, state: dict[str, str], key: str, values: dict[str, str]
) -> None:
    page = served.client.get(state={"lang": lang, **state})
    [field] = state
    assert page.status == 200
    [beside] = re.findall(rf'id="{field}-wrong" data-swap>([^<]*)<', page.text)
    assert beside == say(key, lang, **values)
    assert say("explore.not_yet", lang) in page.text


def test_what_only_the_whole_scenario_shows_to_be_wrong_is_told_beside_its_field_too(served: Served) -> None:
    page = served.client.get(state={"peak_to": "2023-01-01"})
    assert re.search(r'id="peak_to-wrong" data-swap>[^<]+<', page.text)
    page = served.client.get(state={"back_office": "25:00-26:00"})
    assert re.search(r'id="back_office-wrong" data-swap>[^<]+<', page.text)


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "'\"><b>", "\x00", "９" * 500])
def test_whatever_is_typed_stands_in_the_page_as_text(served: Served, typed: str) -> None:
    page = served.client.get(state={"uptake": typed})
    assert page.status == 200
    assert "<script>alert" not in page.text
    assert "<b>" not in page.text


def test_only_the_secret_address_of_this_machine_is_answered(served: Served) -> None:
    parts = urlsplit(served.address)
    assert parts.hostname == "127.0.0.1"
    assert len(parts.path) > 20
    elsewhere = type(served)(f"http://{parts.netloc}/wrong/", served.folder)
    assert elsewhere.client.get().status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_web_page_is_refused_and_changes_nothing(served: Served, headers: dict[str, str]) -> None:
    assert served.client.get(headers=headers).status == 403
    assert served.client.post("save", {"name": "mine", "uptake": "20"}, headers).status == 403
    assert list(served.folder.iterdir()) == []


def test_the_page_may_load_nothing_from_elsewhere(served: Served) -> None:
    page = served.client.get()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<(?:script|style)>|style=|onclick|https?://(?!www\.w3\.org/2000/svg)", page.text) == []
    for name, kind in (("page.js", "text/javascript"), ("page.css", "text/css")):
        file = served.client.get(name)
        assert file.headers["content-type"].startswith(kind)
        assert "content-security-policy" in file.headers
