<?php

// SPDX-License-Identifier: Apache-2.0
// spec/vectors of sessions.

declare(strict_types=1);

use Sealring\Cookies;
use Sealring\Fields;
use Sealring\Keyring;
use Sealring\RefusedException;
use Sealring\Session;

/** @return list<array{name_hex: string, value_hex: string}> */
function listed(Fields $fields): array
{
    $listed = [];
    foreach ($fields as $name => $value) {
        $listed[] = ['name_hex' => bin2hex($name), 'value_hex' => bin2hex($value)];
    }
    return $listed;
}

function fieldsVector(array $vector): void
{
    $fields = Fields::parse(hex2bin($vector['text_hex']));
    if ($vector['expect'] === 'malformed') {
        same(null, $fields);
        return;
    }
    same($vector['fields'], listed($fields));
    same(count($vector['fields']), count($fields));
    same($vector['written'], $fields->text());
    same($vector['written'], Session::header($fields));
}

function cookiesVector(array $vector): void
{
    same($vector['tokens'], Cookies::candidates($vector['cookie'], $vector['parts'], [$vector['header']]));
}

function sessionVector(array $vector): void
{
    $open = fn () => Session::open(
        $vector['headers'],
        Keyring::parse(json_encode($vector['keyring'], JSON_THROW_ON_ERROR)),
        $vector['cookie'],
        $vector['context'],
        $vector['parts'],
        $vector['subject_field'],
        $vector['idle'],
        $vector['lifetime'],
        $vector['now'],
    );
    if ($vector['expect'] === 'none') {
        same(null, $open());
        return;
    }
    if ($vector['expect'] !== 'ok') {
        $refusal = thrown(RefusedException::class, $open);
        same($vector['expect'], $refusal->reason->value);
        same($vector['kid'], $refusal->kid);
        same($vector['end'] ?? null, $refusal->end?->value);
        if ($refusal->end !== null) {
            same($vector['issued_at'], $refusal->issuedAt);
            same($vector['expires_at'], $refusal->expiresAt);
        }
        return;
    }
    $session = $open();
    same($vector['fields'], listed($session->fields));
    same($vector['subject_hex'], bin2hex($session->subject));
    same($vector['sid'], $session->sid);
    same($vector['auth_time'], $session->authTime);
    same($vector['issued_at'], $session->issuedAt);
    same($vector['expires_at'], $session->expiresAt);
}

$tests = [];
$kinds = ['session-fields' => 0, 'session-cookie-read' => 0, 'session-open' => 0];
foreach (glob(__DIR__ . '/../../../spec/vectors/session_*.json') as $file) {
    $vector = json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
    $test = match ($vector['format']) {
        'session-fields' => fieldsVector(...),
        'session-cookie-read' => cookiesVector(...),
        'session-open' => sessionVector(...),
        default => null,
    };
    if ($test !== null) {
        $tests[$vector['name']] = fn () => $test($vector);
        ++$kinds[$vector['format']];
    }
}
$tests['there are vectors'] = fn () => check(
    $kinds['session-fields'] > 30 && $kinds['session-cookie-read'] > 25 && $kinds['session-open'] > 70,
    'some of each kind',
);
return $tests;
