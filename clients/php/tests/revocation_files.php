<?php

// SPDX-License-Identifier: Apache-2.0
// Revocation lists for tests, made here byte for byte (spec/revocations.md section 2).

declare(strict_types=1);

const SALT = "\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7";

/**
 * The content of a list.
 * @param list<array{string, string, int}> $entries name, value and revoked_at of each
 * @param ?list<string> $names
 */
function listOf(array $entries, ?array $names = null, int $generation = 1, string $salt = SALT): string
{
    $names ??= array_values(array_unique(array_column($entries, 0)));
    $sized = static fn (string $text): string => chr(strlen($text)) . $text;
    $table = [];
    foreach ($entries as [$name, $value, $revokedAt]) {
        $hash = hash('sha256', $salt . $sized($name) . $value, true);
        $table[] = substr($hash, 0, 16) . substr(pack('J', $revokedAt), 3) . "\xff\xff\xff\xff\xff";
    }
    sort($table, SORT_STRING);
    $inUse = implode('', array_map($sized, $names));
    $numbers = pack('JJNNna30', $generation, NOW, 0, count($table), strlen($inUse), '');
    return whole("sealrev\x01" . $salt . $numbers . $inUse . implode('', $table));
}

/** The same list with the checksum that fits the rest of it. */
function whole(string $list): string
{
    $key = hash('sha256', substr($list, 0, 64), true);
    $nonce = str_repeat("\0", 12);
    openssl_encrypt('', 'aes-256-gcm', $key, OPENSSL_RAW_DATA, $nonce, $tag, substr($list, 80));
    return substr_replace($list, $tag, 64, 16);
}
