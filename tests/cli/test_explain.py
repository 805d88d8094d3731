# SPDX-License-Identifier: Apache-2.0
"""sealring explain: each check in its order, what failed, and which of several cookies is taken."""

import base64
import json

import pytest
import reference
from commands import NOW, OLD_SECRET
from ring import Key

NAME = "__Host-session"
FIELDS = f"sid={'A' * 22}&auth_time={NOW}&user=alice"
AT = ("--now", NOW)


@pytest.fixture
def made(cli):
    """A ring whose key seals at NOW."""
    path = cli.ring()
    keys = json.loads(path.read_text())
    keys["keys"][0]["seal_from"] = NOW - 1000
    path.write_text(json.dumps(keys))
    return cli


def explained(cli, *arguments, ring="session.keys", stdin=b""):
    given = ("--keyring", ring) if ring else ()
    return json.loads(cli.run("explain", "--json", *AT, *given, *arguments, stdin=stdin))


def one(cli, *arguments, **options):
    """The reason, the names of the checks that passed, and the one that failed."""
    [found] = explained(cli, *arguments, **options)["found"]
    passed = [check["check"] for check in found["checks"] if check["ok"]]
    failed = [check for check in found["checks"] if not check["ok"]]
    assert found["opens"] == (not failed) == ("reason" not in found)
    assert not failed or (failed == found["checks"][-1:] and failed[0]["says"] and failed[0]["do"])
    return found.get("reason"), passed, failed[0] if failed else None


def test_a_good_token(made):
    token = made.seal(b"top secret", "--context", "download", *AT)
    assert one(made, "--context", "download", token) == (
        None, ["format", "key", "authentic", "times", "not revoked"], None)
    text = made.run("explain", "--keyring", "session.keys", "--context", "download", *AT, token).decode()
    assert "it opens" in text and "FAILED" not in text and "secret" not in text


def test_each_check_can_fail(made):
    token = made.seal(b"p", "--context", "download", "--lifetime", "60", *AT)
    made.ring("other.keys")
    other = made.seal(b"p", ring="other.keys")

    def fails(*arguments, **options):
        reason, passed, failed = one(made, *arguments, **options)
        return reason, passed, failed["check"]

    assert fails("nonsense") == ("malformed", [], "format")
    assert fails(token[:-30], "--context", "download")[2] in ("format", "authentic")
    assert fails(other) == ("unknown_key", ["format"], "key")
    assert fails(token) == ("authentication_failed", ["format", "key"], "authentic")
    late = json.loads(made.run("explain", "--json", "--keyring", "session.keys", "--context", "download",
                               "--now", NOW + 60, token))["found"][0]
    assert late["reason"] == "expired" and late["checks"][-1]["check"] == "times"
    early = json.loads(made.run("explain", "--json", "--keyring", "session.keys", "--context", "download",
                                "--now", NOW - 100, token))["found"][0]
    assert early["reason"] == "not_yet_valid" and "NTP" in early["checks"][-1]["do"]
    made.run("revocations", "--create", "list")
    made.run("revoke", "list", "--all", "--before", NOW + 5)
    assert fails("--context", "download", "--revocations", "list", token) == (
        "revoked", ["format", "key", "authentic", "times"], "not revoked")


def test_a_context_that_fits_is_named(made):
    token = made.seal(b"p", "--context", NAME, *AT)
    assert f'context "{NAME}"' in one(made, token)[2]["do"]
    assert 'context ""' in one(made, "--context", "x", made.seal(b"p", *AT))[2]["do"]


def session(cli, text=FIELDS, *options):
    return cli.seal(text.encode(), "--context", NAME, "--lifetime", "1800", *AT, *options)


