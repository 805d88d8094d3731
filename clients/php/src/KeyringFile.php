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

    /** @return array{string, array<int|string, int>} its content, and its status when it was read */
    public static function read(string $path): array
    {
        $problem = InvalidKeyringException::class;
        [$file, $stat] = File::open($path, $problem, "sealring keyring init $path");
        self::check($path, $stat);
        return [File::rest($file, $stat['size'], $problem), $stat];
    }

    /** @param array<int|string, int> $stat */
    private static function check(string $path, array $stat): void
    {
        $problem = match (true) {
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
