// The seed's way: one customer after the other, each given ten seconds to answer. Prints how long one round took, in ms.
const [first = '0', count = '0'] = process.argv.slice(2);
const from = performance.now();
let healthy = 0;
for (let port = Number(first); port < Number(first) + Number(count); port += 1) {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(10_000) });
    await answer.arrayBuffer();
    if (answer.ok) healthy += 1;
  } catch {
    // unreachable
  }
}
process.stdout.write(`${JSON.stringify({ ms: performance.now() - from, healthy })}\n`);
