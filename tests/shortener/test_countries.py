"""Countries: out of the registries' lists, or out of a database that the operator names."""

import ipaddress
from typing import NamedTuple

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import env_mmdb
from shortener import countries
from shortener.countries import country_in, country_of
from shortener.visitors import locate

GERMANY = {"country": {"iso_code": "DE"}}
MARKER = b"\xab\xcd\xefMaxMind.com"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    forget()
    yield
    forget()


@pytest.fixture
def database(settings, tmp_path):
    """Return a function that writes a database and names it in the settings."""

    def write(networks, ip_version=6):
        settings.COUNTRY_DATABASE = tmp_path / "countries.mmdb"
        settings.COUNTRY_DATABASE.write_bytes(mmdb(networks, ip_version))

    return write


def test_without_a_database_the_registries_tell():
    assert country_of("193.0.6.139") == "NL"
    assert country_of("2001:67c:2e8::1") == "NL"
    assert country_of("127.0.0.1") == ""


def test_a_database_takes_the_place_of_the_registries(database):
    database({"::c100:600/120": GERMANY, "2001:db8::/32": {"country": {"iso_code": "FR"}}})

    assert country_of("193.0.6.139") == "DE"
    assert country_of("2001:db8::1") == "FR"
    assert country_of("193.0.7.139") == ""


def test_a_visitor_is_located_by_the_database(database):
    database({"::cb00:7100/120": GERMANY})

    assert locate("203.0.113.5") == ("203.0.113.5", "DE")
    assert locate("::ffff:203.0.113.5") == ("203.0.113.5", "DE")


def test_an_address_that_the_database_cannot_hold_has_no_country(database):
    database({"203.0.113.0/24": GERMANY}, ip_version=4)

    assert country_of("203.0.113.5") == "DE"
    assert country_of("2001:db8::1") == ""


def test_a_damaged_database_fails_no_redirect(database, settings):
    database({"::cb00:7100/120": GERMANY})
    whole = settings.COUNTRY_DATABASE.read_bytes()
    settings.COUNTRY_DATABASE.write_bytes(whole.replace(b"\x47country", b"\x5fcountry"))

    assert country_of("203.0.113.5") == ""


@pytest.mark.parametrize(
    ("record", "country"),
    [
        (GERMANY, "DE"),
        ({"country": "DE"}, "DE"),
        ({"country": "Germany", "country_code": "DE"}, "DE"),
        ({"country_code": "de"}, "DE"),
        ({"country": {"iso_code": "DE"}, "city": {"names": {"en": "Ulm"}}}, "DE"),
        ({"country": "Germany"}, ""),
        ({"country": {"iso_code": 49}}, ""),
        ({"country": "49"}, ""),
        ({"country": "ÄÖ"}, ""),
        ({"autonomous_system_number": 3320}, ""),
        ("DE", ""),
        (None, ""),
    ],
)
def test_records_of_several_makers_are_read(record, country):
    assert country_in(record) == country


def test_the_setting_names_a_database(monkeypatch, tmp_path):
    (tmp_path / "countries.mmdb").write_bytes(mmdb({"::/0": GERMANY}, 6))
    monkeypatch.setenv("X", str(tmp_path / "countries.mmdb"))
    assert env_mmdb("X") == tmp_path / "countries.mmdb"

    monkeypatch.setenv("X", "")
    assert env_mmdb("X") is None


@pytest.mark.parametrize("content", [None, b"", b"address,country\n", MARKER])
def test_what_is_no_database_is_named(monkeypatch, tmp_path, content):
    path = tmp_path / "countries.mmdb"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("X", str(path))

    with pytest.raises(ImproperlyConfigured, match=f"^X='{path}' should be a MaxMind DB file"):
        env_mmdb("X")


def test_a_directory_is_no_database(monkeypatch, tmp_path):
    monkeypatch.setenv("X", str(tmp_path))

    with pytest.raises(ImproperlyConfigured, match=r"^X=.* should be a MaxMind DB file"):
        env_mmdb("X")


def forget():
    countries.database.cache_clear()
    locate.cache_clear()


def mmdb(networks, ip_version):
    """Return a MaxMind DB file: a search tree by bits, the records, and what it says of itself.

    The format is described at https://maxmind.github.io/MaxMind-DB/.
    """
    nodes: list[list[int]] = [[0, 0]]  # No way leads back to the root: 0 is none.
    data = b""
    for network, record in networks.items():
        network = ipaddress.ip_network(network)
        bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
        node = 0
        for bit in map(int, bits[:-1]):
            if not nodes[node][bit]:
                nodes.append([0, 0])
                nodes[node][bit] = len(nodes) - 1
            node = nodes[node][bit]
        for bit in map(int, bits[-1:]) if bits else (0, 1):
            nodes[node][bit] = -len(data) - 1
        data += packed(record)
    count = len(nodes)
    tree = b"".join(
        (way if way > 0 else count + 15 - way if way else count).to_bytes(3, "big")
        for node in nodes
        for way in node
    )
    about = {
        "node_count": Number(6, 4, count),
        "record_size": Number(5, 2, 24),
        "ip_version": Number(5, 2, ip_version),
        "database_type": "Test-Country",
        "languages": [],
        "binary_format_major_version": Number(5, 2, 2),
        "binary_format_minor_version": Number(5, 2, 0),
        "build_epoch": Number(9, 8, 1),
        "description": {},
    }
    return tree + bytes(16) + data + MARKER + packed(about)


class Number(NamedTuple):
    """A number in one of the format's types, which has a width."""

    kind: int
    width: int
    value: int


def packed(value):
    """Return a value as the format's data section has it: its type and size, then itself."""
    match value:
        case str():
            return typed(2, len(value)) + value.encode()
        case Number():
            return typed(value.kind, value.width) + value.value.to_bytes(value.width, "big")
        case list():
            return typed(11, len(value)) + b"".join(map(packed, value))
        case dict():
            pairs = b"".join(packed(key) + packed(item) for key, item in value.items())
            return typed(7, len(value)) + pairs


def typed(kind, size):
    return bytes([kind << 5 | size] if kind <= 7 else [size, kind - 7])
