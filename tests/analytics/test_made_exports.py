"""Long files: made by workers slice by slice, once, and fetched by whoever asked for them."""

import csv
import gzip
import io
import shutil
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from analytics.dashboard import files
from analytics.exports import making, tables
from analytics.exports.making import LEASE, forget_exports, make_next, order, stored_name
from analytics.exports.recipe import Recipe
from analytics.models import Export, Hit
from analytics.reports.question import Question
from tests.factories import make_link, make_site
from tests.facts import hit, store

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 5)
NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def site():
    return make_site(key="demo")


@pytest.fixture
def question(site):
    link = make_link(site=site)
    store(*(hit(link, time=NOON + n, language=f"n{n}") for n in range(10)))
    return Question(site, DAY, DAY)


@pytest.fixture
def user(admin_user):
    return admin_user


@pytest.fixture
def export(question, user):
    return order(user, Recipe("hits", question), question.params)


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch):
    monkeypatch.setattr(tables, "PART", 4)


def languages(data):
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return [row["language"] for row in rows]


def content(export):
    with default_storage.open(stored_name(export)) as file:
        return file.read()


EVERY = [f"n{n}" for n in range(10)]


def test_a_file_is_made_with_every_row(export):
    assert make_next() is None
    export.refresh_from_db()
    assert (export.state, export.rows, export.due) == ("done", 10, None)
    assert languages(content(export)) == EVERY
    assert export.size == len(content(export))


def test_slices_put_together_are_the_whole_file(export, question, monkeypatch):
    monkeypatch.setattr(making, "SLICE_SECONDS", -1)
    assert make_next() is not None, "no time for a part, and more to be written"
    monkeypatch.undo()
    assert make_next() is None, "somebody is at it"
    Export.objects.update(due=timezone.now())
    monkeypatch.setattr(tables, "PART", 4)
    assert make_next() is None
    assert content(export) == b"".join(Recipe("hits", question).stream())


def interrupted(monkeypatch, after):
    """Let a worker die after so many parts, in the middle of a write."""
    written: list[Any] = []
    part = Recipe.part

    def dying(recipe, key=None):
        if len(written) == after:
            raise KeyboardInterrupt
        written.append(key)
        return part(recipe, key)

    monkeypatch.setattr(Recipe, "part", dying)
    with pytest.raises(KeyboardInterrupt):
        make_next()
    monkeypatch.setattr(Recipe, "part", part)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_whoever_takes_over_from_a_killed_worker_writes_each_row_once(
    export, settings, monkeypatch, after
):
    interrupted(monkeypatch, after)
    path = settings.EXPORTS_DIR / f"{export.pk}.part"
    with path.open("ab") as file:
        file.write(b'"half a li')
    assert make_next() is None
    export.refresh_from_db()
    assert export.state == "waiting", "the dead worker's time is not over"
    Export.objects.update(due=timezone.now() - LEASE)
    make_next()
    export.refresh_from_db()
    assert (export.state, export.rows) == ("done", 10)
    assert languages(content(export)) == EVERY


def test_a_machine_without_the_beginning_starts_anew(export, settings, monkeypatch):
    interrupted(monkeypatch, 2)
    shutil.rmtree(settings.EXPORTS_DIR)
    Export.objects.update(due=timezone.now())
    make_next()
    export.refresh_from_db()
    assert (export.rows, languages(content(export))) == (10, EVERY)


def test_a_worker_that_finished_but_could_not_say_so_leaves_one_file(export):
    default_storage.save(stored_name(export), io.BytesIO(b"the same, before"))
    make_next()
    assert languages(content(export)) == EVERY
    assert len(default_storage.listdir("exports")[1]) == 1


def test_what_is_cancelled_is_not_written_on(export, settings, monkeypatch):
    interrupted(monkeypatch, 1)
    assert making.cancel(export)
    Export.objects.update(due=timezone.now())
    assert make_next() is None
    export.refresh_from_db()
    assert export.state == "cancelled"
    assert not list(settings.EXPORTS_DIR.iterdir())


def test_cancelled_in_the_middle_it_stops_at_the_next_part(export, monkeypatch):
    part = Recipe.part

    def cancelled_meanwhile(recipe, key=None):
        Export.objects.filter(state="waiting").update(state="cancelled", due=None)
        return part(recipe, key)

    monkeypatch.setattr(Recipe, "part", cancelled_meanwhile)
    assert make_next() is None
    export.refresh_from_db()
    assert (export.state, export.rows) == ("cancelled", 0)


