<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The tokens of a session in Cookie headers (spec/session.md section 3.1).
 * @internal
 */
final class Cookies
{
    public const MAX_PARTS = 9;
    private const MAX_CANDIDATES = 4;
    private const BLANKS = " \t";

    /**
     * @param array<string> $headers
     * @return list<?string> in the order in which they were sent; null for a malformed one
     */
    public static function candidates(
        string $name,
        int $parts,
        #[\SensitiveParameter] array $headers,
    ): array {
        $numbers = [$name => 0]; // the parts' names
        for ($part = 1; $part < $parts; ++$part) {
            $numbers["$name-$part"] = $part;
        }
        $values = self::values($numbers, $headers);
        $tokens = [];
        $divided = 0;
        foreach (array_slice($values[0], 0, self::MAX_CANDIDATES) as $value) {
            $isDivided = ($value[1] ?? '') === '~';
            $tokens[] = $isDivided ? self::join($value, $values, $divided++) : $value;
        }
        return $tokens;
    }

    /**
     * The bound cookies of a session (spec/device-binding.md section 7.1).
     * @param array<string> $headers
     * @return list<string>
     */
    public static function bound(string $name, #[\SensitiveParameter] array $headers): array
    {
        return array_slice(self::values(["$name-bound" => 0], $headers)[0], 0, self::MAX_CANDIDATES);
    }

    /**
     * @param non-empty-array<string, int> $numbers of the cookies' names, from 0
     * @param array<string> $headers
     * @return non-empty-list<list<string>> for each number, the values that were sent
     */
    private static function values(array $numbers, #[\SensitiveParameter] array $headers): array
    {
        $values = array_fill(0, count($numbers), []);
        foreach (explode(';', implode(';', $headers)) as $text) {
            $cookie = explode('=', $text, 2);
            $number = $numbers[trim($cookie[0], self::BLANKS)] ?? null;
            if ($number !== null && isset($cookie[1])) {
                $values[$number][] = trim($cookie[1], self::BLANKS);
            }
        }
        return $values;
    }

    /** @param list<list<string>> $values of the cookies of each part */
    private static function join(#[\SensitiveParameter] string $first, array $values, int $nth): ?string
    {
        $count = preg_match('/^[2-9]/', $first) === 1 ? (int) $first[0] : 0;
        if ($count === 0) {
            return null;
        }
        $token = substr($first, 2);
        for ($part = 1; $part < $count; ++$part) {
            if (!isset($values[$part][$nth])) {
                return null;
            }
            $token .= $values[$part][$nth];
        }
        return $token;
    }
}
