<?php
// A product of server-drawn pages: its people sign in here, and the apps are put into the page with one-time codes.

declare(strict_types=1);
require __DIR__ . '/portico.php';

ini_set('display_errors', '0');

const APPS = ['dash', 'streamlit', 'panel'];
const PEOPLE = [
    'mia' => ['id' => 'mia', 'name' => 'Mia Manager', 'roles' => ['manager']],
    'vik' => ['id' => 'vik', 'name' => 'Vik Viewer', 'roles' => ['viewer']],
];

$secure = str_starts_with(getenv('SHOP_URL'), 'https:');
session_name($secure ? '__Host-shop' : 'shop');
session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax', 'cookie_secure' => $secure]);
$person = $_SESSION['person'] ?? null;
$asked = $_SERVER['REQUEST_METHOD'] . ' ' . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

switch ($asked) {
    case 'GET /':
        require __DIR__ . '/page.php';
        break;
    case 'GET /shop.css':
        header('Content-Type: text/css');
        readfile(__DIR__ . '/../shared/shop.css');
        break;
    case 'GET /host.js':
        header('Content-Type: text/javascript');
        readfile(__DIR__ . '/../shared/host.js');
        break;
    case 'POST /sign-in':
        // In place of a password.
        session_regenerate_id(true);
        $_SESSION = ['person' => PEOPLE[$_POST['person'] ?? ''] ?? null];
        header('Location: /', true, 303);
        break;
    case 'POST /sign-out':
        // The apps' sessions and sockets end with the product's.
        foreach (array_merge(...array_values($_SESSION['handles'] ?? [])) as $handle) {
            portico_ask('end', ['handle' => $handle]);
        }
        session_destroy();
        header('Location: /', true, 303);
        break;
    case 'POST /renew':
        // The page asks for this as long as it is open; nobody's session goes on when the product's is over.
        if ($person === null) {
            http_response_code(401);
            break;
        }
        $token = portico_token($person);
        foreach ($_SESSION['handles'][$_POST['page'] ?? ''] ?? [] as $handle) {
            portico_ask('renew', ['handle' => $handle], $token);
        }
        http_response_code(204);
        break;
    default:
        http_response_code(404);
}
