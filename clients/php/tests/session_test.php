<?php

// SPDX-License-Identifier: Apache-2.0
// Sessions: arguments, defaults, fields, and the header that replaces one. The vectors have the rest.

declare(strict_types=1);

use Sealring\End;
use Sealring\LiveKeyring;
use Sealring\Reason;
use Sealring\RefusedException;
use Sealring\Session;

function cookieOf(
    string $text,
    string $name = '__Host-session',
    ?string $context = null,
    int $now = NOW,
): string {
    return "$name=" . ringOf(jwk())->seal($text, 60, $context ?? $name, $now);
}

function sessionOf(string $text): Session
{
    return Session::open(cookieOf($text), ringOf(jwk()), now: NOW);
}

function refusalOf(string $header, mixed ...$options): RefusedException
{
    $options += ['ring' => ringOf(jwk()), 'now' => NOW];
    return thrown(RefusedException::class, fn () => Session::open($header, ...$options));
}

return [
    'the defaults are those of the servers' => function (): void {
        $session = sessionOf('a=1&user=alice');
        same('alice', $session->subject);
        same(['a' => '1', 'user' => 'alice'], iterator_to_array($session->fields));
        same([NOW, NOW, NOW + 60], [$session->authTime, $session->issuedAt, $session->expiresAt]);
        $token = explode('=', cookieOf('cart=' . str_repeat('x', 3000)))[1];
        [$first, $rest] = [substr($token, 0, 3000), substr($token, 3000)];
        $inTwo = "__Host-session=2~$first; __Host-session-1=$rest";
        same(1, count(Session::open($inTwo, ringOf(jwk()), now: NOW)->fields));
        $inThree = "__Host-session=3~$first; __Host-session-1=$rest; __Host-session-2=";
        same(Reason::Malformed, refusalOf($inThree)->reason);
        same(1, count(Session::open($inThree, ringOf(jwk()), parts: 3, now: NOW)->fields));
    },
    'another name has another context' => function (): void {
        $cookie = cookieOf('user=alice', 'app');
        same('alice', Session::open($cookie, ringOf(jwk()), 'app', now: NOW)->subject);
        same(null, Session::open($cookie, ringOf(jwk()), now: NOW));
        same(Reason::AuthenticationFailed, refusalOf($cookie, cookie: 'app', context: 'shop')->reason);
        $plain = cookieOf('user=alice', context: '');
        same('alice', Session::open($plain, ringOf(jwk()), context: '', now: NOW)->subject);
    },
    'the clock is the default' => function (): void {
        $now = time();
        same($now, Session::open(cookieOf('', now: $now), ringOf(jwk()))->issuedAt);
        same(End::Idle, refusalOf(cookieOf('', now: 1), now: null)->end);
    },
    'no cookie is no session' => function (): void {
        foreach ([null, '', [], ['', 'a=1']] as $header) {
            same(null, Session::open($header, ringOf(jwk())));
        }
    },
    'a ring that follows its file' => function (): void {
        $live = new LiveKeyring(write(temporaryPath(), textOf(jwk())));
        same('alice', Session::open(cookieOf('user=alice'), $live, now: NOW)->subject);
        same(End::Idle, refusalOf(cookieOf('user=alice'), ring: $live, now: NOW + 60)->end);
    },
    'a token alone expires without an end of a session' => function (): void {
        $token = ringOf(jwk())->seal('', 1, now: NOW);
        $open = fn () => ringOf(jwk())->open($token, now: NOW + 1);
        $refusal = thrown(RefusedException::class, $open);
        same([Reason::Expired, null], [$refusal->reason, $refusal->end]);
    },
    'arguments out of bounds' => function (): void {
        $wrong = [['parts' => 0], ['parts' => 10], ['idle' => -1], ['lifetime' => -1], ['now' => -1]];
        foreach ($wrong as $options) {
            thrown(ValueError::class, fn () => Session::open(null, ringOf(jwk()), ...$options));
        }
    },
    'fields are found in any case of their ASCII letters' => function (): void {
        $fields = sessionOf('User=alice&%c3%84=1&0=zero')->fields;
        same(['alice', '1', 'zero'], [$fields->get('uSER'), $fields->get('Ä'), $fields->get('0')]);
        same([null, null, null], [$fields->get('use'), $fields->get('ä'), $fields->get('')]);
        $names = [];
        foreach ($fields as $name => $value) {
            $names[] = $name;
        }
        same(['User', 'Ä', '0'], $names);
    },
    'a long text is refused, whatever is in it' => function (): void {
        same(65534, strlen(sessionOf('a=' . str_repeat('x', 65534))->fields->get('a')));
        same(Reason::Malformed, refusalOf(cookieOf(str_repeat('&', 65537)))->reason);
    },
    'a header of fields' => function (): void {
        $fields = ['user' => 'alice', 'name' => 'Müller & Söhne', 'tab' => "\t", '7' => '8'];
        same('user=alice&name=M%c3%bcller+%26+S%c3%b6hne&tab=%09&7=8', Session::header($fields));
        same('', Session::header([]));
        same('user=alice', Session::header(['user' => 'alice', 'role' => '']));
        $session = sessionOf('user=alice&sid=x&auth_time=1&b=+&%ff=1');
        same('user=alice&b=+&%ff=1', Session::header($session->fields));
        $changed = ['role' => 'admin', ...$session->fields];
        same('role=admin&user=alice&b=+&%ff=1', Session::header($changed));
    },
    'a header that is refused' => function (): void {
        $many = array_fill_keys(array_map(fn (int $i) => "f$i", range(0, 64)), 'v');
        same(63, substr_count(Session::header(array_slice($many, 1)), '&'));
        same(65536, strlen(Session::header(['a' => str_repeat('x', 65534)])));
        $wrong = [
            ['sid' => 'x'], ['Auth_Time' => '1'], ['EXPIRY' => '1'], ['bound' => ''], ['prior' => 'x'],
            ['' => 'x'], ['user' => 'a', 'USER' => 'b'], ['a' => '', 'A' => '1'], ['a' => "b\0"],
            ["a\0" => 'b'], $many, ['a' => str_repeat('x', 65535)],
        ];
        foreach ($wrong as $fields) {
            thrown(ValueError::class, fn () => Session::header($fields));
        }
        foreach ([1, null, ['x']] as $value) {
            thrown(TypeError::class, fn () => Session::header(['a' => $value]));
        }
    },
    'a stack trace shows no token and no field' => function (): void {
        ini_set('zend.exception_ignore_args', '0');
        $refusal = refusalOf(cookieOf('user=alice'), lifetime: 1, now: NOW + 1);
        check(preg_match('/s1\.|alice/', print_r(array_slice($refusal->getTrace(), 0, 2), true)) === 0, 'none');
        $refusal = refusalOf(cookieOf('user=alice', context: 'other'));
        check(preg_match('/s1\./', print_r(array_slice($refusal->getTrace(), 0, 3), true)) === 0, 'none');
        $e = thrown(ValueError::class, fn () => Session::header(['user' => 'alice', 'sid' => 'x']));
        check(!str_contains(print_r(array_slice($e->getTrace(), 0, 3), true), 'alice'), 'none');
    },
];