def test_a_cookie_header(made):
    token = session(made)
    reason, passed, _ = one(made, "--cookie-header", f"a=b; {NAME}={token}; c=d")
    assert reason is None
    assert passed == ["parts", "format", "key", "authentic", "times", "fields", "session ends", "not revoked"]
    text = made.run("explain", "--keyring", "session.keys", *AT, "--cookie-header",
                    stdin=f"Cookie: {NAME}={token}\n".encode()).decode()
    assert "sid, auth_time, user" in text and "alice" not in text


def test_which_end_a_session_met(made):
    token = session(made)

    def end(now, *options):
        found = json.loads(made.run("explain", "--json", "--keyring", "session.keys", "--now", now, *options,
                                    "--cookie-header", f"{NAME}={token}"))["found"][0]
        return found["reason"], found["checks"][-1]["says"]

    reason, says = end(NOW + 1800)
    assert reason == "expired" and "idle end" in says
    reason, says = end(NOW + 600, "--lifetime", "5m")
    assert reason == "expired" and "absolute end" in says


def test_a_payload_that_is_no_session(made):
    token = made.seal(b"user=%zz", "--context", NAME, *AT)
    reason, _, failed = one(made, "--cookie-header", f"{NAME}={token}")
    assert reason == "malformed" and failed["check"] == "fields"


def test_several_cookies_and_which_is_taken(made):
    old = made.seal(FIELDS.encode(), "--context", NAME, "--now", NOW - 10)
    new, bad = session(made), "nonsense"
    header = f"{NAME}={old}; {NAME}={bad}; {NAME}={new}"
    found = explained(made, "--cookie-header", header)
    assert [entry["opens"] for entry in found["found"]] == [True, False, True]
    assert found["taken"] == 3
    text = made.run("explain", "--keyring", "session.keys", *AT, "--cookie-header", header).decode()
    assert "Taken: number 3" in text and "another Path or Domain" in text
    assert "has no cookie" in made.run("explain", "--keyring", "session.keys", "--cookie-header", "a=b").decode()


def test_parts(made):
    token = session(made)
    half = len(token) // 2
    whole = f"{NAME}=2~{token[:half]}; {NAME}-1={token[half:]}"
    assert one(made, "--cookie-header", whole)[0] is None
    assert "2 cookies" in explained(made, "--cookie-header", whole)["found"][0]["checks"][0]["says"]
    reason, _, failed = one(made, "--cookie-header", f"{NAME}=2~{token[:half]}")
    assert reason == "malformed" and failed["check"] == "parts"


def test_more_parts_than_the_server_takes(made):
    token = session(made)
    header = f"{NAME}=3~{token[:9]}; {NAME}-1={token[9:20]}; {NAME}-2={token[20:]}"
    reason, _, failed = one(made, "--cookie-header", header)
    assert reason == "malformed" and failed["check"] == "parts"
    assert "in 3 cookies" in failed["says"] and "--parts 3" in failed["do"]
    assert one(made, "--parts", 3, "--cookie-header", header)[0] is None
    for parts in (0, 10, "x"):
        made.run("explain", "--keyring", "session.keys", "--parts", parts, "--cookie-header", header, status=2)


BOUND = FIELDS + "&bound=KEY"


def bound_cookie(cli, sid="A" * 22, now=NOW):
    token = cli.seal(sid.encode(), "--context", "dbsc-cookie", "--lifetime", 600, "--now", now)
    return f"{NAME}-bound={token}"


def test_a_bound_session(made):
    header = f"{NAME}={session(made, BOUND)}; {bound_cookie(made, 'B' * 21 + 'A')}; {bound_cookie(made)}"
    reason, passed, _ = one(made, "--cookie-header", header)
    assert reason is None and passed[-4:] == ["fields", "session ends", "not revoked", "device"]


