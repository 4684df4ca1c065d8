/** npm run demo: a throwaway server and a sample web app. With --once it walks the flow by itself and exits. */
import { freePort } from '../test/support/free-port.ts';
import { serveApp } from './app.ts';
import { walk } from './once.ts';
import { PERSON, setStage } from './stage.ts';

const print = (line: string) => void process.stdout.write(`${line}\n`);
const ports = { server: await freePort(), app: await freePort() };
const stage = await setStage(ports);

if (process.argv.includes('--once')) {
  try {
    await walk(stage, print);
  } catch (error) {
    print(`\nFAILED: ${(error as Error).message}`);
    process.exitCode = 1;
  }
  await stage.close();
} else {
  const app = await serveApp(stage, ports.app);
  print(`Sample app:  http://127.0.0.1:${ports.app}/`);
  print(`Sign in as:  ${PERSON.username} with the password: ${PERSON.password}`);
  print(`Server:      ${stage.issuer} (all of it is gone when you press Ctrl-C)`);
  process.once('SIGINT', () => {
    app.close();
    void stage.close();
  });
}
