/** Does `work` for each, `atOnce` at a time; the results in the order of the inputs. The first failure ends it. */
export async function forEachSome<In, Out>(
  inputs: readonly In[],
  atOnce: number,
  work: (input: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  let failed = false;
  const left = inputs.entries();
  await Promise.all(
    Array.from({ length: Math.min(atOnce, inputs.length) }, async () => {
      for (const [index, input] of left) {
        if (failed) return;
        try {
          results[index] = await work(input);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    }),
  );
  return results;
}
