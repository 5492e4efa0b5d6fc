"""Packages are read back as they were built; whatever else comes in is refused with its code, item and status."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.identifiers import Profile, individual_number, resident_code
from fakes.package.application import MOST_MEMBERS, Address, Application, from_canonical, packaged
from fakes.package.building import build_package
from fakes.package.forms import APPLICANT_FILE, APPLICATION_FILE
from fakes.package.reading import attachment_content, read_package
from fakes.procedures import Procedure
from fakes.refusals import Code, RefusedError
from fakes.towns import TOWNS
from tests.fakes.households import MOVE, PEOPLE, TODAY, VISIT, WIDE, household_of, move, package_of_three
from tests.fakes.package.zips import changed, forms, replaced, with_files, with_form, zipped


def refusal(data: bytes) -> tuple[Code, str]:
    with pytest.raises(RefusedError) as caught:
        read_package(data)
    assert caught.value.message("ja") != caught.value.message("en")
    return caught.value.code, caught.value.item


# --- what is right ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_the_application_of_a_household_comes_back_whole(size: int) -> None:
    read = read_package(build_package(move(size)))
    assert read.application == move(size)
    assert len(read.application.members) == size


@st.composite
def applications(draw: st.DrawFn) -> Application:
    base = move(draw(st.integers(1, 5)), draw(st.sampled_from(sorted(TOWNS))), draw(st.sampled_from(sorted(TOWNS))))
    address = Address(
        municipality=base.new_address.municipality,
        postcode="0000000",
        prefecture=draw(WIDE)[:4],
        city=draw(WIDE)[:12],
        town=draw(WIDE),
        lot=draw(WIDE),
        building=draw(st.one_of(st.just(""), WIDE)),
    )
    moving = draw(st.dates(date(2023, 2, 6), date(2040, 1, 1)))
    visit = moving + timedelta(draw(st.integers(0, 20))) if base.planned_visit_date else None
    members = tuple(msgspec.structs.replace(member, name=draw(WIDE)) for member in base.members)
    return msgspec.structs.replace(
        base, new_address=address, moving_date=moving, planned_visit_date=visit, members=members, head=draw(WIDE)
    )


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(applications(), st.dictionaries(st.sampled_from(["a.pdf", "図面.png", "x.csv"]), st.binary(max_size=50)))
def test_what_is_built_is_read(application: Application, contents: dict[str, bytes]) -> None:
    contents = {name: b"%" + content for name, content in contents.items()}
    data = build_package(application, contents)
    read = read_package(data)
    assert msgspec.structs.replace(read.application, attachments=()) == application
    assert {item.name: item.size for item in read.application.attachments} == {n: len(c) for n, c in contents.items()}
    assert {name: attachment_content(data, name) for name in contents} == contents
    assert from_canonical(read.canonical) == read.application
    assert packaged(read.application) == read


def test_the_digest_is_of_what_is_said_and_not_of_how_it_is_packed() -> None:
    application = move()
    repacked = zipped(forms().items(), zipfile.ZIP_STORED)
    assert repacked != build_package(application)
    assert read_package(repacked).digest == read_package(build_package(application)).digest
    spaced = changed(lambda text: text.replace("><FormItem ", ">\n<FormItem "))
    assert read_package(spaced).canonical == packaged(application).canonical


def test_one_changed_byte_of_an_attachment_changes_the_digest() -> None:
    digests = {read_package(build_package(move(), {"a.pdf": b"%PDF" + bytes([n])})).digest for n in range(3)}
    assert len(digests) == 3


def test_the_same_application_gives_the_same_bytes() -> None:
    assert build_package(move()) == build_package(move())


def test_procedures_go_to_the_municipality_that_they_are_for() -> None:
    application = move()
    assert application.municipality_for(Procedure.MOVE_OUT) == "131041"
    assert application.municipality_for(Procedure.MOVE_IN_VISIT) == "990019"
    within = move(destination="131041")
    assert within.procedures == (Procedure.MOVE_WITHIN_VISIT,)
    assert within.municipality_for(Procedure.MOVE_WITHIN_VISIT) == "131041"


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [APPLICANT_FILE, APPLICATION_FILE])
def test_a_missing_form_is_refused(file: str) -> None:
    assert refusal(zipped((name, content) for name, content in forms().items() if name != file)) == (
        Code.MISSING_FILE,
        file,
    )


@pytest.mark.parametrize("name", ["readme.txt", "Sinsei.xml", "attachment/a.pdf", "Attachment/sub/a.pdf", "__MACOSX/x"])
def test_a_file_that_has_no_place_is_refused(name: str) -> None:
    code, item = refusal(with_files({name: b"x"}))
    assert (code, item) in {(Code.UNKNOWN_FILE, name), (Code.DOUBLE_NAME, name)}


def test_a_form_that_would_be_large_is_not_even_inflated() -> None:
    code, item = refusal(with_form(hashlib.shake_128(b"long").hexdigest(150_000).encode()))
    assert (code, item) == (Code.FILE_SIZE, APPLICANT_FILE)


def test_a_swapped_form_is_refused() -> None:
    assert refusal(with_form(forms()[APPLICATION_FILE], APPLICANT_FILE)) == (Code.XML_ELEMENT, APPLICANT_FILE)


def test_an_attachment_that_is_not_there_cannot_be_had() -> None:
    with pytest.raises(RefusedError) as caught:
        attachment_content(package_of_three(), "other.pdf")
    assert caught.value.code is Code.MISSING_FILE


# --- items ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A change of the family's form, and what it is refused with."""

    old: str
    new: str
    code: Code
    item: str