def test_who_has_lost_the_right_gets_nothing(export, user):
    user.is_superuser = False
    user.save()
    make_next()
    export.refresh_from_db()
    assert export.state == "failed"
    assert "rights" in export.problem


def test_a_full_disk_is_told(export, monkeypatch):
    def full(recipe, key=None):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Recipe, "part", full)
    make_next()
    export.refresh_from_db()
    assert (export.state, export.problem) == (
        "failed",
        "The file could not be written: No space left on device",
    )


def test_files_go_after_their_time(export):
    make_next()
    forget_exports(timezone.now() + making.KEPT - timedelta(minutes=1))
    assert Export.objects.exists()
    forget_exports(timezone.now() + making.KEPT + timedelta(minutes=1))
    assert not Export.objects.exists()
    assert default_storage.listdir("exports")[1] == []


def test_the_question_is_asked_anew_and_late_hits_are_in(export, question):
    store(hit(make_link(site=question.site), time=NOON + 60_000, language="late"))
    make_next()
    assert languages(content(export)) == [*EVERY, "late"]
    assert Hit.objects.count() == 11


# The pages


def test_a_short_table_is_sent_at_once(admin_client, question):
    response = admin_client.get(
        reverse("reports:file", args=["hits"]), {"from": str(DAY), "to": str(DAY)}
    )
    assert languages(b"".join(response.streaming_content)) == EVERY
    assert not Export.objects.exists()


def test_a_long_one_is_made_and_fetched(admin_client, question, monkeypatch):
    monkeypatch.setattr(files, "AT_ONCE", 9)
    address = reverse("reports:file", args=["hits"])
    response = admin_client.get(address, {"from": str(DAY), "to": str(DAY), "dialect": "excel"})
    assert response.url == reverse("exports:list")
    assert "0 of about" not in admin_client.get(response.url).content.decode()
    make_next()
    page = admin_client.get(response.url).content.decode()
    export = Export.objects.get()
    assert reverse("exports:file", args=[export.pk]) in page
    file = admin_client.get(reverse("exports:file", args=[export.pk]))
    data = b"".join(file.streaming_content)
    assert data.startswith("\ufeff".encode())
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        'filename="grapevine-hits-demo-2026-03-05-2026-03-05.csv"' in file["Content-Disposition"]
    )


def test_a_file_is_ordered_by_the_form(admin_client, question):
    form = {"name": "content", "site": "demo", "from": str(DAY), "to": str(DAY), "gzip": "1"}
    assert admin_client.post(reverse("exports:new"), form).status_code == 302
    assert make_next() is None
    export = Export.objects.get()
    assert (export.state, export.rows) == ("done", 1)
    file = admin_client.get(reverse("exports:file", args=[export.pk]))
    assert file["Content-Type"] == "application/gzip"
    assert "Content-Encoding" not in file
    assert gzip.decompress(b"".join(file.streaming_content)).startswith(b'"link"')


def test_a_wrong_period_is_told(admin_client, question):
    form = {"name": "hits", "site": "demo", "from": "yesterday"}
    page = admin_client.post(reverse("exports:new"), form, follow=True).content.decode()
    assert "“yesterday” is not a date" in page
    assert not Export.objects.exists()


def test_progress_is_shown(admin_client, export):
    Export.objects.update(rows=4, expected=10)
    page = admin_client.get(reverse("exports:rows")).content.decode()
    assert '<progress max="100" value="40"' in page
    assert "4 of about 10 rows" in page


def test_cancelling_and_deleting(admin_client, export):
    address = reverse("exports:cancel", args=[export.pk])
    admin_client.post(address)
    assert Export.objects.get().state == "cancelled"
    admin_client.post(address)
    assert not Export.objects.exists()


@pytest.fixture
def colleague(client, site):
    user = get_user_model().objects.create_user("colleague", password="x", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename="view_dailycontent"))
    site.members.add(user)
    client.force_login(user)
    return client


def test_files_of_others_do_not_exist(colleague, export):
    make_next()
    for name in ("file", "cancel"):
        for method in (colleague.get, colleague.post):
            answer = method(reverse(f"exports:{name}", args=[export.pk]))
            assert answer.status_code in (404, 405)
    assert export.filename not in colleague.get(reverse("exports:list")).content.decode()


def test_raw_rows_need_their_own_right(colleague, question):
    assert colleague.get(reverse("reports:file", args=["hits"])).status_code == 403
    assert colleague.post(reverse("exports:new"), {"name": "hits"}).status_code == 403
    assert colleague.get(reverse("reports:file", args=["content"])).status_code == 200
    page = colleague.get(reverse("exports:list")).content.decode()
    assert 'value="hits"' not in page
    assert 'value="content"' in page
