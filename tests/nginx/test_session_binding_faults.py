# SPDX-License-Identifier: Apache-2.0
"""Everything that can be wrong with the two requests of a browser: each is refused as
spec/device-binding.md says, and none ends the session."""

import json

import pytest
import signatures
from browser import jwk_of, proof, proof_of
from devices import (BOUND, REFRESH, REGISTER, Device, bound_cookie, bound_site, challenge_of, fields_of,
                     new_signer, seen)  # fmt: skip
from ring import base64url
from sessions import NAME
from tokens import new_key, s1

OTHER_SID = "B" * 21 + "A"
GOOD, NOT_BOUND = ["alice", "OK", "1"], ["alice", "OK", ""]
NOT_ON_CURVE = base64url(bytes(31) + b"\1")


def altered(text: str, at: int) -> str:
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def duplicate(value: dict, name: str, other) -> bytes:
    """A JSON object with the member `name` twice."""
    text = json.dumps(value, separators=(",", ":"))
    return f"{text[:-1]},{json.dumps(name)}:{json.dumps(other)}}}".encode()


def header_faults(signer) -> dict[str, dict]:
    """Changes of a proof's header that are wrong in both requests."""
    return {
        "alg none": {"alg": "none"},
        "alg HS256": {"alg": "HS256"},
        "alg ES384": {"alg": "ES384"},
        "alg es256": {"alg": "es256"},
        "alg RS256 of a P-256 key": {"alg": "RS256"},
        "alg a number": {"alg": 256},
        "alg null": {"alg": None},
        "typ JWT": {"typ": "JWT"},
        "typ DBSC+JWT": {"typ": "DBSC+JWT"},
        "typ application/dbsc+jwt": {"typ": "application/dbsc+jwt"},
        "typ a list": {"typ": ["dbsc+jwt"]},
        "crit": {"crit": ["exp"]},
        "17 members": {f"m{i}": i for i in range(16)},
        "17 levels": {"deep": json.loads("[" * 17 + "]" * 17)},
    }


def broken(good: str) -> dict[str, str]:
    """A proof whose text is wrong, in both requests."""
    head, body, signature = good.split(".")
    return {
        "empty": '""',
        "two parts": f"{head}.{body}",
        "four parts": f"{good}.{body}",
        "no header": f".{body}.{signature}",
        "no payload": f"{head}..{signature}",
        "no signature": f"{head}.{body}.",
        "padded signature": f"{good}==",
        "header is no JSON": f"{base64url(b'{')}.{body}.{signature}",
        "header is a list": f"{base64url(b'[]')}.{body}.{signature}",
        "payload is text": f"{head}.{base64url(b'text')}.{signature}",
        "payload is not UTF-8": f"{head}.{base64url(bytes([0x22, 0xFF, 0x22]))}.{signature}",
        "signature of 63 bytes": f"{head}.{body}.{base64url(bytes(63))}",
        "signature of 65 bytes": f"{head}.{body}.{base64url(bytes(65))}",
        "cut off": good[:-20],
        "a space inside": f"{head}. {body}.{signature}",
        "percent": good.replace(".", "%2E"),
        "4,097 characters": f"{head}.{body}.{'A' * (4096 - len(head) - len(body) - 1)}",
        "7,000 characters": "A" * 7000,
        "quotation mark at one end": f'"{good}',
        "a list of two": f'"{good}", "{good}"',
        "a token with a star": f"*{good}",
        "a parameter that is a date": f'"{good}";a=@1',
        "Bearer": f"Bearer {good}",
    }


