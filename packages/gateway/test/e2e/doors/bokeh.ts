import { type Door, type Doors, door, type SocketDoor } from './door.ts';

/** What every Bokeh application has, Panel's as well. @param at - its path */
export function application(at: string): Door[] {
  return [
    door('GET', at, 200, 'bokeh'),
    door('GET', `${at}/`, 200, 'bokeh'),
    door('HEAD POST PUT PATCH DELETE', at, 405),
    door('GET', `${at}/metadata`, 200, '"url"'),
    door('GET', `${at}/autoload.js`, 400, 'bokeh-autoload-element'),
    door('GET', `${at}/autoload.js?bokeh-autoload-element=1000`, 200, 'function(root)'),
    door('OPTIONS', `${at}/autoload.js`, 200),
    door('GET', `${at}/ws`, 400, 'Upgrade'),
  ];
}

export function applicationSocket(at: string): SocketDoor {
  return { path: `${at}/ws`, protocols: 'bokeh', page: at, status: 101 };
}

/** `bokeh/server/urls.py` of Bokeh 3.9. */
export const bokeh: Doors = {
  framework: 'bokeh',
  doors: [
    door('GET', '', 302),
    door('GET', '/', 302),
    ...application('/app'),
    door('GET HEAD', '/static/js/bokeh.min.js', 200, 'Bokeh Contributors'),
    door('GET', '/static/js/bokeh-widgets.min.js', 200, 'Bokeh Contributors'),
  ],
  sockets: [applicationSocket('/app')],
};
