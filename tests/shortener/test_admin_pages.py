"""Pages that became links by themselves: the list, and what a marketer does about them."""

from threading import Thread
from unittest.mock import ANY
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction
from django.urls import reverse

from shortener import codes
from shortener.admin import pages as admin_pages
from shortener.merging import MergeError, merge
from shortener.models import CatalogVersion, Link
from shortener.pages import find
from tests.end_to_end.processes import wait_until
from tests.factories import make_link, make_site

pytestmark = pytest.mark.django_db
LIST = "admin:shortener_page_changelist"


@pytest.fixture
def site():
    return make_site(name="The Bench")


@pytest.fixture
def ben(client):
    """Somebody who may change links, before the admin."""
    return log_in(client, "change_link", "view_link")


def log_in(client, *permissions):
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[*permissions, "every_site"]))
    client.force_login(user)
    return client


def make_page(site, path="/plums", **values):
    values = {"title": "Plums", "registered": True} | values
    return make_link(site=site, destination=f"https://example.com{path}", **values)


def listed(client, **query):
    return list(client.get(reverse(LIST), query).context["cl"].result_list)


def act(client, action, *pages):
    data = {"action": action, "_selected_action": [page.pk for page in pages]}
    return client.post(reverse(LIST), data, follow=True)


def told(response):
    return [str(message) for message in response.context["messages"]]


def choose(client, *pages, into=None, **query):
    """Open the page that asks what to merge into; with ``into``, answer it."""
    numbers = ",".join(str(page.pk) for page in pages)
    url = reverse("admin:shortener_page_merge", query={"pages": numbers, **query})
    return client.get(url) if into is None else client.post(url, {"into": into.pk}, follow=True)


def state_of(client, page):
    html = client.get(reverse(LIST)).content.decode()
    row = html.partition(f'value="{page.pk}" class="action-select"')[2].partition("</tr>")[0]
    return row.partition('class="field-state">')[2].partition("</td>")[0]


# The list


def test_the_list_has_the_links_that_nobody_made(ben, site):
    page = make_page(site)
    make_link(site=site)

    assert listed(ben) == [page]


def test_a_page_is_found_by_what_it_says_and_by_its_short_link(ben, site):
    page = make_page(site)
    make_page(site, "/pears", title="Pears")
    share = codes.encode(page.pk, codes.share_id(1000, 1))

    for term in ("plum", "com/plums", page.code, page.short_url, share):
        assert listed(ben, q=term) == [page], term


def test_a_page_is_found_by_its_site(ben, site):
    page = make_page(site)
    make_page(make_site())

    assert listed(ben, site__id__exact=site.pk) == [page]


def test_a_page_is_found_by_its_state(ben, site):
    live = make_page(site)
    refused = make_page(site, active=False)
    merged = make_page(site, merged_into=live)

    assert listed(ben, state="live") == [live]
    assert listed(ben, state="refused") == [refused]
    assert listed(ben, state="merged") == [merged]


def test_a_row_tells_the_state(ben, site):
    live = make_page(site, title="Live & well")
    refused = make_page(site, active=False)
    merged = make_page(site, merged_into=live)

    assert "live</span>" in state_of(ben, live)
    assert "refused</span>" in state_of(ben, refused)
    assert "merged</span>" in state_of(ben, merged)
    assert "Live &amp; well</a>" in state_of(ben, merged)


def test_a_row_leads_to_the_link_and_not_out_of_the_admin(ben, site):
    page = make_page(site)
    html = ben.get(reverse(LIST)).content.decode()

    assert reverse("admin:shortener_link_change", args=[page.pk]) in html
    assert "example.com/plums</span>" in html
    assert 'href="https://example.com' not in html


def test_what_a_page_says_of_itself_is_text(ben, site):
    make_page(site, "/<script>", title="<img src=x>")
    html = ben.get(reverse(LIST)).content.decode()

    assert "&lt;img src=x&gt;" in html
    assert "/&lt;script&gt;" in html
    assert "<img src=x>" not in html


