# SPDX-License-Identifier: Apache-2.0
"""A ring that is rotated every second under load: nobody is logged out, nothing forged gets in."""

from nginx_server import conf
from rotation_load import LIFETIME, check_rotation_under_load, large_ring, seconds_of_load

SITE = conf(
    f"""
    encrypted_session_keyring session.keys;
    encrypted_session_context load;
    encrypted_session_expires {LIFETIME};
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:8080 reuseport;
        access_log off;
        location /seal {{
            set_encrypt_session $t $arg_p;
            add_header Set-Cookie "session=$t; Path=/";
            return 200 "sealed $arg_p";
        }}
        location /open {{
            set_decrypt_session $p $cookie_session;
            return 200 "$arg_e $arg_p $p $encrypted_session_verify";
        }}
    }}""",
    main="worker_processes 2;",
)


def test_nginx_while_its_ring_is_rotated_every_second(nginx):
    ring = nginx.write("session.keys", large_ring(), mode=0o640)
    server = nginx.start(SITE, log_level="error")
    check_rotation_under_load(ring, server.port, seconds_of_load(60), server.workers)
    assert "[error]" not in server.error_log
