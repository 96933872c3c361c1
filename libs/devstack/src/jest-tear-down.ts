export { stopTestServers as default } from './test-servers.js';
