"""The documentation says what the code does."""

import re
from pathlib import Path

import pytest
from django.template import engines
from django.test import RequestFactory

from shortener import embed, script
from shortener.channels import BUTTONS, BY_NAME, DEFAULT_BUTTONS
from shortener.labels import LABELS
from shortener.models import Link, Site

PROJECT = Path(__file__).resolve().parents[1]
READERS = ("settings.py", "accounts/settings.py", "accounts/sso.py")
SETTINGS = "".join((PROJECT / "config" / name).read_text() for name in READERS)
DOCUMENTED = dict(
    re.findall(r"^\| `([A-Z_]+)` \| (.*)$", (PROJECT / "docs" / "settings.md").read_text(), re.M)
)


def test_settings_and_their_documentation_agree():
    read = re.findall(r'\benv_\w+\(\s*"([A-Z_]+)"', SETTINGS)

    assert sorted(DOCUMENTED) == sorted(read)


@pytest.mark.parametrize(
    ("name", "default"), re.findall(r'\benv_\w+\(\s*"([A-Z_]+)",\s*"([^"]+)"', SETTINGS)
)
def test_defaults_are_documented(name, default):
    assert DOCUMENTED[name].startswith(f"`{default}`")


BUTTONS_PAGE = (PROJECT / "docs" / "share-buttons.md").read_text()
SCRIPT = (PROJECT / "shortener" / "static" / "shortener" / "share.js").read_text()


def chapter(heading: str) -> str:
    """Return a chapter of the page about the buttons, without its sub-chapters."""
    return BUTTONS_PAGE.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]


def quoted(text: str) -> set[str]:
    """Return what stands between backticks."""
    return set(re.findall(r"`([^`]+)`", text))


def table(heading: str, number: int = 0) -> set[str]:
    """Return what the first column of a chapter's table names."""
    tables = re.findall(r"(?:^\|.*\n)+", chapter(heading), re.M)
    return quoted("\n".join(row.split("|")[1] for row in tables[number].splitlines()))


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", BUTTONS_PAGE, re.M | re.S)


def words(pattern: str) -> set[str]:
    """Return the names that the script spells where the pattern looks."""
    return {name for match in re.findall(pattern, SCRIPT) for name in match.split()}


def test_attributes_of_the_element_are_documented():
    observed = words(r'observedAttributes = "([^"]+)"')
    read = words(r'(?:#get|hasAttribute)\("(\w+)"\)')

    assert table("Attributes") == observed | read


def test_attributes_of_the_script_element_are_documented():
    [fields] = re.findall(r"const \{ ([^}]+) \} = .*\.dataset", SCRIPT)
    read = {f"data-{name}" for name in re.findall(r"(\w+)(?: =|$)", fields)}

    assert table("Attributes", 1) == read


def test_parts_are_documented():
    spelt = words(r'part: ["`]([^"`]+)["`]')

    assert table("Looks", 1) == spelt - {"${name}"}
    assert "${name}" in spelt, "a button is no longer called after its channel"


def test_custom_properties_are_documented():
    assert table("Looks") == words(r"var\((--[\w-]+)")


def test_what_pages_find_as_grapevine_is_documented():
    [api] = re.findall(r"^  const grapevine = \{\n(.*?)^  \}", SCRIPT, re.M | re.S)
    names = set(re.findall(r"^    (?:get )?(\w+)(?:\(\) \{|,)", api, re.M))
    documented = table("Events and conversions")

    assert {re.split(r"\W", name.removeprefix("grapevine."))[0] for name in documented} == names


def test_events_are_documented():
    fired = {f"grapevine:{kind}" for kind in ("share", "cancel")}

    assert 'new CustomEvent(`grapevine:${kind === "press" ? "share" : kind}`' in SCRIPT
    assert '"AbortError" ? "cancel" : "press"' in SCRIPT
    assert fired <= quoted(chapter("Events and conversions"))


def test_languages_are_documented():
    listed = chapter("Languages").split(":", 1)[1].split(". ", 1)[0]

    assert quoted(listed) == set(LABELS)


def test_channels_are_documented():
    assert table("Channels") == {channel.name for channel in BUTTONS} | {"addressbar"}
    assert quoted(chapter("Channels").split("are shown:")[1].split(". ")[0]) == {*DEFAULT_BUTTONS}


def test_the_policy_is_the_one_that_the_admin_shows(settings):
    settings.PUBLIC_URL = "https://go.example.com"

    assert f"```\n{embed.policy(Site())}\n```" in chapter("Content Security Policy")


def test_the_script_elements_are_those_that_the_admin_shows(settings):
    settings.PUBLIC_URL = "https://go.example.com"
    site = Site(key="KEY")
    pinned = embed.script_element(site, is_pinned=True)
    pinned = pinned.replace(script.digest(), "HEX").replace(script.integrity(), "sha256-BASE64")

    [first, *_, last] = re.findall(r"<script.*</script>", "".join(snippets("html")))
    assert first == embed.script_element(site)
    assert last == pinned


@pytest.mark.parametrize("snippet", snippets("html") + snippets("django"))
def test_snippets_use_attributes_and_channels_that_there_are(snippet):
    known = table("Attributes")
    for element in re.findall(r"<grapevine-share\b([^>]*)>", snippet):
        assert set(re.findall(r"\s([\w-]+)", re.sub(r'="[^"]*"', "", element))) <= known
    for channel in re.findall(r"/share/(\w+)\?", snippet):
        assert BY_NAME[channel].has_button


def test_the_snippets_for_django_are_templates():
    link = Link(pk=1, site=Site(key="KEY"), title="Beans", destination="https://a.example/")
    request = RequestFactory().get("/beans", headers={"host": "localhost"})

    pages = [
        engines["django"].from_string(snippet).render({"link": link}, request)
        for snippet in snippets("django")
    ]

    assert "url=http%3A%2F%2Flocalhost%2Fbeans" in pages[0]
    assert pages[1].count('class="grapevine-share"') == 2


def test_limits_are_documented():
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", chapter("Limits"), re.M)
    defaults = dict(re.findall(r'\benv_int\(\s*"([A-Z_]+)",\s*"(\d+)"', SETTINGS))

    assert len(rows) == 3
    assert dict(rows).items() <= defaults.items()
    assert f"At most {defaults['PAGES_PER_HOUR']} pages" in BUTTONS_PAGE


LINKED = [
    (page, target)
    for page in sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    if "://" not in target
]


@pytest.mark.parametrize(
    ("page", "target"), LINKED, ids=[f"{page.name}-{target}" for page, target in LINKED]
)
def test_links_between_the_pages_lead_somewhere(page, target):
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page

    assert file.exists()
    headings = re.findall(r"^#+ (.+)$", file.read_text(), re.M) if anchor else []
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert not anchor or anchor in anchors
