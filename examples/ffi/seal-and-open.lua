-- SPDX-License-Identifier: Apache-2.0
-- Seals and opens with the C library: LuaJIT's FFI, as in OpenResty.   luajit seal-and-open.lua RING
local ffi = require("ffi")

-- Of sealring.h, what is called here.
ffi.cdef([[
typedef struct sealring_keyring sealring_keyring;
typedef struct sealring_sealer sealring_sealer;
typedef struct { int status; char message[512]; } sealring_error;
typedef struct {
  const uint8_t *payload; size_t payload_size; uint64_t issued_at, expires_at; char kid[64];
} sealring_opened;
const char *sealring_status_name(int status);
int sealring_keyring_load(const char *path, const void *more, size_t count,
                          sealring_keyring **keyring, sealring_error *error);
void sealring_keyring_free(sealring_keyring *keyring);
int sealring_sealer_new(const sealring_keyring *keyring, const char *driver,
                        sealring_sealer **sealer, sealring_error *error);
void sealring_sealer_free(sealring_sealer *sealer);
int sealring_sealer_refresh(sealring_sealer *sealer, int64_t now, sealring_error *error);
size_t sealring_sealed_size(const sealring_sealer *sealer, size_t payload_size);
size_t sealring_opened_size(const sealring_sealer *sealer, size_t token_size);
int sealring_seal(sealring_sealer *sealer, int64_t now, uint64_t lifetime, const void *context,
                  size_t context_size, const void *payload, size_t payload_size, void *token,
                  size_t token_capacity, size_t *token_size);
int sealring_open(sealring_sealer *sealer, int64_t now, const void *context, size_t context_size,
                  const void *token, size_t token_size, void *buffer, size_t buffer_capacity,
                  sealring_opened *opened);
]])
local C = ffi.load("libsealring.so.0")

-- A sealer with the ring of a file: one a worker process.
local function new_sealer(path)
  local failure = ffi.new("sealring_error")
  local keyring, sealer = ffi.new("sealring_keyring*[1]"), ffi.new("sealring_sealer*[1]")
  if C.sealring_keyring_load(path, nil, 0, keyring, failure) ~= 0 then
    error(ffi.string(failure.message))
  end
  local status = C.sealring_sealer_new(keyring[0], nil, sealer, failure)
  C.sealring_keyring_free(keyring[0]) -- the sealer keeps what it needs
  if status ~= 0 then error(ffi.string(failure.message)) end
  return ffi.gc(sealer[0], C.sealring_sealer_free)
end

-- The token, or nil and the reason.
local function seal(sealer, payload, lifetime, context)
  local capacity = C.sealring_sealed_size(sealer, #payload)
  local token, size = ffi.new("char[?]", capacity), ffi.new("size_t[1]")
  local status = C.sealring_seal(sealer, os.time(), lifetime, context, #context, payload, #payload,
                                 token, capacity, size)
  if status ~= 0 then return nil, ffi.string(C.sealring_status_name(status)) end
  return ffi.string(token, size[0])
end

-- The payload, or nil and the reason.
local function open(sealer, token, context)
  local capacity = C.sealring_opened_size(sealer, #token)
  local buffer, opened = ffi.new("char[?]", capacity), ffi.new("sealring_opened")
  local status = C.sealring_open(sealer, os.time(), context, #context, token, #token, buffer,
                                 capacity, opened)
  if status ~= 0 then return nil, ffi.string(C.sealring_status_name(status)) end
  return ffi.string(opened.payload, opened.payload_size)
end

local sealer = new_sealer(arg[1])
C.sealring_sealer_refresh(sealer, os.time(), nil) -- before each use: follow the ring's file
local token = assert(seal(sealer, "alice", 3600, "session"))
print(assert(open(sealer, token, "session")))
print(select(2, open(sealer, token, "download")))
