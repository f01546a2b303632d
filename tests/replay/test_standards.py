"""Exports are what the standards say: every one of a varied history is validated."""

from datetime import timedelta

import msgspec
import pytest
from jsonschema import Draft4Validator

from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from replay.standards import exporting
from replay.standards.apds import Words
from replay.standards.exporting import Wanted
from tests.replay.apds_schemas import schema
from tests.replay.town import DAYS, town

EXAMPLE = {
    "id": "ar-SGVV280",
    "version": 3,
    "rightSpecification": {"id": "a-visitor", "version": 7},
    "rightHolder": {
        "credentials": [
            {
                "type": "licensePlate",
                "identifier": {"className": "UKNumberPlate", "id": "AA19AAA"},
                "issuer": [{"language": "en", "string": "DVLA"}],
            }
        ]
    },
    "issuanceTime": "2026-01-05T09:00:00Z",
    "expiry": "2027-01-05T00:00:00Z",
    "issueMethod": "electronic",
    "totalInstances": 20,
    "instancesUsed": 3,
    "instancesAvailable": 17,
}


def valid(value, name, **form):
    return Draft4Validator(schema(name, **form)).is_valid(value)


def plain(page):
    """What is sent, as a client reads it."""
    return msgspec.json.decode(msgspec.json.encode(page))["data"]


def rights_of(made, profile="apds", after=0, size=500):
    """What may be read: a reader waits for every older transaction, so that it is caught up."""
    made.catch_up()
    return exporting.rights(made.council, profile, after, size)


def test_the_published_rule_refuses_a_right_with_a_credential_and_the_patched_one_takes_it():
    """Two lines of patch: reference C.3."""
    without = {**EXAMPLE, "rightHolder": {}}

    assert not valid(EXAMPLE, "AssignedRight", patched=False)
    assert valid(without, "AssignedRight", patched=False)
    assert valid(EXAMPLE, "AssignedRight")


def test_each_of_the_two_faults_refuses_on_its_own():
    for fault in ("Reference", "HolderCredential"):
        broken = schema("AssignedRight")
        broken["definitions"][fault] = schema("AssignedRight", patched=False)["definitions"][fault]
        assert not Draft4Validator(broken).is_valid(EXAMPLE)


@pytest.mark.parametrize("council", list(DAYS))
@pytest.mark.parametrize("profile", ["apds", "npp"])
def test_every_right_and_specification_is_valid(database, council, profile):
    with town(database, council) as made:
        for _ in DAYS[council](made):
            pass
        rights = plain(rights_of(made, profile, 0, 500))
        offered = plain(exporting.every_specification(made.council, profile))

    assert rights
    for right in rights:
        Draft4Validator(schema("AssignedRight", profile=profile)).validate(right)
    for each in offered:
        Draft4Validator(schema("RightSpecification", profile=profile)).validate(each)
    known = {(each["id"], each["version"]) for each in offered}
    assert {
        (r["rightSpecification"]["id"], r["rightSpecification"]["version"]) for r in rights
    } <= (known)


def test_the_two_profiles_write_texts_in_two_ways(database):
    with town(database) as made:
        made.move_in().buy("virtual-visitor-vouchers")
        apds, npp = (plain(rights_of(made, profile, 0, 10))[0] for profile in ("apds", "npp"))

    assert valid(npp, "AssignedRight", profile="npp")
    assert not valid(npp, "AssignedRight", profile="apds")
    assert not valid(apds, "AssignedRight", profile="npp")


def test_a_booking_is_a_planned_use_whose_end_is_no_longer_in_it(database):
    """The platform's boundary: an end equal to the next start is not shared (reference C.4)."""
    with town(database) as made:
        made.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
        made.do(BookVoucher(vehicles=("AB12CDE",)))
        later = made.do(BookVoucher(vehicles=("WOB ZK 295",), start="2026-11-20"))
        made.at("2026-11-19 11:00").do(CancelBooking(booking=later["bookings"][0]))
        (right,) = plain(rights_of(made, "apds", 0, 10))

    assert (right["totalInstances"], right["instancesUsed"], right["instancesAvailable"]) == (
        20,
        1,
        19,
    )
    assert right["plannedUses"] == [
        {
            "startTime": "2026-11-19T10:00:00Z",
            "endTime": "2026-11-20T00:00:00Z",
            "issuanceTime": "2026-11-19T10:00:00Z",
            "credentialsAssigned": [
                {
                    "type": "licensePlate",
                    "identifier": {"className": "UKNumberPlate", "id": "AB12CDE"},
                    "issuer": [{"language": "en", "string": "DVLA"}],
                }
            ],
        },
        {
            "startTime": "2026-11-20T00:00:00Z",
            "endTime": "2026-11-21T00:00:00Z",
            "cancelTime": "2026-11-19T11:00:00Z",
            "issuanceTime": "2026-11-19T10:00:00Z",
            "credentialsAssigned": [
                {
                    "type": "licensePlate",
                    "identifier": {"className": "NumberPlate", "id": "WOBZK295"},
                    "issuer": [{"language": "en", "string": "unknown"}],
                }
            ],
        },
    ]


def test_a_sighting_is_an_observation(database):
    with town(database, "norwich-2015") as made:
        for _ in DAYS["norwich-2015"](made):
            pass
        made.catch_up()
        observed = plain(exporting.observations(made.council, 0, 10))

    (one,) = observed
    Draft4Validator(schema("ObservationElement")).validate(one)
    assert one["observedCredentialId"] == "AB12CDE"
    assert one["observationStartTime"] == "2026-11-23T11:00:00Z"


