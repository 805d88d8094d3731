<?php

// SPDX-License-Identifier: Apache-2.0
// spec/vectors of revocation lists.

declare(strict_types=1);

use Sealring\InvalidRevocationListException;
use Sealring\RevocationList;

function foundIn(RevocationList $list, array $known): ?int
{
    return $list->revokedAt(hex2bin($known['name_hex']), hex2bin($known['value_hex']));
}

function listVector(array $vector): void
{
    $read = fn () => RevocationList::parse(hex2bin($vector['file_hex']));
    if ($vector['expect'] !== 'ok') {
        thrown(InvalidRevocationListException::class, $read);
        return;
    }
    $list = $read();
    same([$vector['entries'], $vector['written_at']], [$list->size, $list->writtenAt]);
    foreach ($vector['lookups'] as $known) {
        same($known['revoked_at'], foundIn($list, $known));
    }
}

function changeVector(array $vector): void
{
    RevocationList::parse(hex2bin($vector['file_hex']));
    $list = RevocationList::parse(hex2bin($vector['written_hex']));
    same($vector['now'], $list->writtenAt);
    foreach ($vector['revoke'] as $known) {
        if ($known['until'] > $vector['now']) {
            check(foundIn($list, $known) >= $known['revoked_at'], 'it is in the list');
        }
    }
}

$tests = [];
$kinds = ['revocation-list' => 0, 'revocation-change' => 0];
foreach (glob(__DIR__ . '/../../../spec/vectors/revocation_*.json') as $file) {
    $vector = json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
    $test = $vector['format'] === 'revocation-list' ? listVector(...) : changeVector(...);
    $tests[$vector['name']] = fn () => $test($vector);
    ++$kinds[$vector['format']];
}
$tests['there are vectors'] = fn () => check(
    $kinds['revocation-list'] > 30 && $kinds['revocation-change'] > 8,
    'some of each kind',
);
return $tests;
