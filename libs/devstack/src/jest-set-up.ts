export { startTestServers as default } from './test-servers.js';
