# SPDX-License-Identifier: Apache-2.0
"""What sealing and opening cost a request to nginx, one worker: (a) `return 200`, (b) the same with a
cookie that nobody reads, (c) with the cookie read into a variable, (d) with the cookie opened. Beside it
an nginx without the module does (a) to (c): the module also finds cookies for variables."""

import contextlib

import server_benchmark
import servers
from server_load import Request
from servers import free_port

SIZES = (64, 512, 3000)
MODULES = (*servers.MODULES, f"{servers.DEBIAN_MODULES}/ngx_http_set_misc_module.so")

# The payload comes from the configuration, so that sealing reads no header. Responses are of one size,
# empty.
CONFIGURATION = """
large_client_header_buffers 4 16k;
encrypted_session_expires 1h;
server {{
    listen 127.0.0.1:{port};
    encrypted_session_keyring {folder}/ring;
    location = /plain {{ return 200; }}
    location = /variable {{ set $read $cookie_token; return 200; }}
    {locations}
}}
server {{
    listen 127.0.0.1:{legacy_port};
    encrypted_session_key "abcdefghijklmnopqrstuvwxyz123456";
    location = /plain {{ return 200; }}
    location = /variable {{ set $read $cookie_token; return 200; }}
    {legacy_locations}
}}
"""
STOCK = """
large_client_header_buffers 4 16k;
server {{
    listen 127.0.0.1:{port};
    location = /plain {{ return 200; }}
    location = /variable {{ set $read $cookie_token; return 200; }}
}}
"""
LOCATIONS = """
    location = /seal/{size} {{ set_encrypt_session $token "{payload}"; return 200; }}
    location = /open/{size} {{ set_decrypt_session $payload $cookie_token; return 200; }}
    location = /both/{size} {{
        set_decrypt_session $payload $cookie_token;
        set_encrypt_session $token $payload;
        return 200;
    }}
    location = /make/{size} {{ set_encrypt_session $token "{payload}"; return 200 $token; }}
"""
LEGACY_LOCATIONS = """
    location = /seal/{size} {{
        set_encrypt_session $token "{payload}";
        set_encode_base64 $token;
        return 200;
    }}
    location = /open/{size} {{
        set_decode_base64 $token $cookie_token;
        set_decrypt_session $payload $token;
        return 200;
    }}
    location = /both/{size} {{
        set_decode_base64 $token $cookie_token;
        set_decrypt_session $payload $token;
        set_encrypt_session $token $payload;
        set_encode_base64 $token;
        return 200;
    }}
    location = /make/{size} {{
        set_encrypt_session $token "{payload}";
        set_encode_base64 $token;
        return 200 $token;
    }}
"""


@contextlib.contextmanager
def serve(folder, aead, under, options):
    port, legacy_port = free_port(), free_port()

    def of_sizes(template):
        return "".join(template.format(size=size, payload="p" * size) for size in SIZES)

    servers.make_ring(folder / "ring")
    text = CONFIGURATION.format(folder=folder, port=port, legacy_port=legacy_port,
                                locations=of_sizes(LOCATIONS), legacy_locations=of_sizes(LEGACY_LOCATIONS))
    stock_port = free_port()
    with (servers.nginx(folder, "nginx", text, port, MODULES, aead, under) as server,
          servers.nginx(folder, "stock", STOCK.format(port=stock_port), stock_port, (), under=under) as stock):
        requests = {"plain": Request(server, "/plain"), "stock_plain": Request(stock, "/plain")}
        formats = {"s1": server}
        if aead == "openssl":  # the old format needs no AEAD
            formats["legacy"] = server.at(legacy_port)
        for format, at in formats.items():
            for size in SIZES:
                cookie = {"Cookie": f"token={servers.ask(at.port, f'/make/{size}').text}"}
                requests[f"unread_{format}/{size}"] = Request(at, "/plain", cookie)
                requests[f"variable_{format}/{size}"] = Request(at, "/variable", cookie)
                requests[f"open_{format}/{size}"] = Request(at, f"/open/{size}", cookie)
                requests[f"both_{format}/{size}"] = Request(at, f"/both/{size}", cookie)
                requests[f"seal_{format}/{size}"] = Request(at, f"/seal/{size}")
                if format == "s1":
                    requests[f"stock_unread_s1/{size}"] = Request(stock, "/plain", cookie)
                    requests[f"stock_variable_s1/{size}"] = Request(stock, "/variable", cookie)
        yield requests


def bases(name: str) -> list[str]:
    """Requests that only seal carry no cookie."""
    work, _, rest = name.removeprefix("stock_").partition("_")
    if work == "plain":
        return []
    if name.startswith("stock_"):
        return ["stock_plain"] + ([f"stock_unread_{rest}"] if work == "variable" else [])
    read = {"unread": [], "seal": [], "variable": ["unread"]}.get(work, ["unread", "variable"])
    if work in ("open", "both") and rest.startswith("s1"):
        read += ["stock_unread", "stock_variable"]
    return ["plain", *[f"{base}_{rest}" for base in read]]


if __name__ == "__main__":
    server_benchmark.main("nginx", __doc__, serve, bases, rounds=200)
