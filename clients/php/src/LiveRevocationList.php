<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The list in a file that is replaced meanwhile, for programs that run for long. Checks the file when
 * used, at most once per second. If a changed file is refused, the list in use stays, and $onProblem
 * is called once.
 */
final class LiveRevocationList
{
    /** @var FollowedFile<RevocationList> */
    private readonly FollowedFile $file;

    /**
     * @param ?callable(string): void $onProblem error_log if null
     * @throws InvalidRevocationListException because at the start there is no list to go on with
     */
    public function __construct(string $path, ?callable $onProblem = null)
    {
        $report = ($onProblem ?? FollowedFile::errorLog())(...);
        $this->file = new FollowedFile(
            $path,
            RevocationList::loadWithStat(...),
            InvalidRevocationListException::class,
            static fn (string $problem) => $report("$problem (the list loaded before stays in use)"),
        );
    }

    public function current(?int $now = null): RevocationList
    {
        return $this->file->current(Keyring::checkedNow($now));
    }
}
