import { application, applicationSocket } from './bokeh.ts';
import { type Doors, door } from './door.ts';

/** `panel/io/server.py` and `panel/command/serve.py` of Panel 1.9, with all that flags can open. */
export const panel: Doors = {
  framework: 'panel',
  run: ['panel', 'serve', 'app.py', '--admin', '--liveness', '--static-dirs', 'files=.'],
  doors: [
    door('GET', '', 302),
    door('GET', '/', 302),
    ...application('/app'),
    ...application('/admin'),
    door('GET', '/liveness', 200, 'true'),
    door('GET', '/liveness?endpoint=/app', 200, 'true'),
    door('GET', '/files/app.py', 200, 'Wave mixer'),
    door('GET', '/components/some/component/file.js', 400),
    door('GET HEAD', '/static/js/bokeh.min.js', 200, 'Bokeh Contributors'),
    door('GET', '/static/extensions/panel/panel.min.js', 200, 'Bokeh Contributors'),
  ],
  sockets: [applicationSocket('/app'), applicationSocket('/admin')],
};
