<?php

// SPDX-License-Identifier: Apache-2.0
// Assertions, and key ring files with fixed keys.

declare(strict_types=1);

use Sealring\Base64url;
use Sealring\Keyring;
use Sealring\RefusedException;

const NOW = 1_800_000_000;

function same(mixed $expected, mixed $actual, string $what = ''): void
{
    if ($actual !== $expected) {
        $seen = var_export($actual, true);
        throw new RuntimeException("$what: expected " . var_export($expected, true) . ", not $seen");
    }
}

function check(bool $condition, string $what): void
{
    same(true, $condition, $what);
}

/**
 * Returns the exception of this class that the code throws.
 * @template T of Throwable
 * @param class-string<T> $class
 * @return T
 */
function thrown(string $class, callable $code): Throwable
{
    try {
        $code();
    } catch (Throwable $e) {
        if ($e instanceof $class) {
            return $e;
        }
        throw $e;
    }
    throw new RuntimeException("$class was not thrown");
}

function reasonOf(Keyring $ring, string $token, mixed ...$options): string
{
    $options += ['now' => NOW];
    return thrown(RefusedException::class, fn () => $ring->open($token, ...$options))->reason->value;
}

/** @return array<string, mixed> */
function jwk(int $byte = 1, mixed ...$members): array
{
    $k = Base64url::encode(str_repeat(chr($byte), 32));
    return [...['kty' => 'oct', 'alg' => 'XAES-256-GCM', 'k' => $k], ...$members];
}

function textOf(array ...$jwks): string
{
    return json_encode(['keys' => $jwks], JSON_THROW_ON_ERROR);
}

function ringOf(array ...$jwks): Keyring
{
    return Keyring::parse(textOf(...$jwks));
}

/** A path in a folder that is removed when the program ends. */
function temporaryPath(): string
{
    $folder = sys_get_temp_dir() . '/sealring-php-' . bin2hex(random_bytes(8));
    mkdir($folder, 0700);
    register_shutdown_function(static function () use ($folder): void {
        array_map(unlink(...), glob("$folder/*"));
        rmdir($folder);
    });
    return "$folder/session.keys";
}

/** Writes like a rotation: another file replaces the old one. */
function write(string $path, string $text, int $mode = 0640): string
{
    file_put_contents("$path.new", $text);
    chmod("$path.new", $mode);
    rename("$path.new", $path);
    return $path;
}
