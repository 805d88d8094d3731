<?php

// SPDX-License-Identifier: Apache-2.0
// Seals and opens with the C library: PHP's FFI.   php -d ffi.enable=1 seal-and-open.php RING

declare(strict_types=1);

final class Sealer
{
    private readonly FFI $library;
    private FFI\CData $sealer;

    public function __construct(string $path)
    {
        // Made from sealring.h, as docs/c-api.md shows.
        $this->library = FFI::cdef(file_get_contents('sealring-ffi.h'), 'libsealring.so.0');
        $error = $this->init('sealring_error');
        $keyring = $this->library->new('sealring_keyring *');
        $this->sealer = $this->library->new('sealring_sealer *');
        $status = $this->library->sealring_keyring_load(
            $path, FFI::addr($keyring), FFI::addr($error),
        );
        if ($status === $this->library->SEALRING_OK) {
            $status = $this->library->sealring_sealer_new(
                $keyring, null, FFI::addr($this->sealer), FFI::addr($error),
            );
            $this->library->sealring_keyring_free($keyring); // the sealer keeps what it needs
        }
        if ($status !== $this->library->SEALRING_OK) {
            throw new RuntimeException(FFI::string($error->message));
        }
    }

    public function __destruct()
    {
        $this->library->sealring_sealer_free($this->sealer);
    }

    /** A structure with its size set and all else zero, as SEALRING_INIT makes it. */
    private function init(string $type): FFI\CData
    {
        $structure = $this->library->new($type);
        $structure->size = FFI::sizeof($structure);
        return $structure;
    }

    public function seal(string $payload, int $lifetime, string $context): string
    {
        $capacity = $this->library->sealring_sealed_size($this->sealer, strlen($payload));
        $token = $this->library->new("char[$capacity]");
        $sealed = $this->init('sealring_sealed');
        $status = $this->library->sealring_seal(
            $this->sealer, time(), $lifetime, $context, strlen($context), $payload,
            strlen($payload), $token, $capacity, FFI::addr($sealed),
        );
        if ($status !== $this->library->SEALRING_OK) {
            throw new RuntimeException($this->library->sealring_status_name($status));
        }
        return FFI::string($token, $sealed->token_size);
    }

    /** The payload, or null and a reason for the log if the token is refused. */
    public function open(string $token, string $context, ?string &$reason = null): ?string
    {
        $capacity = $this->library->sealring_opened_size($this->sealer, strlen($token));
        $buffer = $this->library->new('char[' . $capacity + 1 . ']'); // capacity may be 0
        $opened = $this->init('sealring_opened');
        $status = $this->library->sealring_open(
            $this->sealer, time(), $context, strlen($context), $token, strlen($token), $buffer,
            $capacity, FFI::addr($opened),
        );
        $reason = $this->library->sealring_status_name($status);
        return $status === $this->library->SEALRING_OK
            ? FFI::string($opened->payload, $opened->payload_size)
            : null;
    }
}

$sealer = new Sealer($argv[1]);
$token = $sealer->seal('alice', 3600, 'session');
echo $sealer->open($token, 'session'), "\n";
$sealer->open($token, 'download', $reason);
echo $reason, "\n";
