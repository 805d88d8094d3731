#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds, fuzz/corpus/TARGET/NAME: most of them cases of spec/vectors under their names.

Run it after a change of the vectors or of how a target reads its input.
"""

import json
import shutil
from pathlib import Path

from seeds_binding import BOUND_SESSIONS, PARTS
from seeds_capi import SESSIONS
from seeds_logout import PARTS as PARTS_OF_LOGOUTS
from seeds_permissions import CASES
from seeds_status import STATUSES

FUZZ = Path(__file__).resolve().parent
VECTORS = FUZZ.parent / "spec" / "vectors"
MAX_SIZE = 1500

# Target: the beginning of its vectors' names, and the member that is the input.
FROM_VECTORS = {
    "s1": ("s1_", "token"),
    "jwe": ("jwe_", "token"),
    "nginx_legacy": ("nginx_legacy_", "token_hex"),
    "apache_legacy": ("apache_legacy_", "token"),
    "keyring": ("keyring_", "keyring_text"),
    "session": ("session_fields_", "text_hex"),
    "binding_field": ("binding_string_", "value"),
    "binding_proof": ("binding_proof_", "proof"),
    "logout": ("logout_token_", "token"),
}
HEADERS = ("session_cookie_read_", "header")  # beside the fields, for the same target
LITERAL = {
    "base64url": {
        "empty": b"",
        "one_byte": b"AA",
        "two_bytes": b"AAA",
        "three_bytes": b"AAAA",
        "both_last_characters": b"_-_-",
        "bits_left_over": b"AB",
        "impossible_size": b"AAAAA",
        "padding": b"AA==",
        "padding_of_one": b"AAA=",
        "padding_of_three": b"A===",
        "standard_alphabet": b"+/+/",
        "not_ascii": b"AA\xc3\xa4",
        "nul_inside": b"AA\0A",
        "long": b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_" * 3,
    },
    "jwt": {
        "header": b'\n{"alg":"dir","enc":"A256GCM","kid":"a"}',
        "header_with_other_members": b'\n{"typ":"JWT","alg":"dir","enc":"A256GCM","kid":"a","x":[1]}',
        "header_escaped": b'\n{"alg":"\\u0064ir","enc":"A256GCM","kid":"\\"\\\\"}',
        "header_with_zip": b'\n{"alg":"dir","enc":"A256GCM","kid":"a","zip":"DEF"}',
        "header_with_crit": b'\n{"alg":"dir","enc":"A256GCM","kid":"a","crit":[]}',
        "header_of_another_alg": b'\n{"alg":"A256KW","enc":"A256GCM","kid":"a"}',
        "header_with_a_member_twice": b'\n{"alg":"dir","alg":"dir","enc":"A256GCM","kid":"a"}',
        "claims": b'\n{"iat":1800000000,"exp":1800003600,"payload":"user=alice"}',
        "claims_with_context": b'session\n{"iat":1,"aud":"session","payload":"p"}',
        "claims_with_audiences": b'b\n{"aud":["a","b"],"payload":"p"}',
        "claims_for_another": b'b\n{"aud":"a","payload":"p"}',
        "claims_binary": b'\n{"iat":1,"payload_b64":"_w"}',
        "claims_of_a_backend": b'\n{"sub":"alice","exp":1800003600.5,"roles":["a",{"b":null}]}',
        "claims_with_both_payloads": b'\n{"payload":"p","payload_b64":"cA"}',
        "claims_escaped": b'\n{"payload":"\\ud83d\\ude00\\n\\u00e9"}',
        "claims_with_half_a_surrogate": b'\n{"payload":"\\ud83d"}',
        "claims_not_utf8": b'\n{"payload":"\xff"}',
        "claims_with_exponents": b'\n{"iat":1.8e9,"nbf":-1,"exp":1E11}',
        "claims_nested": b'\n{"x":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}',
        "claims_with_time_as_text": b'\n{"iat":"1"}',
        "payload_binary": b'\n\x00\xff',
        "payload_with_controls": b'\n\x08\t\n\x0c\r"\\',
    },
    "differential": {
        name: bytes([number]) + b"user=alice"
        for number, name in enumerate(("s1", "jwe", "nginx_legacy", "apache_aes256",
                                       "apache_aes192", "apache_aes128", "apache_3des192"))
    },
    "session_flow": {
        "sign_in": b"a=1\nuser=alice&role=admin",
        "good": b"session=@0; a=1\nuser=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time=1799999000\n",
        "renewed": b"session=@1\n\nuser=alice&sid=AAAAAAAAAAAAAAAAAAAAAA\n"
                   b"user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA",
        "another_user": b"session=@0\nuser=alice&sid=AAAAAAAAAAAAAAAAAAAAAA\nuser=bob&sid=x",
        "signed_out": b"session=@0; session-1=x\nuser=alice&auth_time=1799999000\n",
        "several": b"session=@1; session=@0; session=2~@2;session-1=@3\na=b\nc=d\ne=f\ng=h\na=%00",
        "over": b"session=@7\n\n\n\n\n\n\n\nuser=alice&expiry=1\nuser=alice",
        "absolute_end": b"session=@0\nuser=alice&auth_time=1799990000\nuser=alice",
        "too_large": b"session=@0\nuser=alice\nuser=alice&x=" + 1200 * b"%ff",
        "bound": b"session=@0; session-bound=#1\nuser=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&bound=ES256.AA\n"
                 b"AAAAAAAAAAAAAAAAAAAAAA\nuser=alice&a=1",
        "bound_with_prior": b"session=@0; session-bound=#1\n"
                            b"user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&bound=ES256.AA&prior=BAAAAAAAAAAAAAAAAAAAAA\n"
                            b"AAAAAAAAAAAAAAAAAAAAAA\nuser=alice&a=1",
        "bound_in_grace": b"session=@0; session-bound=#4\nuser=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&bound=x\n\n\n\n"
                          b"AAAAAAAAAAAAAAAAAAAAAA\nuser=alice&a=1",
        "bound_due": b"session=@1; session-bound=#2\n\nuser=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&bound=x\n"
                     b"AAAAAAAAAAAAAAAAAAAAAA\nuser=alice&sid=AAAAAAAAAAAAAAAAAAAAAA",
        "bound_without_its_cookie": b"session=@0; session-bound=#0\nuser=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&bound=x\n",
        "divided": b"\nuser=alice&x=" + 1400 * b"%ff",
    },
    "agent": {
        "datagram": b"list=%2fa&name=sid&hash=AAECAwQFBgcICQoLDA0ODw&revoked_at=1&until=2",
        "datagram_for_everything": b"list=%2fa&hash=AAECAwQFBgcICQoLDA0ODw&revoked_at=1&until=2",
        "datagram_with_more": b"list=a&x=1&hash=AAECAwQFBgcICQoLDA0ODw&revoked_at=1&until=2",
        "status": b"do=status",
        "publish": b"do=publish&ring=%2fa+b",
        "ring": bytes(7) + b"\x07\x0csession.keys{}",
        "ring_cut": bytes(7) + b"\x07\x0csession",
        "generations": b"6\n7\n8\n9\n10\n08\n",
        "another": b"do=x",
        "names": b"\x03sid\x04user\x00",
        "names_cut": b"\x03sid\x04us",
        "entry": bytes(range(26)),
        "member": b"x" * 21 + b" 1099511627775",
        "member_of_a_fraction": b"x" * 21 + b" 1.5e3",
        "address": b"rediss://[::1]:6380",
        "address_of_a_socket": b"unix:/run/redis.sock",
        "address_to_listen_at": b"127.0.0.1:8080",
    },
    "revocations": {},
    "bound_session": BOUND_SESSIONS,
    "capi": SESSIONS,
    "permissions": CASES,
    "status": STATUSES,
}


def from_vectors(beginning: str, member: str) -> dict[str, bytes]:
    seeds = {}
    for path in sorted(VECTORS.glob(f"{beginning}*.json")):
        value = json.loads(path.read_text())[member]
        data = bytes.fromhex(value) if member.endswith("_hex") else value.encode()
        if len(data) <= MAX_SIZE:
            seeds[path.stem.removeprefix(beginning)] = data
    return seeds


def cookies() -> dict[str, bytes]:
    seeds = from_vectors("upstream_cookies_response_", "line")
    seeds |= {f"date_{name}": data
              for name, data in from_vectors("upstream_cookies_date_", "text").items()}  # fmt: skip
    for path in sorted(VECTORS.glob("upstream_cookies_request_*.json")):
        header = "; ".join(json.loads(path.read_text())["headers"]).encode("latin-1")
        if len(header) <= MAX_SIZE:
            seeds[path.stem.removeprefix("upstream_cookies_")] = header
    return seeds


def main() -> None:
    corpora = {target: from_vectors(*where) for target, where in FROM_VECTORS.items()} | LITERAL
    corpora["session"] |= from_vectors(*HEADERS)
    corpora["binding_proof"] |= PARTS
    corpora["logout"] |= PARTS_OF_LOGOUTS
    corpora["cookies"] = cookies()
    # The same files as they are, and with a checksum that the target puts right.
    lists = from_vectors("revocation_list_", "file_hex")
    for first in (0, 1):
        corpora["revocations"] |= {f"{name}_{first}": bytes([first]) + data
                                   for name, data in lists.items()}
    for target, seeds in corpora.items():
        folder = FUZZ / "corpus" / target
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, data in seeds.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
