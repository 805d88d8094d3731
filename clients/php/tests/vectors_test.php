<?php

// SPDX-License-Identifier: Apache-2.0
// The test vectors in spec/vectors.

declare(strict_types=1);

use Sealring\InvalidKeyringException;
use Sealring\Keyring;
use Sealring\RefusedException;
use Sealring\S1;

function vectorRing(array $vector): Keyring
{
    return Keyring::parse(json_encode($vector['keyring'], JSON_THROW_ON_ERROR));
}

function openVector(array $vector): void
{
    $token = $vector['token'] ?? hex2bin($vector['token_hex']);
    $algorithms = array_unique(array_column($vector['keyring']['keys'], 'alg'));
    $old = array_filter($algorithms, fn (string $algorithm) => !str_ends_with($algorithm, 'GCM'));
    try {
        $opened = vectorRing($vector)->open($token, $vector['context'], $vector['now']);
        $reason = 'ok';
        same($vector['payload_hex'], bin2hex($opened->payload));
        same($vector['id'], $opened->id);
    } catch (RefusedException $refusal) {
        $opened = $refusal;
        $reason = $refusal->reason->value;
    }
    // JWEs are unsupported and, if the ring has keys for old formats, so is all but s1 tokens.
    $isS1 = str_starts_with($token, 's1.');
    $isJwe = substr_count($token, '.') === 4 && preg_match('/[^ -~]/', $token) === 0;
    if ($isJwe || $old !== [] && !$isS1) {
        same('unsupported', $reason);
        return;
    }
    same($vector['expect'], $reason);
    same($vector['kid'] ?? '', $opened->kid);
    same($vector['issued_at'] ?? 0, $opened->issuedAt);
    same($vector['expires_at'] ?? 0, $opened->expiresAt);
}

function sealVector(array $vector): void
{
    $sealed = S1::seal(
        vectorRing($vector)->primary($vector['seal_now']),
        hex2bin($vector['nonce_hex']),
        $vector['seal_now'],
        $vector['lifetime'],
        $vector['context'],
        hex2bin($vector['payload_hex']),
    );
    same($vector['token'], $sealed);
}

function readVector(array $vector): void
{
    $read = fn () => Keyring::parse($vector['keyring_text']);
    if ($vector['expect'] === 'invalid_keyring') {
        thrown(InvalidKeyringException::class, $read);
        return;
    }
    $ring = $read();
    $listed = array_map(fn ($key) => [
        'kid' => $key->kid,
        'alg' => $key->algorithm,
        'seal_from' => $key->sealFrom,
        'open_until' => $key->openUntil,
        'open_only' => $key->openOnly,
    ], $ring->keys);
    same($vector['keys'], $listed);
    foreach ($vector['primary'] as ['now' => $now, 'kid' => $kid]) {
        same($kid, $ring->primary($now)?->kid);
    }
}

$tests = [];
$kinds = ['s1' => 0, 'keyring' => 0, 'seal' => 0];
foreach (glob(__DIR__ . '/../../../spec/vectors/*.json') as $file) {
    $vector = json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
    $name = $vector['name'];
    if ($vector['format'] === 'keyring') {
        $tests["read $name"] = fn () => readVector($vector);
        ++$kinds['keyring'];
    } elseif ($vector['format'] === 's1' || str_starts_with($name, 'mixed_ring_')) {
        $tests["open $name"] = fn () => openVector($vector);
        ++$kinds['s1'];
    }
    if ($vector['format'] === 's1' && ($vector['seal'] ?? false)) {
        $tests["seal $name"] = fn () => sealVector($vector);
        ++$kinds['seal'];
    }
}
$tests['there are vectors'] = fn () => check(
    $kinds['s1'] > 80 && $kinds['keyring'] > 90 && $kinds['seal'] > 15,
    'some of each kind',
);
return $tests;
