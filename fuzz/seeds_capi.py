# SPDX-License-Identifier: Apache-2.0
"""Sessions with the C ABI, in the bytes that capi.cc reads: the orders of calls that users make."""

STEPS = (
    "make_ring", "load_ring", "free_ring", "describe_ring", "init_file", "write_file",
    "add_to_file", "rotate_file", "prune_file", "ask_rights", "make_sealer", "free_sealer",
    "refresh", "seal", "open", "inspect", "parse_ring", "generate", "refresh_ring", "ask_days",
)  # fmt: skip
XAES, NGINX, APACHE_AES256, APACHE_3DES, JWE, UNHEARD_OF = 0, 2, 3, 6, 7, 8
NEVER, NOW, SECOND_LATER, HOUR_LATER, BEYOND_ALL, NEGATIVE = 0, 2, 3, 4, 8, 9
OPENSSL, NSS = 1, 2


def step(name: str, *arguments: bytes) -> bytes:
    return bytes([STEPS.index(name)]) + b"".join(arguments)


def time(choice: int) -> bytes:
    return bytes([1, choice])


def text(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def key(algorithm: int, fill: int, open_only: int = 0, until: int = NEVER) -> bytes:
    no_iv = bytes([0])
    secret = bytes([1, fill])
    return secret + no_iv + bytes([algorithm]) + time(NEVER) + time(until) + bytes([open_only])


def keys(*each: bytes) -> bytes:
    return bytes([len(each)]) + b"".join(each)


def seal(payload: bytes, context: bytes = b"", now: int = NOW, lifetime: int = 3600) -> bytes:
    return step("seal", text(context), text(payload), time(now), bytes([0]),
                lifetime.to_bytes(8, "big"))


def open_(context: bytes = b"", now: int = NOW, at: int = 255, xor: int = 0) -> bytes:
    own_token = bytes([1])
    alteration = bytes([at]) + (bytes([xor]) if xor else b"")
    return step("open", alteration, own_token, text(context), bytes([0]), time(now))


RING = b'{"keys":[{"kty":"oct","alg":"XAES-256-GCM","k":"' + b"A" * 43 + b'"}]}'
SEALER = step("make_sealer", bytes([OPENSSL]))
NSS_SEALER = step("make_sealer", bytes([NSS]))
INIT = step("init_file", bytes([XAES]), time(NEVER))
LOAD = step("load_ring", keys())


def ring(*each: bytes) -> bytes:
    return step("make_ring", keys(*each)) + SEALER


SESSIONS = {
    "seal_and_open": ring(key(XAES, 1)) + seal(b"payload", b"context") + open_(b"context"),
    "open_altered": ring(key(XAES, 1)) + seal(b"payload") + open_(at=40, xor=1),
    "open_expired": ring(key(XAES, 1)) + seal(b"payload") + open_(now=HOUR_LATER),
    "open_for_another_context": ring(key(XAES, 1)) + seal(b"payload", b"one") + open_(b"two"),
    "seal_a_jwe": ring(key(JWE, 4)) + seal(b"payload", b"context") + open_(b"context"),
    "seal_a_jwe_of_binary": ring(key(JWE, 4)) + seal(b"\0\xff") + open_(),
    "seal_a_jwe_for_no_text": ring(key(JWE, 4)) + seal(b"payload", b"\xff"),
    "seal_as_nginx_did": ring(key(NGINX, 2)) + seal(b"payload") + open_(),
    "seal_as_apache_did": ring(key(APACHE_AES256, 3)) + seal(b"payload") + open_(),
    "seal_as_apache_did_with_3des": ring(key(APACHE_3DES, 3)) + seal(b"payload") + open_(),
    "new_beside_old": ring(key(XAES, 1), key(NGINX, 2, 1), key(APACHE_AES256, 3, 1))
    + seal(b"payload") + open_() + step("describe_ring", time(NOW)),
    "two_drivers": ring(key(XAES, 1)) + seal(b"payload") + NSS_SEALER + open_() + seal(b"payload"),
    "no_key": ring(),
    "unknown_algorithm": ring(key(UNHEARD_OF, 1)),
    "one_key_twice": ring(key(XAES, 1), key(XAES, 1)),
    "no_primary_key": ring(key(XAES, 1, 1)) + seal(b"payload"),
    "free_the_ring_first": ring(key(XAES, 1)) + step("free_ring") + seal(b"payload") + open_(),
    "init_load_seal_open": INIT + LOAD + SEALER + seal(b"payload") + open_(),
    "init_twice": INIT + INIT,
    "rotate_under_a_sealer": INIT + LOAD + SEALER + seal(b"payload")
    + step("rotate_file", time(NOW), time(NEVER), time(HOUR_LATER))
    + step("refresh", time(SECOND_LATER)) + open_(now=SECOND_LATER) + seal(b"payload"),
    "rotate_beyond_all_time": INIT + step("rotate_file", time(NOW), time(BEYOND_ALL), time(NEVER)),
    "add_and_prune": INIT + step("add_to_file", key(NGINX, 2, 1, SECOND_LATER))
    + step("prune_file", time(HOUR_LATER)) + LOAD,
    "a_broken_file_under_a_sealer": INIT + LOAD + SEALER + step("write_file", text(b"{"), bytes([1]))
    + step("refresh", time(SECOND_LATER)) + seal(b"payload") + open_(),
    "a_file_that_others_read": step("write_file", text(b'{"keys":[]}'), bytes([0])) + LOAD,
    "who_may_read": INIT + step("ask_rights", bytes([0, 33, 33])),
    "times_before_1970": ring(key(XAES, 1)) + seal(b"payload", now=NEGATIVE),
    "inspect": ring(key(XAES, 1)) + seal(b"payload") + step("inspect", bytes([0])),
    "generate_seal_open": step("generate", bytes([XAES]), time(NEVER)) + SEALER + seal(b"payload") + open_(),
    "generate_a_jwe_key": step("generate", bytes([JWE]), time(HOUR_LATER)) + step("describe_ring", time(NOW)),
    "generate_an_old_key": step("generate", bytes([NGINX]), time(NEVER)),
    "generate_unheard_of": step("generate", bytes([UNHEARD_OF]), time(NEVER)),
    "generate_before_1970": step("generate", bytes([XAES]), time(NEGATIVE)),
    "parse_a_ring": step("parse_ring", text(RING)) + SEALER + seal(b"payload") + open_()
    + step("refresh_ring", time(SECOND_LATER)),
    "parse_noise": step("parse_ring", text(b"{")) + step("parse_ring", text(b"")),
    "refresh_a_ring": INIT + LOAD + step("rotate_file", time(NOW), time(NEVER), time(HOUR_LATER))
    + step("refresh_ring", time(SECOND_LATER)) + step("describe_ring", time(NOW)),
    "refresh_a_broken_ring": INIT + LOAD + step("write_file", text(b"{"), bytes([1]))
    + step("refresh_ring", time(SECOND_LATER)) + SEALER + seal(b"payload"),
    "days": b"".join(step("ask_days", text(day), time(NOW)) for day in (
        b"2027-01-31", b"2027-02-29", b"2028-02-29", b"1970-01-01", b"9999-12-31", b"2027-1-31", b"")),
    "days_of_times": b"".join(step("ask_days", text(b""), time(choice)) for choice in range(10)),
    "inspect_noise": step("inspect", bytes([1]), text(b"s1.noise")),
}  # fmt: skip
