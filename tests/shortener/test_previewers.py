"""The edge and the count agree on who is a preview fetcher."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.classify import Kind, classify
from shortener.previewers import is_previewer
from tests.analytics.test_classify import BOTS, IN_APP, PEOPLE, PREVIEWS, SCANNERS


@pytest.mark.parametrize("agent", [agent for agent, *_ in PREVIEWS])
def test_every_known_fetcher_is_one(agent):
    assert is_previewer(agent)
    assert is_previewer(f" {agent.lower()} ")


@pytest.mark.parametrize("agent", [*PEOPLE, *BOTS, *(agent for agent, *_ in (*IN_APP, *SCANNERS))])
def test_people_bots_and_scanners_are_none(agent):
    assert not is_previewer(agent)


@given(st.text(max_size=80) | st.sampled_from(["\ud800", "WhatsApp\ud800", ""]))
def test_any_text_gets_the_same_verdict_as_in_the_count(agent):
    assert is_previewer(agent) == (classify(agent).kind is Kind.PREVIEW)
