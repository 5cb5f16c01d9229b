"""Which version is earned, since when and until when, and what becomes of an award later."""

from __future__ import annotations

from typing import Any

import pytest

from microcred_plugin.evaluation.evaluate import Truth
from microcred_plugin.evaluation.record import DatedFact, LearnerRecord, Unknown
from microcred_plugin.evaluation.requirements import read_tree
from microcred_plugin.evaluation.verdict import Result, Terms, Verdict, judge, still_met
from tests.evaluation import (
    NOW,
    OTHER_RUN,
    RUN,
    SECOND_RUN,
    at,
    course,
    grant,
    granted,
    group,
    in_courses,
    passed,
)

A, B, C = grant("a"), grant("b"), grant("c")


def terms(
    number: int,
    requirements: dict[str, Any] | None,
    published: str = "2025-01-01",
    closes: str | None = None,
    **fields: Any,
) -> Terms:
    trees = {
        name: read_tree(fields.pop(name)) for name in ("eligibility", "renewal") if name in fields
    }
    return Terms(
        number=number,
        published_at=at(published),
        closes_at=at(closes) if closes else None,
        requirements=read_tree(requirements),
        **trees,
        **fields,
    )


def judged(versions: list[Terms], record: LearnerRecord, **kwargs: Any) -> Verdict:
    return judge(versions, record, **{"now": NOW, **kwargs})


# --- earning ---------------------------------------------------------------------------------


def test_met_requirements_earn_from_the_day_on_which_they_were_met() -> None:
    verdict = judged([terms(1, A)], granted(a="2026-03-01"))
    assert (verdict.result, verdict.valid_from) == (Result.EARNED, at("2026-03-01"))
    assert verdict.met_on == at("2026-03-01")
    assert verdict.expires_at is None


def test_work_done_before_the_publication_earns_from_the_publication_on() -> None:
    verdict = judged([terms(1, A, published="2026-01-01")], granted(a="2019-03-01"))
    assert (verdict.result, verdict.valid_from) == (Result.EARNED, at("2026-01-01"))
    assert verdict.met_on == at("2019-03-01")


def test_fact_without_a_date_earns_from_the_publication_on() -> None:
    verdict = judged([terms(1, A, published="2026-01-01")], granted(a=None))
    assert (verdict.result, verdict.valid_from) == (Result.EARNED, at("2026-01-01"))


def test_nothing_published_and_nothing_met_earn_nothing() -> None:
    assert judged([], granted(a="2026-01-01")).result is Result.NOT_MET
    assert judged([terms(1, A)], LearnerRecord()).result is Result.NOT_MET


def test_version_without_requirements_is_not_earned() -> None:
    assert judged([terms(1, None)], granted(a="2026-01-01")).result is Result.NOT_MET


def test_unknown_is_neither_earned_nor_not_met() -> None:
    assert judged([terms(1, A)], granted(a=Unknown())).result is Result.UNKNOWN


# --- which version ---------------------------------------------------------------------------


def test_version_that_could_be_earned_first_is_the_one() -> None:
    versions = [
        terms(1, group("all_of", A, B), closes="2026-06-01"),
        terms(2, A, published="2026-06-01"),
    ]
    early = judged(versions, granted(a="2026-01-01", b="2026-02-01"))
    assert early.terms is versions[0]
    assert early.valid_from == at("2026-02-01")
    late = judged(versions, granted(a="2026-01-01"))
    assert late.terms is versions[1]
    assert late.valid_from == at("2026-06-01")


def test_of_two_versions_at_the_same_instant_the_newer_is_the_one() -> None:
    versions = [terms(1, A), terms(2, group("any_of", A, B), published="2025-06-01")]
    for order in (versions, versions[::-1]):
        verdict = judged(order, granted(a="2026-03-01"))
        assert verdict.terms is versions[1]


def test_stricter_version_takes_nothing_from_who_met_the_older_in_time() -> None:
    versions = [
        terms(1, A, closes="2026-04-01"),
        terms(2, group("all_of", A, B), published="2026-04-01"),
    ]
    verdict = judged(versions, granted(a="2026-03-31 23:59:59.999999"))
    assert (verdict.result, verdict.terms) == (Result.EARNED, versions[0])


