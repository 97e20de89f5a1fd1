"""Files that come by themselves: the right days, at the right time, to the right people, once."""

import csv
import gzip
import io
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone
from moto.server import ThreadedMotoServer

from analytics import tasks
from analytics.exports.making import make_next
from analytics.models import Delivery, Export, Schedule, ScheduleRun
from analytics.outbox import claim
from analytics.schedules import deliver
from analytics.schedules.calendar import first_day, last_day, moment, next_day, period
from analytics.schedules.deliver import STALE, deliver_due
from analytics.schedules.runs import KEPT, advance, begin_due, forget_runs
from tests.factories import make_campaign, make_link, make_site
from tests.facts import hit, store


def rhythm(every="day", **values):
    usual = {"weekday": 0, "day_of_month": 1, "hour": 7, "time_zone": "UTC"}
    return SimpleNamespace(every=every, **usual | values)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0):
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


PERIODS = [
    ("day", date(2026, 3, 1), "2026-02-28", "2026-02-28"),
    ("week", date(2026, 3, 2), "2026-02-23", "2026-03-01"),
    ("month", date(2026, 3, 1), "2026-02-01", "2026-02-28"),
    ("month", date(2026, 1, 15), "2025-12-01", "2025-12-31"),
]


@pytest.mark.parametrize(("every", "day", "start", "end"), PERIODS)
def test_a_file_has_the_days_that_are_over(every, day, start, end):
    assert tuple(map(str, period(every, day))) == (start, end)


DAYS = [
    (rhythm("day"), date(2026, 2, 28), date(2026, 3, 1)),
    (rhythm("week", weekday=4), date(2026, 3, 1), date(2026, 3, 6)),
    (rhythm("week", weekday=4), date(2026, 3, 6), date(2026, 3, 13)),
    (rhythm("month", day_of_month=28), date(2026, 1, 30), date(2026, 2, 28)),
]


@pytest.mark.parametrize(("each", "after", "day"), DAYS)
def test_the_next_day_of_a_rhythm(each, after, day):
    assert next_day(each, after) == day


BERLIN = {"time_zone": "Europe/Berlin"}
MOMENTS = [
    (rhythm(hour=7, **BERLIN), date(2026, 3, 28), utc(2026, 3, 28, 6)),
    (rhythm(hour=7, **BERLIN), date(2026, 3, 29), utc(2026, 3, 29, 5)),
    # The clocks go from 2 to 3: what was wished for 2 comes at 3.
    (rhythm(hour=2, **BERLIN), date(2026, 3, 29), utc(2026, 3, 29, 1)),
    # The hour that comes twice: the first of the two.
    (rhythm(hour=2, **BERLIN), date(2026, 10, 25), utc(2026, 10, 25, 0)),
    (rhythm(hour=7, time_zone="Asia/Kolkata"), date(2026, 3, 5), utc(2026, 3, 5, 1, 30)),
]


@pytest.mark.parametrize(("each", "day", "expected"), MOMENTS)
def test_the_hour_is_that_of_the_time_zone(each, day, expected):
    assert moment(each, day, each.time_zone) == expected


def test_a_file_waits_until_its_days_are_over_on_the_site():
    """In Tokyo it is the first of the month while New York has an evening of the last to come."""
    tokyo = rhythm("month", time_zone="Asia/Tokyo")
    assert moment(tokyo, date(2026, 12, 1), "America/New_York") == utc(2026, 12, 1, 5)


def test_the_first_day_is_one_that_can_still_be_kept():
    each = rhythm(hour=7)
    assert first_day(each, utc(2026, 3, 5, 6, 59), "UTC") == date(2026, 3, 5)
    assert first_day(each, utc(2026, 3, 5, 7, 0), "UTC") == date(2026, 3, 6)
    assert last_day(each, utc(2026, 3, 5, 6, 59), "UTC") == date(2026, 3, 4)
    assert last_day(each, utc(2026, 3, 5, 7, 0), "UTC") == date(2026, 3, 5)


NOW = utc(2026, 3, 6, 7, 0, 20)
db = pytest.mark.django_db


@pytest.fixture
def site():
    site = make_site(name="The Orchard", key="orchard")
    link = make_link(site=site, title="Plums")
    noon = int(utc(2026, 3, 5, 12).timestamp() * 1000)
    store(*(hit(link, time=noon + n) for n in range(3)), hit(link, time=noon + 86_400_000))
    return site


def somebody(site, name, *codenames):
    user = User.objects.create_user(name, f"{name}@example.com", is_staff=True)
    names = ("view_dailycontent", *codenames)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    site.members.add(user)
    return user


@pytest.fixture
def ada(site):
    return somebody(site, "ada", "view_hit")


