"""The way of a file through the admin: looked at, made, reported, undone."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from analytics import tasks
from analytics.imports import forms, pages
from analytics.imports.undo import WAIT, delete_unused
from analytics.imports.work import clicks_of, go_on
from analytics.models import BroughtAlong, DailyContent
from config.celery import app
from shortener.imports.models import KEPT_DAYS, Fate, Import, ImportLine, State
from shortener.models import Link
from tests.factories import make_site
from tests.facts import hit, press, share_of, store

pytestmark = pytest.mark.django_db

MAKER = ("add_link", "change_link", "view_link", "view_dailycontent")
FILE = (
    "destination,title,slug\nhttps://example.com/a,A,first\nhttps://example.com/b,B,\nftp://c,C,\n"
)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def ben(site):
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=MAKER))
    site.members.add(user)
    return user


@pytest.fixture
def ben_client(client, ben):
    client.force_login(ben)
    return client


def upload(client, site, content=FILE, name="links.csv"):
    content = content.encode() if isinstance(content, str) else content
    data = {"site": site.pk, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("imports:list"), data)


def looked_at(client, site, content=FILE):
    upload(client, site, content)
    go_on(30)
    return Import.objects.get()


def act(client, source, verb):
    answer = client.post(reverse("imports:act", args=[source.pk, verb]))
    go_on(30)
    source.refresh_from_db()
    return answer


def test_nothing_is_made_before_somebody_says_so(ben_client, site):
    source = looked_at(ben_client, site)
    assert source.state == State.READ
    assert source.counts == {Fate.READY: 2, Fate.ERROR: 1}
    assert not Link.objects.exists()


def test_then_every_line_that_can_is_a_link(ben_client, ben, site):
    source = looked_at(ben_client, site)
    act(ben_client, source, "make")
    assert source.state == State.DONE
    assert source.counts == {Fate.MADE: 2, Fate.ERROR: 1}
    first, second = Link.objects.order_by("pk")
    assert (first.slug, first.title, first.created_by) == ("first", "A", ben)
    assert (second.slug, second.page) == (None, "https://example.com/b")
    assert first.version == second.version > 0


def test_pages_show_each_step(ben_client, site):
    assert "Choose a file" in ben_client.get(reverse("imports:list")).text
    upload(ben_client, site)
    source = Import.objects.get()
    url = reverse("imports:one", args=[source.pk])
    assert "data-working" in ben_client.get(url).text
    go_on(30)
    page = ben_client.get(url).text
    assert "2 lines can become links" in page
    assert "Line 4, column “destination”: The address must start with" in page
    act(ben_client, source, "make")
    assert "Done: 2 links were made." in ben_client.get(url).text


def test_a_file_without_destinations_is_refused_with_a_sentence(ben_client, site):
    answer = upload(ben_client, site, "name,target\nA,B\n")
    assert "The columns are: name, target." in answer.text
    assert not Import.objects.exists()


def test_no_file_is_no_import(ben_client, site):
    answer = ben_client.post(reverse("imports:list"), {"site": site.pk})
    assert "Choose a file." in answer.text


def test_a_large_one_is_refused(ben_client, site, monkeypatch):
    monkeypatch.setattr(forms, "MAX_BYTES", 10)
    assert "more than 20 MB" in upload(ben_client, site).text


class TestMembership:
    def test_files_are_for_sites_of_ones_own(self, ben_client):
        answer = upload(ben_client, make_site())
        assert answer.status_code == 200
        assert not Import.objects.exists()

    def test_imports_of_other_sites_do_not_exist(self, ben_client, site, django_user_model):
        source = looked_at(ben_client, site)
        site.members.clear()
        for name in ("one", "progress", "report"):
            assert ben_client.get(reverse(f"imports:{name}", args=[source.pk])).status_code == 404
        assert act(ben_client, source, "make").status_code == 404
        assert not Link.objects.exists()
        assert source.name not in ben_client.get(reverse("imports:list")).text

    def test_who_may_not_add_links_sees_no_imports(self, client, ben, site):
        ben.user_permissions.clear()
        client.force_login(ben)
        assert client.get(reverse("imports:list")).status_code == 403

    def test_strangers_are_asked_to_log_in(self, client):
        assert client.get(reverse("imports:list")).status_code == 302


class TestLines:
    def test_they_are_shown_by_fate(self, ben_client, site):
        source = looked_at(ben_client, site)
        url = reverse("imports:one", args=[source.pk])
        page = ben_client.get(url, {"fate": "error"}).text
        assert "ftp://c" in page
        assert "https://example.com/a" not in page

    def test_page_by_page(self, ben_client, site, monkeypatch):
        monkeypatch.setattr(pages, "LINES_SHOWN", 2)
        source = looked_at(ben_client, site)
        url = reverse("imports:one", args=[source.pk])
        first = ben_client.get(url)
        assert "?fate=&amp;after=3" in first.text
        assert "ftp://c" not in first.text
        assert "ftp://c" in ben_client.get(url, {"after": "3"}).text

    @pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "²"])
    def test_nonsense_is_the_beginning(self, ben_client, site, after):
        url = reverse("imports:one", args=[looked_at(ben_client, site).pk])
        assert "https://example.com/a" in ben_client.get(url, {"after": after, "fate": "x"}).text

    def test_a_page_costs_the_same_however_long_the_file(
        self, ben_client, site, django_assert_max_num_queries
    ):
        rows = "".join(f"https://example.com/{n},,\n" for n in range(60))
        source = looked_at(ben_client, site, FILE + rows)
        act(ben_client, source, "make")
        with django_assert_max_num_queries(12):
            ben_client.get(reverse("imports:one", args=[source.pk]))


def report_of(client, source):
    answer = client.get(reverse("imports:report", args=[source.pk]))
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


class TestReport:
    def test_it_tells_the_fate_of_every_line(self, ben_client, site):
        source = looked_at(ben_client, site)
        act(ben_client, source, "make")
        rows = report_of(ben_client, source)
        assert [(row["line"], row["fate"]) for row in rows] == [
            ("2", "made"),
            ("3", "made"),
            ("4", "error"),
        ]
        assert rows[0]["short link"].endswith("/first")
        assert rows[2]["reason"].startswith("Line 4, column “destination”")

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
    def test_no_cell_is_a_formula(self, ben_client, site, start):
        content = f'destination,title,slug\n"{start}HYPERLINK(1)",{start}A1,{start}x\n'
        [row] = report_of(ben_client, looked_at(ben_client, site, content))
        assert {row[name][:2] for name in ("destination", "title", "short name")} == {f"'{start}"}


class TestVerbs:
    @pytest.mark.parametrize(
        ("state", "verb"),
        [("reading", "make"), ("making", "make"), ("done", "make"), ("read", "undo")],
    )
    def test_what_cannot_be_done_now_is_not(self, ben_client, site, state, verb):
        source = looked_at(ben_client, site)
        Import.objects.update(state=state)
        answer = ben_client.post(reverse("imports:act", args=[source.pk, verb]), follow=True)
        assert "has gone on meanwhile" in answer.text
        assert Import.objects.get().state == state

    def test_there_is_no_other_verb(self, ben_client, site):
        assert act(ben_client, looked_at(ben_client, site), "explode").status_code == 404

    def test_nothing_is_done_by_looking(self, ben_client, site):
        source = looked_at(ben_client, site)
        url = reverse("imports:act", args=[source.pk, "make"])
        assert ben_client.get(url).status_code == 405

    def test_cancelled_it_makes_nothing(self, ben_client, site):
        source = looked_at(ben_client, site)
        act(ben_client, source, "cancel")
        act(ben_client, source, "make")
        assert source.state == State.CANCELLED
        assert not Link.objects.exists()

    def test_who_may_not_change_links_cannot_undo(self, ben_client, ben, site):
        source = looked_at(ben_client, site)
        act(ben_client, source, "make")
        ben.user_permissions.remove(Permission.objects.get(codename="change_link"))
        assert act(ben_client, source, "undo").status_code == 403


YOURLS = (
    "keyword,url,title,timestamp,ip,clicks\n"
    "spring,https://example.com/spring,Spring,2024-05-01 10:00:00,203.0.113.7,88\n"
    "quiet,https://example.com/quiet,Quiet,2024-05-01 10:00:00,203.0.113.7,0\n"
)


class TestBroughtAlong:
    @pytest.fixture
    def source(self, ben_client, site):
        source = looked_at(ben_client, site, YOURLS)
        act(ben_client, source, "make")
        return source

    def test_totals_of_other_tools_come_along(self, source):
        brought = BroughtAlong.objects.get()
        assert (brought.link.slug, brought.tool, brought.clicks) == ("spring", "YOURLS", 88)
        assert brought.as_of == source.created.date()

    def test_and_are_in_none_of_the_numbers(self, source):
        assert not DailyContent.objects.exists()

    def test_addresses_of_people_are_not_stored(self, source):
        assert "203.0.113.7" not in str(list(source.lines.values_list("values", "note")))

    def test_the_page_of_the_link_tells_them_apart(self, ben_client, source):
        link = Link.objects.get(slug="spring")
        page = ben_client.get(reverse("reports:link", args=[link.pk])).text
        assert "Brought along: 88 clicks, counted by YOURLS until" in page

    def test_so_does_the_report_of_the_site(self, ben_client, source, site):
        url = reverse("reports:content")
        page = ben_client.get(url, {"site": site.key}).text
        assert "YOURLS: 88 clicks on 1 link" in page
        # What is narrowed down is not the whole site.
        assert "YOURLS: 88" not in ben_client.get(url, {"site": site.key, "tags": "a=b"}).text

    def test_and_the_file(self, ben_client, source):
        rows = report_of(ben_client, source)
        assert [row["clicks brought along"] for row in rows] == ["88", "0"]

    @pytest.mark.parametrize(
        ("text", "clicks"),
        [
            ("88", 88),
            ("1,204", 1204),
            ("1.204", 1204),
            ("1.5", 0),
            ("9" * 30, 2**63 - 1),
            ("", 0),
            ("-3", 0),
            ("many", 0),
            ("²", 0),
        ],
    )
    def test_clicks_are_read_from_what_the_tool_writes(self, text, clicks):
        assert clicks_of(ImportLine(values={"clicks": text})) == clicks


class TestUndo:
    @pytest.fixture
    def links(self):
        """One that was clicked on, one that was shared only, one that nobody used."""
        return {}

    @pytest.fixture
    def undone(self, ben_client, site):
        rows = "".join(f"https://example.com/{name},{name},{name}\n" for name in "abc")
        source = looked_at(ben_client, site, f"destination,title,slug\n{rows}")
        act(ben_client, source, "make")
        clicked, shared, _ = Link.objects.order_by("pk")
        store(hit(clicked))
        store(press(shared, share=share_of("copy", 1)))
        act(ben_client, source, "undo")
        return source

    def test_links_with_clicks_stay_and_the_others_are_switched_off(self, undone):
        links = Link.objects.order_by("pk").values_list("slug", "active")
        assert list(links) == [("a", True), ("b", False), (None, False)]

    def test_each_line_says_which(self, undone):
        assert undone.state == State.UNDONE
        assert undone.counts == {Fate.MADE: 1, Fate.OFF: 1, Fate.GONE: 1}
        assert list(undone.lines.order_by("number").values_list("note", flat=True)) == [
            "Stays as it is: it has clicks.",
            "Switched off: it was shared, but never opened.",
            "Nobody has used it: switched off, then deleted.",
        ]

    def test_what_nobody_used_is_deleted_a_day_later(self, undone):
        assert delete_unused() == 0
        assert delete_unused(timezone.now() + WAIT + timedelta(minutes=1)) == 1
        assert {link.slug for link in Link.objects.all()} == {"a", "b"}

    def test_unless_a_click_was_on_its_way(self, undone):
        store(hit(Link.objects.get(slug=None)))
        later = timezone.now() + WAIT + timedelta(minutes=1)
        assert delete_unused(later) == 1
        assert delete_unused(later) == 0
        assert Link.objects.count() == 3

    def test_the_same_file_can_come_again(self, undone, ben_client, site):
        upload(ben_client, site, "destination,title,slug\nhttps://example.com/c,c,c\n")
        go_on(30)
        assert Import.objects.latest("pk").counts == {Fate.READY: 1}


def test_a_file_that_is_gone_stops_nobody_else(ben_client, site):
    upload(ben_client, site)
    lost = Import.objects.get()
    lost.file.storage.delete(str(lost.file.name))
    upload(ben_client, site)
    go_on(30)
    states = Import.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.CANCELLED, State.READ]


def test_a_worker_turns_to_what_else_there_is(ben_client, site):
    upload(ben_client, site)
    upload(ben_client, site)
    go_on(0)
    assert set(Import.objects.values_list("state", flat=True)) == {State.READING, State.READ}


class TestTasks:
    def test_a_worker_goes_on_by_itself(self, ben_client, site):
        upload(ben_client, site)
        tasks.go_on_with_imports()
        assert Import.objects.get().state == State.READ

    def test_while_the_database_is_away_it_says_so_in_a_line(self, monkeypatch, caplog):
        def away():
            raise OperationalError("connection refused\nIs the server running?")

        monkeypatch.setattr(tasks, "go_on", away)
        tasks.go_on_with_imports()
        assert "Imports could not go on, it will be tried again: connection" in caplog.text
        assert "Traceback" not in caplog.text

    def test_old_files_are_forgotten_every_hour(self, ben_client, site):
        looked_at(ben_client, site)
        tasks.forget()
        assert Import.objects.get().file
        Import.objects.update(changed=timezone.now() - timedelta(days=KEPT_DAYS + 1))
        tasks.forget()
        assert not Import.objects.get().file

    def test_links_that_were_taken_back_are_deleted_every_hour(self, ben_client, site):
        source = looked_at(ben_client, site)
        act(ben_client, source, "make")
        act(ben_client, source, "undo")
        Import.objects.update(changed=timezone.now() - WAIT * 2)
        app.conf.task_always_eager = True
        try:
            tasks.expire()
        finally:
            app.conf.task_always_eager = False
        assert not Link.objects.exists()
