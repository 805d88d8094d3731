<?php

// SPDX-License-Identifier: Apache-2.0
// Does a batch of work with the PHP client: see client_workers.py.

declare(strict_types=1);

require __DIR__ . '/../../../clients/php/autoload.php';

use Sealring\InvalidKeyringException;
use Sealring\Keyring;
use Sealring\RefusedException;
use Sealring\RevocationList;
use Sealring\Session;

/** @param array{int, int, string, string} $job */
function seal(Keyring $ring, array $job): string
{
    [$now, $lifetime, $context, $payload] = $job;
    return $ring->seal(hex2bin($payload), $lifetime, hex2bin($context), $now);
}

/** @param array{int, string, string} $job */
function open(Keyring $ring, ?RevocationList $revocations, array $job): array
{
    [$now, $context, $token] = $job;
    try {
        $opened = $ring->open(hex2bin($token), hex2bin($context), $now, $revocations);
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

/** @param array{int, string, int, string, int, int, list<string>} $job */
function session(Keyring $ring, ?RevocationList $revocations, array $job): array
{
    [$now, $cookie, $parts, $subject, $idle, $lifetime, $headers] = $job;
    $options = compact('cookie', 'parts', 'subject', 'idle', 'lifetime', 'now', 'revocations');
    try {
        $opened = Session::open(array_map(hex2bin(...), $headers), $ring, ...$options);
    } catch (RefusedException $refusal) {
        $times = $refusal->end === null ? [0, 0, 0] : [0, $refusal->issuedAt, $refusal->expiresAt];
        return [$refusal->reason->value, $refusal->end?->value ?? '', $refusal->kid, [], '', '', $times];
    }
    if ($opened === null) {
        return ['none', '', '', [], '', '', [0, 0, 0]];
    }
    $fields = [];
    foreach ($opened->fields as $name => $value) {
        $fields[] = [bin2hex($name), bin2hex($value)];
    }
    $times = [$opened->authTime, $opened->issuedAt, $opened->expiresAt];
    return ['ok', '', '', $fields, bin2hex($opened->subject), $opened->sid, $times];
}

/** @param list<array{string, string}> $fields */
function headerOf(array $fields): ?string
{
    $pairs = array_combine(
        array_map(hex2bin(...), array_column($fields, 0)),
        array_map(hex2bin(...), array_column($fields, 1)),
    );
    try {
        return Session::header($pairs);
    } catch (ValueError) {
        return null;
    }
}

$work = json_decode(stream_get_contents(STDIN), true, flags: JSON_THROW_ON_ERROR);
$ring = Keyring::load($work['ring']);
$revocations = $work['revocations'] === null ? null : RevocationList::load($work['revocations']);
echo json_encode([
    'seal' => array_map(fn (array $job) => seal($ring, $job), $work['seal']),
    'open' => array_map(fn (array $job) => open($ring, $revocations, $job), $work['open']),
    'read' => array_map(read(...), $work['read']),
    'session' => array_map(fn (array $job) => session($ring, $revocations, $job), $work['session']),
    'header' => array_map(headerOf(...), $work['header']),
    'revoked' => array_map(
        fn (array $pair) => $revocations->revokedAt(...array_map(hex2bin(...), $pair)),
        $work['revoked'],
    ),
], JSON_THROW_ON_ERROR);
