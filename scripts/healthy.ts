// For a container's health check: asks the process beside it whether it works, by METRICS_ADDRESS. Exit status 0: it does.
const address = (process.env.METRICS_ADDRESS ?? '').replace(/^(0\.0\.0\.0|\[::\])(?=:)/, '127.0.0.1');
const TIMEOUT_MS = 4000;

try {
  const response = await fetch(`http://${address}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(
    `${address || 'METRICS_ADDRESS is not set'}: ${error instanceof Error ? error.message : error}\n`,
  );
  process.exitCode = 1;
}