def registrations(device: Device, key) -> dict[str, str]:
    signer, challenge = device.signer, device.offered
    good = device.registration()
    jwk = jwk_of(signer)

    def made(**options):
        return proof(challenge, signer, registers=True, **options)

    def with_jwk(change, by=signer):
        return proof(challenge, by, registers=True, header={"jwk": change})

    faults = {name: made(header=change) for name, change in header_faults(signer).items()} | broken(good)
    return faults | {
        "no jwk": made(without=("jwk",)),
        "jwk a text": with_jwk("key"),
        "jwk null": with_jwk(None),
        "jwk empty": with_jwk({}),
        "jwk private": with_jwk(jwk | {"d": base64url(bytes(32))}),
        "jwk of another key": with_jwk(jwk_of(new_signer())),
        "jwk of RSA": with_jwk({"kty": "RSA", "n": base64url(b"\xff" * 256), "e": "AQAB"}),
        "jwk P-384": with_jwk(jwk | {"crv": "P-384"}),
        "jwk without crv": with_jwk({n: v for n, v in jwk.items() if n != "crv"}),
        "jwk without x": with_jwk({n: v for n, v in jwk.items() if n != "x"}),
        "jwk without y": with_jwk({n: v for n, v in jwk.items() if n != "y"}),
        "jwk y a number": with_jwk(jwk | {"y": 1}),
        "jwk x short": with_jwk(jwk | {"x": base64url(bytes(31))}),
        "jwk x long": with_jwk(jwk | {"x": base64url(bytes(33))}),
        "jwk not on the curve": with_jwk(jwk | {"x": NOT_ON_CURVE}),
        "jwk zero": with_jwk(jwk | {"x": base64url(bytes(32)), "y": base64url(bytes(32))}),
        "jwk x exchanged with y": with_jwk(jwk | {"x": jwk["y"], "y": jwk["x"]}),
        "jwk above the prime": with_jwk(jwk | {"x": base64url(b"\xff" * 32)}),
        "jwk with 17 members": with_jwk(jwk | {f"m{i}": i for i in range(13)}),
        "jwk twice": proof_of(duplicate({"alg": "ES256", "typ": "dbsc+jwt", "jwk": jwk}, "jwk", jwk),
                              {"jti": challenge}, signer),
        "alg twice": proof_of(duplicate({"alg": "ES256", "typ": "dbsc+jwt", "jwk": jwk}, "alg", "none"),
                              {"jti": challenge}, signer),
        "jti twice": proof_of({"alg": "ES256", "typ": "dbsc+jwt", "jwk": jwk},
                              duplicate({"jti": challenge}, "jti", challenge), signer),
        "no jti": made(without=("jti",)),
        "jti a number": made(payload={"jti": 1}),
        "jti empty": made(payload={"jti": ""}),
        "signature of another key": f"{good.rsplit('.', 1)[0]}."
                                    f"{base64url(new_signer().sign(good.rsplit('.', 1)[0].encode()))}",
        "signature altered": altered(good, len(good) - 10),
        "header altered": altered(good, 20),
        "payload altered": altered(good, good.index(".") + 30),
        "challenge of another session": device.registration(challenge_of(key, OTHER_SID)),
        "challenge that is old": device.registration(challenge_of(key, sid_now(device, key), age=120)),
        "challenge of the future": device.registration(challenge_of(key, sid_now(device, key), age=-99)),
        "challenge of another key ring": device.registration(challenge_of(new_key(), sid_now(device, key))),
        "challenge that is a bound cookie": device.registration(bound_cookie(key, sid_now(device, key))),
        "challenge that is the session": device.registration(device.cookies[NAME]),
        "challenge that is a text": device.registration("challenge"),
        "challenge without context": device.registration(s1(key, sid_now(device, key).encode())),
        "challenge altered": device.registration(altered(challenge, 60)),
    }  # fmt: skip


def sid_now(device: Device, key) -> str:
    return fields_of(key, device.cookies[NAME])["sid"]


