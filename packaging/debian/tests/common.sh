# What the tests of packages share. Each is run in the top folder of the source.
set -eu
cookies=$(mktemp)

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# is WHAT EXPECTED FOUND
is() {
  [ "$2" = "$3" ] || fail "$1: expected \"$2\", found \"$3\""
}

# block NAME NUMBER: what is in a block below <!-- steps: NAME --> in one of these documents.
block() {
  awk -v marker="<!-- steps: $1 -->" -v number="$2" '
    $0 == marker { found = 1; next }
    found && /^```/ { inside = !inside; number -= inside; next }
    inside && number == 0 { print }' README.md docs/packages.md docs/sessions.md
}

# steps NAME: the commands of the first block.
steps() {
  block "$1" 1
}

# shows NAME: what the commands of the second block print is what the block shows.
shows() {
  block "$1" 2 >/tmp/shown
  [ "$(grep -c '^\$ ' /tmp/shown)" -ge 2 ] || fail "README.md shows no commands for $1"
  is "what README.md shows for $1" "$(grep -v '^\$ ' /tmp/shown)" \
    "$(sed -n 's/^\$ //p' /tmp/shown | sh -eu 2>/dev/null)"
}

# configure NAME: runs those but the installation itself, for the packages are there.
configure() {
  steps "$1" | grep -v '^apt ' >/tmp/steps
  [ -s /tmp/steps ] || fail "no document has steps for $1"
  sh -eux /tmp/steps
}

get() {
  curl -sS --max-time 20 -b "$cookies" -c "$cookies" "$@"
}

status() {
  get -o /dev/null -w '%{http_code}' "$@"
}

# eventually COMMAND...: a server takes a moment to start.
eventually() {
  for _ in $(seq 300); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  fail "$*"
}

# entries NUMBER: the agent runs, and its list has so many.
entries() {
  sealring-agent status --json | grep -q "\"entries\":$1[,}]"
}

nginx_works() {
  : >"$cookies"
  eventually curl -sS -o /dev/null http://127.0.0.1:8080/login
  is 'without a session' 401 "$(status http://127.0.0.1:8080/protected)"
  is login 'signed in as alice' "$(get 'http://127.0.0.1:8080/login?user=alice')"
  is session 'hello, alice' "$(get http://127.0.0.1:8080/protected)"
}

apache_works() {
  : >"$cookies"
  eventually curl -sS -o /dev/null http://127.0.0.1:8080/
  is 'without a session' 401 "$(status http://127.0.0.1:8080/members/)"
  get -d 'httpd_username=alice&httpd_password=wonderland' http://127.0.0.1:8080/login >/dev/null
  grep -q 's1\.' "$cookies" || fail 'no sealed session'
  is session "the members' page" "$(get http://127.0.0.1:8080/members/)"
}