@pytest.mark.parametrize("on", ["2026-04-01", "2026-05-01", None])
def test_closed_version_does_not_count_for_who_met_it_later_or_nobody_knows_when(
    on: str | None,
) -> None:
    versions = [
        terms(1, A, closes="2026-04-01"),
        terms(2, group("all_of", A, B), published="2026-04-01"),
    ]
    verdict = judged(versions, granted(a=on))
    assert verdict.result is Result.NOT_MET
    assert verdict.terms is versions[1]


def test_closed_version_that_alone_was_met_too_late_is_not_earned() -> None:
    assert judged([terms(1, A, closes="2026-04-01")], granted(a="2026-04-01")).result is (
        Result.NOT_MET
    )


def test_unknown_version_never_blocks_a_met_one() -> None:
    versions = [terms(1, A), terms(2, B)]
    for record in (
        granted(a="2026-03-01", b=Unknown()),
        granted(a=Unknown(), b="2026-03-01"),
    ):
        assert judged(versions, record).result is Result.EARNED


def test_one_unknown_version_is_unknown_where_no_other_is_met() -> None:
    versions = [terms(1, A, closes="2026-01-01"), terms(2, B)]
    verdict = judged(versions, granted(a=Unknown()))
    assert (verdict.result, verdict.terms) == (Result.UNKNOWN, versions[0])


def test_closed_version_met_too_late_is_open_while_an_earlier_fact_is_unknown() -> None:
    versions = [terms(1, group("any_of", A, B), closes="2026-04-01"), terms(2, C)]
    record = granted(a="2026-05-01", b=Unknown())
    verdict = judged(versions, record)
    assert (verdict.result, verdict.terms) == (Result.UNKNOWN, versions[0])
    assert still_met(versions, 2, record, now=NOW)[0] is Truth.UNKNOWN
    another_run = LearnerRecord({RUN: passed(on="2026-05-01"), OTHER_RUN: Unknown()})
    assert judged([terms(1, course(), closes="2026-04-01")], another_run).result is Result.UNKNOWN


def test_new_learners_are_told_about_the_newest_open_version() -> None:
    versions = [terms(1, A), terms(2, B), terms(3, C, closes="2026-01-01")]
    assert judged(versions, LearnerRecord()).terms is versions[1]


# --- eligibility -----------------------------------------------------------------------------


def test_met_but_not_eligible_is_waiting() -> None:
    versions = [terms(1, A, eligibility=B)]
    verdict = judged(versions, granted(a="2026-01-01"))
    assert verdict.result is Result.WAITING
    assert verdict.outcome is not None
    assert verdict.outcome.is_met
    assert verdict.eligibility is not None
    assert verdict.eligibility.path == "eligibility"


def test_eligible_later_than_met_is_valid_from_then_on() -> None:
    verdict = judged([terms(1, A, eligibility=B)], granted(a="2026-01-01", b="2026-05-01"))
    assert (verdict.result, verdict.valid_from) == (Result.EARNED, at("2026-05-01"))


def test_unknown_eligibility_is_unknown() -> None:
    verdict = judged([terms(1, A, eligibility=B)], granted(a="2026-01-01", b=Unknown()))
    assert verdict.result is Result.UNKNOWN


def test_eligible_but_not_met_is_not_met() -> None:
    assert judged([terms(1, A, eligibility=B)], granted(b="2026-01-01")).result is Result.NOT_MET


def test_waiting_for_one_version_does_not_block_another() -> None:
    versions = [terms(1, A), terms(2, A, eligibility=B)]
    verdict = judged(versions, granted(a="2026-01-01"))
    assert (verdict.result, verdict.terms) == (Result.EARNED, versions[0])


def test_waiting_is_told_before_unknown_and_not_met() -> None:
    versions = [terms(1, A, eligibility=B), terms(2, C), terms(3, grant("d"))]
    verdict = judged(versions, granted(a="2026-01-01", c=Unknown()))
    assert (verdict.result, verdict.terms) == (Result.WAITING, versions[0])