def test_a_bound_session_without_its_bound_cookie(made):
    token = session(made, BOUND)

    def unbound(*cookies):
        reason, passed, failed = one(made, "--cookie-header", "; ".join([f"{NAME}={token}", *cookies]))
        assert reason == "unbound" and passed[-3:] == ["fields", "session ends", "not revoked"]
        assert failed["check"] == "device"
        return failed["says"], failed["do"]

    says, advice = unbound()
    assert says == "it came without its bound cookie" and "-bound" in advice
    says, advice = unbound(bound_cookie(made, "B" * 21 + "A"))
    assert says == "no bound cookie that came with it is its own" and "key ring" in advice
    says, advice = unbound(bound_cookie(made, now=NOW - 660))
    assert says == "its bound cookie has expired" and "refresh" in advice
    opens = f"{NAME}={token}; {bound_cookie(made, now=NOW - 659)}"
    assert one(made, "--cookie-header", opens)[0] is None, "60 seconds of grace"


def test_the_newest_session_is_refused_as_unbound(made):
    """A server then takes none: an older cookie must not get round the binding."""
    older = made.seal(FIELDS.encode(), "--context", NAME, "--now", NOW - 10)
    header = f"{NAME}={older}; {NAME}={session(made, BOUND)}"
    answer = explained(made, "--cookie-header", header)
    assert [entry["opens"] for entry in answer["found"]] == [True, False] and "taken" not in answer
    text = made.run("explain", "--keyring", "session.keys", *AT, "--cookie-header", header).decode()
    assert "None of them is taken: number 2 is the newest" in text
    assert explained(made, "--cookie-header", header + f"; {bound_cookie(made)}")["taken"] == 2


def test_parts_are_those_of_each_cookie(made):
    token = session(made)
    half = len(token) // 2
    header = f"{NAME}=2~{token[:half]}; {NAME}-1={token[half:]}; {NAME}={token}"
    says = [entry["checks"][0]["says"] for entry in explained(made, "--cookie-header", header)["found"]]
    assert [text.split(",")[0] for text in says] == ["2 cookies", "1 cookie"]


def test_arguments_that_are_not_utf_8(made):
    context = b"shop\xff\x1b[2J"
    for token in (made.seal(b"p", "--context", "download", *AT), made.seal(b"p", "--context", context, *AT)):
        [found] = explained(made, "--context", context, token)["found"]
        assert found["checks"]
    assert explained(made, "--cookie", b"\xff", "--cookie-header", b"\xff=1")["found"][0]["reason"] == "malformed"


def test_nothing_in_a_token_controls_the_terminal(made):
    token = session(made, FIELDS + "&a%1b%5b2J%c2%9b=1")
    text = made.run("explain", "--keyring", "session.keys", *AT, "--cookie-header", f"{NAME}={token}").decode()
    assert "a?[2J?" in text and "\x1b" not in text and "\x9b" not in text


@pytest.mark.parametrize("encode", [
    bytes, base64.b64encode, bytes.hex,
    lambda token: base64.b32hexencode(token).decode().rstrip("=").lower()],
    ids=["binary", "base64", "hex", "base32"])
def test_tokens_of_the_old_format(made, encode):
    (made.folder / "old.key").write_bytes(OLD_SECRET + b"\n")
    token = reference.nginx_legacy_seal(Key("nginx-legacy", OLD_SECRET, ""), NOW, 60, b"alice")
    text = encode(token)
    stdin = text if isinstance(text, bytes) else text.encode()
    for ring in (None, "session.keys"):
        reason, passed, _ = one(made, "--key-file", "old.key", ring=ring, stdin=stdin)
        assert reason is None and "authentic" in passed
    wrong = bytearray(token)
    wrong[20] ^= 1
    assert one(made, "--key-file", "old.key", ring=None, stdin=bytes(wrong))[0] is not None
    late = json.loads(made.run("explain", "--json", "--key-file", "old.key", "--now", NOW + 60, stdin=stdin))
    assert late["found"][0]["reason"] == "expired"


def test_wrong_use(made):
    made.run("explain", "x", status=2)
    (made.folder / "short.key").write_bytes(b"short")
    assert "32" in made.run("explain", "--key-file", "short.key", "x", status=2)
