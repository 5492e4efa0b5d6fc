"""What a household files when it moves: the application of synthetic people, for load generators and tests."""

from __future__ import annotations

from datetime import date

from fakes.package.application import Address, Applicant, Application, Member
from fakes.people import Household
from fakes.procedures import Procedure


def application_of(
    household: Household, new_address: Address, requested_on: date, moving_date: date, planned_visit_date: date | None
) -> Application:
    """Return the application of a whole household, filed by its head.

    Within one municipality it is a visit notice; to another one a move-out notice, with a visit notice if there is a
    planned day.
    """
    procedures: tuple[Procedure, ...] = (Procedure.MOVE_OUT,)
    if new_address.municipality == household.address.municipality:
        procedures = (Procedure.MOVE_WITHIN_VISIT,)
    elif planned_visit_date is not None:
        procedures = (Procedure.MOVE_OUT, Procedure.MOVE_IN_VISIT)
    head = household.head
    return Application(
        procedures=procedures,
        requested_on=requested_on,
        moving_date=moving_date,
        planned_visit_date=planned_visit_date,
        applicant=Applicant(
            name=head.name,
            kana=head.kana,
            birth_date=head.birth_date,
            sex=head.sex,
            phone=household.phone,
            email=household.email,
        ),
        old_address=household.address,
        new_address=new_address,
        head=head.name,
        members=tuple(
            Member(
                name=person.name,
                kana=person.kana,
                birth_date=person.birth_date,
                sex=person.sex,
                relationship=person.relationship,
                individual_number=person.individual_number,
                resident_code=person.resident_code,
            )
            for person in household.members
        ),
    )
