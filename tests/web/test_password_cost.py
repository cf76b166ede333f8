"""Passwords are slow to try on a real site; only the tests' own application hashes quickly."""

import argon2
import pytest
from argon2.low_level import Type
from flask import Flask
from flask_security.core import _get_pwd_context

pytestmark = pytest.mark.once

#: The least that OWASP recommends for Argon2id: memory in KiB and passes.
LEAST_MEMORY, LEAST_TIME = 19_456, 2


def test_a_stored_password_takes_memory_and_time_to_try(session_app: Flask) -> None:
    # Made anew from the configuration, as that of the tests' application was made cheap.
    stored = _get_pwd_context(session_app).hash("a password of mine")
    cost = argon2.extract_parameters(stored)
    assert cost.type is Type.ID
    assert cost.memory_cost >= LEAST_MEMORY
    assert cost.time_cost >= LEAST_TIME
