"""Signed statements: what is believed and what is not, from a provider that answers over HTTP."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.identity.oidc.issuer import Issuer
from infra.identity.oidc.published import PublishedKeys
from infra.identity.oidc.statement import ALGORITHMS, LEEWAY, REQUIRED, Issuers, Rejected
from tests.examples import examples
from tests.identity import real_provider
from tests.identity.loopback_provider import Provider, loopback_provider


@pytest.fixture
def issuers(provider: Provider) -> Issuers:
    return Issuers([provider.issuer()])


def why_not(issuers: Issuers, text: str) -> str:
    with pytest.raises(Rejected) as rejected:
        issuers.read(text)
    return rejected.value.rule


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    tail = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    return f"{part(header)}.{part(claims)}.{tail}"


class TestBelieved:
    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_each_algorithm(self, provider: Provider, algorithm: str) -> None:
        provider.publish("other", algorithm)
        said = Issuers([provider.issuer()]).read(provider.said(kid="other"))
        assert said == ("corp:ann", ("agent",), False)

    def test_a_provider_somebody_else_wrote(self) -> None:
        with real_provider.running() as url:
            text = real_provider.logged_in(url, "ann", client="dossier", groups=["crm agents"])
            issuer = Issuer(
                name="corp",
                url=url,
                audience="dossier",
                roles_claim="groups",
                roles={"crm agents": "agent"},
                prefix="",
            )
            assert Issuers([issuer]).read(text) == ("ann", ("agent",), False)
            other = issuer.model_copy(update={"audience": "elsewhere"})
            assert why_not(Issuers([other]), text) == "audience"
            head, claims, signature = text.split(".")
            forged = json.loads(base64.urlsafe_b64decode(claims + "=="))
            forged["groups"] = ["heads"]
            assert why_not(Issuers([issuer]), f"{head}.{part(forged)}.{signature}") == "signature"

    def test_roles_deeper_in_the_claims(self, provider: Provider) -> None:
        issuers = Issuers([provider.issuer(roles_claim="realm_access.roles")])
        text = provider.said(realm_access={"roles": ["heads", "unknown", 7]})
        assert issuers.read(text).roles == ("department_head",)


@pytest.mark.case("AC-03")
@pytest.mark.parametrize("claim", REQUIRED)
def test_every_required_claim_has_to_be_there(
    provider: Provider, issuers: Issuers, claim: str
) -> None:
    without: dict[str, Any] = {claim: None}
    rule = why_not(issuers, provider.said(**without))
    assert rule == ("issuer" if claim == "iss" else "claim-missing")


@pytest.mark.case("AC-03")
@pytest.mark.parametrize("claim", REQUIRED)
@pytest.mark.parametrize("value", ["", [], {}, "x" * 300, True, -1, 10**30])
def test_and_to_mean_something(
    provider: Provider, issuers: Issuers, claim: str, value: Any
) -> None:
    with pytest.raises(Rejected):
        issuers.read(provider.said(subject="ann", **{claim: value}))


@pytest.mark.case("AC-04")
class TestForged:
    def test_alg_none(self, provider: Provider, issuers: Issuers) -> None:
        for name in ("none", "None", "NONE", "nOnE"):
            header = {"alg": name, "kid": "one", "typ": "JWT"}
            assert why_not(issuers, unsigned(header, provider.claims())) == "algorithm"

    def test_the_public_key_as_a_secret(self, provider: Provider, issuers: Issuers) -> None:
        public = provider.keys["one"][1].public_key()
        secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        head = unsigned({"alg": "HS256", "kid": "one"}, provider.claims())[:-1]
        signature = hmac.digest(secret, head.encode(), "sha256")
        forged = unsigned({"alg": "HS256", "kid": "one"}, provider.claims(), signature)
        assert why_not(issuers, forged) == "algorithm"

    @pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "ES384", "HS512", 7, None])
    def test_an_algorithm_that_is_not_on_the_list(
        self, provider: Provider, issuers: Issuers, algorithm: Any
    ) -> None:
        forged = unsigned({"alg": algorithm, "kid": "one"}, provider.claims(), b"x" * 256)
        assert why_not(issuers, forged) in ("algorithm", "malformed")

    def test_an_algorithm_the_key_is_not_for(self, provider: Provider, issuers: Issuers) -> None:
        forged = unsigned({"alg": "ES256", "kid": "one"}, provider.claims(), b"x" * 64)
        assert why_not(issuers, forged) == "key"

    @pytest.mark.parametrize("header", ["jku", "x5u", "jwk"])
    def test_keys_a_statement_brings_along_are_not_looked_at(
        self, provider: Provider, issuers: Issuers, header: str
    ) -> None:
        own = rsa.generate_private_key(65537, 2048)
        brought = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(own.public_key()))
        value = brought if header == "jwk" else f"{provider.url}/theirs"
        headers = {"kid": "one", header: value}
        forged = jwt.encode(provider.claims(), own, "RS256", headers=headers)
        assert why_not(issuers, forged) == "signature"
        assert "/theirs" not in provider.asked

    @pytest.mark.parametrize(
        "header", [{"crit": ["b64"], "b64": False}, {"crit": []}, {"zip": "x"}]
    )
    def test_a_header_we_do_not_know(
        self, provider: Provider, issuers: Issuers, header: dict[str, Any]
    ) -> None:
        forged = unsigned({"alg": "RS256", "kid": "one"} | header, provider.claims(), b"x")
        assert why_not(issuers, forged) in ("header", "malformed")

    def test_a_short_key_is_none(self, provider: Provider, issuers: Issuers) -> None:
        short = rsa.generate_private_key(65537, 1024)
        provider.keys["short"] = ("RS256", short)
        with pytest.warns(jwt.InsecureKeyLengthWarning):
            text = provider.said(kid="short")
        assert why_not(issuers, text) == "key"

    @settings(
        max_examples=examples(80),
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=80))
    def test_any_three_parts(
        self, issuers: Issuers, header: bytes, claims: bytes, signature: bytes
    ) -> None:
        parts = (base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in (header, claims))
        with pytest.raises(Rejected):
            issuers.read(".".join((*parts, signature.hex())))

    @pytest.mark.parametrize("text", ["", "..", "a.b.c", ".".join(["W1tb" * 2000] * 3), "é.é.é"])
    def test_what_is_no_statement(self, issuers: Issuers, text: str) -> None:
        assert why_not(issuers, text) == "malformed"


@pytest.mark.case("AC-04")
class TestKeys:
    def test_a_new_key_is_found_and_an_old_one_forgotten(self, provider: Provider) -> None:
        ticks = [0.0]
        issuers = Issuers([provider.issuer()], lambda i: PublishedKeys(i, lambda: ticks[0]))
        before = provider.said()
        issuers.read(before)
        del provider.keys["one"]
        provider.publish("two", "ES256")
        ticks[0] = 61
        assert issuers.read(provider.said(kid="two")).actor == "corp:ann"
        assert why_not(issuers, before) == "key"

    def test_unknown_keys_ask_the_provider_once_a_minute(self, provider: Provider) -> None:
        ticks = [0.0]
        issuers = Issuers([provider.issuer()], lambda i: PublishedKeys(i, lambda: ticks[0]))
        issuers.read(provider.said())
        for second in range(120):
            ticks[0] = float(second)
            forged = unsigned({"alg": "RS256", "kid": f"k{second}"}, provider.claims(), b"x")
            assert why_not(issuers, forged) == "key"
        assert provider.asked.count("/keys") == 2

    def test_keys_are_kept_ten_minutes_and_an_hour_without_an_answer(
        self, provider: Provider
    ) -> None:
        ticks = [0.0]
        issuers = Issuers([provider.issuer()], lambda i: PublishedKeys(i, lambda: ticks[0]))
        text = provider.said()
        issuers.read(text)
        provider.misbehave = "failing"
        ticks[0] = 3599
        issuers.read(text)
        ticks[0] = 3601
        assert why_not(issuers, text) == "key"

    @pytest.mark.parametrize("how", ["huge", "nested", "redirect", "failing", "other"])
    def test_a_provider_that_misbehaves_is_not_believed(
        self, provider: Provider, issuers: Issuers, how: str
    ) -> None:
        provider.misbehave = how
        assert why_not(issuers, provider.said()) == "key"
        assert "/elsewhere" not in provider.asked

    def test_nor_is_one_that_drips(self, provider: Provider, issuers: Issuers) -> None:
        provider.misbehave = "drip"
        begun = time.monotonic()
        assert why_not(issuers, provider.said()) == "key"
        assert time.monotonic() - begun < 8

    def test_nor_one_that_calls_itself_otherwise(
        self, provider: Provider, issuers: Issuers
    ) -> None:
        provider.issuer_said = "https://login.example.org"
        assert why_not(issuers, provider.said()) == "key"

    def test_nor_one_that_is_not_there(self) -> None:
        with loopback_provider() as provider:
            provider.publish("one")
            issuers = Issuers([provider.issuer()])
        assert why_not(issuers, provider.said()) == "key"


@pytest.mark.case("AC-05")
class TestRoles:
    def test_another_issuer_s_statement_is_not_read(self, issuers: Issuers) -> None:
        with loopback_provider() as own:
            own.publish("one")
            assert why_not(issuers, own.said(groups=["heads"])) == "issuer"
            assert own.asked == []

    def test_not_even_if_it_claims_to_be_ours(self, provider: Provider, issuers: Issuers) -> None:
        with loopback_provider() as own:
            own.publish("one")
            assert why_not(issuers, own.said(iss=provider.url)) == "signature"

    @pytest.mark.parametrize("claim", ["role", "roles", "scope", "realm_access", "dossier_roles"])
    def test_other_claims_are_no_roles(
        self, provider: Provider, issuers: Issuers, claim: str
    ) -> None:
        more: dict[str, Any] = {claim: ["compliance_officer", "heads"]}
        text = provider.said(**more)
        assert issuers.read(text).roles == ("agent",)

    @pytest.mark.parametrize(
        "groups", [["compliance_officer"], "department_head", [["heads"]], {"heads": 1}, None, 7]
    )
    def test_a_group_that_means_nothing_here_gives_nothing(
        self, provider: Provider, issuers: Issuers, groups: Any
    ) -> None:
        assert issuers.read(provider.said(groups=groups)).roles == ()

    def test_nobody_is_auditor_and_something_else(self, provider: Provider) -> None:
        roles = {"a": "auditor", "b": "agent"}
        issuers = Issuers([provider.issuer(roles=roles)])
        assert why_not(issuers, provider.said(groups=["a", "b"])) == "roles-exclude"


@pytest.mark.case("FT-11")
class TestClocks:
    @pytest.mark.parametrize("behind", [0, LEEWAY - 5])
    def test_thirty_seconds_are_forgiven(
        self, provider: Provider, issuers: Issuers, behind: int
    ) -> None:
        """As if this node were behind, then ahead of the provider."""
        now = int(time.time())
        ahead = issuers.read(provider.said(iat=now + behind, exp=now + behind + 60))
        over = issuers.read(provider.said(iat=now - 60, exp=now - behind + 1))
        assert ahead.roles == over.roles == issuers.read(provider.said()).roles != ()

    def test_ninety_are_not(self, provider: Provider, issuers: Issuers) -> None:
        now = int(time.time())
        assert why_not(issuers, provider.said(iat=now + 90, exp=now + 300)) == "not-yet"
        assert why_not(issuers, provider.said(nbf=now + 90)) == "not-yet"
        assert why_not(issuers, provider.said(iat=now - 300, exp=now - 90)) == "expired"

    def test_nobody_is_vouched_for_longer_than_a_day(
        self, provider: Provider, issuers: Issuers
    ) -> None:
        now = int(time.time())
        assert why_not(issuers, provider.said(exp=now + 25 * 3600)) == "lifetime"
