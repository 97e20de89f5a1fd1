"""Reading and making, some lines at a time: whoever goes on, and whatever happens between."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.utils import timezone

from shortener.imports import steps
from shortener.imports.keeping import forget_files
from shortener.imports.models import KEPT_DAYS, Fate, Import, State
from shortener.imports.reading import read
from shortener.imports.steps import make_some, read_some
from shortener.models import CatalogVersion, Link
from tests.factories import make_link, make_site

pytestmark = pytest.mark.django_db

LINES = 25


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch):
    monkeypatch.setattr(steps, "READ_AT_ONCE", 10)
    monkeypatch.setattr(steps, "MADE_AT_ONCE", 10)


def table(*rows, headings="destination,slug"):
    return "\n".join((headings, *rows)).encode()


def urls(count=LINES):
    return [f"https://example.com/{number},s{number}" for number in range(count)]


def make_import(content, *, site=None, **values):
    contents = read(content)
    return Import.objects.create(
        **{"language": "en", **values},
        site=site or make_site(),
        name="links.csv",
        file=ContentFile(content, "links"),
        tool=contents.kind.tool,
        columns=contents.columns,
        last=contents.last,
    )


def again(source):
    return Import.objects.select_related("site").get(pk=source.pk)


def looked_at(content, **values):
    source = make_import(content, **values)
    while (source := again(source)).state == State.READING:
        read_some(source)
    return source


def made(source):
    Import.objects.filter(pk=source.pk).update(state=State.MAKING)
    while (source := again(source)).state == State.MAKING:
        make_some(source)
    return source


def test_a_file_is_read_some_lines_at_a_time():
    source = make_import(table(*urls()))
    read_some(source)
    source = again(source)
    assert (source.state, source.position, source.percent) == (State.READING, 11, 42)
    assert source.counts == {Fate.READY: 10}


def test_every_line_becomes_one_link():
    source = made(looked_at(table(*urls())))
    assert source.state == State.DONE
    assert source.counts == {Fate.MADE: LINES}
    assert {link.slug for link in Link.objects.all()} == {f"s{n}" for n in range(LINES)}
    assert [line.link.slug for line in source.lines.order_by("number")] == [
        f"s{n}" for n in range(LINES)
    ]


def test_lines_know_of_those_read_before():
    rows = urls(12)
    source = looked_at(table(*rows, rows[0], "https://example.com/1,", "https://example.com/x,s2"))
    late = source.lines.filter(number__gt=13).order_by("number")
    assert [line.fate for line in late] == [Fate.DUPLICATE, Fate.DUPLICATE, Fate.ERROR]


def test_whoever_comes_second_does_nothing():
    seen = looked_at(table(*urls()))
    Import.objects.filter(pk=seen.pk).update(state=State.MAKING)
    seen = again(seen)
    make_some(seen)
    assert make_some(seen) == []
    assert Link.objects.count() == 10


def test_not_even_with_reading():
    seen = make_import(table(*urls()))
    read_some(seen)
    read_some(seen)
    assert again(seen).counts == {Fate.READY: 10}


@pytest.mark.parametrize("cut", ["count", "save"])
def test_what_breaks_off_in_the_middle_leaves_nothing_behind(monkeypatch, cut):
    source = looked_at(table(*urls()))
    Import.objects.filter(pk=source.pk).update(state=State.MAKING)
    make_some(again(source))

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Import, cut, killed)
        with pytest.raises(KeyboardInterrupt):
            make_some(again(source))
    assert Link.objects.count() == 10
    assert made(source).counts == {Fate.MADE: LINES}
    assert Link.objects.count() == LINES


def test_who_cancels_stops_it():
    source = looked_at(table(*urls()))
    Import.objects.filter(pk=source.pk).update(state=State.MAKING)
    seen = again(source)
    Import.objects.filter(pk=source.pk).update(state=State.CANCELLED)
    assert make_some(seen) == []
    assert not Link.objects.exists()


def test_what_came_up_since_the_look_is_told():
    site = make_site()
    source = looked_at(table("https://example.com/a,a", "https://example.com/b,"), site=site)
    make_link(slug="a")
    make_link(site=site, destination="https://example.com/b")
    source = made(source)
    assert source.counts == {Fate.ERROR: 1, Fate.DUPLICATE: 1}


def test_links_are_told_to_all_processes_at_once():
    source = made(looked_at(table(*urls(3))))
    [version] = set(Link.objects.values_list("version", flat=True))
    assert version == CatalogVersion.objects.get().number
    assert source.counts == {Fate.MADE: 3}


def test_what_may_be_linked_to_is_the_right_of_whoever_brought_the_file():
    user = User.objects.create_user("ada")
    content = table("https://elsewhere.test/,", headings="destination,slug")
    assert looked_at(content, made_by=user).counts == {Fate.ERROR: 1}
    user.user_permissions.add(Permission.objects.get(codename="link_anywhere"))
    assert looked_at(content, made_by=user).counts == {Fate.READY: 1}


def test_sentences_are_in_the_language_of_whoever_brought_the_file():
    source = looked_at(table(f"https://example.com/{'x' * 2000},"), language="de")
    assert "höchstens 2000 Zeichen" in source.lines.get().note


def test_making_costs_the_same_however_many_lines_it_is(django_assert_max_num_queries):
    source = looked_at(table(*urls(10)))
    Import.objects.filter(pk=source.pk).update(state=State.MAKING)
    seen = again(source)
    with django_assert_max_num_queries(20):
        make_some(seen)


class TestKeeping:
    def after(self, days):
        return timezone.now() + timedelta(days=days)

    def test_file_and_lines_go_and_the_links_stay(self):
        source = made(looked_at(table(*urls(3))))
        storage, name = source.file.storage, source.file.name
        forget_files(self.after(KEPT_DAYS - 1))
        assert storage.exists(name)
        forget_files(self.after(KEPT_DAYS + 1))
        source = again(source)
        assert not storage.exists(name)
        assert not source.file
        assert not source.lines.exists()
        assert source.counts == {Fate.MADE: 3}
        assert Link.objects.count() == 3

    def test_nobody_can_make_anything_of_it_any_more(self):
        source = looked_at(table(*urls(3)))
        forget_files(self.after(KEPT_DAYS + 1))
        assert again(source).state == State.CANCELLED

    def test_what_is_at_work_is_left_alone(self):
        source = make_import(table(*urls(3)))
        forget_files(self.after(KEPT_DAYS + 1))
        assert again(source).file
