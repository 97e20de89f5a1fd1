"""Parameters in, a question out, or sentences that say what is wrong."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.http import QueryDict

from analytics.reports.params import PARAMETERS, Period
from analytics.reports.question import Question
from analytics.reports.rollups import chosen
from shortener.channels import BY_NAME
from shortener.models import Site
from tests.factories import make_campaign, make_link, make_site

pytestmark = pytest.mark.django_db


DAY = date(2026, 3, 5)
PERIOD = {"from": "2026-03-01", "to": "2026-03-05"}


def ask(params, **options):
    return Question.from_params(params, Site.objects.all(), **options)


@pytest.fixture
def site():
    return make_site(
        key="demo", name="Demo", time_zone="Asia/Kolkata", tags={"utm_medium": "share"}
    )


@pytest.fixture
def links(site):
    campaign = make_campaign(site=site, slug="summer", tags={"utm_campaign": "{campaign}"})
    plums = make_link(site=site, slug="plums", campaign=campaign, tags={"utm_source": "a,b"})
    grapes = make_link(site=site, tags={"utm_medium": "mail", "7": "seven"})
    return plums, grapes


def ids(**params):
    question = ask(params)
    return set(chosen(question).values_list("pk", flat=True))


def problems(**params):
    with pytest.raises(ValidationError) as raised:
        ask(params)
    return raised.value.message_dict


@time_machine.travel("2026-03-05 20:00 +0000")
def test_the_default_is_28_days_up_to_the_sites_today(site):
    question = ask({})
    assert question == Question(site, date(2026, 2, 7), date(2026, 3, 6))
    assert question.days == 28


@time_machine.travel("2026-03-05 12:00 +0000")
def test_either_end_may_be_left_out(site):
    assert ask({"from": "2026-03-01"}).end == DAY
    assert ask({"to": "2026-03-01"}).start == date(2026, 2, 2)


def test_a_question_can_be_asked_again(site):
    question = Question(site, DAY, DAY + timedelta(3))
    assert ask(question.params) == question


@pytest.mark.parametrize(
    ("params", "field", "sentence"),
    [
        (
            {"site": "nope"},
            "site",
            "There is no site with the key “nope”. Known are: demo.",
        ),
        ({"from": "1.3.2026"}, "from", "“1.3.2026” is not a date. Write it like 2026-11-01."),
        ({"to": "20260301"}, "to", "“20260301” is not a date. Write it like 2026-11-01."),
        ({"to": "2026-02-30"}, "to", "“2026-02-30” is not a date. Write it like 2026-11-01."),
        ({"to": "9999-12-31"}, "to", "9999-12-31 is not between 2000 and 2099."),
        (
            {"from": "2026-03-02", "to": "2026-03-01"},
            "to",
            "The period ends (2026-03-01) before it starts (2026-03-02).",
        ),
        (
            {"from": "2015-01-01", "to": "2026-03-01"},
            "from",
            "A period can be 10 years long at most.",
        ),
        ({"campaign": "sum\0mer"}, "campaign", "Demo has no campaign “summer”."),
        ({"channels": "fax"}, "channels", "There is no channel “fax”. Known are: link, "),
        ({"links": "nope"}, "links", "Demo has no link with the code or slug “nope”."),
        ({"links": ",".join(map(str, range(1001)))}, "links", "At most 1000 links can be named."),
        ({"tags": "x"}, "tags", "“x” is not a tag. Write it like utm_source=newsletter."),
        ({"tags": 'a"b=c'}, "tags", '“a"b=c” is not a tag. Write it like utm_source=newsletter.'),
        (
            {"granularity": "hour"},
            "granularity",
            "“hour” is not known. Say one of these: day, week, month.",
        ),
        ({"compare": "x"}, "compare", "“x” is not known. Say one of these: before, year, none."),
        (
            {"compare_to": "2026-03-01"},
            "compare_from",
            "Say with which day the other period starts.",
        ),
        (
            {"compare_from": "2026-03-02", "compare_to": "2026-03-01"},
            "compare_to",
            "The period ends (2026-03-01) before it starts (2026-03-02).",
        ),
        ({"top": "0"}, "top", "“0” is not a whole number from 1 to 1000."),
        ({"top": "1001"}, "top", "“1001” is not a whole number from 1 to 1000."),
        ({"page": "-1"}, "page", "“-1” is not a whole number from 1 to 1000000."),
    ],
)
def test_what_is_wrong_is_named(site, params, field, sentence):
    found = problems(**params)
    assert list(found) == [field]
    assert found[field][0].startswith(sentence)


def test_all_that_is_wrong_is_named_at_once(site):
    assert set(problems(**{"site": "nope", "from": "x", "to": "y"})) == {"site", "from", "to"}


def test_a_site_has_to_be_named_where_there_are_several(site):
    make_site(key="other")
    assert problems() == {"site": ["Name one of the sites: demo, other."]}


def test_without_any_site_there_is_nothing_to_ask():
    assert problems() == {"site": ["There is no site yet."]}


def test_all_that_can_be_asked_can_be_asked_again(site, links):
    params = {
        "site": "demo",
        "from": "2026-03-01",
        "to": "2026-03-05",
        "campaign": "summer",
        "links": links[0].code,
        "tags": "utm_source=a,b,utm_medium=share",
        "channels": "whatsapp,copy",
        "compare_from": "2025-03-01",
        "compare_to": "2025-03-05",
        "granularity": "week",
        "by": "utm_source",
        "top": "7",
        "page": "2",
    }
    question = ask(params)
    assert question.params == params
    assert set(PARAMETERS) - set(params) == {"compare"}
    assert question.tags == (("utm_source", "a,b"), ("utm_medium", "share"))
    assert question.channels == (BY_NAME["whatsapp"], BY_NAME["copy"])
    assert question.part == slice(7, 14)
    assert ask({**PERIOD, "compare": "none"}).params["compare"] == "none"


def test_a_list_is_repeated_or_has_commas(site, links):
    both = {f"{link.slug or link.code}" for link in links}
    asked: list[Any] = [
        QueryDict("&".join(f"links={name}" for name in both)),
        {"links": ",".join(both)},
    ]
    asked.append({"links": [*both, *both]})
    for params in asked:
        assert set(ask(params).links) == {link.pk for link in links}


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("params", "before"),
    [
        ({}, (date(2026, 2, 24), date(2026, 2, 28))),
        ({"compare": "before"}, (date(2026, 2, 24), date(2026, 2, 28))),
        ({"compare": "none"}, None),
        ({"compare": "year"}, (date(2025, 3, 2), date(2025, 3, 6))),
        ({"compare_from": "2025-03-01"}, (date(2025, 3, 1), date(2025, 3, 5))),
        (
            {"compare_from": "2025-03-01", "compare_to": "2025-03-31"},
            Period(date(2025, 3, 1), date(2025, 3, 31)),
        ),
    ],
)
def test_a_period_is_compared_with_another(params, before):
    found = ask({**PERIOD, **params, "channels": "sms"}).before
    assert (found and (found.start, found.end)) == before
    assert found is None or (found.channels == (BY_NAME["sms"],) and found.before is None)


def test_what_few_people_are_behind_is_no_parameter(site):
    assert not ask({"in_full": "1"}).in_full
    assert ask({}, in_full=True).in_full


@pytest.mark.parametrize(
    ("params", "chosen_links"),
    [
        ({}, {0, 1}),
        ({"campaign": "summer"}, {0}),
        ({"links": "plums"}, {0}),
        ({"tags": "utm_source=a,b"}, {0}),
        # A link's own tag hides that of the site.
        ({"tags": "utm_medium=share"}, {0}),
        ({"tags": "utm_medium=mail"}, {1}),
        ({"tags": "utm_campaign=summer"}, {0}),
        ({"tags": "7=seven"}, {1}),
        ({"tags": "utm_source=a"}, set()),
        ({"tags": "none=such"}, set()),
        ({"tags": ["utm_medium=share", "utm_campaign=summer"]}, {0}),
        ({"campaign": "summer", "tags": "utm_medium=mail"}, set()),
    ],
)
def test_links_are_those_for_which_all_holds(links, params, chosen_links):
    make_link()
    assert ids(site="demo", **params) == {links[number].pk for number in chosen_links}


def test_a_link_stands_for_those_merged_into_it(site, links):
    plums, grapes = links
    part = make_link(site=site, slug="part", merged_into=plums, tags={"utm_medium": "mail"})
    for params in ({"links": "plums"}, {"links": "part"}, {"campaign": "summer"}):
        assert ids(**params) == {plums.pk, part.pk}
    assert ids(tags="utm_medium=mail") == {grapes.pk}


def test_links_and_campaigns_of_other_sites_are_not_known(site):
    other = make_link(campaign=make_campaign(slug="winter"))
    found = problems(site="demo", links=other.code, campaign="winter")
    assert found == {
        "links": [f"Demo has no link with the code or slug “{other.code}”."],
        "campaign": ["Demo has no campaign “winter”."],
    }


def test_no_site_exists_but_those_of_the_asker(site):
    other = make_site(key="other")

    with pytest.raises(ValidationError) as raised:
        Question.from_params({"site": site.key}, Site.objects.filter(pk=other.pk))

    assert raised.value.message_dict["site"] == [
        "There is no site with the key “demo”. Known are: other."
    ]
