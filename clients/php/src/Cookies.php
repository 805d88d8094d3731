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
        $values = array_fill(0, $parts, []);
        foreach (explode(';', implode(';', $headers)) as $text) {
            $cookie = explode('=', $text, 2);
            $part = $numbers[trim($cookie[0], self::BLANKS)] ?? null;
            if ($part !== null && isset($cookie[1])) {
                $values[$part][] = trim($cookie[1], self::BLANKS);
            }
        }
        $tokens = [];
        $divided = 0;
        foreach (array_slice($values[0], 0, self::MAX_CANDIDATES) as $value) {
            $isDivided = ($value[1] ?? '') === '~';
            $tokens[] = $isDivided ? self::join($value, $values, $divided++) : $value;
        }
        return $tokens;
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
