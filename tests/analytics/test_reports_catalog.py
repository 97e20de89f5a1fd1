"""What holds for every report, whatever it tells."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.exports.answers import report_lines, whole
from analytics.models import Conversion, Hit, Share, Visit
from analytics.reports.catalog import REPORTS, rows_of
from analytics.reports.question import Question
from analytics.reports.shapes import cells, headings
from analytics.serializers import answer_json
from shortener.channels import BY_NAME
from tests.analytics.story import DAY, happen
from tests.factories import make_link, make_site
from tests.facts import hit, press, share_of, store

pytestmark = pytest.mark.django_db

QUERIES = 9


@pytest.fixture(autouse=True)
def _later():
    with time_machine.travel("2026-06-01 12:00 +0000", tick=False):
        yield


@pytest.fixture
def links():
    store(
        hit(make_link(site=make_site(key="other"))),
        press(make_link(), share=share_of("sms", 8_000)),
    )
    return happen()


@pytest.fixture
def question(links):
    return Question(links[0].site, DAY, DAY + timedelta(1), in_full=True)


def ask(name, question):
    return REPORTS[name].answer(question)


@pytest.mark.parametrize("name", REPORTS)
def test_answers_come_from_rollups_alone(question, name):
    with CaptureQueriesContext(connection) as captured:
        answer = ask(name, question)
    raw = {f'"{model._meta.db_table}"' for model in (Hit, Share, Visit, Conversion)}
    assert not [query for query in captured if any(table in query["sql"] for table in raw)]
    for model in (Hit, Share, Visit, Conversion):
        model.objects.all().delete()
    assert ask(name, question) == answer


@pytest.mark.parametrize("name", REPORTS)
def test_the_number_of_queries_does_not_grow(question, links, name, django_assert_max_num_queries):
    for n in range(5):
        store(press(make_link(site=links[0].site), share=share_of("sms", 9_000 + n)))
    with django_assert_max_num_queries(QUERIES):
        ask(name, question)


@pytest.mark.parametrize("name", REPORTS)
def test_the_links_of_a_site_add_up_to_the_site(question, links, name):
    """What reads the links' rollups says the same as what reads the site's."""
    narrow = Question(question.site, question.start, question.end, campaign="summer", in_full=True)
    assert narrow.is_narrow
    assert ask(name, narrow) == ask(name, question)


@pytest.mark.parametrize("name", REPORTS.keys() - {"reconciliation", "hours"})
def test_a_link_a_channel_and_a_period_narrow_a_report(question, links, name):
    everything = ask(name, question)
    site, start, end = question.site, question.start, question.end
    nothing = ask(name, Question(site, start - timedelta(9), start - timedelta(1)))
    for narrow in (
        Question(site, start, end, links=(make_link(site=site).pk,), in_full=True),
        Question(site, start, end, channels=(BY_NAME["line"],), in_full=True),
        Question(make_site(), start, end, in_full=True),
    ):
        found = ask(name, narrow)
        assert found != everything
        # Offers are of no channel.
        if name != "funnel":
            assert list(rows_of(found)) == list(rows_of(nothing))


@pytest.mark.parametrize("name", REPORTS)
def test_a_file_has_what_the_answer_has(question, name):
    answer = ask(name, whole(question))
    head, *lines = csv.reader(io.StringIO("".join(report_lines(name, answer)), newline=""))
    assert head == list(headings(REPORTS[name].row))
    assert lines == [[str(cell) for cell in cells(row)] for row in rows_of(answer)]


@pytest.mark.parametrize("name", REPORTS)
def test_an_answer_can_be_told_in_json(question, name):
    answer = ask(name, question)
    told = answer_json(REPORTS[name], question, answer)
    assert (told["site"], told["start"]) == ("demo", str(DAY))
    rows = list(rows_of(answer))
    if name not in ("reconciliation",):
        assert rows
    if "rows" in told:
        assert len(told["rows"]) == len(rows)


@pytest.mark.parametrize("name", REPORTS)
def test_a_site_at_which_nothing_happened_has_an_answer(name):
    question = Question(make_site(), DAY, DAY)
    answer_json(REPORTS[name], question, ask(name, question))
