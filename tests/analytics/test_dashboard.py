"""The report's page in the admin, and the lists beside it."""

import csv
import io
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics import keyset
from analytics.admin import MAX_CHILDREN
from analytics.dashboard import content, counting
from analytics.models import Agent, Batch, Hit, Quarantine, Share
from shortener import codes
from shortener.backlog import Backlog
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, conversion, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

CONTENT_FILE = "/admin/reports/files/content.csv"
HITS_FILE = "/admin/reports/files/hits.csv"


@pytest.fixture
def site():
    return make_site(key="demo", name="Demo")


@pytest.fixture
def link(site):
    return make_link(site=site, title="Grapes & <wine>")


@pytest.fixture
def page():
    return reverse("reports:content")


def model_admin(model):
    return admin.site.get_model_admin(model)


def make_staff(client, *permissions):
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[*permissions, "every_site"]))
    client.force_login(user)


def share_and_open(link):
    store(
        press(link, share=share_of("email")),
        hit(link, share=share_of("whatsapp"), agent=WHATSAPP, visitor=None),
        *(hit(link, share=share_of("whatsapp"), visitor=n) for n in range(1500)),
        *(hit(link, share=share_of("x"), visitor=n) for n in range(500)),
        hit(link),
    )


def test_the_page_shows_the_numbers(admin_client, link, page):
    share_and_open(link)
    text = admin_client.get(page).content.decode()
    assert "Grapes &amp; &lt;wine&gt;" in text
    for number in ("1,500", "500", "75 % of clicks on shares", "not observable"):
        assert number in text
    assert "All counted." in text


def test_nothing_in_the_page_is_inline(admin_client, link, page):
    share_and_open(link)
    text = admin_client.get(page).content.decode()
    assert "style=" not in text
    assert "<style" not in text
    assert "<script>" not in text


def test_the_admin_index_leads_to_the_page(admin_client, page):
    text = admin_client.get(reverse("admin:index")).content.decode()
    assert f'<a href="{page}">' in text


def test_the_page_needs_the_permission_to_view_it(client, link, page):
    make_staff(client, "view_link")
    for address in (page, CONTENT_FILE, HITS_FILE):
        assert client.get(address).status_code == 403
    assert page not in client.get(reverse("admin:index")).content.decode()


def test_the_permission_to_see_reports_does_not_show_raw_hits(client, link, page):
    make_staff(client, "view_dailycontent")
    share_and_open(link)
    response = client.get(page)
    assert response.status_code == 200
    assert HITS_FILE not in response.content.decode()
    assert client.get(CONTENT_FILE).status_code == 200
    assert client.get(HITS_FILE).status_code == 403
    assert page in client.get(reverse("admin:index")).content.decode()


def test_a_visitor_has_to_log_in(client, page):
    assert client.get(page).status_code == 302


def test_the_first_site_is_shown_where_none_is_named(admin_client, link, page):
    make_site(name="Zebra")
    response = admin_client.get(page)
    assert response.context["question"].site == link.site


def test_the_period_stays_in_the_address(admin_client, link, page):
    share_and_open(link)
    today = str(timezone.now().date())
    response = admin_client.get(page, {"site": "demo", "from": today, "to": today})
    text = response.content.decode()
    assert f"content.csv?site=demo&amp;from={today}&amp;to={today}" in text
    assert f'value="{today}"' in text


def test_what_is_wrong_with_the_question_is_said(admin_client, site, page):
    response = admin_client.get(page, {"site": "demo", "from": "soon"})
    assert response.status_code == 200
    assert "“soon” is not a date." in response.content.decode()


@pytest.mark.parametrize("address", [CONTENT_FILE, HITS_FILE])
def test_a_file_for_a_wrong_question_is_refused_in_words(admin_client, site, address):
    response = admin_client.get(address, {"from": "soon"})
    assert response.status_code == 400
    assert response.content == ("“soon” is not a date. Write it like 2026-11-01.").encode()


def test_an_empty_period_says_what_to_do_next(admin_client, site, page):
    text = admin_client.get(page).content.decode()
    assert "Nothing was passed on in these 28 days" in text
    assert f"{reverse('admin:shortener_link_add')}?site={site.pk}" in text


def test_without_a_site_the_page_leads_to_making_one(admin_client, page):
    text = admin_client.get(page).content.decode()
    assert "There is no site yet" in text
    assert reverse("admin:shortener_site_add") in text


def test_links_come_page_by_page(admin_client, site, page, monkeypatch):
    monkeypatch.setattr(content, "LINKS_ON_A_PAGE", 2)
    for n in range(5):
        store(*[hit(make_link(site=site, title=f"Title {n}"))] * (n + 1))
    first = admin_client.get(page).content.decode()
    assert "Title 4" in first
    assert "Title 2" not in first
    assert "page=2" in first
    last = admin_client.get(page, {"page": "3"}).content.decode()
    assert "Links 5 to 5 of" in last
    assert "Title 0" in last
    assert "Next links" not in last
    assert admin_client.get(page, {"page": "9"}).status_code == 302
    assert "“x” is not a whole number" in admin_client.get(page, {"page": "x"}).content.decode()


