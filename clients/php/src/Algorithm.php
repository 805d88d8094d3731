<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * What a key may serve (spec/keyring.md section 3). The keys of all are read and checked; this
 * library seals and opens with those of s1.
 * @internal
 */
final readonly class Algorithm
{
    public const S1 = 'XAES-256-GCM';

    private function __construct(
        public int $minSecret = 32,
        public int $maxSecret = 32,
        public ?int $maxIv = null, // null: takes none
        public bool $modern = false, // its secret serves nothing else, and names the key where no kid does
        public bool $kidIsDerived = false, // from the secret, and no other kid will do
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
