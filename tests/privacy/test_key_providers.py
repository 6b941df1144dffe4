"""Where key-encryption keys come from: files, the environment, Vault's transit engine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.servers.problem import ServerProblem
from infra.vault.kek import KeyEncryptionKey, KeyFileMissing, WrongKeyFile
from infra.vault.providers import KekProvider, chosen_provider
from infra.vault.providers.environment import EnvironmentKeks, EpochNotGiven, EpochStillGiven
from infra.vault.providers.file import FileKeks

ONE, TWO = "11" * 32, "22" * 32
KEYS = [(b"a" * 32, b"bound to this"), (b"b" * 32, b"bound to that")]


class TestWrapping:
    def test_gives_back_what_it_was_given(self) -> None:
        kek = KeyEncryptionKey(os.urandom(32))
        wrapped = kek.wrap(KEYS)
        held = [(text, bound) for text, (_, bound) in zip(wrapped, KEYS, strict=True)]
        assert kek.unwrap(held) == [key for key, _ in KEYS]
        assert all(len(text) == 12 + 32 + 16 for text in wrapped)

    def test_none_for_what_is_not_its_own_or_bound_elsewhere(self) -> None:
        kek, other = KeyEncryptionKey(os.urandom(32)), KeyEncryptionKey(os.urandom(32))
        (wrapped,) = kek.wrap(KEYS[:1])
        assert other.unwrap([(wrapped, KEYS[0][1])]) == [None]
        for bad in ((wrapped, KEYS[1][1]), (wrapped[:-1], KEYS[0][1]), (b"", b""), (b"x" * 5, b"")):
            assert kek.unwrap([bad]) == [None]

    def test_shows_its_key_to_nobody(self) -> None:
        kek = KeyEncryptionKey(bytes.fromhex(ONE))
        assert ONE not in repr(kek)
        assert "\\x11" not in repr(kek)


class TestFiles:
    def test_one_for_each_epoch(self, tmp_path: Path) -> None:
        keks = FileKeks(tmp_path)
        for epoch in (1, 2):
            keks.make(epoch)
            keks.make(epoch)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["kek-1", "kek-2"]
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
        assert keks.kek(1).secret != keks.kek(2).secret
        assert keks.newest() == 2

    @pytest.mark.case("KY-02")
    def test_destroying_overwrites_and_removes(self, tmp_path: Path) -> None:
        """A second name for the same bytes shows what was written over them."""
        keks = FileKeks(tmp_path)
        keks.make(1)
        secret = (tmp_path / "kek-1").read_bytes()
        (tmp_path / "witness").hardlink_to(tmp_path / "kek-1")
        keks.destroy(1)
        assert not (tmp_path / "kek-1").exists()
        assert (tmp_path / "witness").read_bytes() == bytes(len(secret))
        keks.destroy(1)
        with pytest.raises(KeyFileMissing):
            keks.kek(1)


class TestEnvironment:
    def test_takes_a_value_or_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "two").write_text(TWO + "\n")
        keks = EnvironmentKeks(
            {"DOSSIER_KEK_1": ONE, "DOSSIER_KEK_2_FILE": str(tmp_path / "two"), "DOSSIER_KEK": "x"}
        )
        assert [keks.kek(n).secret.hex() for n in (1, 2)] == [ONE, TWO]
        assert keks.newest() == 2
        keks.make(2)

    def test_makes_no_key_itself(self) -> None:
        keks = EnvironmentKeks({"DOSSIER_KEK_1": ONE})
        with pytest.raises(EpochNotGiven) as refused:
            keks.make(3)
        assert refused.value.parameters == {"variable": "DOSSIER_KEK_3"}
        with pytest.raises(KeyFileMissing, match="DOSSIER_KEK_3 is not set"):
            keks.kek(3)

    @pytest.mark.parametrize("text", ["", "zz", ONE[:-2], ONE + "00", "\N{SNOWMAN}"])
    def test_refuses_what_is_no_key_without_quoting_it(self, text: str) -> None:
        with pytest.raises(WrongKeyFile) as refused:
            EnvironmentKeks({"DOSSIER_KEK_1": text}).kek(1)
        assert str(refused.value) in ("DOSSIER_KEK_1 is not a key",
                                      "DOSSIER_KEK_1 is not a 256-bit key")  # fmt: skip

    def test_a_file_that_cannot_be_read_is_a_missing_key(self, tmp_path: Path) -> None:
        keks = EnvironmentKeks({"DOSSIER_KEK_1_FILE": str(tmp_path / "secret-place")})
        with pytest.raises(KeyFileMissing) as missing:
            keks.kek(1)
        assert "secret-place" not in str(missing.value)

    def test_an_epoch_is_destroyed_when_the_operator_has_removed_it(self) -> None:
        variables = {"DOSSIER_KEK_1": ONE, "DOSSIER_KEK_2": TWO}
        keks = EnvironmentKeks(variables)
        with pytest.raises(EpochStillGiven):
            keks.destroy(1)
        del variables["DOSSIER_KEK_1"]
        keks.destroy(1)


class TestChoosing:
    def test_files_are_the_default(self, tmp_path: Path) -> None:
        assert isinstance(chosen_provider(tmp_path, {}), FileKeks)

    def test_the_setting_names_another(self, tmp_path: Path) -> None:
        chosen: KekProvider = chosen_provider(tmp_path, {"DOSSIER_KEK_PROVIDER": "environment"})
        assert isinstance(chosen, EnvironmentKeks)

    def test_a_name_there_is_not_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ServerProblem):
            chosen_provider(tmp_path, {"DOSSIER_KEK_PROVIDER": "cloud"})

    @pytest.mark.parametrize("missing", ["DOSSIER_VAULT_ADDR", "DOSSIER_VAULT_TOKEN_FILE"])
    def test_transit_needs_all_its_settings(self, tmp_path: Path, missing: str) -> None:
        settings = {
            "DOSSIER_KEK_PROVIDER": "transit",
            "DOSSIER_VAULT_ADDR": "https://vault.example",
            "DOSSIER_VAULT_KEY": "my-key",
            "DOSSIER_VAULT_TOKEN_FILE": "token",
        }
        with pytest.raises(KeyFileMissing, match=f"{missing} is not set"):
            chosen_provider(tmp_path, {k: v for k, v in settings.items() if k != missing})