def test_queries_do_not_grow_with_the_list(ben, site, django_assert_num_queries):
    target = make_page(site)
    make_page(site, merged_into=target)
    with django_assert_num_queries(7):
        listed(ben)

    for _ in range(5):
        make_page(site, merged_into=target)
    with django_assert_num_queries(7):
        listed(ben)


def test_links_of_the_plain_list_are_told_apart_by_their_maker(ben, site):
    page, link = make_page(site), make_link(site=site)
    url = reverse("admin:shortener_link_changelist")

    for maker, expected in (("people", [link]), ("pages", [page]), ("", [link, page])):
        found = ben.get(url, {"made_by": maker}).context["cl"].result_list
        assert list(found) == expected, maker


@pytest.mark.parametrize("permissions", [(), ("view_site",)])
def test_the_list_is_for_those_who_may_see_links(client, permissions):
    assert log_in(client, *permissions).get(reverse(LIST)).status_code == 403


def test_whoever_may_only_look_changes_nothing(client, site):
    log_in(client, "view_link")
    page, target = make_page(site), make_link(site=site)
    for action in ("refuse", "merge"):
        act(client, action, page)
    answer = choose(client, page, into=target)

    page.refresh_from_db()
    assert (answer.status_code, page.active, page.merged_into) == (403, True, None)


def test_pages_are_neither_added_nor_deleted_by_hand(admin_client, site):
    page = make_page(site)
    delete = reverse("admin:shortener_page_delete", args=[page.pk])

    assert admin_client.get(reverse("admin:shortener_page_add")).status_code == 403
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403


# Refuse, accept again


def test_a_refused_page_gets_no_codes_and_its_short_links_end(ben, site):
    page = make_page(site)
    answer = act(ben, "refuse", page)

    [message] = told(answer)
    assert message.startswith("Refused: 1 page. Its buttons get no more codes")
    assert ben.get(f"/{page.code}").status_code == 410
    offer = {"site": site.key, "url": page.destination}
    assert ben.get("/offer", offer).status_code == 410
    assert Link.objects.count() == 1


def test_a_page_is_accepted_again(ben, site):
    page = make_page(site, active=False)

    assert told(act(ben, "accept", page)) == ["Accepted again: 1 page."]
    assert ben.get(f"/{page.code}").status_code == 302


def test_a_merged_page_is_not_refused_since_its_buttons_hand_out_another_link(ben, site):
    page = make_page(site, merged_into=make_link(site=site))
    warning = told(act(ben, "refuse", page))[-1]

    page.refresh_from_db()
    assert page.active
    assert warning.startswith("1 page left as before")


def test_the_catalogs_hear_of_it_and_the_history_tells_who_it_was(ben, site):
    page = make_page(site)
    before = CatalogVersion.objects.get().number
    act(ben, "refuse", page)

    page.refresh_from_db()
    entry = LogEntry.objects.get()
    history = ben.get(reverse("admin:shortener_link_history", args=[page.pk]))
    assert page.version == before + 1
    assert (entry.user.username, entry.get_change_message()) == ("ben", "Refused.")
    assert "Refused." in history.content.decode()


# Merge


def test_merging_asks_for_a_link_of_the_site_by_the_title_of_the_page(ben, site):
    page = make_page(site, "/plums?print=1")
    target = make_link(site=site, title="Plums")
    make_link(site=site, title="Pears")
    make_link(site=site, title="Plums", active=False)
    make_link(title="Plums")
    make_page(site, merged_into=target)

    answer = act(ben, "merge", page)
    assert list(answer.context["candidates"]) == [target]
    assert answer.context["pages"] == [page]


def test_the_link_to_merge_into_can_be_searched_for(ben, site):
    page, target = make_page(site), make_link(site=site, title="Fruit of the valley")

    for term in ("valley", target.code):
        assert list(choose(ben, page, q=term).context["candidates"]) == [target], term
    assert "has this in its title" in choose(ben, page, q="nothing").content.decode()


