<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The ring in a file that may be rotated meanwhile, for programs that run for long. Checks the file
 * when used, at most once per second. If a changed file is refused, the ring in use stays, and
 * $onProblem is called once.
 */
final class LiveKeyring
{
    /** @var FollowedFile<Keyring> */
    private readonly FollowedFile $file;

    /**
     * @param ?callable(string): void $onProblem error_log if null
     * @throws InvalidKeyringException because at the start there is no ring to go on with
     */
    public function __construct(string $path, ?callable $onProblem = null)
    {
        $report = ($onProblem ?? FollowedFile::errorLog())(...);
        $this->file = new FollowedFile(
            $path,
            Keyring::loadWithStat(...),
            InvalidKeyringException::class,
            static fn (string $problem) => $report("$problem (the keys loaded before stay in use)"),
        );
    }

    public function current(?int $now = null): Keyring
    {
        return $this->file->current(Keyring::checkedNow($now));
    }

    /** Keyring::seal with the current ring. */
    public function seal(
        #[\SensitiveParameter] string $payload,
        int $lifetime,
        string $context = '',
        ?int $now = null,
    ): string {
        $now = Keyring::checkedNow($now);
        return $this->current($now)->seal($payload, $lifetime, $context, $now);
    }

    /** Keyring::open with the current ring. */
    public function open(
        #[\SensitiveParameter] string $token,
        string $context = '',
        ?int $now = null,
        RevocationList|LiveRevocationList|null $revocations = null,
    ): Opened {
        $now = Keyring::checkedNow($now);
        return $this->current($now)->open($token, $context, $now, $revocations);
    }
}
