<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The header of a revocation list, and the names in use (spec/revocations.md section 2).
 * @internal
 */
final readonly class RevocationHeader
{
    public const SIZE = 80;
    public const HASH_SIZE = 16;
    public const ENTRY_SIZE = 26;
    private const FORMAT = "sealrev\x01";
    private const MAX_ENTRIES = 1 << 24;
    private const MAX_NAMES = 16;
    private const MAX_NAME = 64;
    private const MAX_NAMES_SIZE = self::MAX_NAMES * (1 + self::MAX_NAME);

    /**
     * @param string $generation 8 bytes, because it may be too large for an integer
     * @param string $covered what the checksum covers
     */
    private function __construct(
        public string $bytes,
        public string $salt,
        public string $generation,
        public int $writtenAt,
        public int $size,
        public int $namesSize,
        public string $covered,
        public string $checksum,
    ) {
    }

    /** @param int $fileSize what the header says is checked against it */
    public static function parse(string $bytes, int $fileSize): self
    {
        self::need(strlen($bytes) === self::SIZE, 'it is torn: it ends within its header');
        self::need(str_starts_with($bytes, self::FORMAT), 'it is not a revocation list of version 1');
        // Above 2^63 - 1, an unsigned integer becomes negative.
        [1 => $writtenAt] = unpack('J', $bytes, 32);
        [1 => $size] = unpack('N', $bytes, 44);
        [1 => $namesSize] = unpack('n', $bytes, 48);
        self::need(
            $writtenAt >= 0 && $writtenAt <= Key::LATEST_TIME
                && $size <= self::MAX_ENTRIES
                && $namesSize <= self::MAX_NAMES_SIZE
                && trim(substr($bytes, 50, 14), "\0") === '',
            'it is damaged: its header has values that are out of bounds',
        );
        $expected = self::SIZE + $namesSize + $size * self::ENTRY_SIZE;
        self::need(
            $fileSize === $expected,
            "it is torn: it has $fileSize bytes, and its header says $expected",
        );
        return new self(
            $bytes,
            substr($bytes, 8, 16),
            substr($bytes, 24, 8),
            $writtenAt,
            $size,
            $namesSize,
            substr($bytes, 0, 64),
            substr($bytes, 64),
        );
    }

    /** @return list<string> */
    public static function parseNames(string $bytes): array
    {
        $names = [];
        for ($start = 0; $start < strlen($bytes); $start += 1 + $size) {
            $size = ord($bytes[$start]);
            self::need(
                $size <= self::MAX_NAME && $start + $size < strlen($bytes),
                'its list of names is damaged',
            );
            $name = substr($bytes, $start + 1, $size);
            self::need($name === strtolower($name), 'a name in it is not in lower case');
            self::need(!in_array($name, $names, true), 'it has a name twice');
            $names[] = $name;
        }
        self::need(count($names) <= self::MAX_NAMES, 'it has more than ' . self::MAX_NAMES . ' names');
        return $names;
    }

    /**
     * Whether it is that of another list than the one in use.
     * @throws InvalidRevocationListException if it must not replace that
     */
    public function isNewer(self $inUse): bool
    {
        // An agent only sets the file's modification time when nothing changed.
        if ($this->bytes === $inUse->bytes) {
            return false;
        }
        if ($this->salt !== $inUse->salt) {
            throw new InvalidRevocationListException(
                'it is not the list that was there when this program started, but one that was made '
                . 'anew, with which all that was revoked would be good again; restart the program to '
                . 'use it'
            );
        }
        if (strcmp($this->generation, $inUse->generation) <= 0) {
            [$here, $there] = array_map(
                static fn (self $header): string => sprintf('%u', unpack('J', $header->generation)[1]),
                [$this, $inUse],
            );
            throw new InvalidRevocationListException(
                "its generation is $here, and that of the list in use is $there; did somebody put an "
                . 'old copy back?'
            );
        }
        return true;
    }

    public static function need(bool $condition, string $problem): void
    {
        if (!$condition) {
            $advice = 'restore it from a backup or from another server';
            throw new InvalidRevocationListException("$problem; $advice");
        }
    }
}