@pytest.fixture
def schedule(site, ada):
    schedule = Schedule.objects.create(
        user=ada,
        site=site,
        name="hits",
        every="day",
        hour=7,
        time_zone="UTC",
        language="en",
        next_day=date(2026, 3, 6),
        due=utc(2026, 3, 6, 7),
    )
    schedule.people.add(ada)
    return schedule


@pytest.fixture(autouse=True)
def _mail_server(settings):
    settings.EMAIL_HOST = "mail.example"


def run(now=NOW):
    """Do what beat and workers do."""
    begin_due(now)
    while make_next():
        pass
    deliver_due(now)


@db
def test_the_file_of_the_day_before_comes_by_mail_once(schedule, mailoutbox):
    run()
    run(NOW + timedelta(minutes=1))

    [mail] = mailoutbox
    assert mail.to == ["ada@example.com"]
    assert mail.subject == "Hits of The Orchard, 03/05/2026"
    [(filename, content, _kind)] = mail.attachments
    assert filename == "grapevine-hits-orchard-2026-03-05-2026-03-05.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [row["day"] for row in rows] == ["2026-03-05"] * 3
    assert "3 rows, 03/05/2026." in mail.body
    schedule.refresh_from_db()
    assert (schedule.next_day, schedule.due) == (date(2026, 3, 7), utc(2026, 3, 7, 7))


@db
def test_it_is_written_as_was_asked(schedule, mailoutbox):
    Schedule.objects.update(params={"dialect": "excel-semicolon", "gzip": "1"})
    run()
    [(filename, content, _kind)] = mailoutbox[0].attachments
    assert filename.endswith(".csv.gz")
    assert gzip.decompress(content).decode().startswith('\ufeff"time";')


@db
def test_before_its_time_nothing_is_sent(schedule, mailoutbox):
    run(utc(2026, 3, 6, 6, 59))
    assert not Export.objects.exists()


@db
def test_while_it_pauses_nothing_is_sent(schedule, mailoutbox):
    Schedule.objects.update(due=None)
    run()
    assert not Export.objects.exists()


@db
def test_files_that_were_missed_come_one_after_the_other(schedule, mailoutbox):
    for minute in range(5):
        run(NOW + timedelta(days=2, minutes=minute))
    days = [str(run.start) for run in ScheduleRun.objects.order_by("start")]
    assert days == ["2026-03-05", "2026-03-06", "2026-03-07"]
    assert len(mailoutbox) == 3


@db
def test_after_months_away_it_begins_anew(schedule, mailoutbox):
    now = NOW + timedelta(days=90)
    run(now)
    schedule.refresh_from_db()
    assert now < schedule.due <= now + timedelta(days=1)


@db
def test_two_who_begin_at_once_begin_one_file(schedule):
    first, second = Schedule.objects.get(), Schedule.objects.get()
    assert advance(first, NOW)
    assert not advance(second, NOW)


@db
def test_a_link_instead_of_the_file(schedule, ada, mailoutbox):
    Schedule.objects.update(mailed="link")
    run()
    assert mailoutbox[0].attachments == []
    address = urlsplit(next(w for w in mailoutbox[0].body.split() if "/file/" in w)).path
    client = Client()
    client.force_login(ada)
    answer: Any = client.get(address)
    assert b"".join(answer.streaming_content).startswith(b'"time"')
    assert "no-store" in answer["Cache-Control"]


@db
def test_a_file_too_long_for_a_mail_is_a_link(schedule, mailoutbox, monkeypatch):
    monkeypatch.setattr(deliver, "ATTACHED", 10)
    run()
    assert mailoutbox[0].attachments == []
    assert "too long for a mail" in mailoutbox[0].body


def others(schedule, *codenames):
    ben = somebody(schedule.site, "ben", *codenames)
    schedule.people.add(ben)
    return ben


@db
def test_whoever_may_not_see_the_rows_does_not_get_them(schedule, mailoutbox):
    ben = others(schedule)
    run()
    assert [mail.to for mail in mailoutbox] == [["ada@example.com"]]
    row = Delivery.objects.get(user=ben)
    assert (row.sent, row.due, row.problem) == (None, None, "No right to see this table.")
    client = Client()
    client.force_login(ben)
    assert client.get(f"/admin/schedules/runs/{row.run_id}/file/").status_code == 404


@db
def test_a_report_for_many_has_only_what_all_may_see(schedule, mailoutbox):
    """A country with few people is in the file of one who may see raw rows, alone."""
    Schedule.objects.update(name="countries")
    others(schedule)
    run()
    assert Export.objects.get().params["full"] == "0"
    assert len(mailoutbox) == 2


LOST = {
    "left the site": lambda ben, site: site.members.remove(ben),
    "left": lambda ben, site: User.objects.filter(pk=ben.pk).update(is_active=False),
    "no address": lambda ben, site: User.objects.filter(pk=ben.pk).update(email=""),
    "wants no more": lambda ben, site: Schedule.objects.get().people.remove(ben),
}


