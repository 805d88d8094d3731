<?php

// SPDX-License-Identifier: Apache-2.0
// A backend that logs people in, behind the nginx of ../nginx.conf. To try it, without PHP-FPM:
// php -S 127.0.0.1:9000 login.php

declare(strict_types=1);

require_once 'autoload.php'; // from Composer, or the one in clients/php

function login(): string
{
    // Replace this by your own login, which asks for a password.
    $user = $_GET['user'] ?? '';
    if (!is_string($user) || !preg_match('/^[A-Za-z0-9._-]{1,64}$/D', $user)) {
        http_response_code(400);
        return "who?\n";
    }
    $ring = Sealring\Keyring::load(getenv('SESSION_KEYS') ?: '/etc/nginx/session.keys');
    $token = $ring->seal($user, lifetime: 3600, context: 'session');
    header("Set-Cookie: session=$token; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax");
    return "signed in as $user\n";
}

function account(): string
{
    // nginx has opened the token; requests without a valid one do not get here.
    $user = $_SERVER['HTTP_X_USER'];
    return "hello, $user\n";
}

header('Content-Type: text/plain; charset=utf-8');
header('Cache-Control: no-store');
switch (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
    case '/login':
        echo login();
        break;
    case '/account':
        echo account();
        break;
    default:
        http_response_code(404);
        echo "no such page\n";
}
