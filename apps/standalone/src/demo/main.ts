import { setMaxListeners } from 'node:events';
import { DEMO_USAGE, type DemoOptions, parseDemoArguments } from './arguments.ts';
import { chooseProfile } from './choose-profile.ts';
import { demoCustomers } from './customers.ts';
import { DemoFailed } from './demo-failed.ts';
import { type Ending, makeEnding } from './ending.ts';
import { toSummary } from './summary.ts';
import { makeTerminal, wantsColors, widthOf } from './terminal.ts';
import { Stopped, watchSignals } from './watch-signals.ts';

const EXIT_USAGE = 64;

const options = readOptions(process.argv.slice(2));
const customers = demoCustomers(options.orders);
const profile = chooseProfile(options.orders);
const stream = options.json ? process.stderr : process.stdout;
const terminal = makeTerminal({
  stream,
  colors: wantsColors(stream, process.env),
  nameWidth: Math.max('cloudflared'.length, ...customers.map((customer) => widthOf(customer.domain))),
  now: () => performance.now(),
});
const ending = makeEnding();
const stop = listenForTheEnd(ending);
/** known as soon as there is one */
let logFile: string | undefined;

terminal.line(`${terminal.bold('Berth demo')}, simulators with the profile ${profile.name} (${profile.meaning})`);
process.exit(await demonstrate());

function readOptions(args: readonly string[]): DemoOptions {
  try {
    const read = parseDemoArguments(args);
    if (!read.help) return read;
    process.stdout.write(DEMO_USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${DEMO_USAGE}`);
    process.exit(EXIT_USAGE);
  }
}

/** Aborted when the demo is to end: by a signal, because nobody reads its output any more, or by a bug, which must not leave Postgres behind. */
function listenForTheEnd(parts: Ending): AbortSignal {
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  watchSignals(end, () => {
    terminal.line('not waiting any longer');
    void parts.runUrgently().finally(() => process.exit(1));
  });
  process.on('uncaughtException', (error) => end.abort(error));
  process.on('unhandledRejection', (error) => end.abort(error));
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', () => end.abort(new Stopped('stopped: nobody reads the output any more')));
  }
  return end.signal;
}

/** @returns the exit status */
async function demonstrate(): Promise<number> {
  const dataDir = process.env.BERTH_DATA_DIR;
  try {
    // all services together take a second or more to load: the first line is there before them
    const { runDemo } = await import('./run-demo.ts');
    const onLog = (file: string) => {
      logFile = file;
    };
    const sites = await runDemo({ options, customers, profile, dataDir, terminal, ending, onLog, signal: stop });
    if (options.once) return await endWith(0, toSummary(sites));
    if (options.json) process.stdout.write(`${toSummary(sites)}\n`);
    terminal.line('\nCtrl-C ends the demo; the next start goes on from here.');
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve));
    throw stop.reason;
  } catch (error) {
    // what was interrupted says so in its own words
    return await endAfter(stop.aborted ? stop.reason : error);
  }
}

function endAfter(reason: unknown): Promise<number> {
  const failure = reason instanceof Error ? reason : new Error(String(reason));
  const sites = failure instanceof DemoFailed ? failure.sites : [];
  const summary = options.once || !(failure instanceof Stopped) ? toSummary(sites, failure) : undefined;
  if (failure instanceof Stopped) {
    terminal.line(`\n${failure.message}`);
    return endWith(options.once ? 1 : 0, summary);
  }
  terminal.fail(`The demo failed: ${failure.message}`);
  if (logFile) terminal.line(`The log is in ${logFile}; npm run demo -- --fresh starts over.`);
  return endWith(1, summary);
}

/** Ends everything, and prints the summary as the very last line. */
async function endWith(status: number, summary: string | undefined): Promise<number> {
  const problems = await ending.run();
  for (const problem of problems) terminal.fail(problem);
  if (problems.length === 0) terminal.line('everything has ended, nothing is left running');
  if (options.json && summary !== undefined) process.stdout.write(`${summary}\n`);
  return problems.length === 0 ? status : 1;
}