@db
@pytest.mark.parametrize("lose", LOST.values(), ids=LOST)
def test_rights_are_looked_at_when_it_is_sent(schedule, mailoutbox, lose):
    ben = others(schedule, "view_hit")
    begin_due(NOW)
    lose(ben, schedule.site)
    run()
    assert [mail.to for mail in mailoutbox] == [["ada@example.com"]]
    assert Delivery.objects.get(user=ben).problem


@db
def test_a_maker_without_rights_makes_no_file(schedule, ada, mailoutbox):
    ada.user_permissions.clear()
    run()
    [made] = ScheduleRun.objects.all()
    assert (made.export, bool(made.problem)) == (None, True)
    assert not mailoutbox


@db
def test_a_mail_server_that_refuses_is_tried_again(schedule, mailoutbox, monkeypatch):
    def refuse(self, *_args, **_kwargs):
        raise OSError("421 come back later")

    with monkeypatch.context() as patch:
        patch.setattr("analytics.mail.Mail.send", refuse)
        run()
    row = Delivery.objects.get()
    assert (row.problem, row.due) == ("421 come back later", NOW + timedelta(minutes=1))
    deliver_due(NOW + timedelta(minutes=1))
    assert len(mailoutbox) == 1


@db
def test_without_a_mail_server_it_waits_for_days_and_says_so(schedule, settings):
    settings.EMAIL_HOST = ""
    run()
    assert Delivery.objects.get().due == NOW
    deliver_due(NOW + STALE + timedelta(seconds=1))
    assert Delivery.objects.get().problem == "There was no mail server."


@db
def test_who_was_killed_while_sending_is_taken_over_from(schedule, mailoutbox):
    begin_due(NOW)
    make_next()
    claim(Delivery.objects.get(), NOW)
    deliver_due(NOW)
    assert not mailoutbox
    deliver_due(NOW + timedelta(minutes=6))
    deliver_due(NOW + timedelta(minutes=30))
    assert len(mailoutbox) == 1


@db
def test_a_file_that_fails_is_said_and_made_again_when_asked(client, schedule, ada, mailoutbox):
    begin_due(NOW)
    Export.objects.update(state="failed", due=None, problem="The disk is full.")
    deliver_due(NOW)
    assert Delivery.objects.get().problem == "The disk is full."

    client.force_login(ada)
    assert "The disk is full." in client.get("/admin/schedules/").content.decode()
    client.post(f"/admin/schedules/runs/{ScheduleRun.objects.get().pk}/again/")
    run(timezone.now())
    assert len([mail for mail in mailoutbox if "03/05/2026" in mail.subject]) == 1


@db
def test_what_was_sent_long_ago_is_forgotten(schedule):
    begin_due(NOW)
    forget_runs(timezone.now() + KEPT - timedelta(minutes=1))
    assert ScheduleRun.objects.exists()
    forget_runs(timezone.now() + KEPT + timedelta(minutes=1))
    assert not ScheduleRun.objects.exists()


@db
def test_beat_begins_makes_and_delivers(schedule, mailoutbox):
    Schedule.objects.update(due=timezone.now() - timedelta(seconds=1))
    tasks.run_schedules()
    tasks.make_exports()
    tasks.run_schedules()
    assert len(mailoutbox) == 1