def test_end_of_a_fact_is_the_next_change_of_the_verdict() -> None:
    record = LearnerRecord(grants={"a": DatedFact(at("2026-01-01"), until=at("2026-09-01"))})
    assert judged([terms(1, A)], record).changes_at == at("2026-09-01")
    begins = LearnerRecord(grants={"b": DatedFact(at("2026-08-01"))})
    assert judged([terms(1, A), terms(2, B)], begins).changes_at == at("2026-08-01")


# --- expiry ----------------------------------------------------------------------------------


def a_year(number: int = 1, tree: dict[str, Any] | None = None, **fields: Any) -> Terms:
    return terms(
        number, tree or course(), **{"published": "2020-01-01", "validity_months": 12, **fields}
    )


def test_award_expires_so_many_calendar_months_after_it_began() -> None:
    verdict = judged([a_year()], in_courses(passed(on="2026-03-01")))
    assert verdict.expires_at == at("2027-03-01")
    assert not verdict.has_expired(at("2027-02-28 23:59:59"))
    assert verdict.has_expired(at("2027-03-01"))
    from_the_31st = terms(1, A, published="2020-01-01", validity_months=1)
    verdict = judged([from_the_31st], granted(a="2026-05-31 10:00"))
    assert verdict.expires_at == at("2026-06-30 10:00")


def test_expired_and_nothing_newer_is_lapsed() -> None:
    verdict = judged([a_year()], in_courses(passed(on="2024-03-01")))
    assert (verdict.result, verdict.valid_from) == (Result.LAPSED, at("2024-03-01"))
    assert verdict.expires_at == at("2025-03-01")


def test_expired_award_is_earned_again_by_newer_facts() -> None:
    record = in_courses(passed(OTHER_RUN, on="2023-03-01"), passed(RUN, on="2026-01-01"))
    verdict = judged([a_year()], record)
    assert (verdict.result, verdict.valid_from) == (Result.EARNED, at("2026-01-01"))


def test_facts_of_the_period_that_ran_out_do_not_count_again() -> None:
    # At the very instant at which the period began: it is that period's fact.
    record = in_courses(passed(OTHER_RUN, on="2023-03-01"), passed(RUN, on="2023-03-01"))
    assert judged([a_year()], record).result is Result.LAPSED


def test_chain_of_periods_is_followed_to_its_end() -> None:
    record = in_courses(
        passed("course-v1:NordU+DL101+1", on="2020-06-01"),
        passed("course-v1:NordU+DL101+2", on="2022-06-01"),
        passed("course-v1:NordU+DL101+3", on="2024-06-01"),
    )
    verdict = judged([a_year()], record)
    assert (verdict.result, verdict.valid_from) == (Result.LAPSED, at("2024-06-01"))
    assert judged([a_year()], record, now=at("2024-12-01")).result is Result.EARNED


def test_new_text_alone_does_not_renew_what_has_expired() -> None:
    record = in_courses(passed(on="2024-03-01"))
    versions = [
        a_year(closes="2026-01-01"),
        a_year(2, group("any_of", course(), A), published="2026-01-01"),
    ]
    verdict = judged(versions, record)
    assert (verdict.result, verdict.terms) == (Result.LAPSED, versions[0])


def test_new_version_is_earned_again_by_newer_facts() -> None:
    versions = [
        a_year(closes="2026-01-01"),
        a_year(2, group("all_of", course(), A), published="2026-01-01"),
    ]
    record = LearnerRecord(
        in_courses(passed(OTHER_RUN, on="2024-03-01"), passed(RUN, on="2026-03-01")).course_results,
        grants=granted(a="2026-04-01").grants,
    )
    verdict = judged(versions, record)
    assert (verdict.result, verdict.terms) == (Result.EARNED, versions[1])
    assert verdict.valid_from == at("2026-04-01")


