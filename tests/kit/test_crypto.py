"""Sealed values open where they belong, with the key they were sealed with, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.kit.crypto import (
    SecretBox,
    SecretUnreadable,
    decode_key,
    encode_key,
    equal,
    hash_credential,
    new_key,
    new_salt,
    new_token,
    verify_credential,
)

OLD, NEW = new_key(), new_key()


class TestSecretBox:
    @given(st.binary(), st.text(st.characters(exclude_categories=["Cs"])))
    def test_opens_what_it_sealed(self, secret: bytes, context: str) -> None:
        box = SecretBox({"k1": NEW}, "k1")
        sealed = box.seal(secret, context=context)
        assert box.open(sealed, context=context) == secret
        assert sealed != box.seal(secret, context=context)

    def test_does_not_open_in_another_row(self) -> None:
        box = SecretBox({"k1": NEW}, "k1")
        sealed = box.seal(b"x", context="station.password:1")
        with pytest.raises(SecretUnreadable):
            box.open(sealed, context="station.password:2")

    def test_every_changed_byte_is_noticed(self) -> None:
        box = SecretBox({"k1": NEW, "k2": OLD}, "k1")
        sealed = box.seal(b"secret", context="c")
        for position in range(len(sealed)):
            changed = bytearray(sealed)
            changed[position] ^= 3
            with pytest.raises(SecretUnreadable):
                box.open(bytes(changed), context="c")

    @pytest.mark.parametrize("length", range(20))
    def test_a_stump_is_refused(self, length: int) -> None:
        box = SecretBox({"k1": NEW}, "k1")
        with pytest.raises(SecretUnreadable):
            box.open(box.seal(b"", context="c")[:length], context="c")

    def test_old_keys_open_and_are_told_apart(self) -> None:
        sealed = SecretBox({"old": OLD}, "old").seal(b"x", context="c")
        box = SecretBox({"old": OLD, "new": NEW}, "new")
        assert box.open(sealed, context="c") == b"x"
        assert box.is_stale(sealed)
        assert not box.is_stale(box.seal(b"x", context="c"))
        with pytest.raises(SecretUnreadable, match="'old', which is not in the ring"):
            SecretBox({"new": NEW}, "new").open(sealed, context="c")

    def test_refuses_a_bad_ring(self) -> None:
        for keys, current in (({"a": b"short"}, "a"), ({"a": NEW}, "b"), ({"": NEW}, ""), ({"é": NEW}, "é")):
            with pytest.raises(ValueError, match="key"):
                SecretBox(keys, current)

    def test_a_key_is_text_and_back(self) -> None:
        assert decode_key(encode_key(NEW)) == NEW
        with pytest.raises(ValueError, match="32 bytes"):
            decode_key("YWJj")


class TestCredential:
    def test_only_the_right_one_with_its_salt_and_pepper_passes(self) -> None:
        salt, pepper = new_salt(), new_key()
        kept = hash_credential("right", salt=salt, pepper=pepper)
        assert len(kept) == 32
        assert verify_credential("right", kept, salt=salt, pepper=pepper)
        assert not verify_credential("wrong", kept, salt=salt, pepper=pepper)
        assert not verify_credential("right", kept, salt=new_salt(), pepper=pepper)
        assert not verify_credential("right", kept, salt=salt, pepper=new_key())

    def test_salt_and_credential_do_not_run_together(self) -> None:
        assert hash_credential("bc", salt=b"a", pepper=b"p") != hash_credential("c", salt=b"ab", pepper=b"p")

    def test_compares_text_and_bytes(self) -> None:
        assert equal("é", "é".encode())
        assert not equal("a", "b")


class TestToken:
    def test_has_prefix_length_and_no_strange_letters(self) -> None:
        token = new_token("fck", length=40)
        assert token.startswith("fck_")
        assert len(token) == 44
        assert new_token().isalnum()
        assert len({new_token() for _ in range(100)}) == 100
