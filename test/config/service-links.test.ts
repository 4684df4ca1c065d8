/** What Kubernetes tells every container of a namespace that has a service named gatehouse. */
import { expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';

const LINKS = {
  GATEHOUSE_SERVICE_HOST: '10.0.0.11',
  GATEHOUSE_SERVICE_PORT: '80',
  GATEHOUSE_SERVICE_PORT_HTTP: '80',
  GATEHOUSE_PORT: 'tcp://10.0.0.11:80',
  GATEHOUSE_PORT_80_TCP: 'tcp://10.0.0.11:80',
  GATEHOUSE_PORT_80_TCP_PROTO: 'tcp',
  GATEHOUSE_PORT_80_TCP_PORT: '80',
  GATEHOUSE_PORT_80_TCP_ADDR: '10.0.0.11',
  GATEHOUSE_PORT_53_UDP_ADDR: '10.0.0.11',
};
const settings = {
  GATEHOUSE_ISSUER: 'https://id.example.com',
  GATEHOUSE_DATABASE: 'postgres://gatehouse@db/gatehouse',
  GATEHOUSE_MASTER_KEY: 'k'.repeat(44),
};

it('is not taken for settings', () => {
  expect(loadSettings({ environment: { ...LINKS, ...settings } }).issuer).toBe('https://id.example.com');
});

it.each(['GATEHOUSE_PORTS', 'GATEHOUSE_SERVICE', 'GATEHOUSE_PORT_80'])('%s is a misspelt setting', (name) => {
  expect(() => loadSettings({ environment: { ...settings, [name]: '1' } })).toThrow(name);
});