def test_expired_and_unknown_whether_earned_again_is_unknown() -> None:
    record = LearnerRecord({OTHER_RUN: passed(OTHER_RUN, on="2023-03-01"), RUN: Unknown()})
    assert judged([a_year()], record).result is Result.UNKNOWN


def test_fact_without_a_date_cannot_show_that_it_is_newer() -> None:
    record = in_courses(passed(OTHER_RUN, on="2023-03-01"), passed(RUN, on=None))
    assert judged([a_year()], record).result is Result.UNKNOWN


# --- renewal ---------------------------------------------------------------------------------


def test_renewal_needs_facts_later_than_the_beginning_of_the_period() -> None:
    record = in_courses(passed(OTHER_RUN, on="2025-09-01"))
    since = at("2025-09-01")
    assert judged([a_year()], record, since=since, own=1).result is Result.NOT_MET
    again = in_courses(passed(OTHER_RUN, on="2025-09-01"), passed(RUN, on="2026-05-01"))
    verdict = judged([a_year()], again, since=since, own=1)
    assert (verdict.result, verdict.valid_from) == (Result.EARNED, at("2026-05-01"))


def test_renewal_of_ones_own_version_asks_its_renewal_tree() -> None:
    versions = [a_year(renewal=A)]
    since = at("2025-09-01")
    record = LearnerRecord({RUN: passed(on="2025-09-01")}, grants=granted(a="2026-05-01").grants)
    assert judged(versions, record, since=since, own=1).valid_from == at("2026-05-01")
    assert judged(versions, record, since=since, own=None).result is Result.NOT_MET


def test_renewal_tree_is_no_way_to_earn_for_the_first_time() -> None:
    assert judged([a_year(renewal=A)], granted(a="2026-05-01"), own=1).result is Result.NOT_MET


def test_renewal_by_another_version_asks_its_requirements() -> None:
    versions = [a_year(renewal=A), a_year(2, B, renewal=C)]
    since = at("2025-09-01")
    by_renewal_tree_of_the_other = judged(versions, granted(c="2026-05-01"), since=since, own=1)
    assert by_renewal_tree_of_the_other.result is Result.NOT_MET
    verdict = judged(versions, granted(b="2026-05-01"), since=since, own=1)
    assert verdict.terms is versions[1]


# --- regression ------------------------------------------------------------------------------


def test_award_stands_while_its_own_version_is_met_though_it_closed_long_ago() -> None:
    versions = [terms(1, A, closes="2020-01-01"), terms(2, B)]
    truth, outcome = still_met(versions, 1, granted(a="2026-01-01"), now=NOW)
    assert truth is Truth.MET
    assert outcome is not None
    assert outcome.met_on == at("2026-01-01")


def test_award_stands_while_another_version_that_counts_is_met() -> None:
    versions = [terms(1, A), terms(2, B)]
    assert still_met(versions, 1, granted(b="2026-01-01"), now=NOW)[0] is Truth.MET


def test_version_of_others_that_closed_before_it_was_met_does_not_hold_an_award() -> None:
    versions = [terms(1, A), terms(2, B, closes="2025-01-01")]
    assert still_met(versions, 1, granted(b="2026-01-01"), now=NOW)[0] is Truth.NOT_MET


def test_award_whose_version_is_unknown_stands_open() -> None:
    versions = [terms(1, A), terms(2, B)]
    assert still_met(versions, 1, granted(a=Unknown()), now=NOW)[0] is Truth.UNKNOWN
    assert still_met(versions, 1, granted(b=Unknown()), now=NOW)[0] is Truth.UNKNOWN


def test_award_regresses_with_the_reason_of_its_own_version() -> None:
    versions = [terms(1, A), terms(2, course(runs=[SECOND_RUN]))]
    truth, outcome = still_met(versions, 1, LearnerRecord(), now=NOW)
    assert truth is Truth.NOT_MET
    assert outcome is not None
    assert outcome.reason.key == "grant.missing"


def test_eligibility_is_never_a_cause_of_regression() -> None:
    versions = [terms(1, A, eligibility=B)]
    assert still_met(versions, 1, granted(a="2026-01-01"), now=NOW)[0] is Truth.MET
