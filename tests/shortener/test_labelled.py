"""Labelled shares: how they are made, read from lines, and asked for through the API."""

import threading

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from shortener import codes
from shortener.answered import LIFETIME, IdempotentAnswer, forget_answers
from shortener.channels import BY_NAME, CHANNELS
from shortener.label_forms import MintForm, read_line
from shortener.labelled import (
    CHANNELS_TO_LABEL,
    MAX_AT_ONCE,
    NO_LABELS,
    LabelledShare,
    Wanted,
    mint,
)
from shortener.models import Link, SerialCounter
from tests.factories import make_link, make_site
from tests.shortener.journaled import recorded
from tests.shortener.requests import ask, known

pytestmark = pytest.mark.django_db

WHATSAPP, QR, EMAIL = BY_NAME["whatsapp"], BY_NAME["qr"], BY_NAME["email"]


@pytest.fixture
def link():
    return make_link(site=make_site(key="demo"), title="Grapes")


def labels(shares):
    return [(share.way.name, share.label) for share in shares]


# Minting


def test_a_labelled_share_is_a_share_with_a_code_of_its_own(link):
    [share] = mint(link, [Wanted(QR, "Poster")], by=None).shares

    assert codes.decode(share.code) == (link.pk, share.pk)
    assert codes.channel_number(share.pk) == QR.number
    assert share.short_url == f"http://localhost:8000/{share.code}"
    known(link)
    assert ask(f"/{share.code}")[1]["Location"] == f"{link.destination}?gv={share.code}"


def test_minting_records_no_press(link):
    mint(link, [Wanted(WHATSAPP, "Berlin")], by=None)
    assert recorded() == []


def test_many_are_made_at_once_in_a_few_queries(link, django_assert_max_num_queries):
    wanted = [Wanted(WHATSAPP, f"Group {n}") for n in range(MAX_AT_ONCE)]
    # SQLite inserts some hundred rows at a time.
    with django_assert_max_num_queries(25):
        minted = mint(link, wanted, by=None)
    assert labels(minted.shares) == [("whatsapp", f"Group {n}") for n in range(MAX_AT_ONCE)]
    assert len({share.pk for share in minted.shares}) == MAX_AT_ONCE


def test_what_is_there_is_not_made_again_and_comes_back_from_the_archive(link):
    [first] = mint(link, [Wanted(WHATSAPP, "Berlin")], by=None).shares
    LabelledShare.objects.update(archived=True)

    again = mint(link, [Wanted(WHATSAPP, "Berlin"), Wanted(EMAIL, "Berlin")] * 2, by=None)

    assert labels(again.new) == [("email", "Berlin")]
    assert again.shares[0].pk == first.pk
    assert not LabelledShare.objects.filter(archived=True).exists()
    assert LabelledShare.objects.count() == 2


def test_two_links_may_have_the_same_label(link):
    for one in (link, make_link()):
        assert len(mint(one, [Wanted(WHATSAPP, "Berlin")], by=None).new) == 1


def test_no_serial_is_given_twice(link):
    [share] = mint(link, [Wanted(WHATSAPP, "Berlin")], by=None).shares
    assert SerialCounter.reserve(1)[0] > share.pk // 64


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="has one writer at a time")
def test_two_who_make_the_same_at_once_make_it_once(link):
    made = []

    def make():
        made.append(mint(link, [Wanted(WHATSAPP, f"Group {n}") for n in range(50)], by=None))
        connection.close()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {tuple(share.pk for share in minted.shares) for minted in made} == {
        tuple(LabelledShare.objects.order_by("pk").values_list("pk", flat=True))
    }
    assert sum(len(minted.new) for minted in made) == 50


def test_channels_have_labels_unless_there_is_a_reason():
    assert {c.name for c in CHANNELS} == {c.name for c in CHANNELS_TO_LABEL} | set(NO_LABELS)
    assert all(channel.short_link for channel in CHANNELS_TO_LABEL)


def test_the_apps_message_has_the_title_and_the_link(link):
    shares = mint(link, [Wanted(WHATSAPP, "Berlin"), Wanted(QR, "Poster")], by=None).shares
    assert shares[0].compose_url.startswith("https://wa.me/?text=Grapes%20http%3A%2F%2Flocalhost")
    assert shares[1].compose_url == ""


# Lines


