"""The codec must agree with hashids on every valid and every invalid code."""

import pytest
from hashids import Hashids
from hypothesis import given
from hypothesis import strategies as st

from shortener.channels import CHANNELS, NUMBERS
from shortener.codes import MAX_LENGTH, MAX_NUMBER, MIN_LENGTH, Codec
from shortener.models import SerialCounter

SALTS = ("", "pepper", "a much longer salt than any alphabet has characters, as secrets are")
CODECS = {salt: (Codec(salt), Hashids(salt, MIN_LENGTH)) for salt in SALTS}

salts = st.sampled_from(SALTS)
numbers = st.one_of(st.integers(0, 200), st.integers(0, MAX_NUMBER))
share_ids = st.one_of(st.integers(1, 2000), st.integers(1, MAX_NUMBER))
alphabet_texts = st.text(Hashids.ALPHABET, max_size=MAX_LENGTH + 2)


def decoded_by_reference(reference, code):
    """Return what the codec should say of a code, by hashids' own account."""
    found = reference.decode(code)
    if not MIN_LENGTH <= len(code) <= MAX_LENGTH or not 1 <= len(found) <= 2:
        return None
    if max(found) > MAX_NUMBER or (len(found) == 2 and not found[1]):
        return None
    return found if len(found) == 2 else (*found, 0)


@given(salts, numbers)
def test_a_links_code_is_that_of_hashids(salt, link_id):
    codec, reference = CODECS[salt]
    assert codec.encode(link_id) == reference.encode(link_id)


@given(salts, numbers, share_ids)
def test_a_shares_code_is_that_of_hashids(salt, link_id, share_id):
    codec, reference = CODECS[salt]
    assert codec.encode(link_id, share_id) == reference.encode(link_id, share_id)


@given(salts, numbers, st.one_of(st.just(0), share_ids))
def test_every_code_decodes_to_what_was_encoded(salt, link_id, share_id):
    codec, _ = CODECS[salt]
    code = codec.encode(link_id, share_id)
    assert len(code) <= MAX_LENGTH
    assert codec.decode(code) == (link_id, share_id)


@given(salts, alphabet_texts)
def test_any_text_decodes_as_hashids_says(salt, code):
    codec, reference = CODECS[salt]
    assert codec.decode(code) == decoded_by_reference(reference, code)


@given(st.text(max_size=40))
def test_text_of_any_characters_never_raises(code):
    codec, reference = CODECS["pepper"]
    assert codec.decode(code) == decoded_by_reference(reference, code)


@given(salts, numbers, share_ids, st.data())
def test_a_changed_code_decodes_as_hashids_says(salt, link_id, share_id, data):
    """Near misses: one character replaced, removed, or the end cut off."""
    codec, reference = CODECS[salt]
    code = codec.encode(link_id, share_id)
    position = data.draw(st.integers(0, len(code) - 1))
    character = data.draw(st.sampled_from(Hashids.ALPHABET))
    for changed in (
        code[:position] + character + code[position + 1 :],
        code[:position] + code[position + 1 :],
        code[:position],
        code + character,
    ):
        assert codec.decode(changed) == decoded_by_reference(reference, changed)


@given(salts, st.lists(numbers, min_size=3, max_size=3))
def test_codes_of_more_numbers_are_none_of_ours(salt, values):
    codec, reference = CODECS[salt]
    assert codec.decode(reference.encode(*values)) is None


def test_a_code_tells_its_channel():
    for channel in CHANNELS:
        assert (1000 * NUMBERS + channel.number) % NUMBERS == channel.number


@pytest.mark.django_db
def test_the_first_serial_already_makes_an_unpadded_code():
    """Padded codes take the slow way, so no share should have one."""
    first = SerialCounter.reserve(1)[0]
    codec, _ = CODECS["pepper"]
    guards = set(codec._reference._guards)
    for link_id in range(1, 200):
        assert not guards & set(codec.encode(link_id, first * NUMBERS + 1))
