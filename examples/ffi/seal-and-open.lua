-- SPDX-License-Identifier: Apache-2.0
-- Seals and opens with the C library: LuaJIT's FFI, as in OpenResty.   luajit seal-and-open.lua RING
local ffi = require("ffi")

ffi.cdef(assert(io.open("sealring-ffi.h")):read("*a")) -- made from sealring.h, as docs/c-api.md shows
local C = ffi.load("libsealring.so.0")

-- A structure with its size set and all else zero, as SEALRING_INIT makes it.
local function init(type)
  return ffi.new(type, { size = ffi.sizeof(type) })
end

-- A sealer with the ring of a file: one per worker process.
local function new_sealer(path)
  local failure = init("sealring_error")
  local keyring, sealer = ffi.new("sealring_keyring*[1]"), ffi.new("sealring_sealer*[1]")
  if C.sealring_keyring_load(path, keyring, failure) ~= C.SEALRING_OK then
    error(ffi.string(failure.message))
  end
  local status = C.sealring_sealer_new(keyring[0], nil, sealer, failure)
  C.sealring_keyring_free(keyring[0]) -- the sealer keeps what it needs
  if status ~= C.SEALRING_OK then error(ffi.string(failure.message)) end
  return ffi.gc(sealer[0], C.sealring_sealer_free)
end

-- The token, or nil and the reason.
local function seal(sealer, payload, lifetime, context)
  local capacity = C.sealring_sealed_size(sealer, #payload)
  local token, sealed = ffi.new("char[?]", capacity), init("sealring_sealed")
  local status = C.sealring_seal(sealer, os.time(), lifetime, context, #context, payload, #payload,
                                 token, capacity, sealed)
  if status ~= C.SEALRING_OK then return nil, ffi.string(C.sealring_status_name(status)) end
  return ffi.string(token, sealed.token_size)
end

-- The payload, or nil and the reason.
local function open(sealer, token, context)
  local capacity = C.sealring_opened_size(sealer, #token)
  local buffer, opened = ffi.new("char[?]", capacity), init("sealring_opened")
  local status = C.sealring_open(sealer, os.time(), context, #context, token, #token, buffer,
                                 capacity, opened)
  if status ~= C.SEALRING_OK then return nil, ffi.string(C.sealring_status_name(status)) end
  return ffi.string(opened.payload, opened.payload_size)
end

local sealer = new_sealer(arg[1])
C.sealring_sealer_refresh(sealer, os.time(), nil) -- before each use: follow the ring's file
local token = assert(seal(sealer, "alice", 3600, "session"))
print(assert(open(sealer, token, "session")))
print(select(2, open(sealer, token, "download")))
