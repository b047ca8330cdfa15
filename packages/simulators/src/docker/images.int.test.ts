import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DockerBench, failureOf, openDockerBench, toOptions } from '../testing/docker-bench.ts';

let bench: DockerBench;
const site = 'berth-demo/site:1';
const ours = 'registry.example.org/acme/site:1';
const login = { username: 'berth', password: 'pass-word' };

beforeEach(async () => {
  bench = await openDockerBench();
});
afterEach(() => bench.close());

const names = async () => {
  const listed = await bench.docker.listImages();
  return listed.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])]);
};
const digestOf = async (name: string) =>
  (await bench.docker.getImage(name).inspect()).RepoDigests[0]?.split('@')[1] ?? '';
const remove = (name: string, force = false) => bench.docker.getImage(name).remove({ force });

describe('a registry of the simulated Engine', () => {
  const pull = async (reference: string, authconfig?: { username: string; password: string }) => {
    const stream = await bench.docker.pull(reference, authconfig && { authconfig });
    await new Promise<void>((resolve, reject) => {
      bench.docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
    });
  };

  test('gives its images only to who knows its login, in dockerd’s words', async () => {
    bench.simulator.control.publishImage(ours);
    bench.simulator.control.requireLogin('registry.example.org', login);
    expect(await failureOf(pull(ours))).toMatchObject({
      statusCode: 500,
      message: expect.stringContaining('no basic auth credentials'),
    });
    expect(await failureOf(pull(ours, { ...login, password: 'wrong' }))).toMatchObject({
      statusCode: 500,
      message: expect.stringContaining('unauthorized'),
    });
    await pull(ours, login);
    expect(await names()).toEqual([ours, expect.stringContaining('registry.example.org/acme/site@sha256:')]);
  });

  test('that is Docker Hub says of private images that they may not exist', async () => {
    bench.simulator.control.requireLogin('docker.io', login);
    expect(await failureOf(pull(site))).toMatchObject({
      statusCode: 404,
      message: expect.stringContaining('pull access denied'),
    });
  });

  test('tells what it does not have, and that it was asked too often', async () => {
    bench.simulator.control.publishImage(ours);
    const words = async (reference: string) => (await failureOf(pull(reference))).message;
    expect(await words('registry.example.org/acme/site:9')).toContain('manifest unknown');
    expect(await words('registry.example.org/acme/none:1')).toContain('name unknown');
    expect(await words('berth-demo/site:9')).toContain('manifest for berth-demo/site:9 not found');
    bench.simulator.control.limitPulls('registry.example.org', true);
    expect(await words(ours)).toContain('toomanyrequests: ');
  });

  test('can break off in the middle, which only its report tells', async () => {
    const words = 'failed to register layer: write /usr/lib/x: no space left on device';
    bench.simulator.control.breakPulls(words);
    const lines: { error?: string }[] = [];
    const stream = await bench.docker.pull(site);
    await new Promise<void>((resolve, reject) => {
      const ended = (error: Error | null) => (error ? reject(error) : resolve());
      bench.docker.modem.followProgress(stream, ended, (line: { error?: string }) => lines.push(line));
    });
    expect(lines.at(-1)?.error).toBe(words);
    expect(await names()).toEqual([]);
  });

  test('keeps an image under its digest when the tag means another one', async () => {
    await pull(site);
    const digest = await digestOf(site);
    bench.simulator.control.publishImage(site);
    await pull(site);
    expect(await digestOf(site)).not.toBe(digest);
    await remove(`berth-demo/site@${digest}`);
    await pull(`${site}@${digest}`);
    expect(await digestOf(`berth-demo/site@${digest}`)).toBe(digest);
    expect(await names()).toHaveLength(3);
  });

  test('does not leave an image on a host that stopped waiting for it', async () => {
    await bench.simulator.stop();
    await bench.start({ pullMs: 2000 });
    const abort = new AbortController();
    const pulling = bench.docker.pull(site, { abortSignal: abort.signal });
    (await pulling).once('data', () => abort.abort());
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await names()).toEqual([]);
  });
});

describe('an image of the simulated Engine', () => {
  test('is found by its tag, its digest, both together, and its id', async () => {
    await bench.pull(site);
    const { Id } = await bench.docker.getImage(site).inspect();
    const digest = await digestOf(site);
    for (const name of [site, `berth-demo/site@${digest}`, `berth-demo/site:other@${digest}`, Id, Id.slice(7, 19)]) {
      expect((await bench.docker.getImage(name).inspect()).Id, name).toBe(Id);
    }
  });

  test('has the digests of all repositories that it was pulled from', async () => {
    bench.simulator.control.copyImage(site, ours);
    await bench.pull(ours);
    await bench.pull(site);
    const digest = await digestOf(site);
    const { RepoDigests } = await bench.docker.getImage(site).inspect();
    expect(RepoDigests).toEqual([`registry.example.org/acme/site@${digest}`, `berth-demo/site@${digest}`]);
  });

  test('goes with its last name, and takes the digests of a repository with its last tag', async () => {
    await bench.pull(site);
    await bench.docker.getImage(site).tag({ repo: 'mine/copy', tag: 'x' });
    expect(await failureOf(remove((await bench.docker.getImage(site).inspect()).Id))).toMatchObject({
      statusCode: 409,
      message: expect.stringContaining('image is referenced in multiple repositories'),
    });
    await remove(site);
    expect(await names()).toEqual(['mine/copy:x']);
    await remove('mine/copy:x');
    expect(await names()).toEqual([]);
    expect((await failureOf(remove(site))).statusCode).toBe(404);
  });

  test('stays while a container uses it, whatever it is called by', async () => {
    await bench.pull(site);
    const digest = await digestOf(site);
    const container = await bench.docker.createContainer(toOptions('customer-a', 0, `${site}@${digest}`));
    for (const name of [site, `berth-demo/site@${digest}`, (await container.inspect()).Image]) {
      expect((await failureOf(remove(name))).statusCode, name).toBe(409);
    }
    expect((await bench.docker.listContainers({ all: true }))[0]?.Image).toBe(`${site}@${digest}`);
    await container.remove();
    await remove(site);
    expect(await names()).toEqual([]);
  });

  test('is there again after a restart of dockerd', async () => {
    await bench.simulator.stop();
    await bench.start({ dataDir: bench.dir });
    await expect.poll(() => names().catch(() => undefined)).toEqual([]);
    await bench.pull(site);
    const before = await names();
    await bench.simulator.stop();
    await bench.start({ dataDir: bench.dir });
    await expect.poll(() => names().catch(() => [])).toEqual(before);
  });
});
