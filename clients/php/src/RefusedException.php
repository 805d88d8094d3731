<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/** The token gives no session. */
final class RefusedException extends \Exception
{
    /**
     * @param string $kid the key that the token names, which is a claim
     * @param int $issuedAt where it is the reason, else 0; so is $expiresAt
     */
    public function __construct(
        public readonly Reason $reason,
        public readonly string $kid = '',
        public readonly int $issuedAt = 0,
        public readonly int $expiresAt = 0,
    ) {
        parent::__construct("token refused: {$reason->value}");
    }
}
