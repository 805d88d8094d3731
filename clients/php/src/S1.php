<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The s1 token, sealed and opened, without a ring or a clock (spec/token-s1.md).
 * @internal
 */
final class S1
{
    public const PREFIX = 's1.';
    public const NONCE_SIZE = 24;
    private const MIN_TOKEN = 78;
    private const KID_SIZE = 6;
    private const TAG_SIZE = 16;
    private const TIME_SIZE = 5;

    public static function seal(
        Key $key,
        string $nonce,
        int $now,
        int $lifetime,
        string $context,
        #[\SensitiveParameter] string $payload,
    ): string {
        $issuedAt = min($now, Key::LATEST_TIME);
        // The plain sum could be too large for an integer.
        $expiresAt = $issuedAt + min($lifetime, Key::LATEST_TIME - $issuedAt);
        $times = self::packTime($issuedAt) . self::packTime($lifetime === 0 ? 0 : $expiresAt);
        $kid = (string) Base64url::decode($key->kid);
        $ciphertext = openssl_encrypt(
            $times . $payload,
            'aes-256-gcm',
            self::derivedKey($key, $nonce),
            OPENSSL_RAW_DATA,
            substr($nonce, 12),
            $tag,
            self::associatedData($kid, $context),
            self::TAG_SIZE,
        );
        if ($ciphertext === false) {
            throw new \RuntimeException('OpenSSL cannot encrypt with AES-256-GCM');
        }
        return self::PREFIX . Base64url::encode($kid . $nonce . $ciphertext . $tag);
    }

    /** The body of a token, or null if it is malformed. */
    public static function parse(string $token): ?string
    {
        if (strlen($token) < self::MIN_TOKEN || !str_starts_with($token, self::PREFIX)) {
            return null;
        }
        return Base64url::decode(substr($token, strlen(self::PREFIX)));
    }

    public static function kidOf(string $body): string
    {
        return Base64url::encode(substr($body, 0, self::KID_SIZE));
    }

    /** Null if it is not authentic for this key and this context. Does not check the times. */
    public static function open(Key $key, string $context, string $body): ?Opened
    {
        $kid = substr($body, 0, self::KID_SIZE);
        $nonce = substr($body, self::KID_SIZE, self::NONCE_SIZE);
        $plaintext = openssl_decrypt(
            substr($body, self::KID_SIZE + self::NONCE_SIZE, -self::TAG_SIZE),
            'aes-256-gcm',
            self::derivedKey($key, $nonce),
            OPENSSL_RAW_DATA,
            substr($nonce, 12),
            substr($body, -self::TAG_SIZE),
            self::associatedData($kid, $context),
        );
        if ($plaintext === false) {
            return null;
        }
        return new Opened(
            substr($plaintext, 2 * self::TIME_SIZE),
            self::unpackTime(substr($plaintext, 0, self::TIME_SIZE)),
            self::unpackTime(substr($plaintext, self::TIME_SIZE, self::TIME_SIZE)),
            $key->kid,
            Base64url::encode($nonce),
        );
    }

    private static function packTime(int $time): string
    {
        return substr(pack('J', $time), -self::TIME_SIZE);
    }

    private static function unpackTime(string $bytes): int
    {
        return unpack('J', str_pad($bytes, 8, "\0", STR_PAD_LEFT))[1];
    }

    private static function associatedData(string $kid, string $context): string
    {
        return "sealring.s1\0" . $kid . $context;
    }

    /** XAES-256-GCM is AES-256-GCM with a key derived from the nonce's first half (section 6). */
    private static function derivedKey(Key $key, string $nonce): string
    {
        ['high' => $high, 'low' => $low] = unpack('Jhigh/Jlow', self::aes($key, str_repeat("\0", 16)));
        $k1 = pack('JJ', $high << 1 | $low >> 63 & 1, $low << 1 ^ ($high < 0 ? 0x87 : 0));
        $prefix = substr($nonce, 0, 12);
        return self::aes($key, ("\0\1X\0" . $prefix . "\0\2X\0" . $prefix) ^ ($k1 . $k1));
    }

    private static function aes(Key $key, string $blocks): string
    {
        $options = OPENSSL_RAW_DATA | OPENSSL_ZERO_PADDING;
        $encrypted = openssl_encrypt($blocks, 'aes-256-ecb', $key->secret(), $options);
        if ($encrypted === false) {
            throw new \RuntimeException('OpenSSL cannot encrypt with AES-256');
        }
        return $encrypted;
    }
}
