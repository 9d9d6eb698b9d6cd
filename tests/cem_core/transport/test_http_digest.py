"""Answers to a challenge, by the worked example of RFC 7616, 3.9.1."""

import re
from typing import Final

from hypothesis import given, strategies as st
import pytest

from cem_core.transport.http_digest import Digest

CHALLENGE: Final = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={},'
    ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",'
    ' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE: Final = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def response(digest: Digest) -> str:
    said = digest.authorization(
        "GET", "/dir/index.html", "Mufasa", "Circle of Life", CNONCE
    )
    found = re.search(r'response="([0-9a-f]+)"', said)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("named", "used", "expected"),
    [
        ("MD5", None, "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            None,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
        ("SHA-256", "MD5", "8ca523f5e9506fed4657c9700eebdbec"),
    ],
)
def test_the_example_of_the_standard(
    named: str, used: str | None, expected: str
) -> None:
    digest = Digest.of(CHALLENGE.format(named), algorithm=used)
    assert response(digest) == expected


def test_the_example_of_the_older_standard_without_protection() -> None:
    # RFC 2069, 2.4, with the digest of its erratum 749.
    digest = Digest.of(
        'Digest realm="testrealm@host.com",'
        ' nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",'
        ' opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    said = digest.authorization("GET", "/dir/index.html", "Mufasa", "CircleOfLife")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in said
    assert "cnonce" not in said


def test_each_answer_counts_and_has_a_nonce_of_its_own() -> None:
    digest = Digest.of(CHALLENGE.format("MD5"))
    first, second = (digest.authorization("GET", "/", "u", "p") for _ in range(2))
    assert "nc=00000001" in first
    assert "nc=00000002" in second
    assert re.findall('cnonce="(.*?)"', first) != re.findall('cnonce="(.*?)"', second)


def test_quotes_in_a_name_stay_inside_of_it() -> None:
    digest = Digest.of(r'Digest realm="a \"b\"", nonce="n"')
    assert digest.realm == 'a "b"'
    assert r'username="u\", x=\"y"' in digest.authorization("GET", "/", 'u", x="y', "p")


@pytest.mark.parametrize(
    ("challenge", "cause"),
    [
        ('Basic realm="x"', "does not ask for a digest"),
        ("", "does not ask for a digest"),
        ('Digest realm="x"', "has no nonce"),
        ('Digest nonce="x", algorithm=SHA-512-256', "asks for SHA-512-256"),
        ('Digest nonce="x", qop="auth-int"', "asks for MD5"),
    ],
)
def test_what_cannot_be_answered(challenge: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        Digest.of(challenge)


@given(st.text(max_size=80))
def test_any_challenge_is_answered_or_refused(text: str) -> None:
    try:
        digest = Digest.of("Digest " + text)
    except ValueError:
        return
    assert digest.authorization("GET", "/", "u", "p").startswith("Digest ")
