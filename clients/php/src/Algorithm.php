<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * What a key may be for (spec/keyring.md section 3). Keys for all of them are read and checked; this
 * library seals and opens with those for s1.
 * @internal
 */
final readonly class Algorithm
{
    public const S1 = 'XAES-256-GCM';

    private function __construct(
        public int $minSecret = 32,
        public int $maxSecret = 32,
        public ?int $maxIv = null, // null: has none
        public bool $modern = false, // its secret has no other use; its kid can be derived from it
        public bool $kidIsDerived = false, // from the secret; no other kid is accepted
    ) {
    }

    public static function find(mixed $name): ?self
    {
        return match ($name) {
            self::S1 => new self(modern: true, kidIsDerived: true),
            'A256GCM' => new self(modern: true),
            'nginx-legacy' => new self(maxIv: 16),
            'apache-aes256', 'apache-aes192', 'apache-aes128', 'apache-3des192'
                => new self(minSecret: 1, maxSecret: 8192),
            default => null,
        };
    }
}
