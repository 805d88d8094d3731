# SPDX-License-Identifier: Apache-2.0
"""A ring that is rotated every second under load: nobody is logged out, nothing forged gets in."""

from apache_server import site
from rotation_load import LIFETIME, check_rotation_under_load, large_ring, seconds_of_load

CONNECTIONS = 8
# More threads than connections: httpd closes some when all of its threads are busy.
SITE = site(f"""SessionCryptoKeyring session.keys
SessionCryptoContext load
SessionMaxAge {LIFETIME}
StartServers 2
ServerLimit 2
ThreadsPerChild {CONNECTIONS + 2}
MaxRequestWorkers {2 * CONNECTIONS + 4}
MinSpareThreads 1
MaxSpareThreads {2 * CONNECTIONS + 4}
MaxKeepAliveRequests 0
KeepAliveTimeout 60
LuaMapHandler (seal|open)$ /etc/apache2/load.lua
""")
# What rotation_load.lua expects of a server.
APPLICATION = """
function handle(r)
  local session = r.subprocess_env["HTTP_SESSION"] or ""
  local arguments = r:parseargs()
  if r.uri == "/seal" then
    r.headers_out["X-Replace-Session"] = "p=" .. arguments.p
    r:puts("sealed " .. arguments.p)
  else
    r:puts(arguments.e, " ", arguments.p, " ", session:match("p=([%d-]+)") or "")
  end
  return apache2.OK
end
"""


def test_apache_while_its_ring_is_rotated_every_second(apache):
    apache.write("load.lua", APPLICATION)
    apache.write_ring(large_ring())
    # Its threads share one heap, so that memory grows only by what is not freed, and not when
    # another thread is the first to see a ring.
    heap = ("env", "MALLOC_ARENA_MAX=1")
    server = apache.start(SITE, mpm="event", log_level="notice", under=heap)
    check_rotation_under_load(
        apache.folder / "session.keys", server.port, seconds_of_load(30), server.children,
        connections=CONNECTIONS)
    assert "session_crypto:error" not in server.error_log
