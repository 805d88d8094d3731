<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * Reads a key ring file if it can be trusted (spec/keyring.md section 4, rules 1 and 2).
 * @internal
 */
final class KeyringFile
{
    private const MAX_SIZE = 1 << 20;
    private const OTHERS = 0o037;
    private const TYPE = 0o170000;
    private const REGULAR = 0o100000;

    /** @return array{string, array<int|string, int>} its content, and its status when it was read */
    public static function read(string $path): array
    {
        // n: do not wait, so that a FIFO does not hang a server; e: close on exec.
        $file = @fopen($path, 'rbne');
        if ($file === false) {
            clearstatcache(true, $path);
            throw new InvalidKeyringException(match (true) {
                !file_exists($path) => "no such file; make one: sealring keyring init $path",
                is_readable($path) => 'it cannot be opened; are too many files open?',
                default => 'permission denied; let a group that this user is in read it '
                    . '(chgrp, chmod 640)',
            });
        }
        $stat = fstat($file);
        self::check($path, $stat);
        $text = stream_get_contents($file, $stat['size'] + 1);
        fclose($file);
        if ($text === false || strlen($text) !== $stat['size']) {
            throw new InvalidKeyringException(
                'it changed while it was read; replace it by renaming a new file'
            );
        }
        return [$text, $stat];
    }

    /** @param array<int|string, int>|false $stat */
    private static function check(string $path, array|false $stat): void
    {
        $problem = match (true) {
            $stat === false || ($stat['mode'] & self::TYPE) !== self::REGULAR
                => 'it is not a regular file',
            ($stat['mode'] & self::OTHERS) !== 0
                => 'others may read or change it (a secret in a container: see docs/containers.md); '
                    . "run: chmod 640 $path",
            !in_array($stat['uid'], [0, posix_geteuid()], true)
                => "its owner (uid {$stat['uid']}) could change it, and is neither root nor the user "
                    . 'who reads it (uid ' . posix_geteuid() . "); run: chown root $path",
            $stat['size'] === 0 => 'it is empty; restore it from a backup',
            $stat['size'] > self::MAX_SIZE => 'it is larger than 1 MiB',
            default => null,
        };
        if ($problem !== null) {
            throw new InvalidKeyringException($problem);
        }
    }
}
