<?php

// SPDX-License-Identifier: Apache-2.0
// Which files are trusted, and what messages contain and do not contain.

declare(strict_types=1);

use Sealring\InvalidKeyringException;
use Sealring\Keyring;

function refusal(string $path): string
{
    $load = fn () => Keyring::load($path);
    $message = thrown(InvalidKeyringException::class, $load)->getMessage();
    check(str_starts_with($message, "key ring \"$path\": "), $message);
    return $message;
}

function assertRefusedFile(string $problem, string $path): void
{
    $message = refusal($path);
    check(str_contains($message, $problem), $message);
}

/** The message names the problem; neither it nor the stack trace contains a secret. */
function assertTells(string $problem, #[SensitiveParameter] string $text): void
{
    ini_set('zend.exception_ignore_args', '0');
    $path = write(temporaryPath(), $text);
    $e = thrown(InvalidKeyringException::class, fn () => Keyring::load($path));
    check(str_contains($e->getMessage(), $problem), $e->getMessage());
    $seen = print_r($e, true) . print_r($e->getTrace(), true);
    check(!str_contains($seen, jwk()['k']) && !str_contains($seen, str_repeat("\1", 32)), 'no secret');
    same(null, $e->getPrevious());
}

$altered = fn (string $from, string $to) => str_replace($from, $to, textOf(jwk()));
$bad = [
    ['not JSON, or torn', substr(textOf(jwk()), 0, -2)],
    ['not JSON', "\xef\xbb\xbf" . textOf(jwk())],
    ['not JSON', "\xff" . textOf(jwk())],
    ['not JSON', $altered('"kty"', "\"a\": \"\xff\", \"kty\"")],
    ['not JSON', '{"keys": [' . str_repeat('[', 100_000)],
    ['not JSON', $altered('"keys"', '"a": NaN, "keys"')],
    ['twice', textOf(jwk(), jwk())],
    ['key 2: its kid must be', textOf(jwk(1), jwk(2, kid: 'XXXXXXXX'))],
    ['key 1: "open_until" must be a whole number', textOf(jwk(1, open_until: 'never'))],
    ['start a new ring: sealring keyring init', textOf(jwk(), jwk(1, alg: 'nginx-legacy', kid: 'old'))],
    ['a JWK Set', '{"keys": {"0": ' . json_encode(jwk()) . '}}'],
    ['must be a list', textOf(jwk(1, key_ops: ['0' => 'decrypt', '2' => 'encrypt']))],
    ['"kid" must be text', textOf(jwk(1, alg: 'nginx-legacy', kid: "old\n"))],
    ['duplicate', $altered('"kty"', '"a": 1, "\u0061": 2, "kty"')],
    ['half a character', $altered('"kty"', '"a": "\ud83d", "kty"')],
];
$tests = [];
foreach ($bad as $index => [$problem, $text]) {
    $tests["bad text $index: $problem"] = fn () => assertTells($problem, $text);
}

return $tests + [
    'what is within the values of others is not judged' => function () use ($altered): void {
        $others = '"a": {"b": "\udc00\ud800", "b": ["\ud83d\ude00"]}, "c\\\\ud800": 1, "kty"';
        same(1, count(Keyring::parse($altered('"kty"', $others))->keys));
        $foreign = '{"keys": [{"kty": "RSA", "n": "\udc00", "n": 1}, ' . json_encode(jwk()) . ']}';
        same(1, count(Keyring::parse($foreign)->keys));
    },
    'a stranger owns it' => function (): void {
        if (posix_geteuid() !== 0) {
            return; // only root can give files away
        }
        $path = write(temporaryPath(), textOf(jwk()));
        chown($path, 54_321);
        assertRefusedFile("run: chown root $path", $path);
        chmod(dirname($path), 0755);
        posix_seteuid(54_321);
        try {
            same(1, count(Keyring::load($path)->keys));
        } finally {
            posix_seteuid(0);
        }
    },
    'a ring is read' => function (): void {
        $ring = Keyring::load(write(temporaryPath(), textOf(jwk(1), jwk(2))));
        same(2, count($ring->keys));
    },
    'modes' => function (): void {
        $path = temporaryPath();
        foreach ([0640, 0600, 0440, 0400] as $mode) {
            Keyring::load(write($path, textOf(jwk()), $mode));
        }
        foreach ([0641, 0642, 0644, 0650, 0660, 0604, 0777] as $mode) {
            assertRefusedFile("chmod 640 $path", write($path, textOf(jwk()), $mode));
        }
    },
    'what is no file' => function (): void {
        $path = temporaryPath();
        assertRefusedFile('no such file', $path);
        posix_mkfifo($path, 0600);
        assertRefusedFile('not a regular file', $path);
        assertRefusedFile('not a regular file', dirname($path));
    },
    'sizes' => function (): void {
        $path = temporaryPath();
        assertRefusedFile('empty', write($path, ''));
        Keyring::load(write($path, str_pad(textOf(jwk()), 1 << 20)));
        assertRefusedFile('1 MiB', write($path, str_pad(textOf(jwk()), (1 << 20) + 1)));
    },
    'numbers of keys' => function (): void {
        $keys = array_fill(0, 4096, jwk(1, alg: 'nginx-legacy'));
        same(4096, count(ringOf(...$keys)->keys));
        $e = thrown(InvalidKeyringException::class, fn () => ringOf(jwk(2), ...$keys));
        check(str_contains($e->getMessage(), '4096'), $e->getMessage());
    },
    'a symbolic link is followed' => function (): void {
        $path = temporaryPath();
        symlink(write("$path.target", textOf(jwk())), $path);
        Keyring::load($path);
    },
    'a large ring of small lexemes' => function () use ($altered): void {
        $many = implode(',', array_fill(0, 300_000, '{}'));
        same(1, count(Keyring::parse($altered('"kty"', "\"a\": [$many], \"kty\""))->keys));
        $long = str_repeat('x', 1 << 19) . str_repeat('\\"{', 1 << 17);
        same(1, count(Keyring::parse($altered('"kty"', "\"a\": \"$long\", \"kty\""))->keys));
    },
    'a key does not show its secret' => function (): void {
        $ring = ringOf(jwk());
        ob_start();
        var_dump($ring);
        $seen = ob_get_clean() . print_r($ring, true) . var_export($ring, true) . json_encode($ring);
        check(str_contains($seen, $ring->keys[0]->kid), 'it shows the kid');
        check(!str_contains($seen, "\1\1") && !str_contains($seen, '\u0001'), $seen);
        thrown(Exception::class, fn () => serialize($ring));
    },
    'unknown members are ignored' => function () use ($altered): void {
        $zeros = str_repeat('0', 5000);
        $unknown = "\"\": 0, \"7\": 0, \"a\": 1$zeros, \"b\": -1.5e3, \"c\": \"\\\"{\", \"kty\"";
        same(1, count(Keyring::parse($altered('"kty"', $unknown))->keys));
    },
    'keys of all algorithms are read' => function (): void {
        $apache = fn (string $cipher) => jwk(1, alg: "apache-$cipher", k: 'c2VjcmV0');
        $ciphers = ['aes256', 'aes192', 'aes128', '3des192'];
        $kids = array_column(ringOf(...array_map($apache, $ciphers))->keys, 'kid');
        same(['', '', '', ''], $kids);
        [$one, $two] = ringOf(jwk(2, alg: 'A256GCM'), jwk(3, alg: 'A256GCM', kid: 'mine'))->keys;
        same([8, 'mine'], [strlen($one->kid), $two->kid]);
        foreach (['', str_repeat('eA', 5462)] as $k) {
            $read = fn () => ringOf(jwk(1, alg: 'apache-aes256', k: $k));
            $message = thrown(InvalidKeyringException::class, $read)->getMessage();
            check(str_contains($message, '1 to 8192 bytes'), $message);
        }
    },
];
