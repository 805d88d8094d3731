<?php

// SPDX-License-Identifier: Apache-2.0
// For programs without Composer: require this file to load the classes.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Sealring\\')) {
        require __DIR__ . '/src/' . substr($class, strlen('Sealring\\')) . '.php';
    }
});
