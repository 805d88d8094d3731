<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * A file that is read again when it changed (spec/keyring.md section 8).
 * @internal
 * @template T of object
 */
final class FollowedFile
{
    private readonly string $path;
    /** @var T */
    private object $inUse;
    /** @var list<int> */
    private array $seen;
    private bool $settled;
    private string $refusal = '';
    private ?int $lookedAt = null;

    /**
     * @param \Closure(string, ?T): array{T, array<int|string, int>} $load from the path and what was
     *     loaded before, returns what is in the file, and its status when it was read
     * @param class-string<\Exception> $problem what $load throws
     * @param \Closure(string): void $onProblem
     */
    public function __construct(
        string $path,
        private readonly \Closure $load,
        private readonly string $problem,
        private readonly \Closure $onProblem,
    ) {
        // The process may change its working directory.
        $this->path = str_starts_with($path, '/') ? $path : getcwd() . "/$path";
        $this->reload(null);
    }

    /** @return T */
    public function current(int $now): object
    {
        // Also if the clock was set back.
        if ($now !== $this->lookedAt) {
            $this->lookedAt = $now;
            $this->look();
        }
        return $this->inUse;
    }

    /** @return \Closure(string): void error_log */
    public static function errorLog(): \Closure
    {
        return static fn (string $message) => error_log("sealring: $message");
    }

    /** @param ?T $inUse */
    private function reload(?object $inUse): void
    {
        $now = time();
        [$this->inUse, $stat] = ($this->load)($this->path, $inUse);
        $this->seen = self::identity($stat);
        // PHP has times in whole seconds only: within this one the file may change and look the same.
        $this->settled = max($stat['mtime'], $stat['ctime']) < $now;
        $this->refusal = '';
    }

    private function look(): void
    {
        clearstatcache(true, $this->path);
        $stat = @stat($this->path);
        $identity = $stat === false ? [] : self::identity($stat);
        if ($identity === $this->seen && $this->settled && $this->refusal === '') {
            return;
        }
        try {
            $this->reload($this->inUse);
        } catch (\Exception $e) {
            if (!$e instanceof $this->problem) {
                throw $e;
            }
            // Tried again every second, because the cause may be elsewhere, but reported only once.
            $news = $identity !== $this->seen || $e->getMessage() !== $this->refusal;
            $this->seen = $identity;
            $this->refusal = $e->getMessage();
            if ($news) {
                ($this->onProblem)($this->refusal);
            }
        }
    }

    /**
     * Distinguishes a replaced or rewritten file from the one that was seen last.
     * @param array<int|string, int> $stat
     * @return list<int>
     */
    private static function identity(array $stat): array
    {
        return [$stat['dev'], $stat['ino'], $stat['size'], $stat['mtime'], $stat['ctime']];
    }
}
