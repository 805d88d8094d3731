<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * Reads files that others replace while this program runs.
 * @internal
 */
final class File
{
    private const TYPE = 0o170000;
    private const REGULAR = 0o100000;

    /**
     * The file and its status.
     * @param class-string<\Exception> $problem what is thrown if it cannot be opened
     * @param string $howToMake the command that makes such a file
     * @return array{resource, array<int|string, int>}
     */
    public static function open(string $path, string $problem, string $howToMake): array
    {
        // n: do not wait, so that a FIFO does not hang a server; e: close on exec.
        $file = @fopen($path, 'rbne');
        if ($file === false) {
            clearstatcache(true, $path);
            throw new $problem(match (true) {
                !file_exists($path) => "no such file; make one: $howToMake",
                is_readable($path) => 'it cannot be opened; are too many files open?',
                default => 'permission denied; let a group that this user is in read it '
                    . '(chgrp, chmod 640)',
            });
        }
        $stat = fstat($file);
        if ($stat === false || ($stat['mode'] & self::TYPE) !== self::REGULAR) {
            throw new $problem('it is not a regular file');
        }
        return [$file, $stat];
    }

    /**
     * What the file has from here on. Throws if that is not as many bytes.
     * @param resource $file
     * @param class-string<\Exception> $problem
     */
    public static function rest($file, int $size, string $problem): string
    {
        // One byte more, to notice if the file grows while we read.
        $content = stream_get_contents($file, $size + 1);
        if ($content === false || strlen($content) !== $size) {
            throw new $problem('it changed while it was read; replace it by renaming a new file');
        }
        return $content;
    }
}