@pytest.mark.parametrize(
    ("line", "label", "channel"),
    [
        ("Berlin", "Berlin", "whatsapp"),
        ("  Newsletter 12 ,  Email ", "Newsletter 12", "email"),
        ("Poster, QR CODE", "Poster", "qr"),
        ("Poster\tqr", "Poster", "qr"),
        ("Poster; qr", "Poster", "qr"),
        ("Berlin, Mitte", "Berlin, Mitte", "whatsapp"),
        ("Berlin, Mitte, telegram", "Berlin, Mitte", "telegram"),
        (", email", ", email", "whatsapp"),
    ],
)
def test_a_line_is_a_label_and_perhaps_a_channel(line, label, channel):
    wanted = read_line(line, "whatsapp")
    assert (" ".join(wanted.label.split()), wanted.channel.name) == (label, channel)


def problems(text):
    form = MintForm({"channel": "whatsapp", "labels": text})
    assert not form.is_valid()
    return form.errors["labels"]


def test_bad_lines_are_named():
    assert problems("fine\n" + "x" * 101) == [
        "Line 2: Ensure this value has at most 100 characters (it has 101)."
    ]
    assert problems("a\x07b") == ["Line 1: The label holds control characters."]
    assert problems(" \n\n") == ["Write at least one label."]
    assert problems("") == ["Write at least one label."]
    assert problems("x\n" * 1_001) == ["These are 1001 labels; at most 1000 can be made at once."]


# The API


@pytest.fixture
def user():
    user = User.objects.create_user("ben")
    allow(user, "view_link", "change_link", "add_link", "every_site")
    return user


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def allow(user, *permissions):
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))


def shares_url(link, share=""):
    return f"/api/v1/links/{link.code}/shares/{share}"


def post(api, link, *wanted, key=None):
    body = {"shares": [{"channel": channel, "label": label} for channel, label in wanted]}
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(shares_url(link), body, format="json", headers=headers)


def test_the_api_makes_labelled_shares_in_the_order_asked_for(api, link, user):
    response = post(api, link, ("whatsapp", " Berlin   Mitte "), ("qr", "Poster"))

    assert response.status_code == 201
    first, second = response.json()["shares"]
    share = LabelledShare.objects.get(label="Berlin Mitte")
    assert first == {
        "code": share.code,
        "short_url": share.short_url,
        "channel": "whatsapp",
        "label": "Berlin Mitte",
        "compose_url": share.compose_url,
        "archived": False,
        "created": first["created"],
    }
    assert (second["channel"], second["compose_url"]) == ("qr", "")
    assert share.created_by == user


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"shares": []},
        {"shares": [{"channel": "fax", "label": "x"}]},
        {"shares": [{"channel": "native", "label": "x"}]},
        {"shares": [{"channel": "whatsapp"}]},
        {"shares": [{"channel": "whatsapp", "label": "x" * 101}]},
        {"shares": [{"channel": "whatsapp", "label": "a\u0007b"}]},
        {"shares": [{"channel": "whatsapp", "label": "x"}] * 1_001},
        {"shares": "x"},
    ],
)
def test_the_api_names_what_is_wrong_and_makes_nothing(api, link, body):
    response = api.post(shares_url(link), body, format="json", headers={"Idempotency-Key": "once"})
    assert response.status_code == 400
    assert list(response.json()) == ["shares"]
    assert not LabelledShare.objects.exists()
    assert not IdempotentAnswer.objects.exists()


def test_the_same_key_gets_the_same_answer_and_makes_nothing_twice(api, link):
    first = post(api, link, ("whatsapp", "Berlin"), key="k-1")
    LabelledShare.objects.update(label="Renamed")
    second = post(api, link, ("whatsapp", "Berlin"), key="k-1")

    assert (second.status_code, second.content) == (201, first.content)
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert LabelledShare.objects.count() == 1


def test_a_key_is_good_for_one_request(api, link):
    post(api, link, ("whatsapp", "Berlin"), key="k-1")
    response = post(api, link, ("whatsapp", "Hamburg"), key="k-1")
    assert response.status_code == 422
    assert "another request" in response.json()["detail"]
    assert post(api, make_link(), ("whatsapp", "Berlin"), key="k-1").status_code == 422


def test_keys_of_two_users_are_two(api, link):
    post(api, link, ("whatsapp", "Berlin"), key="k-1")
    other = APIClient()
    cleo = User.objects.create_user("cleo")
    allow(cleo, "change_link", "every_site")
    other.force_authenticate(cleo)
    assert post(other, link, ("whatsapp", "Hamburg"), key="k-1").status_code == 201


