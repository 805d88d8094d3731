<?php

// SPDX-License-Identifier: Apache-2.0
// Does a batch of work with the PHP client: client_workers.py says which.

declare(strict_types=1);

require __DIR__ . '/../../../clients/php/autoload.php';

use Sealring\InvalidKeyringException;
use Sealring\Keyring;
use Sealring\RefusedException;

/** @param array{int, int, string, string} $job */
function seal(Keyring $ring, array $job): string
{
    [$now, $lifetime, $context, $payload] = $job;
    return $ring->seal(hex2bin($payload), $lifetime, hex2bin($context), $now);
}

/** @param array{int, string, string} $job */
function open(Keyring $ring, array $job): array
{
    [$now, $context, $token] = $job;
    try {
        $opened = $ring->open(hex2bin($token), hex2bin($context), $now);
        [$reason, $payload] = ['ok', bin2hex($opened->payload)];
    } catch (RefusedException $refusal) {
        [$opened, $reason, $payload] = [$refusal, $refusal->reason->value, null];
    }
    return [$reason, $opened->kid, $opened->issuedAt, $opened->expiresAt, $payload];
}

function read(string $path): int
{
    try {
        return count(Keyring::load($path)->keys);
    } catch (InvalidKeyringException) {
        return 0;
    }
}

$work = json_decode(stream_get_contents(STDIN), true, flags: JSON_THROW_ON_ERROR);
$ring = Keyring::load($work['ring']);
echo json_encode([
    'seal' => array_map(fn (array $job) => seal($ring, $job), $work['seal']),
    'open' => array_map(fn (array $job) => open($ring, $job), $work['open']),
    'read' => array_map(read(...), $work['read']),
], JSON_THROW_ON_ERROR);
