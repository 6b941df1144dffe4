"""Published calendars stay as they are, and China's agree with the State Council's notices."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from importlib.resources import files

import pytest

from domain.working_time import is_working_day
from infra.calendars.shipping import SHIPPED
from infra.policies import shipped_rulebook

CALENDARS = shipped_rulebook().calendars
PUBLISHED = {
    "cn@1": "f2a0171cdee27d4bf6f9161684085de7741bdf09203718f9cae8b555617ed965",
    "de@1": "ff3753becab6fd82b9dc52c312c3afe859670f1ef458102e28929e58196225a4",
    "de-bb@1": "763229129f64073b907ba17081e43e9d41d304835b553f00734533434279d5ef",
    "de-be@1": "01859a6f430ab7b592cc0551b6e70833ece0e029b611412d869c205fbf17ee61",
    "de-bw@1": "aaf66b56c4a0e573b4fea459f51487da68c5a3fdd07306fee55df48b83558ab1",
    "de-by@1": "bc6a976d67f84f9a6c09b8be44ecf5ca291c98f3237308e5489a5bedb03f0399",
    "de-hb@1": "8d2f33c5dd9bf69c786d63507901a424ca771fc3320999bd4b44d0f2840d4d8c",
    "de-he@1": "f186874909ea6c9bcea903e2ec273d6c120d6bf31bb1c6421bb7d09264f9f885",
    "de-hh@1": "4ba7b1f844aa7c92760d0af58a7309e7f7ec1d7ce9d07d1d8d1ce449623b8628",
    "de-mv@1": "2ded58253501e861f6497bb1f388c3a127d881ad4d8bc1cca611978e81a5f256",
    "de-ni@1": "b1ea8d506c23ee36005983f9bef3ce32f992e98cff67382bdf5bbe1686e08892",
    "de-nw@1": "54c8cf83900e6fd28201b4d17dccd92e6d153922bff2883b26dd11a4990bf729",
    "de-rp@1": "b230137960a627075e8b975a0c43058e202748bbf090a3229b6f205f5234ad4b",
    "de-sh@1": "4d9194ff83ed4b12fe606b09268d3f71a976e5949a7cdc73b039af736111c734",
    "de-sl@1": "8a8662f1361f0f813661f60a4f87a1f533d788b91e0d386782513399e3815972",
    "de-sn@1": "9443428f5667475add0af39e10ce0688cb6a269eec4210507771a33dc8e7fe87",
    "de-st@1": "b44b50c5faea58c00c37ca3469110bfed40b988a2fe4d3d0e0694665d7f1545f",
    "de-th@1": "303eb121e34059889b176153796d2a055aa0ffeb3f455b73912270eaf408df86",
    "gb@1": "9a212ec17a1ab64d631628d54139660acfd2436c442952c0e2de4ce91ba7e439",
    "hk@1": "089aba5f668182b7c100c2f876efe4bb97e4e33d7221d4d728feb47df0944699",
    "il@1": "a02503852516b890df7056f1c06ec9fce479594126cfe8818de1de2ae3a965be",
    "jp@1": "0db9fe99a4911b7d78329a98d3d5ad8af9a7d7fa2f35b159b1fa98b638be9bed",
    "us@1": "945f343880d7506f5b302558a4528802eb5f1a83185eb378aca4a714dd5522d0",
    "us-statutory@1": "863cea136f19c4280c85467b6c028fe2d872d5a821ad11e685e0bec5cfb44cc7",
}
MADE_UP = {
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}
FREE = {
    2025: (
        ("01-01", "01-01"),
        ("01-28", "02-04"),
        ("04-04", "04-06"),
        ("05-01", "05-05"),
        ("05-31", "06-02"),
        ("10-01", "10-08"),
    ),
    2026: (
        ("01-01", "01-03"),
        ("02-15", "02-23"),
        ("04-04", "04-06"),
        ("05-01", "05-05"),
        ("06-19", "06-21"),
        ("09-25", "09-27"),
        ("10-01", "10-07"),
    ),
}


def test_what_was_published_has_not_changed() -> None:
    """Other days need a new version: a timer names the one it was counted by."""
    found = {
        f"{id}@{version}": sha256(
            files("domain.calendar").joinpath(f"{id}.toml").read_bytes()
        ).hexdigest()
        for id, version in SHIPPED.items()
    }
    assert found == PUBLISHED


@pytest.mark.parametrize("year", sorted(MADE_UP))
def test_every_day_of_china_as_the_notice_says(year: int) -> None:
    def day(text: str) -> date:
        return date.fromisoformat(f"{year}-{text}")

    worked = {day(text) for text in MADE_UP[year]}
    free = [(day(first), day(last)) for first, last in FREE[year]]
    every_day = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    expected = {
        at
        for at in every_day
        if at in worked
        or (at.weekday() < 5 and not any(first <= at <= last for first, last in free))
    }
    assert {at for at in every_day if is_working_day(CALENDARS["CN"], at)} == expected


def test_china_is_provisional_from_the_first_year_without_a_notice() -> None:
    assert CALENDARS["CN"].provisional_from == 2027
