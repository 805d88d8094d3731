<?php

// SPDX-License-Identifier: Apache-2.0
// Sealing and opening: arguments, bounds, contexts, keys for other formats.

declare(strict_types=1);

use Sealring\Key;
use Sealring\NoPrimaryKeyException;

return [
    'what is sealed opens' => function (): void {
        $ring = ringOf(jwk());
        $every = implode('', array_map(chr(...), range(0, 255)));
        foreach (['', 'alice', 'ŝlosilo', $every, str_repeat('x', 3000)] as $payload) {
            foreach (['', 'session', 'ŝlosilo', str_repeat("\0", 1024)] as $context) {
                $token = $ring->seal($payload, 60, $context, NOW);
                same(3 + (int) ceil((56 + strlen($payload)) * 4 / 3), strlen($token));
                $opened = $ring->open($token, $context, NOW);
                same($payload, $opened->payload);
                same([NOW, NOW + 60], [$opened->issuedAt, $opened->expiresAt]);
                same($ring->keys[0]->kid, $opened->kid);
            }
        }
    },
    'no two tokens are alike' => function (): void {
        $ring = ringOf(jwk());
        $nonces = [];
        for ($i = 0; $i < 1000; ++$i) {
            $nonces[substr($ring->seal('', 0), 11, 32)] = true;
        }
        same(1000, count($nonces));
    },
    'the clock is the default' => function (): void {
        $ring = ringOf(jwk());
        $before = time();
        $opened = $ring->open($ring->seal('', 60));
        check($before <= $opened->issuedAt && $opened->issuedAt <= time(), 'now');
    },
    'times' => function (): void {
        $ring = ringOf(jwk());
        $token = $ring->seal('', 60, now: NOW);
        $ring->open($token, now: NOW + 59);
        same('expired', reasonOf($ring, $token, now: NOW + 60));
        $ring->open($token, now: NOW - 60);
        same('not_yet_valid', reasonOf($ring, $token, now: NOW - 61));
        $eternal = $ring->seal('', 0, now: NOW);
        same(0, $ring->open($eternal, now: Key::LATEST_TIME)->expiresAt);
        $long = $ring->seal('', PHP_INT_MAX, now: NOW);
        same(Key::LATEST_TIME, $ring->open($long, now: NOW)->expiresAt);
        $late = $ring->seal('', 1, now: PHP_INT_MAX);
        same('expired', reasonOf($ring, $late, now: PHP_INT_MAX));
    },
    'a payload of the largest size' => function (): void {
        $ring = ringOf(jwk());
        $payload = str_repeat('x', 1 << 24);
        check($ring->open($ring->seal($payload, 0))->payload === $payload, 'it opens');
        thrown(ValueError::class, fn () => $ring->seal($payload . 'x', 0));
    },
    'a token that is too long is not looked at' => function (): void {
        same('malformed', reasonOf(ringOf(jwk()), 's1.' . str_repeat('A', 1 << 25)));
        $mixed = ringOf(jwk(1), jwk(2, alg: 'nginx-legacy'));
        same('malformed', reasonOf($mixed, str_repeat('x', (1 << 25) + 1)));
    },
    'arguments out of bounds' => function (): void {
        $ring = ringOf(jwk());
        foreach ([['now' => -1], ['context' => str_repeat('x', 1025)]] as $options) {
            thrown(ValueError::class, fn () => $ring->seal('', 0, ...$options));
            thrown(ValueError::class, fn () => $ring->open('s1.', ...$options));
        }
        thrown(ValueError::class, fn () => $ring->seal('', -1));
    },
    'who seals and who opens' => function (): void {
        $ring = ringOf(jwk(1, open_until: NOW + 100), jwk(2, seal_from: NOW + 10));
        [$first, $second] = $ring->keys;
        $old = $ring->seal('', 0, now: NOW + 9);
        same($first->kid, $ring->open($old, now: NOW + 99)->kid);
        same('unknown_key', reasonOf($ring, $old, now: NOW + 100));
        $fresh = $ring->seal('', 0, now: NOW + 10);
        same($second->kid, $ring->open($fresh, now: NOW)->kid);
    },
    'no key that seals' => function (): void {
        $opening = ringOf(jwk(1, key_ops: ['decrypt']));
        same(null, $opening->primary());
        $e = thrown(NoPrimaryKeyException::class, fn () => $opening->seal('', 0));
        check(str_contains($e->getMessage(), 'keyring rotate'), $e->getMessage());
        $other = ringOf(jwk(1), jwk(2, alg: 'nginx-legacy'));
        $e = thrown(NoPrimaryKeyException::class, fn () => $other->seal('', 0));
        check(str_contains($e->getMessage(), 'for nginx-legacy'), $e->getMessage());
    },
    'rings with keys of other algorithms' => function (): void {
        $token = ringOf(jwk())->seal('', 0, now: NOW);
        foreach (['nginx-legacy', 'A256GCM'] as $alg) {
            same('unsupported', reasonOf(ringOf(jwk(1, alg: $alg)), $token));
        }
        $namesake = jwk(3, alg: 'nginx-legacy', kid: ringOf(jwk())->keys[0]->kid);
        same('unknown_key', reasonOf(ringOf(jwk(2), $namesake), $token));
    },
    'tokens of other formats' => function (): void {
        $ring = ringOf(jwk());
        same('unsupported', reasonOf($ring, 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA'));
        same('malformed', reasonOf($ring, 'eyJhbGciOiJkaXIifQ'));
        $mixed = ringOf(jwk(1), jwk(2, alg: 'A256GCM'));
        same('unsupported', reasonOf($mixed, 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA'));
        same('malformed', reasonOf($mixed, 'x'));
        same('malformed', reasonOf($mixed, 's1.x'));
        $withOld = ringOf(jwk(1), jwk(2, alg: 'apache-aes256'));
        same('unsupported', reasonOf($withOld, 'x'));
        same('malformed', reasonOf($withOld, 's1.x'));
    },
    'bytes that are not ASCII' => function (): void {
        $ring = ringOf(jwk());
        same('malformed', reasonOf($ring, substr($ring->seal('', 0, now: NOW), 0, -1) . "\xe9"));
    },
    'a stack trace shows no payload' => function (): void {
        ini_set('zend.exception_ignore_args', '0');
        $opening = ringOf(jwk(1, key_ops: ['decrypt']));
        $e = thrown(NoPrimaryKeyException::class, fn () => $opening->seal('user=alice', 0));
        check(!str_contains(print_r($e->getTrace(), true), 'user=alice'), 'no payload');
    },
];
