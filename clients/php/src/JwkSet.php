<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The keys in the text of a key ring file (spec/keyring.md sections 2 to 4).
 * @internal
 */
final class JwkSet
{
    private const MAX_KEYS = 4096;
    private const STRUCTURE = '/("[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+")\s*+(:)?|[\[\]{}]/s';
    // The group is present if it is half a character.
    private const ESCAPE = '/\\\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}'
        . '|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)/s';
    // Not in a string, and not an exponent.
    private const MINUS_ZERO = '/"[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+"(*SKIP)(*FAIL)|(?<![eE])-0(?![.eE0-9])/s';

    /**
     * @return list<Key>
     * @throws InvalidKeyringException
     */
    public static function parse(#[\SensitiveParameter] string $text): array
    {
        // The parser would refuse an escape for half a character anywhere, and take -0 for 0.
        $document = json_decode(preg_replace_callback(
            self::ESCAPE,
            static fn (array $match): string => isset($match[1]) ? '\ufffd' : $match[0],
            preg_replace(self::MINUS_ZERO, '-0.0', $text) ?? ''
        ));
        self::need(
            json_last_error() === JSON_ERROR_NONE,
            'it is not JSON, or torn; restore it from a backup'
        );
        [$set, $faults] = self::findFaults($text);
        $jwks = is_object($document) ? $document->keys ?? null : null;
        self::need(is_array($jwks), 'it is not a JWK Set: a JSON object with a list "keys"');
        self::refuseFaults($set);
        self::need(count($jwks) <= self::MAX_KEYS, 'it holds more than ' . self::MAX_KEYS . ' keys');
        $keys = [];
        foreach ($jwks as $index => $jwk) {
            try {
                self::need(is_object($jwk), 'it is not an object');
                $members = get_object_vars($jwk);
                if (!self::isForeign($members, $faults[$index])) {
                    self::refuseFaults($faults[$index]);
                    $keys[] = self::parseKey($members);
                }
            } catch (InvalidKeyringException $e) {
                throw new InvalidKeyringException('key ' . $index + 1 . ": {$e->getMessage()}");
            }
        }
        self::need($keys !== [], 'it holds no key; add one: sealring keyring add');
        self::checkTogether($keys);
        return $keys;
    }

    /**
     * Whether it is for other programs (RFC 7517 section 5). Fails if that is not certain.
     * @param array<int|string, mixed> $jwk
     */
    private static function isForeign(#[\SensitiveParameter] array $jwk, object $faults): bool
    {
        $certain = array_intersect_key($faults->twice, ['kty' => 0, 'use' => 0, 'alg' => 0]) === [];
        self::need($certain, 'it has "kty", "use" or "alg" twice');
        $isOther = static fn (string $name, callable $isOurs): bool =>
            is_string($jwk[$name] ?? null) && !$isOurs($jwk[$name]);
        return $isOther('kty', static fn (string $kty): bool => $kty === 'oct')
            || $isOther('use', static fn (string $use): bool => $use === 'enc')
            || $isOther('alg', static fn (string $alg): bool => Algorithm::find($alg) !== null);
    }

    private static function refuseFaults(object $faults): void
    {
        self::need(!$faults->half, 'it has an escape for half a character');
        self::need($faults->twice === [], 'it has a duplicate member');
    }

    private static function need(bool $condition, string $problem): void
    {
        if (!$condition) {
            throw new InvalidKeyringException($problem);
        }
    }

    /**
     * PHP keeps the last of two equal members. This finds the names that the set and each of its keys
     * have twice, and whether there is an escape for half a character. The text is known to be JSON: a
     * quote begins or ends a string.
     * @return array{object, list<object>}
     */
    private static function findFaults(#[\SensitiveParameter] string $text): array
    {
        $set = (object) ['twice' => [], 'half' => false];
        $ofKeys = [];
        $open = [];
        preg_replace_callback(
            self::STRUCTURE,
            static function (array $match) use ($set, &$ofKeys, &$open): string {
                $outer = end($open) ?: null;
                if ($match[0] === '[') {
                    $isKeys = $outer !== null && $outer->faults === $set && $outer->name === 'keys';
                    $open[] = (object) ['faults' => null, 'isKeys' => $isKeys];
                } elseif ($match[0] === '{') {
                    $faults = $outer === null ? $set : (object) ['twice' => [], 'half' => false];
                    if ($outer?->isKeys) {
                        $ofKeys[] = $faults;
                    }
                    $open[] = (object) ['faults' => $faults, 'isKeys' => false, 'names' => [], 'name' => ''];
                } elseif ($match[0] === '}' || $match[0] === ']') {
                    array_pop($open);
                } elseif ($outer?->faults !== null) {
                    self::noteString($match[1], isset($match[2]), $outer);
                }
                return '';
            },
            $text
        );
        self::need(preg_last_error() === PREG_NO_ERROR, 'its strings are too long');
        return [$set, $ofKeys];
    }

    private static function noteString(#[\SensitiveParameter] string $json, bool $isName, object $outer): void
    {
        preg_match_all(self::ESCAPE, $json, $escapes, PREG_SET_ORDER);
        foreach ($escapes as $escape) {
            $outer->faults->half = $outer->faults->half || isset($escape[1]);
        }
        if (!$isName) {
            return;
        }
        $name = json_decode($json) ?? '';
        if (isset($outer->names[$name])) {
            $outer->faults->twice[$name] = true;
        }
        $outer->names[$name] = true;
        $outer->name = $name;
    }

    /** @param array<int|string, mixed> $jwk */
    private static function parseKey(#[\SensitiveParameter] array $jwk): Key
    {
        self::need(($jwk['kty'] ?? null) === 'oct', '"kty" must be "oct"');
        self::need(self::member($jwk, 'use', 'enc') === 'enc', '"use" must be "enc"');
        $algorithm = Algorithm::find($jwk['alg'] ?? null);
        self::need($algorithm !== null, 'it has no "alg"');

        $secret = self::base64urlMember($jwk, 'k');
        [$min, $max] = [$algorithm->minSecret, $algorithm->maxSecret];
        $bounds = $min === $max ? $min : "$min to $max";
        $size = strlen($secret);
        self::need($size >= $min && $size <= $max, "its secret must be $bounds bytes long");
        if (array_key_exists('iv', $jwk)) {
            self::need($algorithm->maxIv !== null, 'its algorithm has no "iv"');
            $iv = self::base64urlMember($jwk, 'iv');
            self::need(strlen($iv) <= $algorithm->maxIv, 'its IV is too long');
        }
        $derived = $algorithm->modern ? self::derivedKid($secret) : '';
        $kid = array_key_exists('kid', $jwk) ? self::checkedKid($jwk['kid']) : $derived;
        self::need(
            !$algorithm->kidIsDerived || $kid === $derived,
            "its kid must be $derived, which follows from its secret; one of the two was altered"
        );
        return new Key(
            $kid,
            $jwk['alg'],
            $secret,
            self::timeMember($jwk, 'seal_from'),
            self::timeMember($jwk, 'open_until'),
            self::isOpenOnly(self::member($jwk, 'key_ops', ['encrypt', 'decrypt'])),
        );
    }

    /** The member's value, which may be null, or the default if there is no such member. */
    private static function member(#[\SensitiveParameter] array $jwk, string $name, mixed $default): mixed
    {
        return array_key_exists($name, $jwk) ? $jwk[$name] : $default;
    }

    private static function base64urlMember(#[\SensitiveParameter] array $jwk, string $name): string
    {
        $value = $jwk[$name] ?? null;
        $bytes = is_string($value) ? Base64url::decode($value) : null;
        self::need($bytes !== null, "\"$name\" must be in base64url without padding");
        return $bytes;
    }

    private static function timeMember(#[\SensitiveParameter] array $jwk, string $name): int
    {
        // json_decode returns an integer only for a number that is written as one.
        $time = self::member($jwk, $name, 0);
        $isTime = is_int($time) && $time >= 0 && $time <= Key::LATEST_TIME;
        self::need($isTime, "\"$name\" must be a whole number of seconds since 1970");
        return $time;
    }

    private static function isOpenOnly(mixed $operations): bool
    {
        self::need(is_array($operations), '"key_ops" must be a list');
        foreach ($operations as $operation) {
            self::need(is_string($operation), '"key_ops" must be a list of text');
        }
        self::need(in_array('decrypt', $operations, true), '"key_ops" must hold "decrypt"');
        return !in_array('encrypt', $operations, true);
    }

    /** The first 6 bytes of the RFC 7638 thumbprint. */
    private static function derivedKid(#[\SensitiveParameter] string $secret): string
    {
        $jwk = '{"k":"' . Base64url::encode($secret) . '","kty":"oct"}';
        return Base64url::encode(substr(hash('sha256', $jwk, true), 0, 6));
    }

    private static function checkedKid(mixed $kid): string
    {
        $isKid = is_string($kid) && preg_match('/^[!-~]{1,128}$/D', $kid) === 1;
        self::need($isKid, '"kid" must be text of 1 to 128 printable characters without spaces');
        return $kid;
    }

    /** @param list<Key> $keys */
    private static function checkTogether(array $keys): void
    {
        $kids = [];
        $algorithms = [];
        foreach ($keys as $key) {
            self::need(!isset($kids[$key->kid]), "it holds key $key->kid twice; remove one of the two");
            if ($key->kid !== '') {
                $kids[$key->kid] = true;
            }
            $other = $algorithms[$key->secret()] ??= $key->algorithm;
            self::need(
                $other === $key->algorithm
                || !Algorithm::find($other)->modern && !Algorithm::find($key->algorithm)->modern,
                'two keys of different algorithms share one secret, so the weaker endangers the '
                . 'other; start a new ring: sealring keyring init'
            );
        }
    }
}
