"""One look at a site: what is found to travel, and that it is found once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.alerts import clicks as by_clicks
from analytics.alerts import watch as watching
from analytics.alerts.course import Course, beginning, local_hour
from analytics.alerts.rules import CALM, EVERY, Measure, Sensitivity
from analytics.alerts.watch import look, watch
from analytics.models import AlertMail, AlertSubscription, Rise
from shortener.channels import BY_NAME
from shortener.labelled import Wanted, mint
from shortener.models import Link
from tests.analytics.rising import NOW, at, clicks, make_old_link, passed_on, travel
from tests.analytics.story import settle_all
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, hit, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def link():
    return make_old_link(title="Plums")


def subscribe(user, sensitivity=Sensitivity.NORMAL, **what):
    return AlertSubscription.objects.create(
        user=user, sensitivity=sensitivity, language="en", time_zone="UTC", **what
    )


@pytest.fixture
def ben():
    return User.objects.create_user("ben", "ben@example.com", is_staff=True)


def test_a_link_far_above_its_past_is_found(link):
    travel(link, 40)
    [rise] = look(link.site, NOW)

    assert (rise.link, rise.site) == (link, link.site)
    assert (rise.measure, rise.count, rise.usual) == (Measure.CLICKS, 40, 0.5)
    assert rise.reach == Sensitivity.NORMAL
    assert rise.began == NOW.replace(minute=0)
    assert rise.ended is None


def test_the_hour_that_has_just_ended_is_looked_at_as_well(link):
    store(*clicks(link, 40, at(minutes=40)))
    settle_all()
    [rise] = look(link.site, NOW)
    assert rise.began == NOW.replace(hour=11, minute=0)


def test_the_course_is_what_is_drawn(link):
    store(*clicks(link, 8, at(days=1)), *clicks(link, 3, at(days=2)), *clicks(link, 4, at(days=3)))
    travel(link, 40)
    [rise] = look(link.site, NOW)
    course = Course.from_json(rise.course)

    assert course.start == NOW.replace(minute=0) - timedelta(hours=47)
    assert course.clicks[-1] == 40
    assert course.clicks[-25] == 8
    assert sum(course.clicks) == 48
    assert len(course.hours) == len(course.usual) == 48


@pytest.mark.parametrize(
    "values",
    [
        {"agent": WHATSAPP, "visitor": None},
        {"agent": "curl/8.0"},
        {"signals": "GET https\nsec-purpose: prefetch"},
        {"share": 0},
        {"visitor": 7},
    ],
    ids=["previews", "bots", "prefetches", "the link itself", "one person"],
)
def test_what_is_no_travelling_is_not_found(link, values):
    travel(link, 40, **values)
    assert look(link.site, NOW) == []


def test_what_was_as_busy_before_is_not_found(link):
    for hours in range(1, 30):
        store(*clicks(link, 30, at(hours=hours)))
    travel(link, 40)
    assert look(link.site, NOW) == []


def test_a_new_link_has_nothing_to_be_compared_with():
    link = make_link()
    Link.objects.filter(pk=link.pk).update(created=NOW - timedelta(hours=2))
    travel(link, 200)
    assert look(link.site, NOW) == []


def test_what_the_brand_sends_itself_is_not_found(link):
    [newsletter] = mint(link, [Wanted(BY_NAME["email"], "Newsletter 12")], by=None).shares
    travel(link, 60, share=newsletter.pk)
    assert look(link.site, NOW) == []

    # What visitors passed on besides is counted without it.
    travel(link, 35)
    [rise] = look(link.site, NOW)
    assert rise.count == 35


def test_a_merged_page_counts_for_the_link_it_was_merged_into(link):
    part = make_old_link(site=link.site, merged_into=link)
    travel(part, 20)
    travel(link, 20)
    [rise] = look(link.site, NOW)
    assert (rise.link, rise.count) == (link, 40)


def test_hours_are_those_of_the_site():
    site = make_site(time_zone="Asia/Kolkata")
    link = make_old_link(site=site)
    travel(link, 40)
    [rise] = look(site, NOW)
    # Twenty past twelve in London is ten to six in the evening in Delhi.
    assert rise.began == NOW - timedelta(hours=1)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "Europe/Berlin", "America/Los_Angeles"])
def test_an_hour_begins_where_its_number_says(zone):
    zone = ZoneInfo(zone)
    moment = datetime(2026, 3, 29, 14, 0, tzinfo=zone)
    assert beginning(local_hour(moment, zone), zone) == moment


def test_k_far_above_its_past_is_found(link):
    store(*passed_on(link, 200, 20, at(days=20)))
    store(*passed_on(link, 20, 20, at(hours=9)))
    settle_all()
    [rise] = look(link.site, NOW)

    assert (rise.measure, rise.count, rise.shares) == (Measure.K, 20, 40)
    assert rise.usual == pytest.approx(40 * 20.5 / 220)
    assert rise.reach == Sensitivity.NORMAL


def test_a_new_link_spreads_far_above_its_site(link):
    store(*passed_on(link, 200, 20, at(days=20)))
    new = make_link(site=link.site)
    store(*passed_on(new, 20, 20, at(hours=9)))
    settle_all()
    [rise] = look(link.site, NOW)
    assert (rise.link, rise.measure) == (new, Measure.K)


def test_k_without_any_past_is_not_found(link):
    store(*passed_on(link, 20, 20, at(hours=9)))
    settle_all()
    assert look(link.site, NOW) == []


def test_k_that_is_as_ever_is_not_found(link):
    store(*passed_on(link, 40, 40, at(days=20)))
    store(*passed_on(link, 20, 20, at(hours=9)))
    settle_all()
    assert look(link.site, NOW) == []


def test_what_a_labelled_share_brought_makes_no_k(link):
    store(*passed_on(link, 200, 20, at(days=20)))
    [group] = mint(link, [Wanted(BY_NAME["whatsapp"], "Group")], by=None).shares
    facts = passed_on(link, 20, 20, at(hours=9))
    for fact in facts:
        if fact["parent"]:
            fact["parent"] = group.pk
    store(hit(link, share=group.pk, time=at(hours=10)), *facts)
    settle_all()
    assert look(link.site, NOW) == []


def test_a_rise_that_goes_on_stays_one(link):
    travel(link, 40)
    [first] = look(link.site, NOW)
    travel(link, 70)
    [again] = look(link.site, NOW + timedelta(minutes=3))

    assert again.pk == first.pk
    assert again.found == NOW
    assert (again.count, again.reach) == (110, Sensitivity.QUIET)
    assert Rise.objects.count() == 1


def test_a_link_that_has_calmed_down_may_rise_again(link):
    travel(link, 40)
    [first] = look(link.site, NOW)
    later = NOW + CALM + timedelta(hours=3)
    assert look(link.site, later) == []
    first.refresh_from_db()
    assert first.ended == later

    travel(link, 60, now=later + timedelta(hours=1))
    [second] = look(link.site, later + timedelta(hours=1))
    assert second.pk != first.pk


def test_also_where_nobody_looked_meanwhile(link):
    travel(link, 40)
    [first] = look(link.site, NOW)
    later = NOW + CALM + timedelta(days=2)
    travel(link, 60, now=later)
    [second] = look(link.site, later)

    first.refresh_from_db()
    assert first.ended == later
    assert second.pk != first.pk


def test_the_demo_is_not_looked_at():
    link = make_old_link(site=make_site(key="demo"))
    travel(link, 40)
    watch(NOW)
    assert not Rise.objects.exists()


def test_two_beats_make_one_look(link, monkeypatch):
    looked = []
    monkeypatch.setattr(watching, "look", lambda site, now: looked.append(now))
    for seconds in (0, 1, 170, 190):
        watch(NOW + timedelta(seconds=seconds))
    assert looked == [NOW, NOW + timedelta(seconds=170)]
    assert timedelta(seconds=170) < EVERY


def test_two_looks_at_once_make_one_rise_and_one_mail(link, ben):
    """Both have seen that there is no rise; the second to write finds the first one's."""
    subscribe(ben, site=link.site)
    travel(link, 40)
    found = {f.link.pk: f for f in by_clicks.rising(link.site, NOW)}
    courses = watching._courses(link.site, found.values())
    for _ in range(2):
        rises = watching._write(link.site, found, courses, NOW)
        watching._tell(link.site, rises, NOW)
    assert Rise.objects.count() == AlertMail.objects.count() == 1


