<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/** The token is refused. */
final class RefusedException extends \Exception
{
    /**
     * @param string $kid the key that the token names, not authenticated
     * @param int $issuedAt set if it is the reason or if that is revoked, otherwise 0, like $expiresAt
     * @param ?End $end which end an expired session reached; null unless Session refused it
     */
    public function __construct(
        public readonly Reason $reason,
        public readonly string $kid = '',
        public readonly int $issuedAt = 0,
        public readonly int $expiresAt = 0,
        public readonly ?End $end = null,
    ) {
        parent::__construct("token refused: {$reason->value}");
    }
}
