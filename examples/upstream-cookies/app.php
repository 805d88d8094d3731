<?php
// SPDX-License-Identifier: Apache-2.0
// The application behind php-fpm.conf: PHP's own sessions, and a cookie that a client must not forge.
session_start();

if (isset($_COOKIE['remember']) && !isset($_SESSION['user'])) {
    $_SESSION['user'] = $_COOKIE['remember']; // plain trust, as too many applications have it
}
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
header('Content-Type: text/plain');
if ($path === '/signin') {
    if (($_POST['password'] ?? '') !== 'wonderland') {
        http_response_code(401);
        return;
    }
    session_regenerate_id(true);
    $_SESSION['user'] = (string) $_POST['user'];
    setcookie('remember', $_SESSION['user'], ['expires' => time() + 86400, 'path' => '/', 'httponly' => true]);
} elseif ($path === '/signout') {
    session_destroy();
    setcookie(session_name(), '', 1, '/');
    setcookie('remember', '', 1, '/');
    echo "bye\n";
    return;
}
echo 'hello, ' . ($_SESSION['user'] ?? 'nobody') . "\n";
