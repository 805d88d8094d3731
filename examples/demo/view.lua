-- SPDX-License-Identifier: Apache-2.0
-- What Apache makes of the session, for the page and for the answers in plain text. mod_session
-- hands it over in HTTP_SESSION, as "demo-user=alice&demo-pw=any&expiry=1800003600000000".

local COOKIE = "demo_session"

local function session_of(r)
  return r.subprocess_env["HTTP_SESSION"] or ""
end

local function user_of(r)
  return ("&" .. session_of(r) .. "&"):match("&demo%-user=([%w._-]+)&")
end

-- The same variables as in nginx.conf. Apache cannot say why a cookie was refused: its log does.
function set_variables(r)
  local set = r.subprocess_env
  local user = user_of(r)
  local token = r:getcookie(COOKIE) or ""
  local refused = token ~= "" and session_of(r) == ""
  set["server"] = "Apache"
  set["verify"] = user and "OK" or refused and "FAILED" or "NONE"
  set["session_token"] = token
  set["session_kid"] = token:match("^s1%.(........)") or ""
  set["session_expires_at"] = session_of(r):match("expiry=(%d+)%d%d%d%d%d%d") or ""
  set["user"] = user or ""
  set["msec"] = tostring(os.time())
  set["date_gmt"] = set["msec"]
  set["http_host"] = r.headers_in["Host"] or ""
  set["host_name"] = r.hostname
  set["scheme"] = "http"
  return apache2.DECLINED
end

local function answer(r, text)
  r.content_type = "text/plain"
  r:puts(text)
  return apache2.OK
end

function protected(r)
  return answer(r, "hello, " .. r.user .. "\n")
end

function view(r)
  local user = user_of(r)
  return answer(r, user and "signed in as " .. user or "not signed in")
end