def sessions_of(made, profile="apds"):
    made.catch_up()
    return plain(exporting.sessions(made.council, profile, 0, 500))


@pytest.mark.parametrize("council", ["stevenage", "hampshire", "norwich-2015"])
@pytest.mark.parametrize("profile", ["apds", "npp"])
def test_every_session_is_valid(database, council, profile):
    with town(database, council) as made:
        for _ in DAYS[council](made):
            pass
        found = sessions_of(made, profile)

    assert found
    for each in found:
        Draft4Validator(schema("Session", profile=profile)).validate(each)
        assert not valid(each, "Session", profile=profile, patched=False)


def test_a_visit_is_a_session_once_it_has_begun_and_has_an_end_once_it_is_over(database):
    """A visit booked ahead is none before its first instant; a cancelled one never is."""
    with town(database) as made:
        made.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
        now = made.do(BookVoucher(vehicles=("AB12CDE",)))["bookings"][0]
        later = made.do(BookVoucher(vehicles=("BD51SMR",), start="2026-11-20"))["bookings"][0]
        never = made.do(BookVoucher(vehicles=("LX70ABC",), start="2026-11-21"))["bookings"][0]
        made.do(CancelBooking(booking=never))
        told = [sessions_of(made)]
        for local in ("2026-11-19 23:59:59", "2026-11-20 00:00", "2026-11-22 00:00"):
            told.append(sessions_of(made.at(local)))

    ids = [[each["segments"][0]["validationId"] for each in page] for page in told]
    assert ids == [[now], [now], [now, later], [now, later]]
    assert [["actualEnd" in each for each in page] for page in told] == [
        [False],
        [False],
        [True, False],
        [True, True],
    ]
    assert told[-1][0]["actualStart"] == "2026-11-19T10:00:00Z"
    assert told[-1][0]["actualEnd"] == "2026-11-20T00:00:00Z"


def test_a_stay_ends_when_the_vehicle_was_seen_to_have_left(database):
    with town(database, "norwich-2015") as made:
        for _ in DAYS["norwich-2015"](made):
            pass
        first, second = sessions_of(made)

    assert (first["actualStart"], first["actualEnd"]) == (
        "2026-11-23T10:00:00Z",
        "2026-11-23T12:00:00Z",
    )
    assert "actualEnd" not in second or second["actualEnd"] > second["actualStart"]


def test_a_page_of_observations_is_one_set_and_none_is_no_set(database):
    with town(database, "norwich-2015") as made:
        for _ in DAYS["norwich-2015"](made):
            pass
        made.catch_up()
        (one,) = plain(exporting.observation_set(made.council, 0, 10))
        none = plain(exporting.observation_set(made.council, 2**60, 10))

    Draft4Validator(schema("ObservationSet")).validate(one)
    assert len(one["observationElements"]) == 1
    assert none == []


def test_rights_are_narrowed_in_the_words_of_the_standard(database):
    """Each bound takes what is at it, or after it, and nothing from the other on."""
    with town(database) as made:
        made.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
        made.at("2026-11-25 10:00").move_in("next-door", "07700 900002")
        made.buy("resident-permit-ot", ("XY12ZZZ",))
        made.catch_up()

        def found(**wanted):
            page = exporting.rights(made.council, "apds", 0, 10, Wanted(**wanted))
            return [each["rightSpecification"]["id"] for each in plain(page)]

        every = found()
        changed = made.now
        since = changed - timedelta(days=1)
        tick = timedelta(microseconds=1)
        starts = [each["issuanceTime"] for each in plain(rights_of(made))]

        assert len(every) == len(starts) == 2
        assert found(modified_since=changed) == found(modified_since=since) == every[1:]
        assert found(modified_since=changed + tick) == []
        assert found(right_spec=every[0]) == every[:1]
        assert (found(place="OT"), found(place="NT")) == (every, [])
        assert found(start_before=since) == every[:1]
        assert found(start_after=since) == every[1:]
        assert found(end_after=made.now + timedelta(days=3650)) == []
        assert found(end_before=made.now + timedelta(days=3650)) == every


def test_no_person_is_in_an_export(database):
    with town(database) as made:
        for _ in DAYS["stevenage"](made):
            pass
        text = msgspec.json.encode(rights_of(made, "apds", 0, 500)).decode()
        text += str(sessions_of(made))

    for private in ("07700", "Gran", str(made.home), made.resident.name, "next-door"):
        assert private not in text


def test_pages_go_on_from_where_the_last_one_ended(database):
    with town(database) as made:
        made.at("2026-11-19 10:00").move_in()
        for _ in range(3):
            made.buy("virtual-visitor-vouchers")
        whole = rights_of(made, "apds", 0, 10)
        first = rights_of(made, "apds", 0, 2)
        rest = rights_of(made, "apds", first.meta.next, 2)

    assert [*first.data, *rest.data] == whole.data
    assert (len(first.data), len(rest.data), rest.meta.next) == (2, 1, None)


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        ("AA19AAA", "UKNumberPlate"),
        ("A123BCD", "UKNumberPlate"),
        ("ABC123D", "UKNumberPlate"),
        ("AZ1234", "UKNumberPlate"),
        ("1A", "UKNumberPlate"),
        ("WOBZK295", "NumberPlate"),
        ("1234ABCD", "NumberPlate"),
    ],
)
def test_a_mark_of_no_british_form_names_no_issuer(mark, kind):
    words = Words(profile="apds", council="a council", version_of=lambda edition: 1)

    assert words.plate(mark).identifier.class_name == kind
