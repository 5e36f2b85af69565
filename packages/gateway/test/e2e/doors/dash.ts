import { type Doors, door } from './door.ts';

const UPDATE = JSON.stringify({
  output: '..chart.figure...summary.children..',
  outputs: [
    { id: 'chart', property: 'figure' },
    { id: 'summary', property: 'children' },
  ],
  inputs: [
    { id: 'cities', property: 'value', value: ['Graz'] },
    { id: 'window', property: 'value', value: 3 },
  ],
  changedPropIds: ['window.value'],
});

/** The URL map of Dash 4.4 on Flask. */
export const dash: Doors = {
  framework: 'dash',
  doors: [
    door('GET', '', 308),
    door('GET HEAD', '/', 200, 'Air quality board'),
    door('OPTIONS', '/', 200),
    door('POST PUT PATCH DELETE', '/', 405),
    door('GET HEAD', '/any/page/of/the/app', 200, 'Air quality board'),
    door('GET HEAD', '/_dash-layout', 200, 'Air quality board'),
    door('OPTIONS', '/_dash-layout', 200),
    door('GET HEAD', '/_dash-dependencies', 200, 'chart.figure'),
    door('OPTIONS', '/_dash-dependencies', 200),
    door('POST', '/_dash-update-component', 200, 'drawn for ana@example.com', UPDATE),
    door('OPTIONS', '/_dash-update-component', 200),
    door('GET HEAD', '/_dash-component-suites/dash/dcc/dash_core_components.js', 200, 'dash_core_components'),
    door('GET', /\/_dash-component-suites\/dash\/[^"]+\.js/, 200),
    door('GET', '/assets/nothing.css', 404, 'Not Found'),
    door('OPTIONS', '/assets/nothing.css', 200),
    door('GET HEAD', '/_reload-hash', 200, 'reloadHash'),
    door('GET', '/_favicon.ico', 200),
  ],
  // Only the FastAPI and Quart backends open this socket; Flask says what it thinks of an upgrade.
  sockets: [{ path: '/_dash-ws-callback', protocols: '', status: 400 }],
};
