"""Who clicked: seven dimensions, each counted by itself, by link and by site."""

from collections import Counter
from datetime import date

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import audience
from analytics.models import Audience, Batch, DailyAudience, DailySiteAudience, Unsettled
from analytics.settle import settle
from shortener.channels import BY_NUMBER
from tests.analytics.counts import DAY, NOON
from tests.factories import make_link, make_site
from tests.facts import PERSON, WHATSAPP, hit, press, share_of, store

Dimension = Audience.Dimension
THURSDAY = date(2026, 3, 5)
ANDROID = "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0"


def count():
    """Count the clicks of all segments that wait for it, as settling does."""
    with transaction.atomic():
        audience.count(list(Unsettled.objects.values_list("batch", flat=True)))
        Unsettled.objects.all().delete()


def values(link, dimension):
    """Return the clicks of a link by value, days and channels added up."""
    found: Counter[str] = Counter()
    for row in DailyAudience.objects.filter(link=link, dimension=dimension):
        found[row.value] += row.clicks
    return dict(found)


@pytest.fixture
def link():
    return make_link()


@pytest.mark.django_db
class TestCount:
    def test_a_click_counts_once_in_every_dimension(self, link):
        store(hit(link, time=NOON, country="AT", language="de-AT", referrer="news.example"))
        count()
        rows = DailyAudience.objects.order_by("dimension")
        assert [(Dimension(row.dimension), row.value, row.clicks) for row in rows] == [
            (Dimension.COUNTRY, "AT", 1),
            (Dimension.DEVICE, "phone", 1),
            (Dimension.SYSTEM, "iOS", 1),
            (Dimension.BROWSER, "Mobile Safari", 1),
            (Dimension.LANGUAGE, "de-AT", 1),
            (Dimension.REFERRER, "news.example", 1),
            (Dimension.HOUR, "84", 1),
        ]
        assert {(row.day, row.channel) for row in rows} == {(THURSDAY, 0)}

    def test_a_click_belongs_to_the_channel_of_its_share(self, link):
        store(hit(link, share=share_of("whatsapp")), hit(link, share=share_of("copy")), hit(link))
        count()
        rows = DailyAudience.objects.filter(dimension=Dimension.COUNTRY)
        assert {BY_NUMBER[row.channel].name: row.clicks for row in rows} == {
            "whatsapp": 1,
            "copy": 1,
            "link": 1,
        }

    def test_an_empty_value_has_no_row(self, link):
        store(hit(link, country="", language="", referrer="", agent=PERSON))
        count()
        dimensions = DailyAudience.objects.values_list("dimension", flat=True)
        assert set(dimensions) == {
            Dimension.DEVICE,
            Dimension.SYSTEM,
            Dimension.BROWSER,
            Dimension.HOUR,
        }

    @pytest.mark.parametrize(
        "values", [{"agent": WHATSAPP}, {"agent": "Googlebot/2.1"}, {"signals": "HEAD https"}]
    )
    def test_what_no_person_asked_for_has_no_audience(self, link, values):
        store(hit(link, **values), press(link))
        count()
        assert not DailyAudience.objects.exists()
        assert not DailySiteAudience.objects.exists()

    def test_segments_add_up(self, link):
        store(hit(link, country="DE"), hit(link, country="DE"), hit(link, country="FR"))
        count()
        store(hit(link, country="DE"))
        store(hit(link, country="DE"))
        count()
        assert values(link, Dimension.COUNTRY) == {"DE": 4, "FR": 1}

    def test_only_the_batches_that_are_named_are_counted(self, link):
        store(hit(link, country="DE"))
        store(hit(link, country="FR"))
        store(hit(link, country="IT"))
        first, _, last = Batch.objects.order_by("pk").values_list("pk", flat=True)
        audience.count([first, last])
        assert values(link, Dimension.COUNTRY) == {"DE": 1, "IT": 1}

    def test_no_batches_are_no_clicks(self):
        audience.count([])
        assert not DailyAudience.objects.exists()

    def test_a_site_has_the_sums_of_its_links(self):
        site, other = make_site(), make_site()
        links = [make_link(site=site), make_link(site=site), make_link(site=other)]
        store(*(hit(link, country="DE", time=NOON) for link in links))
        count()
        rows = DailySiteAudience.objects.filter(dimension=Dimension.COUNTRY)
        assert {(row.site_id, row.day, row.value): row.clicks for row in rows} == {
            (site.pk, THURSDAY, "DE"): 2,
            (other.pk, THURSDAY, "DE"): 1,
        }

    def test_hours_and_days_are_those_of_the_sites_time_zone(self):
        link = make_link(site=make_site(time_zone="Asia/Kolkata"))
        store(hit(link, time=NOON + DAY // 2))
        count()
        row = DailyAudience.objects.get(dimension=Dimension.HOUR)
        assert (row.day, row.value) == (date(2026, 3, 6), str(4 * 24 + 5))

    @pytest.mark.parametrize(
        ("language", "value"),
        [
            ("en-GB", "en-GB"),
            ("en-gb", "en-GB"),
            ("EN-GB", "en-GB"),
            ("it-it", "it-IT"),
            ("DE", "de"),
            ("es-419", "es-419"),
            ("zh-Hant-TW", "zh-hant-tw"),
            ("zh-hant-tw", "zh-hant-tw"),
        ],
    )
    def test_a_language_is_one_value_however_it_is_written(self, link, language, value):
        store(hit(link, language=language))
        count()
        assert values(link, Dimension.LANGUAGE) == {value: 1}

    def test_a_long_host_is_cut(self, link):
        host = "a" * 40 + "." + "b" * 40 + ".example"
        store(hit(link, referrer=host), hit(link, referrer=host + ".net"))
        count()
        assert values(link, Dimension.REFERRER) == {host[:64]: 2}

    def test_it_takes_no_more_statements_for_more_clicks(
        self, link, django_assert_max_num_queries
    ):
        store(*(hit(link, country=country) for country in ("DE", "FR", "IT", "AT")))
        batches = list(Batch.objects.values_list("pk", flat=True))
        with django_assert_max_num_queries(3):
            audience.count(batches)

    def test_settling_counts_a_segment_once(self, link):
        store(hit(link, country="DE"))
        settle()
        settle()
        assert values(link, Dimension.COUNTRY) == {"DE": 1}


@pytest.mark.django_db
class TestCounted:
    def test_counting_again_finds_what_was_counted(self):
        links = [make_link(site=make_site(time_zone="Asia/Kolkata")), make_link()]
        for number in range(12):
            link = links[number % 2]
            share = share_of("whatsapp") if number % 3 else 0
            store(
                hit(
                    link,
                    time=NOON + number * DAY // 5,
                    share=share,
                    country=["DE", "FR", ""][number % 3],
                    agent=[PERSON, ANDROID, WHATSAPP][number // 3 % 3],
                    referrer=["", "news.example"][number // 6],
                )
            )
        count()
        counted = audience.counted(THURSDAY, date(2026, 3, 9))
        links_of = {(link.pk, link.site_id) for link in links}
        assert {row[:2] for row in counted} == links_of
        assert {(row[0], *row[2:]) for row in counted} == {
            (row.link_id, row.dimension, str(row.day), row.channel, row.value, row.clicks)
            for row in DailyAudience.objects.all()
        }

    def test_only_the_days_that_are_asked_for_are_counted(self, link):
        for days in range(-2, 3):
            store(hit(link, time=NOON + days * DAY))
        count()
        counted = audience.counted(THURSDAY, date(2026, 3, 6))
        assert sorted({row[3] for row in counted}) == ["2026-03-05", "2026-03-06"]

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
    def test_a_day_is_whole_wherever_it_is(self, zone):
        link = make_link(site=make_site(time_zone=zone))
        for hours in range(72):
            store(hit(link, time=NOON - 36 * 3_600_000 + hours * 3_600_000))
        count()
        counted = audience.counted(THURSDAY, THURSDAY)
        assert sum(row[6] for row in counted if row[2] == Dimension.COUNTRY) == 24

    def test_a_segment_that_is_not_settled_is_left_out(self, link):
        store(hit(link, time=NOON))
        count()
        store(hit(link, time=NOON))
        assert {row[6] for row in audience.counted(THURSDAY, THURSDAY)} == {1}


@pytest.mark.django_db
class TestFold:
    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch):
        monkeypatch.setattr(audience, "MAX_VALUES", 2)

    def test_the_rarest_values_become_one(self, link):
        hosts = ["a.example"] * 3 + ["b.example"] * 2 + ["c.example", "d.example"]
        store(*(hit(link, time=NOON, referrer=host) for host in hosts))
        count()
        audience.fold(THURSDAY)
        folded = {"a.example": 3, "b.example": 2, audience.OTHER: 2}
        assert values(link, Dimension.REFERRER) == folded
        sites = DailySiteAudience.objects.filter(dimension=Dimension.REFERRER)
        assert dict(sites.values_list("value", "clicks")) == folded

    def test_what_comes_later_is_folded_as_well(self, link):
        for hosts in (["a.example"] * 2 + ["b.example"] * 3 + ["c.example"], ["d.example"]):
            store(*(hit(link, time=NOON, referrer=host) for host in hosts))
            count()
            audience.fold(THURSDAY)
        assert values(link, Dimension.REFERRER) == {
            "b.example": 3,
            "a.example": 2,
            audience.OTHER: 2,
        }

    def test_days_channels_and_links_have_values_of_their_own(self, link):
        other = make_link(site=link.site)
        store(
            *(hit(link, time=NOON, referrer=host) for host in ("a.example", "b.example")),
            *(hit(link, time=NOON, referrer="") for _ in range(3)),
            *(
                hit(link, time=NOON, referrer=host, share=share_of("sms"))
                for host in ("c.example", "d.example")
            ),
            *(hit(link, time=NOON + DAY, referrer=f"{n}.example") for n in range(3)),
            *(hit(other, time=NOON, referrer=f"{host}.example") for host in "ab"),
        )
        count()
        before = set(DailyAudience.objects.values_list("pk", "clicks"))
        audience.fold(THURSDAY)
        assert set(DailyAudience.objects.values_list("pk", "clicks")) == before


CLICKS = st.lists(
    st.fixed_dictionaries(
        {
            "country": st.sampled_from(["", "DE", "FR"]),
            "language": st.sampled_from(["", "de", "de-DE", "de-de"]),
            "referrer": st.sampled_from(["", "a.example", "b.example"]),
            "agent": st.sampled_from([PERSON, ANDROID]),
            "share": st.sampled_from([0, share_of("sms"), share_of("whatsapp", 7)]),
            "time": st.integers(NOON, NOON + 2 * DAY),
        }
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.django_db
@settings(max_examples=50, deadline=None)
@given(CLICKS, st.integers(1, 12))
def test_it_does_not_matter_how_clicks_are_divided_into_segments(clicks, size):
    whole, divided = make_link(), make_link()
    store(*(hit(whole, **click) for click in clicks))
    for start in range(0, len(clicks), size):
        store(*(hit(divided, **click) for click in clicks[start : start + size]))
        count()
    first, second = (
        {
            (row.dimension, row.day, row.channel, row.value): row.clicks
            for row in DailyAudience.objects.filter(link=link)
        }
        for link in (whole, divided)
    )
    assert first == second
    for name in ("country", "referrer"):
        expected = Counter(click[name] for click in clicks if click[name])
        assert values(whole, getattr(Dimension, name.upper())) == dict(expected)
