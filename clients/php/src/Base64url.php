<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * base64url, canonical and without padding (spec/token-s1.md section 3).
 * @internal
 */
final class Base64url
{
    public static function encode(#[\SensitiveParameter] string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }

    /** Null for text that does not encode back to itself: PHP ignores white space and unused bits. */
    public static function decode(#[\SensitiveParameter] string $text): ?string
    {
        $bytes = base64_decode(strtr($text, '-_', '+/'), true);
        return $bytes !== false && self::encode($bytes) === $text ? $bytes : null;
    }
}
