<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * An opened token. Times are seconds since 1970; an expiresAt of 0 means never. The id tells this token
 * from all others: for a log, and to revoke it.
 */
final readonly class Opened
{
    public function __construct(
        #[\SensitiveParameter] public string $payload,
        public int $issuedAt,
        public int $expiresAt,
        public string $kid,
        public string $id,
    ) {
    }
}
