<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/** A key: its algorithm, when it seals, and until when it opens; 0: no bound. */
final readonly class Key
{
    public const LATEST_TIME = (1 << 40) - 1;

    // Not shown in dumps, and cannot be serialized.
    private \SensitiveParameterValue $secret;

    public function __construct(
        public string $kid,
        public string $algorithm,
        #[\SensitiveParameter] string $secret,
        public int $sealFrom,
        public int $openUntil,
        public bool $openOnly,
    ) {
        $this->secret = new \SensitiveParameterValue($secret);
    }

    public function opensAt(int $now): bool
    {
        return $this->openUntil === 0 || $now < $this->openUntil;
    }

    public function sealsAt(int $now): bool
    {
        return !$this->openOnly && $this->sealFrom <= $now && $this->opensAt($now);
    }

    /** @internal */
    public function secret(): string
    {
        return $this->secret->getValue();
    }
}
