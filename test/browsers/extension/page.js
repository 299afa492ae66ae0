import { see } from './see.js';

see(location.pathname);