def test_registrations(listed):
    server = listed.start(bound_site())
    device = Device(server)
    device.sign_in()
    faults = registrations(device, listed.key)
    assert len(faults) >= 70
    for name, sent in faults.items():
        answer = device.register(sent)
        assert (answer.status, answer.body) == (400, b""), name
        assert not device.set and "Secure-Session-Challenge" not in answer.headers, name
    assert device.post(REGISTER).status == 400, "no proof"
    assert seen(device) == NOT_BOUND
    without = Device(server)
    assert without.register(device.registration()).status == 401, "no session"
    closed = Device(server, {NAME: s1(new_key(), b"user=alice", context=NAME.encode())})
    assert closed.register(device.registration()).status == 503, "it does not open now"
    no_sid = Device(server, {NAME: s1(listed.key, b"user=alice", context=NAME.encode())})
    assert no_sid.register(device.registration()).status == 400
    other = Device(server)
    other.sign_in("bob")
    assert other.register(device.registration()).status == 400, "the challenge of another user"
    assert device.register().status == 200, "and then it is bound"
    assert seen(device) == GOOD
    assert server.error_log.count("session_binding: registration: refused: ") >= len(faults)


def refreshes(device: Device, key) -> dict[str, str]:
    """Those that are refused."""
    signer, challenge = device.signer, challenge_of(key, device.sid)
    good = proof(challenge, signer)
    faults = {name: proof(challenge, signer, header=change)
              for name, change in header_faults(signer).items()} | broken(good)  # fmt: skip
    other = new_signer()
    return faults | {
        "jwk of its own": proof(challenge, signer, header={"jwk": jwk_of(signer)}),
        "jwk of another key, and its signature": proof(challenge, other, registers=True),
        "jwk null": proof(challenge, signer, header={"jwk": None}),
        "the registration": device.first,
        "alg twice": proof_of(duplicate({"alg": "ES256", "typ": "dbsc+jwt"}, "alg", "none"),
                              {"jti": challenge}, signer),
        "typ twice": proof_of(duplicate({"alg": "ES256", "typ": "dbsc+jwt"}, "typ", "dbsc+jwt"),
                              {"jti": challenge}, signer),
        "jti twice": proof_of({"alg": "ES256", "typ": "dbsc+jwt"},
                              duplicate({"jti": challenge}, "jti", "other"), signer),
        "no jti": proof(challenge, signer, without=("jti",)),
        "jti a list": proof(challenge, signer, payload={"jti": [challenge]}),
        "no alg": proof(challenge, signer, without=("alg",)),
        "no typ": proof(challenge, signer, without=("typ",)),
        "another key and a challenge of another session": proof(challenge_of(key, OTHER_SID), other),
        "another key and no challenge": proof("challenge", other),
        "another key and a challenge of another ring": proof(challenge_of(new_key(), device.sid), other),
        "payload altered": altered(good, good.index(".") + 30),
    }  # fmt: skip


def challenged(device: Device, key) -> dict[str, str]:
    """Those that only the device can have sent, so that it gets another chance."""
    def signed(challenge):
        return proof(challenge, device.signer)

    return {
        "challenge that is old": signed(challenge_of(key, device.sid, age=121)),
        "challenge of the future": signed(challenge_of(key, device.sid, age=-99)),
        "challenge of another session": signed(challenge_of(key, OTHER_SID)),
        "challenge of another ring": signed(challenge_of(new_key(), device.sid)),
        "challenge that is a bound cookie": signed(device.cookies[BOUND]),
        "challenge that is the session": signed(device.cookies[NAME]),
        "challenge of the sid from before": signed(device.offered),
        "challenge that is a text": signed("challenge"),
        "challenge altered": signed(altered(challenge_of(key, device.sid), 60)),
    }  # fmt: skip


