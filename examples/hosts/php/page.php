<?php
// The page: for each app a one-time code, which this server asked for and the frame redeems.

declare(strict_types=1);

$page = bin2hex(random_bytes(8));
$apps = [];
if ($person !== null) {
    $token = portico_token($person);
    foreach (APPS as $name) {
        $apps[$name] = portico_ask('code', ['app' => $name, 'origin' => getenv('SHOP_URL')], $token);
    }
    // Of each page that is open, so that a second tab does not take the first one's place.
    $_SESSION['handles'][$page] = array_column(array_filter($apps), 'handle');
    $_SESSION['handles'] = array_slice($_SESSION['handles'], -20, null, true);
}
header('Cache-Control: no-store');
$text = fn(string $value): string => htmlspecialchars($value, ENT_QUOTES);
?>
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Shop</title>
<link rel="stylesheet" href="/shop.css">
<script type="module" src="<?= $text(getenv('APPS_URL')) ?>/.auth/embed/portico.js"></script>
<script type="module" src="/host.js"></script>
<header>
  <h1>Shop</h1>
  <?php if ($person === null): ?>
    <span id="who">Nobody is signed in</span>
    <form method="post" action="/sign-in">
      <?php foreach (PEOPLE as $id => ['name' => $name]): ?>
        <button name="person" value="<?= $text($id) ?>"><?= $text($name) ?></button>
      <?php endforeach ?>
    </form>
  <?php else: ?>
    <span id="who"><?= $text($person['name'] . ' (' . implode(', ', $person['roles']) . ')') ?></span>
    <form method="post" action="/sign-out"><button>Sign out</button></form>
  <?php endif ?>
</header>
<?php if ($person !== null): ?>
<main data-page="<?= $page ?>" data-renew="<?= (int) getenv('TOKEN_LIFETIME') / 2 ?>">
  <div>Region: <button type="button" data-region="North">North</button> <button type="button" data-region="South">South</button></div>
  <p>Picked in an app: <output id="picked">nothing yet</output></p>
  <?php foreach ($apps as $name => $app): ?>
    <?php if ($app === null): ?>
      <p><?= $text($name) ?> is not there now.</p>
    <?php else: ?>
      <portico-app app="<?= $text($name) ?>" src="<?= $text(getenv('APPS_URL') . "/$name/") ?>" start="<?= $text($app['start']) ?>"></portico-app>
    <?php endif ?>
  <?php endforeach ?>
</main>
<?php endif ?>
