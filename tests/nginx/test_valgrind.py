# SPDX-License-Identifier: Apache-2.0
"""A thousand mixed requests under valgrind's memcheck: no error, nothing definitely lost."""

import re
import signal
from pathlib import Path

from nginx_server import conf, wait_until
from tokens import OLD_KEY, legacy, new_key, s1, write_ring

MEMCHECK = (
    "valgrind",
    "--tool=memcheck",
    "--leak-check=full",
    "--show-leak-kinds=definite",
    "--errors-for-leak-kinds=definite",
    "--keep-debuginfo=yes",  # nginx closes its modules before valgrind reports
    "--num-callers=30",
    f"--suppressions={Path(__file__).with_name('memcheck.supp')}",
    "--error-exitcode=99",
)


def ends_without_errors(server, folder: Path) -> None:
    """Ends the server. It has been started with MEMCHECK, with logs memcheck.PID, and reloaded."""
    # Not SIGTERM, after which nginx soon kills workers that have not ended: valgrind needs time.
    server.process.send_signal(signal.SIGQUIT)
    status = server.process.wait(60)
    reports = [path.read_text() for path in folder.glob("memcheck.*")]
    assert len(reports) >= 3  # the master and a worker before and after the reload
    for report in reports:
        assert "ERROR SUMMARY: 0 errors" in report, report
        assert re.search(r"definitely lost: 0 bytes|All heap blocks were freed", report), report
    assert status == 0


SITE = f"""
    encrypted_session_keyring session.keys;
    encrypted_session_key {OLD_KEY};
    encrypted_session_legacy_until 2099-12-31;
    large_client_header_buffers 8 64k;
    log_format session "$encrypted_session_verify $encrypted_session_issued_at "
                       "$encrypted_session_expires_at $encrypted_session_kid";
    access_log session.log session;
    server {{
        listen 127.0.0.1:8080;
        error_page 418 =200 @after;
        location /seal {{ encrypted_session_context $arg_c;
                          set_encrypt_session $t $arg_p; return 200 $t; }}
        location /open {{ encrypted_session_context $arg_c;
                          set_decrypt_session $p $arg_t; return 418; }}
        location @after {{ return 200 "$p $encrypted_session_verify $encrypted_session_kid"; }}
        location /old {{ set_decode_hex $t $arg_t; set_decrypt_session $p $t; return 418; }}
        location /main {{ set_decrypt_session $p $arg_t; auth_request /sub;
                          auth_request_set $sub $encrypted_session_verify;
                          add_header Verify "$encrypted_session_verify $sub"; root html; }}
        location /sub {{ set_decrypt_session $q $http_sub; return 200; }}
    }}
    server {{
        listen 127.0.0.1:8081;
        location /sealed {{ encrypted_session_iv other; set_encrypt_session $t x;
                            set_decrypt_session $p $t; return 200 $p; }}
    }}
"""


def ask(server, key, number: int) -> None:
    """One of ten kinds of request."""
    payload = b"p" * (number * 7 % 3000)
    good = s1(key, payload)
    old = legacy(payload, lifetime=number % 3 * 1000)
    altered = old[:-1] + bytes([old[-1] ^ 1])
    ok = {
        0: lambda: server.get(f"/seal?p={payload.decode()}").text.startswith("s1."),
        1: lambda: server.get(f"/open?t={good}").body.startswith(payload + b" OK"),
        2: lambda: "authentication_failed" in server.get(f"/open?t={good}&c=other").text,
        3: lambda: "malformed" in server.get(f"/open?t={good[: 1 + number // 14]}").text,
        4: lambda: "unknown_key" in server.get(f"/open?t={s1(new_key(), payload)}").text,
        5: lambda: "expired" in server.get(f"/open?t={s1(key, payload, at=9, lifetime=9)}").text,
        6: lambda: server.get(f"/old?t={old.hex()}").body.startswith(payload + b" OK"),
        7: lambda: "authentication_failed" in server.get(f"/old?t={altered.hex()}").text,
        8: lambda: server.get(f"/main/?t={good}", {"Sub": "bad"}).headers["Verify"]
        == "OK FAILED:malformed",
        9: lambda: server.get("/sealed", port=8081).text == "x",
    }[number % 10]
    assert ok(), number


def test_memcheck(ring):
    key = ring.key
    ring.write("html/main/index.html", "")
    logs = f"--log-file={ring.folder}/memcheck.%p"
    server = ring.start(conf(SITE), under=(*MEMCHECK, logs))
    for number in range(1000):
        if number == 300:  # a ring that changes
            write_ring(ring, key, new_key())
        if number == 500:  # a ring that is damaged, and repaired
            ring.write("session.keys", "{", mode=0o640)
            wait_until(
                lambda: server.get("/seal?p=x").status == 200 and "[error]" in server.error_log,
                "the broken ring to be met",
            )
        if number == 700:
            write_ring(ring, key)
            server.reload()
        ask(server, key, number)
    ends_without_errors(server, ring.folder)
