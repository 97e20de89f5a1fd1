"""Families: what kind of device, system and browser an agent tells of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import agents
from analytics.agents import learn
from analytics.families import MAX_LENGTH, families
from analytics.models import Agent
from tests.facts import PERSON

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko)"
)
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{WEBKIT} Chrome/130.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (PERSON, ("phone", "iOS", "Mobile Safari")),
        (
            PERSON.replace("iPhone;", "iPad;").replace("iPhone OS", "OS"),
            ("tablet", "iOS", "Mobile Safari"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36",
            ("phone", "Android", "Chrome Mobile"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Safari/537.36",
            ("tablet", "Android", "Chrome"),
        ),
        (
            "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
            ("phone", "Android", "Firefox Mobile"),
        ),
        (
            "Mozilla/5.0 (Android 14; Tablet; rv:132.0) Gecko/132.0 Firefox/132.0",
            ("tablet", "Android", "Firefox Mobile"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-S921B) {WEBKIT} SamsungBrowser/26.0 "
            "Chrome/122.0.0.0 Mobile Safari/537.36",
            ("phone", "Android", "Samsung Internet"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 11; KFTRWI) {WEBKIT} Silk/122.3 like Chrome/122.0 "
            "Safari/537.36",
            ("tablet", "Android", "Amazon Silk"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 8.0.0; BTV-DL09) {CHROME} Safari/537.36",
            ("tablet", "Android", "Chrome"),
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/130.0.0.0",
            ("computer", "Windows", "Edge"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Tablet PC 2.0; rv:132.0) Gecko/20100101 Firefox/132.0",
            ("computer", "Windows", "Firefox"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Safari/605.1.15",
            ("computer", "Mac OS X", "Safari"),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            ("computer", "Linux", "Firefox"),
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36",
            ("computer", "Chrome OS", "Chrome"),
        ),
        (
            f"Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) {CHROME}/7.0 TV Safari/537.36",
            ("TV", "Tizen", "Chrome"),
        ),
        (
            f"Mozilla/5.0 (Web0S; Linux/SmartTV) {CHROME} Safari/537.36 WebAppManager",
            ("TV", "Web0S", "Chrome"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 9; AFTMM) {CHROME} Mobile Safari/537.36",
            ("TV", "Android", "Chrome Mobile"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; BRAVIA 4K UR2) {CHROME} Safari/537.36",
            ("TV", "Android", "Chrome"),
        ),
        (
            "Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/13.0 Safari/605.1.15",
            ("other", "", "Safari"),
        ),
        (
            "Mozilla/5.0 (Mobile; LYF/F320B/LYF-F320B; rv:48.0) Gecko/48.0 Firefox/48.0 "
            "KAIOS/2.5.2",
            ("phone", "KaiOS", "Firefox Mobile"),
        ),
        ("", ("other", "", "")),
        ("nothing known", ("other", "", "")),
    ],
)
def test_families(user_agent, expected):
    assert families(user_agent) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("user_agent", "signals", "expected"),
    [
        (f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/460.0.0.37.108]", "", "Facebook"),
        (f"{IPHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/460.0]", "", "Messenger"),
        (f"{IPHONE} Mobile/15E148 Instagram 331.0.0.37 (iPhone14,5)", "", "Instagram"),
        (
            f"Mozilla/5.0 (Linux; Android 14; wv) {CHROME} Mobile Safari/537.36 MetaIAB Instagram",
            "",
            "Instagram",
        ),
        (f"{IPHONE} Mobile/15E148 MicroMessenger/8.0.42", "", "WeChat"),
        (f"{IPHONE} GSA/334.0.674067880 Mobile/15E148 Safari/604.1", "", "Google"),
        (
            f"Mozilla/5.0 (Linux; Android 14; wv) {CHROME} Mobile Safari/537.36",
            "x-requested-with: com.whatsapp",
            "WhatsApp",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; wv) {CHROME} Mobile Safari/537.36",
            "x-requested-with: com.google.android.gm",
            "Chrome Mobile WebView",
        ),
    ],
)
def test_an_apps_own_browser_goes_by_the_apps_name(user_agent, signals, expected):
    learn([(user_agent, f"GET https\n{signals}")])
    row = Agent.objects.get()
    assert (row.device, row.browser) == ("phone", expected)


@given(st.text(max_size=600))
def test_families_fit_their_columns(user_agent):
    found = families(user_agent)
    assert found.device in {"phone", "tablet", "computer", "TV", "other"}
    assert all(len(family) <= MAX_LENGTH and (family + " ").isprintable() for family in found)


def test_a_family_that_is_made_up_is_cut():
    assert families(f"Mozilla/5.0 (compatible; {'x' * 60}bot/1.0)").browser == "x" * MAX_LENGTH


@pytest.mark.django_db
def test_an_agent_that_has_a_row_is_not_read_again(monkeypatch):
    learn([(PERSON, "GET https")])
    agents.forget()
    read = []
    monkeypatch.setattr(agents, "families", lambda *key: read.append(key))
    known = learn([(PERSON, "GET https")])
    row = Agent.objects.get()
    assert not read
    assert known[PERSON, "GET https"].agent_id == row.pk
    assert (row.device, row.system, row.browser) == ("phone", "iOS", "Mobile Safari")