@pytest.mark.parametrize("key", ["x" * 256, "ü", ""])
def test_a_key_that_is_none_is_refused(api, link, key):
    body = {"shares": [{"channel": "qr", "label": "x"}]}
    response = api.post(shares_url(link), body, format="json", HTTP_IDEMPOTENCY_KEY=key)
    assert response.status_code == 400
    assert list(response.json()) == ["Idempotency-Key"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="has one writer at a time")
def test_twins_that_come_at_once_get_one_answer(link, user):
    answers = []

    def ask_too():
        client = APIClient()
        client.force_authenticate(user)
        answers.append(post(client, link, *[("qr", f"{n}") for n in range(50)], key="k").content)
        connection.close()

    threads = [threading.Thread(target=ask_too) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert LabelledShare.objects.count() == 50


def test_a_link_is_made_once_for_each_key(api, link):
    body = {"site": "demo", "title": "Plums", "destination": "https://example.com/plums"}
    answers = [
        api.post("/api/v1/links/", body, format="json", headers={"Idempotency-Key": "k"})
        for _ in range(3)
    ]
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert Link.objects.filter(title="Plums").count() == 1


def test_answers_are_forgotten_after_a_day(api, link):
    post(api, link, ("whatsapp", "Berlin"), key="k-1")
    forget_answers()
    assert IdempotentAnswer.objects.exists()
    IdempotentAnswer.objects.update(created=timezone.now() - LIFETIME)
    forget_answers()
    assert not IdempotentAnswer.objects.exists()


def test_the_api_lists_them_newest_first(api, link, django_assert_num_queries):
    mint(link, [Wanted(WHATSAPP, f"Group {n}") for n in range(5)], by=None)
    mint(make_link(), [Wanted(WHATSAPP, "Elsewhere")], by=None)
    with django_assert_num_queries(4):  # Two for the user's permissions.
        page = api.get(shares_url(link), {"page_size": 3}).json()
    found = [*page["results"], *api.get(page["next"]).json()["results"]]
    assert [row["label"] for row in found] == [f"Group {n}" for n in reversed(range(5))]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"archived": "true"}, ["Old"]),
        ({"archived": "false"}, ["New"]),
        ({"search": "OL"}, ["Old"]),
        ({}, ["New", "Old"]),
    ],
)
def test_the_list_can_be_narrowed_down(api, link, params, expected):
    mint(link, [Wanted(WHATSAPP, "Old"), Wanted(WHATSAPP, "New")], by=None)
    LabelledShare.objects.filter(label="Old").update(archived=True)
    found = api.get(shares_url(link), params).json()["results"]
    assert [row["label"] for row in found] == expected


def test_the_api_renames_and_archives(api, link):
    share, other = mint(link, [Wanted(QR, "A"), Wanted(QR, "B")], by=None).shares
    url = f"{shares_url(link, share.code)}/"
    answer = api.patch(url, {"label": "C", "archived": True}, format="json")
    assert (answer.status_code, answer.json()["label"]) == (200, "C")
    assert LabelledShare.objects.get(pk=share.pk).archived
    assert api.patch(url, {"label": "B"}, format="json").json() == {
        "label": ["There is another share with this label for the same channel."]
    }
    assert api.patch(url, {"channel": "email"}, format="json").json()["channel"] == "qr"
    for name in (link.code, codes.encode(make_link().pk, other.pk), "nothing"):
        assert api.patch(f"{shares_url(link, name)}/", {}, format="json").status_code == 404


@pytest.mark.parametrize(
    ("permissions", "statuses"),
    [
        (("view_link", "every_site"), (200, 403, 403)),
        (("change_link", "every_site"), (403, 201, 200)),
        (("view_link", "change_link"), (404, 404, 404)),
        ((), (403, 403, 403)),
    ],
)
def test_who_may_what(api, link, user, permissions, statuses):
    [share] = mint(link, [Wanted(QR, "A")], by=None).shares
    allow(user, *permissions)
    assert (
        api.get(shares_url(link)).status_code,
        post(api, link, ("qr", "B")).status_code,
        api.patch(f"{shares_url(link, share.code)}/", {}, format="json").status_code,
    ) == statuses
    assert APIClient().get(shares_url(link)).status_code == 401


def test_members_of_the_site_may(api, link, user):
    allow(user, "change_link")
    link.site.members.add(user)
    assert post(api, link, ("qr", "B")).status_code == 201
