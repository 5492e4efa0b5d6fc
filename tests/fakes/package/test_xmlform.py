"""The forms of a package in XML: no trick of the format gets through, and both ways of reading give the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.package import xmlform
from fakes.package.building import form_xml
from fakes.package.forms import APPLICANT_FILE, FORMS, Form
from fakes.package.xmlform import LARGEST_FORM, read_form
from fakes.refusals import Code, RefusedError
from tests.fakes.package.zips import forms

APPLICANT = FORMS[0]
DOCUMENT = forms()[APPLICANT_FILE]
TEXT = DOCUMENT.decode()
VALUES = read_form(DOCUMENT, APPLICANT)
VALUE = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30)


def refusal(document: bytes | str, form: Form = APPLICANT) -> tuple[Code, int]:
    with pytest.raises(RefusedError) as caught:
        read_form(document if isinstance(document, bytes) else document.encode(), form)
    assert caught.value.item == form.file
    assert caught.value.message("ja") != caught.value.message("en")
    return caught.value.code, caught.value.status


def by_tokens(document: bytes, form: Form) -> xmlform.Values:
    """Read a form by expat's tokens alone, as the less usual spellings are."""
    tokens: list[str] = []
    xmlform._parse(document, form.file, tokens.append)
    return xmlform._values(tokens, form)


@st.composite
def filled_forms(draw: st.DrawFn) -> tuple[Form, xmlform.Values]:
    form = draw(st.sampled_from(FORMS))
    items = draw(st.lists(st.sampled_from(sorted(form.groups)), unique=True, min_size=1))
    values = {
        item: {
            rule.field: draw(VALUE)
            for rule in draw(st.lists(st.sampled_from(form.groups[item]), unique_by=lambda rule: rule.field))
        }
        for item in items
    }
    return form, values


@settings(max_examples=150)
@given(filled_forms())
def test_every_value_comes_back_by_both_ways(filled: tuple[Form, xmlform.Values]) -> None:
    form, values = filled
    document = form_xml(form, values)
    wanted = {item: {field: value for field, value in fields.items() if value} for item, fields in values.items()}
    assert read_form(document, form) == by_tokens(document, form) == wanted


def test_the_usual_spelling_takes_the_short_way() -> None:
    assert xmlform._usual(TEXT, APPLICANT) == VALUES == by_tokens(DOCUMENT, APPLICANT)


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("><", ">\n  <"),
        TEXT.replace('"', "'"),
        re.sub(r'id="(\w+)" type="(\w+)"', r'type="\2"   id = "\1"', TEXT),
        TEXT.replace("<FormItems>", "<FormItems><!-- <FormItem> & more -->"),
        TEXT.replace("試験", "&#35430;&#x9A13;"),
        TEXT.partition("?>")[2],
        TEXT.replace('encoding="UTF-8"', 'encoding="utf-8" standalone="yes"'),
        TEXT.replace('id="name"', 'id="&#110;ame"'),
    ],
)
def test_other_spellings_of_the_same_form_give_the_same_values(text: str) -> None:
    assert text != TEXT
    assert {item: {k: v.strip() for k, v in fields.items()} for item, fields in _read(text).items()} == VALUES


def test_the_five_references_are_resolved_and_an_empty_value_is_empty() -> None:
    form = '<Data form-subject="x" test-data="synthetic"><FormItems><FormItem id="applicant"><Fragments>{}'
    text = form.format(
        '<Fragment id="name"><value>&lt;&amp;&gt;&quot;&apos;&#65;</value></Fragment><Fragment id="kana"/>'
        '<Fragment id="sex"><value/></Fragment></Fragments></FormItem></FormItems></Data>'
    )
    assert _read(text) == {"applicant": {"name": "<&>\"'A", "kana": "", "sex": ""}}


@pytest.mark.parametrize(
    "document",
    [
        b"\xef\xbb\xbf" + DOCUMENT,
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("cp932"),
        TEXT.replace("UTF-8", "Shift_JIS").encode("cp932"),
        TEXT.replace("UTF-8", "Shift_JIS").encode(),
        TEXT.replace("UTF-8", "UTF-16").encode(),
        TEXT.replace("UTF-8", "UTF-7").encode(),
        TEXT.replace("UTF-8", "ISO-8859-1").encode(),
        DOCUMENT.replace("試".encode(), b"\xff"),
        DOCUMENT.replace("試".encode(), b"\xc0\x80"),
        DOCUMENT.replace("試".encode(), b"\xed\xa0\x80"),
        DOCUMENT.replace("試".encode(), b"\x00"),
    ],
)
def test_any_other_charset_is_refused_whatever_the_document_declares(document: bytes) -> None:
    assert refusal(document)[0] is Code.XML_CHARSET