def test_a_merged_page_hands_out_the_codes_of_its_link(ben, site):
    page = make_page(site)
    target = make_link(site=site, title="Fruit", destination="https://example.com/fruit")
    answer = choose(ben, page, into=target)

    offer = ben.get("/offer", {"site": site.key, "url": page.destination}).json()
    assert told(answer) == ["Merged: 1 page into “Fruit”."]
    assert codes.decode(offer["codes"]["whatsapp"]) == (target.pk, ANY)


def test_what_was_shared_before_leads_where_it_led(ben, site):
    page, target = make_page(site), make_link(site=site)
    choose(ben, page, into=target)

    landed = ben.get(f"/{codes.encode(page.pk, codes.share_id(1000, 1))}")
    assert landed["Location"].startswith(page.destination)


def test_both_histories_tell_of_a_merger(ben, site):
    page, target = make_page(site), make_link(site=site, title="Fruit")
    choose(ben, page, into=target)

    notes = dict(LogEntry.objects.values_list("object_id", "change_message"))
    assert notes == {
        str(page.pk): f"Merged into “Fruit” ({target.code}).",
        str(target.pk): "Took in 1 page.",
    }


def test_unmerged_pages_hand_out_their_own_codes_again(ben, site):
    page = make_page(site, merged_into=make_link(site=site))

    assert told(act(ben, "unmerge", page)) == ["Unmerged: 1 page. It has its own codes again."]
    assert find(site.pk, page.page) == page


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ({"active": False}, "“Fruit” is not live: its codes would lead nowhere."),
        ({"merged": "itself"}, "is part of “Plums”, which cannot become part of it."),
    ],
)
def test_a_target_that_will_not_do_is_refused_in_words(ben, site, spoil, sentence):
    page = make_page(site)
    merged_into = page if spoil.pop("merged", None) else None
    target = make_link(site=site, title="Fruit", merged_into=merged_into, **spoil)
    answer = choose(ben, page, into=target)

    page.refresh_from_db()
    assert sentence in answer.content.decode()
    assert page.merged_into is None


def test_a_choice_is_needed_and_it_is_one_of_the_site(ben, site):
    page = make_page(site)
    url = reverse("admin:shortener_page_merge", query={"pages": page.pk})

    assert "Choose the link" in ben.post(url).content.decode()
    elsewhere = choose(ben, page, into=make_link()).content.decode()
    assert "There is no such link on the pages&#x27; site." in elsewhere


def test_pages_of_two_sites_are_not_merged(ben, site):
    pages = make_page(site), make_page(make_site())

    assert told(act(ben, "merge", *pages)) == [
        "Pages of several sites cannot be merged: choose those of one."
    ]
    url = reverse("admin:shortener_page_merge", query={"pages": f"{pages[0].pk},{pages[1].pk}"})
    assert urlsplit(ben.get(url)["Location"]).path == reverse(LIST)


@pytest.mark.parametrize("numbers", ["", "x", "9" * 30, "1;2", "-1"])
def test_an_address_without_pages_leads_back_to_the_list(ben, numbers):
    url = reverse("admin:shortener_page_merge", query={"pages": numbers})

    assert urlsplit(ben.get(url)["Location"]).path == reverse(LIST)


def test_too_many_pages_are_not_merged_at_once(ben, site, monkeypatch):
    monkeypatch.setattr(admin_pages, "MERGED_AT_ONCE", 1)

    answer = act(ben, "merge", make_page(site), make_page(site))
    assert told(answer) == ["At most 1 pages can be merged at once."]


def test_the_chosen_pages_stand_in_the_address(ben, site):
    pages = [make_page(site), make_page(site)]
    data = {"action": "merge", "_selected_action": [page.pk for page in pages]}
    address = urlsplit(ben.post(reverse(LIST), data)["Location"])

    [numbers] = parse_qs(address.query)["pages"]
    assert sorted(map(int, numbers.split(","))) == [page.pk for page in pages]