@pytest.fixture
def bucket(settings):
    """A bucket of a real server, and what lies in it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {
        "bucket_name": "reports",
        "endpoint_url": f"http://{host}:{port}",
        "access_key": "key",
        "secret_key": "secret",
        "region_name": "us-east-1",
    }
    storage = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "exports": storage}
    yield storages["exports"]
    server.stop()


@db
def test_a_file_is_put_into_the_bucket_once_it_can_be(schedule, bucket, mailoutbox):
    Schedule.objects.update(to_bucket=True)
    run()
    upload = Delivery.objects.get(user=None)
    assert (upload.sent, "NoSuchBucket" in upload.problem) == (None, True)
    assert len(mailoutbox) == 1, "the mail did not wait for it"

    bucket.connection.create_bucket(Bucket="reports")
    deliver_due(NOW + timedelta(minutes=1))
    Delivery.objects.filter(user=None).update(due=NOW)
    deliver_due(NOW + timedelta(minutes=2))
    folder = f"orchard/{schedule.pk}-hits"
    name = "grapevine-hits-orchard-2026-03-05-2026-03-05.csv"
    assert bucket.listdir(folder) == ([], [name])
    with bucket.open(f"{folder}/{name}") as file:
        assert file.read().count(b"2026-03-05T12") == 3


@db
def test_only_where_there_is_a_bucket_can_it_be_chosen(client, site, ada, bucket, settings):
    client.force_login(ada)
    data = FORM | {"site": site.pk, "to_bucket": "on"}
    assert 'name="to_bucket"' in client.get("/admin/schedules/new/").content.decode()
    assert client.post("/admin/schedules/new/", data).status_code == 302
    made = Schedule.objects.get()
    assert (made.to_bucket, made.people.count()) == (True, 0)

    settings.STORAGES = {k: v for k, v in settings.STORAGES.items() if k != "exports"}
    assert 'name="to_bucket"' not in client.get("/admin/schedules/new/").content.decode()


FORM = {
    "name": "content",
    "every": "week",
    "weekday": "4",
    "day_of_month": "1",
    "hour": "9",
    "time_zone": "Asia/Kolkata",
    "dialect": "excel",
    "mailed": "file",
}


@db
def test_a_schedule_is_made_and_changed_in_the_admin(client, site, ada):
    make_campaign(site=site, slug="plums")
    client.force_login(ada)
    asked = {"site": "orchard", "campaign": "plums", "dialect": "excel"}
    page = client.get("/admin/schedules/new/", asked).content.decode()
    assert '<input type="hidden" name="campaign" value="plums">' in page

    data = FORM | {"site": site.pk, "people": [ada.pk], "campaign": "plums"}
    assert client.post("/admin/schedules/new/", data).status_code == 302
    made = Schedule.objects.get()
    assert (made.user, list(made.people.all())) == (ada, [ada])
    assert f"{made.due:%a %H:%M}" == "Fri 03:30"
    assert made.params == {"campaign": "plums", "dialect": "excel", "gzip": ""}

    client.post(f"/admin/schedules/{made.pk}/", data | {"every": "day", "gzip": "1"})
    made.refresh_from_db()
    assert (made.every, made.params["gzip"], made.params["campaign"]) == ("day", "1", "plums")


WRONG = {
    "nobody": ({"people": []}, "Choose at least one person."),
    "no such zone": ({"time_zone": "Moon/Crater"}, "Select a valid choice"),
    "no such table": ({"name": "salaries"}, "Select a valid choice"),
    "no such campaign": ({"campaign": "pears"}, "has no campaign “pears”"),
}


@db
@pytest.mark.parametrize(("values", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(client, site, ada, values, sentence):
    client.force_login(ada)
    data = FORM | {"site": site.pk, "people": [ada.pk]} | values
    answer = client.post("/admin/schedules/new/", data)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Schedule.objects.exists()


@db
def test_only_people_of_the_own_sites_can_be_chosen(client, site, ada):
    stranger = somebody(make_site(name="The Walnut", key="walnut"), "walter")
    client.force_login(ada)
    assert "walter" not in client.get("/admin/schedules/new/").content.decode()
    data = FORM | {"site": site.pk, "people": [stranger.pk]}
    assert client.post("/admin/schedules/new/", data).status_code == 200
    assert not Schedule.objects.exists()


@db
def test_it_pauses_goes_on_is_sent_at_once_and_is_deleted(client, schedule, ada, mailoutbox):
    client.force_login(ada)
    address = f"/admin/schedules/{schedule.pk}/"
    client.post(f"{address}pause/")
    schedule.refresh_from_db()
    assert schedule.due is None
    client.post(f"{address}resume/")
    schedule.refresh_from_db()
    assert schedule.due is not None
    client.post(f"{address}send/")
    client.post(f"{address}send/")
    make_next()
    deliver_due(timezone.now())
    assert len(mailoutbox) == 1
    client.post(f"{address}delete/")
    assert not Schedule.objects.exists()


@db
@pytest.mark.parametrize("verb", ["", "pause/", "send/", "delete/"])
def test_nobody_meets_the_schedules_of_others(client, schedule, verb):
    client.force_login(somebody(schedule.site, "ben", "view_hit"))
    address = f"/admin/schedules/{schedule.pk}/{verb}"
    assert client.post(address).status_code == 404
    assert schedule.pk in Schedule.objects.values_list("pk", flat=True)


@db
def test_who_is_no_longer_interested_says_so_in_the_mail(schedule, ada, mailoutbox):
    run()
    header = mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    client = Client()
    page = client.get(urlsplit(header).path).content.decode()
    assert "comes to you by mail" in page
    assert list(schedule.people.all()) == [ada]
    client.post(urlsplit(header).path)
    assert list(schedule.people.all()) == []
    assert client.get("/admin/schedules/stop/made-up/").status_code == 404


@db
def test_the_list_asks_no_more_where_there_is_more(
    client, schedule, ada, django_assert_max_num_queries
):
    run()
    client.force_login(ada)
    for number in range(4):
        Schedule.objects.create(
            user=ada,
            site=schedule.site,
            name="hits",
            every="day",
            time_zone="UTC",
            language="en",
            next_day=date(2026, 3, 7 + number),
        ).people.add(ada)
    with django_assert_max_num_queries(16):
        client.get("/admin/schedules/")
