-- SPDX-License-Identifier: Apache-2.0
-- A load for wrk: seals tokens, opens them while they are good, and tries forged and expired ones.
-- Every answer says what was expected of it, so that no request needs to be remembered. The server
-- keeps a payload in the cookie "session":
--
--   /seal?p=PAYLOAD             sets it; answers "sealed PAYLOAD"
--   /open?e=EXPECTED&p=PAYLOAD  answers "EXPECTED PAYLOAD OPENED", and more if it likes
--
-- wrk -s rotation_load.lua URL -- LIFETIME    of the tokens that the server seals, in seconds

local threads = {}

function setup(thread)
   thread:set("number", #threads)
   table.insert(threads, thread)
end

-- Some tokens of each of the last twenty seconds.
local POOL, A_SECOND = 2000, 100
local pool, place, second, taken = {}, 0, 0, 0
local sealed = 0
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

function init(arguments)
   lifetime = tonumber(arguments[1])
   math.randomseed(os.time() + number)
   seen = {}            -- the kids of the tokens that were sealed
   kids, opened, refused = "", 0, 0
   faults, first_fault = 0, ""
end

local function character(not_this)
   local at = math.random(#alphabet)
   local one = alphabet:sub(at, at)
   return one ~= not_this and one or character(not_this)
end

-- One character after "s1." is another: of the kid, nonce, ciphertext or tag.
local function forged(token)
   local at = math.random(4, #token)
   return token:sub(1, at - 1) .. character(token:sub(at, at)) .. token:sub(at + 1)
end

function request()
   local choice, entry = math.random(), pool[math.random(math.max(#pool, 1))]
   if entry == nil or choice < 0.3 then
      sealed = sealed + 1
      return wrk.format("GET", "/seal?p=" .. number .. "-" .. sealed)
   end
   -- Seconds of slack on both sides, for answers that were long on their way.
   local age, expected, token = os.time() - entry.time, "valid", entry.token
   if choice > 0.7 then
      expected, token = "forged", forged(token)
   elseif age >= lifetime + 3 then
      expected = "expired"
   elseif age > lifetime - 4 then
      expected = "either"
   end
   local path = "/open?e=" .. expected .. "&p=" .. entry.payload
   return wrk.format("GET", path, { Cookie = "session=" .. token })
end

local function keep(payload, token)
   local kid = token:sub(4, 11)
   if not seen[kid] then
      seen[kid] = true
      kids = kids .. " " .. kid
   end
   if second ~= os.time() then second, taken = os.time(), 0 end
   if taken == A_SECOND then return end
   taken = taken + 1
   place = place % POOL + 1
   pool[place] = { payload = payload, token = token, time = second }
end

local function fault(status, body)
   faults = faults + 1
   if first_fault == "" then first_fault = status .. " " .. body end
end

function response(status, headers, body)
   local expected, payload, opened_to = body:match("^(%a+) (%S+) ?(%S*)")
   local token = (headers["Set-Cookie"] or ""):match("^session=(s1%.[%w_-]+);")
   local good = payload ~= nil and opened_to == payload
   if status ~= 200 or not (good or opened_to == "") then
      fault(status, body)
   elseif expected == "sealed" then
      if token then keep(payload, token) else fault(status, body) end
   elseif expected == "valid" then
      if good then opened = opened + 1 else fault(status, body) end
   elseif expected ~= "either" then
      if good then fault(status, body) else refused = refused + 1 end
   end
end

function done(summary)
   local errors = summary.errors
   local sums = { opened = 0, refused = 0, faults = 0 }
   local all_kids, first = "", ""
   for _, thread in ipairs(threads) do
      for name in pairs(sums) do sums[name] = sums[name] + thread:get(name) end
      all_kids = all_kids .. thread:get("kids")
      if first == "" then first = thread:get("first_fault") end
   end
   print("requests=" .. summary.requests)
   print("errors=" .. errors.connect + errors.read + errors.write + errors.timeout)
   for name, sum in pairs(sums) do print(name .. "=" .. sum) end
   print("first_fault=" .. first)
   print("kids=" .. all_kids)
end