def test_refreshes(listed):
    server = listed.start(bound_site())
    device = Device(server)
    device.sign_in()
    device.first = device.registration()
    device.instructions = json.loads(device.register(device.first).body)
    faults = refreshes(device, listed.key)
    assert len(faults) >= 50
    for name, sent in faults.items():
        answer = device.refresh(sent)
        assert (answer.status, answer.body) == (400, b""), name
        assert not device.set and "Secure-Session-Challenge" not in answer.headers, name
    for name, sent in challenged(device, listed.key).items():
        answer = device.refresh(sent)
        assert answer.status == 403 and "Secure-Session-Challenge" in answer.headers, name
        assert not device.set, name
    for name, sent_id in {"none": None, "another": OTHER_SID, "a list": f"{device.sid}, {device.sid}",
                          "a space": f"{device.sid[:9]} {device.sid[9:]}", "long": "A" * 7000,
                          "the one from before": "A" * 22}.items():  # fmt: skip
        answer = device.refresh(proof(challenge_of(listed.key, device.sid), device.signer), id=sent_id)
        assert answer.status == 401 and not device.set, name
    assert seen(device) == GOOD
    assert device.refresh(f'"{proof(device.challenge(), device.signer)}"', id=f'"{device.sid}";a=1').status == 200
    assert device.refreshed().status == 200


def test_an_unbound_session_gets_no_challenge(listed):
    """With it, a thief could bind a copy to a key of his own."""
    server = listed.start(bound_site())
    device = Device(server)
    device.sign_in()
    sid = sid_now(device, listed.key)
    for sent in (None, proof(challenge_of(listed.key, sid), device.signer)):
        answer = device.refresh(sent, id=sid)
        assert answer.status == 401 and "Secure-Session-Challenge" not in answer.headers
    assert seen(device) == NOT_BOUND


def test_header_fields_that_are_there_twice(listed):
    server = listed.start(bound_site())
    device = Device(server)
    device.bind()
    sent = proof(device.challenge(), device.signer)
    cookies = "; ".join(f"{name}={value}" for name, value in device.cookies.items())
    for twice, status in (("Secure-Session-Response", 400), ("Sec-Secure-Session-Id", 401), ("", 200)):
        lines = [("Sec-Secure-Session-Id", device.sid), ("Secure-Session-Response", sent)]
        lines += [line for line in lines if line[0] == twice]
        request = f"POST {REFRESH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n"
        request += "".join(f"{name}: {value}\r\n" for name, value in lines)
        assert raw(server, f"{request}Cookie: {cookies}\r\n\r\n") == status, twice


def raw(server, request: str) -> int:
    import socket  # noqa: PLC0415

    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(request.encode())
        return int(client.recv(65536).split()[1])


def test_bodies_and_headers_of_other_sizes(listed):
    server = listed.start(bound_site())
    device = Device(server)
    device.bind()
    sent = proof(device.challenge(), device.signer)
    headers = {"Sec-Secure-Session-Id": device.sid, "Secure-Session-Response": sent}
    assert device.get(REFRESH, headers, method="POST", body=b"x" * 100_000).status == 200
    assert device.get(REFRESH, headers | {"Secure-Session-Response": "A" * 9000}, method="POST").status in (
        400, 414, 431, 494)  # fmt: skip
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        answer = device.get(REFRESH, headers, method=method)
        assert answer.status == 405 and answer.headers["Allow"] == "POST" and not device.set
    assert device.get(REFRESH, headers, method="HEAD").status == 405
    assert seen(device) == GOOD


@pytest.mark.parametrize("status", [400, 401, 403])
def test_keepalive_goes_on(listed, status):
    import http.client  # noqa: PLC0415

    server = listed.start(bound_site())
    device = Device(server)
    device.bind()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    cookies = "; ".join(f"{name}={value}" for name, value in device.cookies.items())
    wanted = {400: (device.sid, "x"), 401: (OTHER_SID, "x"), 403: (device.sid, None)}[status]
    for _ in range(3):
        sent = {"Cookie": cookies, "Sec-Secure-Session-Id": wanted[0]}
        if wanted[1]:
            sent["Secure-Session-Response"] = wanted[1]
        connection.request("POST", REFRESH, body=b"", headers=sent)
        answer = connection.getresponse()
        assert answer.status == status and answer.read() == b""
    connection.close()


def test_reference_keys_are_on_the_curve():
    assert isinstance(new_signer(), signatures.EcKey)