# What merging keeps


def parts(link):
    return set(link.merged.all())


def test_a_page_merged_into_a_merged_one_becomes_part_of_what_that_is_part_of(site):
    target = make_link(site=site)
    merged = make_page(site, merged_into=target)
    page = make_page(site)

    assert merge([page.pk], merged.pk) == (target, [page])
    assert parts(target) == {merged, page}


def test_what_was_part_of_a_page_comes_along(site):
    target, page = make_link(site=site), make_page(site)
    part = make_page(site, merged_into=page)
    merge([page.pk], target.pk)

    assert parts(target) == {page, part}
    assert parts(page) == set()


def test_of_pages_that_are_one_and_the_same_one_can_take_the_others(site):
    pages = [make_page(site) for _ in range(3)]
    merge([page.pk for page in pages], pages[0].pk)

    assert parts(pages[0]) == {*pages[1:]}


def test_a_page_is_never_part_of_itself(site):
    page = make_page(site)

    with pytest.raises(MergeError, match="“Plums” cannot become part of itself"):
        merge([page.pk], page.pk)


def test_two_pages_are_never_part_of_each_other(site):
    first = make_page(site, title="First")
    second = make_page(site, title="Second", merged_into=first)

    with pytest.raises(MergeError, match="“Second” is part of “First”"):
        merge([first.pk], second.pk)


def test_nothing_is_merged_across_sites(site):
    page = make_page(site)

    with pytest.raises(MergeError, match="another site"):
        merge([page.pk], make_link().pk)


def test_a_refused_page_is_accepted_before_it_is_merged(site):
    page = make_page(site, active=False)

    with pytest.raises(MergeError, match="is refused"):
        merge([page.pk], make_link(site=site).pk)


def test_one_page_that_cannot_be_merged_keeps_the_others_from_it(site):
    target = make_link(site=site)
    pages = make_page(site), make_page(site, active=False)

    with pytest.raises(MergeError):
        merge([page.pk for page in pages], target.pk)
    assert parts(target) == set()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_mergers_that_cross_make_no_circle():
    first = make_page(make_site(), title="First")
    second = make_page(first.site, title="Second")
    refused = []

    def merge_back():
        try:
            merge([second.pk], first.pk)
        except MergeError as error:
            refused.append(str(error))
        finally:
            connection.close()

    other = Thread(target=merge_back)
    with transaction.atomic():
        merge([first.pk], second.pk)
        other.start()
        wait_until(somebody_waits, what="the other merger to meet this one")
    other.join(10)

    assert refused == ["“First” is part of “Second”, which cannot become part of it."]
    assert (parts(first), parts(second)) == (set(), {first})


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()


# The pages of the links


def test_a_merged_page_says_where_its_numbers_are(ben, site):
    target = make_link(site=site, title="Fruit")
    page = make_page(site, merged_into=target)
    html = ben.get(reverse("admin:shortener_link_change", args=[page.pk])).content.decode()

    assert "its numbers are part of that link's" in html
    assert f'{reverse("admin:shortener_link_change", args=[target.pk])}">Fruit</a>' in html


def test_a_link_lists_what_was_merged_into_it(ben, site, monkeypatch):
    monkeypatch.setattr("shortener.admin.links.MERGED_SHOWN", 2)
    target = make_link(site=site)
    for number in range(3):
        make_page(site, title=f"Version {number}", merged_into=target)
    html = ben.get(reverse("admin:shortener_link_change", args=[target.pk])).content.decode()

    assert "Merged into this link: 3 pages" in html
    assert "Version 2" in html
    assert "Version 0" not in html
    assert len(listed(ben, merged_into__exact=target.pk)) == 3
    assert f"{reverse(LIST)}?merged_into__exact={target.pk}" in html
