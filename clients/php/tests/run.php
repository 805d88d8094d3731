<?php

// SPDX-License-Identifier: Apache-2.0
// Runs the tests of this folder: php tests/run.php. Each file returns its tests, by name.

declare(strict_types=1);

require __DIR__ . '/../autoload.php';
require __DIR__ . '/support.php';

// A warning or a deprecation is a failure.
error_reporting(E_ALL);
set_error_handler(static function (int $level, string $message, string $file, int $line): bool {
    if ((error_reporting() & $level) === 0) {
        return false; // silenced because it is expected
    }
    throw new ErrorException($message, 0, $level, $file, $line);
});

$passed = 0;
$failed = [];
foreach (glob(__DIR__ . '/*_test.php') as $file) {
    foreach (require $file as $name => $test) {
        try {
            $test();
            ++$passed;
        } catch (Throwable $e) {
            $failed[] = basename($file) . ", $name: $e";
        }
    }
}
foreach ($failed as $failure) {
    fwrite(STDERR, "FAILED $failure\n");
}
echo "$passed passed, ", count($failed), " failed\n";
exit($failed === [] && $passed > 0 ? 0 : 1);