@pytest.mark.parametrize(
    ("sensitivity", "number", "is_told"),
    [
        (Sensitivity.OFF, 500, False),
        (Sensitivity.QUIET, 40, False),
        (Sensitivity.QUIET, 120, True),
        (Sensitivity.NORMAL, 20, False),
        (Sensitivity.NORMAL, 40, True),
        (Sensitivity.EAGER, 20, True),
    ],
)
def test_everybody_is_told_as_readily_as_they_wish(link, ben, sensitivity, number, is_told):
    subscribe(ben, sensitivity, site=link.site)
    travel(link, number)
    look(link.site, NOW)
    assert AlertMail.objects.exists() is is_told


@pytest.mark.parametrize(
    ("of_site", "of_link", "is_told"),
    [
        (Sensitivity.EAGER, Sensitivity.OFF, False),
        (Sensitivity.OFF, Sensitivity.EAGER, True),
        (None, Sensitivity.NORMAL, True),
    ],
)
def test_what_is_said_of_a_link_decides(link, ben, of_site, of_link, is_told):
    if of_site is not None:
        subscribe(ben, of_site, site=link.site)
    subscribe(ben, of_link, link=link)
    travel(link, 40)
    look(link.site, NOW)
    assert AlertMail.objects.exists() is is_told


def test_of_other_links_and_sites_nobody_is_told(link, ben):
    subscribe(ben, site=make_site())
    subscribe(ben, link=make_link(site=link.site))
    travel(link, 40)
    look(link.site, NOW)
    assert not AlertMail.objects.exists()


def test_who_is_less_eager_is_told_once_it_has_grown(link, ben):
    subscribe(ben, Sensitivity.QUIET, site=link.site)
    travel(link, 40)
    look(link.site, NOW)
    assert not AlertMail.objects.exists()
    travel(link, 80)
    for _ in range(2):
        look(link.site, NOW + timedelta(minutes=3))
    assert AlertMail.objects.count() == 1


def test_a_look_costs_the_same_for_many_links(link):
    def cost():
        with CaptureQueriesContext(connection) as context:
            look(link.site, NOW)
        return len(context)

    travel(link, 40)
    look(link.site, NOW)
    one = cost()
    for _ in range(5):
        travel(make_old_link(site=link.site), 40)
    look(link.site, NOW)
    assert cost() == one


def test_only_the_most_unusual_links_are_looked_at_closely(link, monkeypatch):
    monkeypatch.setattr(by_clicks, "BUSIEST", 1)
    busy = make_old_link(site=link.site)
    for days in range(1, 8):
        store(*clicks(busy, 100, at(days=days)))
    travel(busy, 45)
    travel(link, 40)
    assert [rise.link for rise in look(link.site, NOW)] == [link]