def test_the_pages_cost_is_constant(admin_client, site, page, django_assert_max_num_queries):
    for _ in range(8):
        share_and_open(make_link(site=site))
    # Session, user, sites, campaigns, question, report, links, what was
    # brought along and the ledger's last row.
    with django_assert_max_num_queries(12) as captured:
        admin_client.get(page, {"site": "demo"})
    assert not any(Hit._meta.db_table in query["sql"] for query in captured)


def test_the_files_can_be_read(admin_client, link):
    share_and_open(link)
    for address, rows in ((CONTENT_FILE, 4), (HITS_FILE, 2002)):
        response = admin_client.get(address, {"dialect": "excel"})
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(text, newline="")))) == rows + 1


@pytest.mark.parametrize(
    ("waiting", "is_late", "sentence"),
    [
        (Backlog(0.4, 1, 0.0, 0, True), False, "All counted, 0.4 s behind."),
        (Backlog(75.0, 9, 75.0, 0, True), True, "Counting is 75 s behind."),
        (Backlog(7300.0, 9, 0.0, 0, True), True, "Counting is 2 hours behind."),
        (
            Backlog(0.0, 0, 0.0, 1234, True),
            True,
            "1,234 facts could not be recorded and are missing.",
        ),
        (
            Backlog(0.0, 0, 0.0, 0, False),
            True,
            "Nothing can be recorded: the journal is not writable.",
        ),
        (Backlog(0.0, 0, 0.0, 0, True), False, "All counted. Nothing has come in yet."),
    ],
)
def test_the_state_of_counting_is_a_sentence(monkeypatch, waiting, is_late, sentence):
    monkeypatch.setattr(counting, "backlog", lambda root: waiting)
    assert counting.counting() == counting.Counting(is_late, sentence)


def test_the_last_commit_is_told_by_its_age(link):
    store(hit(link))
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        assert counting.counting().sentence == "All counted. The last facts came in 5 minutes ago."


