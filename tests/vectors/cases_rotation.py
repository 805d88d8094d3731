# SPDX-License-Identifier: Apache-2.0
"""The cases of rotation: a ring before, and its keys after. The new key itself is random."""

import ring
from case import HOUR, NOW, SECRET_A, SECRET_B, SECRET_C, jwk, legacy_jwk
from cases_keyring import listed, text

DAY = 24 * HOUR
END = NOW + HOUR + 30 * DAY


class RotationCases:
    def __init__(self):
        self.cases = []

    def add(self, name, description, *jwks, activate_in=HOUR, max_lifetime=30 * DAY):
        before = text(*jwks)
        new, old = ring.rotate(ring.parse(before), NOW, activate_in, max_lifetime)
        self.cases.append({
            "name": f"rotation_{name}",
            "description": description,
            "format": "rotation",
            "keyring_text": before,
            "now": NOW,
            "activate_in": activate_in,
            "max_lifetime": max_lifetime,
            "expect": "ok",
            "keys": [listed(key) for key in old],
            "new": new,
        })


def make() -> list[dict]:
    add = RotationCases()
    a, b, c = jwk(SECRET_A), jwk(SECRET_B), jwk(SECRET_C)
    open_only = {"key_ops": ["decrypt"]}
    add.add("one_key", "The key that sealed so far gets an end.", a)
    add.add("ends_come_nearer_only", "An end that is sooner stays; one that is later does not.",
            a | {"open_until": END - 1}, b | {"open_until": END + 1}, c)
    add.add("open_only_key_stays", "It never sealed, and its end is its owner's affair.",
            a, b | open_only, legacy_jwk(open_until=END + DAY, **open_only))
    add.add("waiting_key_after_the_new_one", "It would take over from the new key: withdrawn.",
            a | {"open_until": NOW + 31 * DAY}, b | {"seal_from": NOW + DAY})
    add.add("waiting_key_a_second_after_the_new_one", "Still after it: withdrawn.",
            a, b | {"seal_from": NOW + HOUR + 1})
    add.add("waiting_key_with_the_new_one", "The new key is later in the file, and so it seals.",
            a, b | {"seal_from": NOW + HOUR})
    add.add("waiting_key_before_the_new_one",
            "It keeps its turn: the key before it ends too early to seal in its place.",
            a | {"open_until": NOW + 2 * HOUR}, b | {"seal_from": NOW + HOUR}, activate_in=DAY)
    add.add("only_waiting_keys", "No key seals yet. The new one begins before them.",
            a | {"seal_from": NOW + DAY}, b | {"seal_from": NOW + 2 * DAY})
    add.add("emergency", "No older key seals, waiting or not, and a second later none opens.",
            a | {"open_until": END}, b | {"seal_from": NOW}, c | {"seal_from": NOW + 1},
            activate_in=0, max_lifetime=1)
    add.add("emergency_after_a_key_was_withdrawn",
            "What an earlier rotation withdrew ends too; what was added to open only does not.",
            a, b | open_only | {"seal_from": NOW + DAY, "open_until": END}, c | open_only,
            activate_in=0, max_lifetime=1)
    add.add("algorithm_of_the_primary_key", "JWE stays JWE.",
            jwk(SECRET_A, alg="A256GCM"), b | {"seal_from": NOW + 1})
    add.add("after_an_old_format", "A new key is never for an old format.", legacy_jwk())
    return add.cases
