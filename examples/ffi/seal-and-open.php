<?php

// SPDX-License-Identifier: Apache-2.0
// Seals and opens with the C library: PHP's FFI.   php -d ffi.enable=1 seal-and-open.php RING

declare(strict_types=1);

// Of sealring.h, what is called here.
$sealring = FFI::cdef(<<<'C'
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
    size_t sealring_sealed_size(const sealring_sealer *sealer, size_t payload_size);
    size_t sealring_opened_size(const sealring_sealer *sealer, size_t token_size);
    int sealring_seal(sealring_sealer *sealer, int64_t now, uint64_t lifetime, const char *context,
                      size_t context_size, const char *payload, size_t payload_size, char *token,
                      size_t token_capacity, size_t *token_size);
    int sealring_open(sealring_sealer *sealer, int64_t now, const char *context,
                      size_t context_size, const char *token, size_t token_size, char *buffer,
                      size_t buffer_capacity, sealring_opened *opened);
    C, 'libsealring.so.0');

final class Sealer
{
    private FFI\CData $sealer;

    public function __construct(private readonly FFI $sealring, string $path)
    {
        $error = $sealring->new('sealring_error');
        $keyring = $sealring->new('sealring_keyring *');
        $this->sealer = $sealring->new('sealring_sealer *');
        $loaded = $sealring->sealring_keyring_load($path, null, 0, FFI::addr($keyring), FFI::addr($error));
        if ($loaded !== 0) {
            throw new RuntimeException(FFI::string($error->message));
        }
        $made = $sealring->sealring_sealer_new($keyring, null, FFI::addr($this->sealer), FFI::addr($error));
        $sealring->sealring_keyring_free($keyring); // the sealer keeps what it needs
        if ($made !== 0) {
            throw new RuntimeException(FFI::string($error->message));
        }
    }

    public function __destruct()
    {
        $this->sealring->sealring_sealer_free($this->sealer);
    }

    public function seal(string $payload, int $lifetime, string $context): string
    {
        $capacity = $this->sealring->sealring_sealed_size($this->sealer, strlen($payload));
        $token = $this->sealring->new("char[$capacity]");
        $size = $this->sealring->new('size_t');
        $status = $this->sealring->sealring_seal(
            $this->sealer, time(), $lifetime, $context, strlen($context), $payload,
            strlen($payload), $token, $capacity, FFI::addr($size),
        );
        if ($status !== 0) {
            throw new RuntimeException($this->sealring->sealring_status_name($status));
        }
        return FFI::string($token, $size->cdata);
    }

    /** The payload, or null if the token is refused; then the reason is for the log. */
    public function open(string $token, string $context, ?string &$reason = null): ?string
    {
        $capacity = $this->sealring->sealring_opened_size($this->sealer, strlen($token));
        $buffer = $this->sealring->new('char[' . $capacity + 1 . ']'); // capacity may be 0
        $opened = $this->sealring->new('sealring_opened');
        $status = $this->sealring->sealring_open(
            $this->sealer, time(), $context, strlen($context), $token, strlen($token), $buffer,
            $capacity, FFI::addr($opened),
        );
        $reason = $this->sealring->sealring_status_name($status);
        return $status === 0 ? FFI::string($opened->payload, $opened->payload_size) : null;
    }
}

$sealer = new Sealer($sealring, $argv[1]);
$token = $sealer->seal('alice', 3600, 'session');
echo $sealer->open($token, 'session'), "\n";
$sealer->open($token, 'download', $reason);
echo $reason, "\n";
