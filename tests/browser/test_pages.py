"""Pages that became links by themselves, and what a marketer does about them."""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import log_in
from tests.browser.test_access import assert_fits
from tests.end_to_end.processes import Response, wait_until
from tests.factories import make_link, make_site
from tests.facts import PERSON

NAME, SECRET = "tomas", "bread-from-the-stone-oven"
HOST = "https://bakery.example"


def write_marketer() -> None:
    """Make a site with a link, and somebody who may change links; runs beside the stack."""
    site = make_site(name="The Bakery", key="bakery", hosts=["bakery.example"])
    make_link(site=site, title="Bread, step by step", destination=f"{HOST}/bread")
    user = User.objects.create_user(NAME, password=SECRET, is_staff=True)
    site.members.add(user)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=("change_link", "view_link", "view_site"))
    )


@pytest.fixture(scope="module")
def _marketer(stack):
    stack.python("from tests.browser.test_pages import write_marketer; write_marketer()")


@pytest.fixture
def page(_marketer, stack, browsing):
    page = browsing.page()
    log_in(page, stack, NAME, SECRET)
    return page


def offer(stack, path: str, title: str) -> Response:
    """Do as the share buttons of a page do."""
    query = f"site=bakery&url={quote(HOST + path, safe='')}&title={quote(title)}"
    answer: Response = stack.get(f"/offer?{query}", User_Agent=PERSON)
    return answer


def code_of(answer: Response) -> str:
    code: str = json.loads(answer.body)["codes"]["whatsapp"]
    return code


def destination(stack, code: str) -> str:
    """Return the path that a short link leads to; its status where it leads nowhere."""
    answer = stack.get(f"/{code}", User_Agent=PERSON)
    location: str = answer.headers.get("location", "")
    return urlsplit(location).path or str(answer.status)


def row(page: Page, stack, title: str) -> Locator:
    page.goto(f"{stack.base}/admin/")
    page.get_by_role("link", name="Pages", exact=True).click()
    return page.get_by_role("row").filter(has_text=title)


def act(page: Page, stack, title: str, action: str) -> None:
    row(page, stack, title).get_by_role("checkbox").check()
    page.get_by_role("combobox", name="Action:").select_option(label=action)
    page.get_by_role("button", name="Go").click()


def test_a_page_that_is_shared_is_in_the_list(page, stack):
    offer(stack, "/rolls?utm_source=x", "Rolls <b>fresh</b>")

    found = row(page, stack, "Rolls <b>fresh</b>")
    expect(found).to_contain_text("bakery.example/rolls")
    expect(found).to_contain_text("The Bakery")
    expect(found).to_contain_text("live")
    assert_fits(page)


def test_a_refused_page_gets_no_codes_until_it_is_accepted_again(page, stack):
    code = code_of(offer(stack, "/orders/17", "Your order"))
    act(page, stack, "Your order", "Refuse")

    expect(page.get_by_text("Refused: 1 page.")).to_be_visible()
    expect(row(page, stack, "Your order")).to_contain_text("refused")
    wait_until(lambda: destination(stack, code) == "410", timeout=2, what="the end of the link")
    wait_until(
        lambda: offer(stack, "/orders/17", "Your order").status == 410,
        timeout=2,
        what="the end of the codes",
    )

    act(page, stack, "Your order", "Accept again")
    wait_until(
        lambda: offer(stack, "/orders/17", "Your order").status == 200,
        timeout=2,
        what="codes again",
    )
    assert destination(stack, code) == "/orders/17"


def test_a_merged_page_hands_out_another_links_codes_and_keeps_its_own(page, stack):
    shared = code_of(offer(stack, "/bread?print=1", "Bread, step by step (to print)"))
    act(page, stack, "to print", "Merge into…")

    expect(page.get_by_role("heading", name="Merge 1 page")).to_be_visible()
    assert_fits(page)
    page.get_by_label("Title, address, slug or short link").fill("step by step")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("radio").check()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("Merged: 1 page into “Bread, step by step”.")).to_be_visible()
    found = row(page, stack, "to print")
    expect(found).to_contain_text("merged")

    def new_code() -> str:
        return code_of(offer(stack, "/bread?print=1", ""))

    wait_until(
        lambda: (
            stack.get(f"/{new_code()}", User_Agent=PERSON)
            .headers["location"]
            .startswith(f"{HOST}/bread?gv=")
        ),
        timeout=2,
        what="codes of the other link",
    )
    before = stack.get(f"/{shared}", User_Agent=PERSON).headers["location"]
    assert before.startswith(f"{HOST}/bread?print=1&gv=")

    found.get_by_role("link", name="Bread, step by step", exact=True).click()
    expect(page.get_by_text("Merged into this link: 1 page")).to_be_visible()
    page.get_by_role("link", name="to print").click()
    expect(page.get_by_text("This page was merged into")).to_be_visible()
    assert_fits(page)