@pytest.mark.parametrize("model", ["batch", "conversion", "hit", "quarantine", "share", "visit"])
def test_rows_can_be_looked_at_and_not_changed(admin_client, link, model):
    share = share_of("whatsapp")
    store(hit(link, share=share), press(link), visit(link, share=share), conversion(link), "no")
    response = admin_client.get(reverse(f"admin:analytics_{model}_changelist"))
    assert response.status_code == 200
    row = response.context["cl"].result_list[0]
    change = reverse(f"admin:analytics_{model}_change", args=[row.pk])
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, {}).status_code == 403
    assert admin_client.get(reverse(f"admin:analytics_{model}_add")).status_code == 403
    delete = reverse(f"admin:analytics_{model}_delete", args=[row.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403


def test_quarantined_lines_are_found_by_their_reason(admin_client):
    store("nonsense", "{}")
    assert Quarantine.objects.count() == 2
    url = reverse("admin:analytics_quarantine_changelist")
    response = admin_client.get(url, {"q": "Not JSON"})
    assert [row.line for row in response.context["cl"].result_list] == ["nonsense"]


def test_the_list_of_hits_counts_no_large_table(
    admin_client, link, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(keyset, "COUNTED", 3)
    store(*(hit(link, visitor=n) for n in range(5)))
    with django_assert_max_num_queries(6) as captured:
        admin_client.get(reverse("admin:analytics_hit_changelist"))
    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert all("LIMIT 3" in sql for sql in counts)


def pages_of(client, url):
    """Return the keys of the rows of each page, from the first to the last."""
    query = ""
    while True:
        rows = client.get(f"{url}{query}").context["cl"]
        yield [row.pk for row in rows.result_list]
        if not rows.next_url:
            return
        query = rows.next_url


@pytest.mark.parametrize("model", [Hit, Share, Batch])
def test_a_large_list_is_read_from_key_to_key(admin_client, link, model, monkeypatch):
    monkeypatch.setattr(model_admin(model), "list_per_page", 3)
    now = int(timezone.now().timestamp() * 1000)
    for number in range(7):
        share = share_of("copy", 100 + number)
        # Some at the same moment.
        store(hit(link, share=share, time=now + number // 2))

    pages = list(
        pages_of(admin_client, reverse(f"admin:analytics_{model._meta.model_name}_changelist"))
    )

    assert [len(page) for page in pages] == [3, 3, 1]
    latest_first = ("-at", "-pk") if model is Hit else ("-pk",)
    assert [pk for page in pages for pk in page] == [
        row.pk for row in model.objects.order_by(*latest_first)
    ]


def test_a_list_goes_on_where_rows_come_in_above(admin_client, link, monkeypatch):
    monkeypatch.setattr(model_admin(Hit), "list_per_page", 2)
    store(*(hit(link, visitor=n) for n in range(4)))
    url = reverse("admin:analytics_hit_changelist")
    first = admin_client.get(url).context["cl"]
    store(*(hit(link, visitor=n) for n in range(4, 9)))

    second = admin_client.get(f"{url}{first.next_url}").context["cl"]

    assert [row.visitor for row in (*first.result_list, *second.result_list)] == [3, 2, 1, 0]


@pytest.mark.parametrize("key", ["x", "soon~4", "2026-11-25T10:00:00~4", "~", "9" * 30])
def test_a_key_that_is_none_leads_back_to_the_list(admin_client, key):
    response = admin_client.get(reverse("admin:analytics_hit_changelist"), {"after": key})
    assert response.status_code == 302


@pytest.mark.parametrize("at", [None, timezone.now()])
def test_a_key_is_read_as_it_was_written(at):
    key = keyset.Key(at, 77)
    assert keyset.read_key(str(key)) == key


def test_how_many_rows_there_are_is_estimated(admin_client, link):
    store(*(hit(link, visitor=n) for n in range(5)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    text = admin_client.get(reverse("admin:analytics_hit_changelist")).content.decode()
    assert "About 5 in all" in text


@pytest.mark.parametrize("model", ["share", "visit", "conversion"])
def test_the_cost_of_a_list_does_not_grow_with_its_rows(
    admin_client, link, model, django_assert_max_num_queries
):
    shares = [share_of("whatsapp", 5_000 + n) for n in range(8)]
    store(
        *(press(link, share=share, parent=parent) for share, parent in pairwise(shares)),
        *(visit(link, share=share, agent=f"Browser {share}") for share in shares),
        *(conversion(link, share=share, visit=f"visit {share}") for share in shares),
    )
    with django_assert_max_num_queries(6):
        admin_client.get(reverse(f"admin:analytics_{model}_changelist"))


def test_a_share_shows_where_it_came_from_and_what_came_of_it(admin_client, link):
    """The parent is a share of another page: its code is that page's."""
    other = make_link(site=link.site)
    first, second, third = (share_of("whatsapp", n) for n in (5_000, 5_001, 5_002))
    store(
        press(other, share=first),
        press(link, share=second, parent=first),
        press(link, share=third, parent=second),
    )
    pages = {
        share: reverse("admin:analytics_share_change", args=[share])
        for share in (first, second, third)
    }
    text = admin_client.get(pages[second]).content.decode()
    assert f'<a href="{pages[first]}">{codes.encode(other.pk, first)}</a>' in text
    assert f'<a href="{pages[third]}">{codes.encode(link.pk, third)}</a>' in text
    listed = admin_client.get(reverse("admin:analytics_share_changelist")).content.decode()
    assert f'<td class="field-parent_code">{codes.encode(other.pk, first)}</td>' in listed


def test_a_parent_without_a_fact_of_its_own_has_no_code_yet(admin_client, link):
    store(press(link, share=share_of("whatsapp"), parent=share_of("copy")))
    url = reverse("admin:analytics_share_change", args=[share_of("whatsapp")])
    assert "not seen yet" in admin_client.get(url).content.decode()
    listed = admin_client.get(reverse("admin:analytics_share_changelist")).content.decode()
    assert '<td class="field-parent_code">not seen yet</td>' in listed


def test_a_share_lists_a_hundred_of_its_children(admin_client, link):
    parent = share_of("whatsapp")
    children = [share_of("copy", 6_000 + n) for n in range(103)]
    store(press(link, share=parent))
    store(*(press(link, share=child, parent=parent) for child in children[:100]))
    page = reverse("admin:analytics_share_change", args=[parent])
    hundred = admin_client.get(page).content.decode()
    assert codes.encode(link.pk, children[99]) in hundred
    assert "and more" not in hundred
    store(*(press(link, share=child, parent=parent) for child in children[100:]))
    with CaptureQueriesContext(connection) as captured:
        text = admin_client.get(page).content.decode()
    assert any(f"LIMIT {MAX_CHILDREN + 1}" in query["sql"] for query in captured)
    assert "and more" in text
    assert codes.encode(link.pk, children[100]) not in text


def test_a_flagged_share_says_why(admin_client, link):
    store(*(press(link, share=share_of("copy", 5_000 + n), visitor=7) for n in range(11)))
    text = admin_client.get(reverse("admin:analytics_share_changelist")).content.decode()
    assert text.count("faster than a person") == 1


def test_a_hit_does_not_show_its_visitor(admin_client, link):
    store(hit(link, visitor=123456789))
    url = reverse("admin:analytics_hit_change", args=[Hit.objects.get().pk])
    assert "123456789" not in admin_client.get(url).content.decode()


def test_rows_name_themselves():
    batch = Batch(writer="ab", sequence=3)
    assert (str(batch), str(Agent(user_agent=""))) == ("ab-3", "(no user agent)")
