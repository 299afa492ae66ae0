import { showBench } from './bench/view.ts';
import { byId } from './dom.ts';
import { showExplorer } from './explorer/explorer.ts';
import { loadBackends } from './library.ts';
import { showPrecision } from './precision/precision.ts';
import { showTable } from './table.ts';
import { startTheme } from './theme.ts';

byId('unserved').remove();
startTheme();
showTable();
const backends = await loadBackends();
showExplorer(backends);
showPrecision(backends);
showBench(backends);
// for tests and scripts: what is drawn is drawn
document.documentElement.dataset.ready = '';