FIRST = move().members[0]
CASES = [
    Case("<value>2026-03-20</value>", "<value></value>", Code.REQUIRED, "moving_date"),
    Case("<value>2026-03-20</value>", "<value>2026-3-20</value>", Code.LENGTH, "moving_date"),
    Case("<value>2026-03-20</value>", "<value>2026-02-30</value>", Code.CHARACTERS, "moving_date"),
    Case("<value>2026-03-20</value>", "<value>2026-W12-5</value>", Code.CHARACTERS, "moving_date"),
    Case("<value>2026-03-20</value>", "<value>0000-01-01</value>", Code.CHARACTERS, "moving_date"),
    Case("<value>131041</value>", "<value>131042</value>", Code.CHECK_DIGIT, "old_address.municipality"),
    Case("<value>131041</value>", "<value>13104</value>", Code.LENGTH, "old_address.municipality"),
    Case("<value>131041</value>", "<value>１３１０４１</value>", Code.CHARACTERS, "old_address.municipality"),
    Case("<value>0000000</value>", "<value>000-0000</value>", Code.CHARACTERS, "old_address.postcode"),
    Case("<value>0000000</value>", "<value>00000000</value>", Code.LENGTH, "old_address.postcode"),
    Case("<value>東京都</value>", "<value>東京都東京都</value>", Code.TOO_LONG, "old_address.prefecture"),
    Case("<value>東京都</value>", "<value>Tokyo</value>", Code.TOO_LONG, "old_address.prefecture"),
    Case("<value>東京都</value>", "<value>東京 </value>", Code.CHARACTERS, "old_address.prefecture"),
    Case("<value>東京都</value>", "<value>東&#10;京</value>", Code.CHARACTERS, "old_address.prefecture"),
    Case("<value>東京都</value>", "<value>東\u202e京</value>", Code.CHARACTERS, "old_address.prefecture"),
    Case("<value>東京都</value>", "<value>東\x7f京</value>", Code.CHARACTERS, "old_address.prefecture"),
    Case("<value>新宿区</value>", f"<value>{'区' * 13}</value>", Code.TOO_LONG, "old_address.city"),
    Case("<value>試験町", f"<value>{'町' * 120}", Code.TOO_LONG, "old_address.town"),
    Case('id="household"', 'id="member8"', Code.REQUIRED, "household"),
    Case(f"<value>{FIRST.individual_number}", "<value>123456789018", Code.LEGAL_NUMBER, "member1.individual_number"),
    Case(f"<value>{FIRST.resident_code}", "<value>24727059608", Code.LEGAL_NUMBER, "member1.resident_code"),
    Case(f"<value>{FIRST.individual_number}", "<value>12345678901", Code.LENGTH, "member1.individual_number"),
    Case("<value>世帯主</value>", "<value></value>", Code.REQUIRED, "member1.relationship"),
    Case("<value>世帯主</value>", f"<value>{'子' * 51}</value>", Code.TOO_LONG, "member1.relationship"),
    Case('id="member1"', 'id="member8"', Code.REQUIRED, "member"),
    Case('<Fragment id="move_in_visit" type="checkbox"><value>1', '<Fragment id="move_in_visit"><value>2',
         Code.CHARACTERS, "move_in_visit"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.item}-{case.code.name}-{case.new[:24]}")
def test_an_item_that_is_wrong_is_refused_by_its_name(case: Case) -> None:
    if case.item == "household":
        data = changed(
            lambda text: text[: text.index('<FormItem id="household"')] + text[text.index('<FormItem id="m') :]
        )
    elif case.item == "member":
        data = changed(
            lambda text: text[: text.index('<FormItem id="member1"')] + "</FormItems></FocusFormSpecification>"
        )
    else:
        data = replaced(case.old, case.new)
    assert refusal(data) == (case.code, case.item)


@pytest.mark.parametrize(
    ("old", "new", "code", "item"),
    [
        ("<value>試験　", f"<value>{'名' * 100}　", Code.TOO_LONG, "applicant.name"),
        ("<value>試験　", "<value>ｼｹﾝ　", Code.CHARACTERS, "applicant.name"),
        ("<value>試験　", "<value>\ue000　", Code.CHARACTERS, "applicant.name"),
        ("<value>シケン　", "<value>しけん　", Code.CHARACTERS, "applicant.kana"),
        ("<value>000-0000-0000", "<value>000-0000-00000", Code.TOO_LONG, "applicant.phone"),
        ("<value>000-0000-0000", "<value>tel", Code.CHARACTERS, "applicant.phone"),
        ("@example.jp", "@@example.jp", Code.CHARACTERS, "applicant.email"),
        ("@example.jp", f"@{'x' * 250}.jp", Code.TOO_LONG, "applicant.email"),
    ],
)
def test_an_item_of_the_applicant_that_is_wrong_is_refused_by_its_name(
    old: str, new: str, code: Code, item: str
) -> None:
    assert refusal(replaced(old, new, APPLICANT_FILE)) == (code, item)


@given(st.sampled_from(["sex", "relationship", "name", "kana", "birth_date"]), st.integers(1, 3))
def test_a_missing_item_of_anybody_is_refused_by_person_and_name(field: str, number: int) -> None:
    start = f'<FormItem id="member{number}"'

    def without(text: str) -> str:
        head, mark, tail = text.partition(start)
        before, found, after = tail.partition(f'<Fragment id="{field}"')
        assert found
        return head + mark + before + after.partition("</Fragment>")[2]

    assert refusal(changed(without)) == (Code.REQUIRED, f"member{number}.{field}")


def test_values_of_the_greatest_length_are_taken_and_one_more_is_not() -> None:
    application = msgspec.structs.replace(move(), head="主" * 100)
    assert read_package(build_package(application)).application.head == "主" * 100
    assert refusal(build_package(msgspec.structs.replace(move(), head="主" * 101))) == (Code.TOO_LONG, "head")


def test_a_full_household_is_taken() -> None:
    base = move(1)
    members = tuple(
        msgspec.structs.replace(
            base.members[0],
            relationship="世帯主" if number == 0 else "子",
            individual_number=individual_number(f"{number:011d}"),
            resident_code=resident_code(f"{number:010d}"),
        )
        for number in range(MOST_MEMBERS)
    )
    application = msgspec.structs.replace(base, members=members)
    assert read_package(build_package(application)).application == application


# --- items together ---------------------------------------------------------------------------------------------------


HERE, THERE = move().old_address, move().new_address
TWICE = tuple(msgspec.structs.replace(member, individual_number=FIRST.individual_number) for member in move().members)


@pytest.mark.parametrize(
    ("changes", "code", "item"),
    [
        ({"procedures": ()}, Code.MISMATCH, "procedures"),
        ({"procedures": (Procedure.MOVE_IN_VISIT,)}, Code.MISMATCH, "procedures"),
        ({"procedures": tuple(Procedure)}, Code.MISMATCH, "procedures"),
        ({"new_address": HERE}, Code.MISMATCH, "new_address.municipality"),
        ({"procedures": (Procedure.MOVE_WITHIN_VISIT,)}, Code.MISMATCH, "new_address.municipality"),
        ({"planned_visit_date": None}, Code.REQUIRED, "planned_visit_date"),
        ({"procedures": (Procedure.MOVE_OUT,)}, Code.MISMATCH, "planned_visit_date"),
        ({"planned_visit_date": MOVE - timedelta(1)}, Code.MISMATCH, "planned_visit_date"),
        ({"members": (FIRST, FIRST)}, Code.MISMATCH, "relationship"),
        ({"members": TWICE}, Code.MISMATCH, "individual_number"),
    ],
)
def test_items_that_contradict_each_other_are_refused(changes: dict[str, object], code: Code, item: str) -> None:
    assert refusal(build_package(msgspec.structs.replace(move(), **changes))) == (code, item)


def test_a_move_out_alone_needs_no_visit() -> None:
    application = msgspec.structs.replace(move(), procedures=(Procedure.MOVE_OUT,), planned_visit_date=None)
    assert read_package(build_package(application)).application == application


def test_a_legal_number_is_refused_with_422_wherever_it_stands() -> None:
    legal = individual_number(FIRST.individual_number[:-1], Profile.LEGAL)
    with pytest.raises(RefusedError) as caught:
        read_package(replaced(FIRST.individual_number, legal))
    assert (caught.value.code, caught.value.status) == (Code.LEGAL_NUMBER, 422)
    assert legal not in str(caught.value) + caught.value.message("ja")


# --- bytes ------------------------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(st.data())
def test_a_package_with_changed_bytes_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    content = bytearray(package_of_three())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    _read_or_refuse(bytes(content))


@settings(max_examples=300)
@given(st.sampled_from([APPLICANT_FILE, APPLICATION_FILE]), st.data())
def test_a_form_with_changed_characters_is_read_or_refused_and_nothing_else(file: str, data: st.DataObject) -> None:
    files = forms()
    text = files[file].decode()
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 6))
    new = data.draw(st.text(max_size=6))
    document = (text[:start] + new + text[start + length :]).encode("utf-8", "surrogatepass")
    _read_or_refuse(zipped({**files, file: document}.items(), zipfile.ZIP_STORED))


@given(st.integers(0, 10**6))
def test_a_package_that_is_cut_short_is_refused(cut: int) -> None:
    data = package_of_three()
    assert refusal(data[: cut % len(data)])[0] is Code.NOT_A_ZIP


def _read_or_refuse(data: bytes) -> None:
    try:
        read = read_package(data)
    except RefusedError as error:
        refused = error
    else:
        assert from_canonical(read.canonical) == read.application
        return
    assert 400 <= refused.status < 500
    assert refused.message("ja") != refused.message("en")


def test_the_filing_of_a_household_names_its_head_as_applicant() -> None:
    household = household_of(3)
    application = move()
    assert application.applicant.name == household.head.name == application.head
    assert application.requested_on == TODAY
    assert application.planned_visit_date == VISIT
    assert application.new_address == PEOPLE.address(household.index, "990019", 1)
