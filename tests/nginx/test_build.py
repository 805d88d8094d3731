# SPDX-License-Identifier: Apache-2.0
"""The module as nginx's own configure builds it: ./configure --add-dynamic-module=.../nginx."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from nginx_server import BUILD, MODULE, REPOSITORY, Setup, conf
from tokens import OLD, OLD_KEY, jwk_set, new_key, opened

NDK = "--add-module=/usr/share/nginx-ndk/src"
LIBRARY = BUILD / "libsealring_without_nss.a"
# Not libnss_*, which are the C library's.
NSS = re.compile(r"lib(nss3|nssutil3|nspr4|softokn3|freebl3)")
OURS = f"--add-dynamic-module={REPOSITORY}/nginx"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The module's file as `make modules` leaves it."""
    folder = tmp_path_factory.mktemp("nginx")
    done = subprocess.run(
        [REPOSITORY / "nginx/prepare-headers", folder / "source", NDK, OURS],
        env={**os.environ, "SEALRING_LIB": str(LIBRARY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    make = subprocess.run(
        ["make", "-f", "objs/Makefile", "-j2", "modules"],
        cwd=folder / "source",
        capture_output=True,
        text=True,
        check=False,
    )
    assert make.returncode == 0, make.stdout + make.stderr
    return folder / "source/objs/ngx_http_encrypted_session_module.so"


# Debian has only NDK's headers, not its source. The file that is loaded is Debian's, not this one.
NDK_CONFIG = """
ngx_addon_name=ndk_http_module
ngx_module_type=HTTP
ngx_module_name=ndk_http_module
ngx_module_incs="$ngx_addon_dir/src $ngx_addon_dir/objs"
ngx_module_srcs=$ngx_addon_dir/ndk.c
. auto/module
NDK_SRCS=$ngx_module_srcs
have=NDK . auto/have
"""
NDK_SOURCE = """
#include <ngx_config.h>
#include <ngx_core.h>
ngx_module_t ndk_http_module = {NGX_MODULE_V1, NULL, NULL, NGX_CORE_MODULE, NULL, NULL, NULL, NULL,
                                NULL, NULL, NULL, NGX_MODULE_V1_PADDING};
"""


@pytest.fixture(scope="module")
def built_by_one_command(tmp_path_factory):
    """As packaging/nginx/build-module makes it from a source with that name."""
    folder = tmp_path_factory.mktemp("source")
    source, ndk = folder / "nginx-of-a-test", folder / "ndk"
    source.symlink_to("/usr/share/nginx/src")
    ndk.mkdir()
    for name in ("src", "objs"):
        (ndk / name).symlink_to(f"/usr/share/nginx-ndk/src/{name}")
    (ndk / "config").write_text(NDK_CONFIG)
    (ndk / "ndk.c").write_text(NDK_SOURCE)
    done = subprocess.run(
        [REPOSITORY / "packaging/nginx/build-module", source, ndk],
        env={**os.environ, "SEALRING_LIB": str(LIBRARY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    folder = REPOSITORY / "dist" / source.name
    assert {path.name for path in folder.iterdir()} == {
        "ndk_http_module.so", "ngx_http_encrypted_session_module.so"}  # fmt: skip
    yield folder / "ngx_http_encrypted_session_module.so"
    shutil.rmtree(folder)


@pytest.mark.parametrize("how", ["built", "built_by_one_command"])
def test_it_works(how, request, tmp_path):
    built = request.getfixturevalue(how)
    nginx = Setup(tmp_path)
    link = tmp_path / "modules" / MODULE.name
    link.unlink()
    link.symlink_to(built)
    key = new_key()
    nginx.write("session.keys", jwk_set(key), mode=0o640)
    config = conf(f"""
        encrypted_session_key {OLD_KEY};
        server {{
            listen 127.0.0.1:8080;
            location /old {{ set_encrypt_session $t $arg_p; return 200 $t; }}
            location /new {{
                encrypted_session_keyring session.keys;
                set_encrypt_session $t $arg_p; set_decrypt_session $p $t;
                add_header Opened $p,$encrypted_session_verify; return 200 $t; }}
        }}""")
    assert nginx.check(config).ok
    server = nginx.start(config)
    try:
        assert opened(server.get("/old?p=hello").body, OLD).payload == b"hello"
        response = server.get("/new?p=hello")
        assert opened(response.body, key).payload == b"hello"
        assert response.headers["Opened"] == "hello,OK"
    finally:
        nginx.stop()


@pytest.fixture(params=["make", "cmake"])
def module(request):
    return MODULE if request.param == "cmake" else request.getfixturevalue("built")


def test_it_does_not_need_nss(module):
    said = subprocess.run(["readelf", "-d", module], capture_output=True, text=True, check=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[(.+?)\]", said)
    assert "libcrypto.so.3" in needed
    assert not [name for name in needed if NSS.search(name)]


def test_workers_do_not_load_nss(ring):
    config = conf(f"""
        encrypted_session_key {OLD_KEY};
        encrypted_session_keyring session.keys;
        server {{ listen 127.0.0.1:8080;
                  location / {{ set_encrypt_session $t $arg_p; return 200 $t; }} }}""")
    server = ring.start(config)
    assert opened(server.get("/?p=hello").body, ring.key).payload == b"hello"
    for pid in {server.process.pid, *server.workers()}:
        maps = Path(f"/proc/{pid}/maps").read_text()
        assert MODULE.name in maps
        assert not NSS.search(maps)


def test_it_exports_only_what_nginx_looks_up(module):
    names = subprocess.run(
        ["nm", "-D", "--defined-only", "--format=posix", module],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    exported = {line.split()[0] for line in names.splitlines()}
    assert {"ngx_modules", "ngx_module_names", "ngx_module_order"} <= exported
    assert not [name for name in exported if name.startswith("sealring_")]


def read_config(**variables):
    """What nginx's configure does with the file `config`, up to the first thing that fails."""
    folder = REPOSITORY / "nginx"
    return subprocess.run(
        ["sh", "-c", ". ./config"],
        cwd=folder,
        env={**os.environ, "ngx_addon_dir": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_the_core_it_says_what_to_run(tmp_path):
    done = read_config(NDK_SRCS="ndk.c", SEALRING_LIB=f"{tmp_path}/libsealring.a")
    assert done.returncode == 1
    assert f"{tmp_path}/libsealring.a is missing; run {REPOSITORY}/script/build --core-only" in done.stderr


def test_without_the_ndk_it_says_what_is_missing():
    done = read_config(NDK_SRCS="", SEALRING_LIB=str(LIBRARY))
    assert done.returncode == 1
    assert "the module needs the Nginx Development Kit" in done.stderr


def test_ndk_must_be_loaded_first(nginx):
    result = nginx.check(conf("", modules=()))
    assert not result.ok
    assert "undefined symbol: ndk_" in result.output