DTD = '<!DOCTYPE Data [<!ENTITY a "x">]>'


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("<Data", DTD + "<Data", 1),
        TEXT.replace("<Data", '<!DOCTYPE Data SYSTEM "file:///etc/passwd"><Data', 1),
        TEXT.replace("<Data", '<!DOCTYPE Data [<!ENTITY x SYSTEM "http://127.0.0.1/">]><Data', 1).replace("試", "&x;"),
        TEXT.replace("<Data", '<!DOCTYPE Data [<!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]><Data', 1),
        TEXT.replace(
            "<Data",
            "<!DOCTYPE Data ["
            + '<!ENTITY l0 "lol">'
            + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
            + "]><Data",
            1,
        ).replace("試験", "&l8;", 1),
        TEXT.replace("<Data", '<?xml-stylesheet href="x.xsl"?><Data', 1),
        TEXT.replace("<FormItems>", "<FormItems><?php echo 1 ?>"),
        TEXT.replace("試験", "<![CDATA[試験]]>", 1),
        TEXT.replace("<FormItems>", "<![CDATA[<FormItems>]]><FormItems>"),
    ],
)
def test_dtds_entities_instructions_and_cdata_are_refused_before_they_do_anything(text: str) -> None:
    assert refusal(text) == (Code.XML_DECLARATION, 400)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "hello",
        TEXT[:-10],
        TEXT[: len(TEXT) // 2],
        TEXT + "<more/>",
        TEXT.replace("</value>", "</valu>", 1),
        TEXT.replace("試験", "&nbsp;", 1),
        TEXT.replace("試験", "&#1;", 1),
        TEXT.replace("試験", "\x01", 1),
        TEXT.replace("試験", "a & b", 1),
        TEXT.replace('id="name"', 'id="name" id="kana"', 1),
        TEXT.replace('version="1.0"', 'version="1.1"', 1),
        TEXT.replace("<?xml ", "<?xml\x0b", 1),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_place(text: str) -> None:
    assert refusal(text)[0] is Code.XML


@pytest.mark.parametrize("cut", range(1, len(DOCUMENT), 41))
def test_every_beginning_of_a_form_is_refused(cut: int) -> None:
    assert refusal(DOCUMENT.rstrip()[:-cut])[0] in {Code.XML, Code.XML_CHARSET}


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("<Data", "<Date").replace("</Data", "</Date"),
        TEXT.replace("<FormItems>", "<FormItems>text"),
        TEXT.replace("<FormItems>", "<FormItems><Other/>"),
        TEXT.replace("<FormItems>", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/x"/><FormItems>'),
        TEXT.replace("<Data ", '<Data xmlns="urn:x" '),
        TEXT.replace("<Data ", '<Data xsi:schemaLocation="http://127.0.0.1/ x" '),
        TEXT.replace('type="text"', 'onclick="x"', 1),
        TEXT.replace("<value>", "<value>x<b/>", 1),
        TEXT.replace("<Fragments>", "<Fragments><value>x</value>", 1),
        TEXT.replace("<Fragments>", "<Fragments><Fragments>").replace("</Fragments>", "</Fragments></Fragments>"),
    ],
)
def test_what_the_form_does_not_have_is_refused(text: str) -> None:
    assert refusal(text)[0] is Code.XML_ELEMENT


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('id="name"', 'id="nickname"', Code.UNKNOWN_ITEM),
        ('id="name"', 'name="name"', Code.XML_ELEMENT),
        ('<Fragment id="name"', "<Fragment", Code.UNKNOWN_ITEM),
        ('id="kana"', 'id="name"', Code.DOUBLE_ITEM),
        ('id="applicant"', 'id="member1"', Code.UNKNOWN_ITEM),
        ("<value>", "<value></value><value>", Code.DOUBLE_ITEM),
        ("<FormItems>", '<FormItems><FormItem id="applicant"><Fragments></Fragments></FormItem>', Code.DOUBLE_ITEM),
        (' test-data="synthetic"', "", Code.UNMARKED),
        ('test-data="synthetic"', 'test-data="real"', Code.UNMARKED),
    ],
)
def test_unknown_doubled_and_unmarked_items_are_refused(old: str, new: str, code: Code) -> None:
    assert refusal(TEXT.replace(old, new, 1))[0] is code
    spaced = TEXT.replace(old, new, 1).replace("><", "> <")
    assert refusal(spaced)[0] is code


def test_unmarked_data_is_refused_with_422() -> None:
    assert refusal(TEXT.replace(' test-data="synthetic"', "")) == (Code.UNMARKED, 422)


def test_a_form_over_the_limit_is_refused_with_413() -> None:
    assert refusal(DOCUMENT + b" " * LARGEST_FORM) == (Code.FILE_SIZE, 413)


def test_memory_of_tags_stays_bounded() -> None:
    for number in range(xmlform._MOST_TAGS + 50):
        _read(TEXT.replace("><", "> <").replace('type="text"', f'type="t{number}"', 1))
    _read(TEXT.replace("><", "> <").replace('type="text"', f'placeholder="{"x" * 5000}"', 1))
    assert len(xmlform._TAGS) <= xmlform._MOST_TAGS
    assert max(map(len, xmlform._TAGS)) <= xmlform._LONGEST_TAG


@settings(max_examples=300)
@given(st.data())
def test_a_form_with_changed_bytes_is_read_or_refused_and_both_ways_agree(data: st.DataObject) -> None:
    document = bytearray(data.draw(st.sampled_from([DOCUMENT, DOCUMENT.replace(b"><", b"> <")])))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(document)))
        length = data.draw(st.integers(0, 5))
        document[start : start + length] = data.draw(
            st.one_of(
                st.binary(max_size=4), st.sampled_from([b"<", b"</", b"&", b"&amp;", b">", b"<!--", b"-->", b"\x00"])
            )
        )
    outcome = _outcome(bytes(document), read_form)
    assert outcome == _outcome(
        bytes(document), lambda doc, form: (xmlform._decoded(doc, form.file), by_tokens(doc, form))[1]
    )


def _outcome(document: bytes, read: object) -> object:
    assert callable(read)
    try:
        return read(document, APPLICANT)
    except RefusedError as refused:
        return refused.code


def _read(text: str) -> xmlform.Values:
    return read_form(text.encode(), APPLICANT)
