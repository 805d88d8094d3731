-- SPDX-License-Identifier: Apache-2.0
-- For wrk: asks in turn what the lines of a file say, each "PATH COOKIES", and prints how many answers
-- had each status.
local requests, status, threads = {}, {}, {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local path, cookies = line:match("^(%S+) (.*)$")
    table.insert(requests, wrk.format("GET", path, { Cookie = cookies }))
  end
  next_one, counts = 0, ""
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function response(code)
  status[code] = (status[code] or 0) + 1
  local words = {}
  for each, count in pairs(status) do
    table.insert(words, each .. "=" .. count)
  end
  counts = table.concat(words, " ")
end

function done(summary, latency, all)
  local errors = summary.errors
  print("counts " .. threads[1]:get("counts"))
  print("errors " .. errors.connect + errors.read + errors.write + errors.timeout)
end
