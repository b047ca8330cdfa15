import { matchesAny, parseFilters } from './filters.ts';
import { parseReference, toCanonical } from './image-name.ts';
import { toImageInspect, toImageSummary } from './image-view.ts';
import { pullImage } from './pull-image.ts';
import { removeImage } from './remove-image.ts';
import { type Answer, type Call, empty, isOn, json, type Route } from './route.ts';

/** The Engine's calls on images. @param changed called after each change that should outlive the process */
export function makeImageRoutes(pullMs: number, changed: () => void): Route[] {
  return [
    { method: 'GET', pattern: /^\/images\/json$/, answer: list },
    { method: 'POST', pattern: /^\/images\/create$/, answer: (call) => pullImage(call, pullMs, changed) },
    {
      method: 'GET',
      pattern: /^\/images\/(.+)\/json$/,
      answer: ({ engine, name }) => json(toImageInspect(engine.images.get(name))),
    },
    {
      method: 'POST',
      pattern: /^\/images\/(.+)\/tag$/,
      answer: ({ engine, name, query }) => {
        engine.images.tag(engine.images.get(name), `${query.get('repo')}:${query.get('tag') || 'latest'}`);
        changed();
        return empty(201);
      },
    },
    {
      method: 'DELETE',
      pattern: /^\/images\/(.+)$/,
      answer: ({ engine, name, query }) => {
        const removed = removeImage(engine, name, isOn(query, 'force'));
        changed();
        return json(removed);
      },
    },
  ];
}

function list({ engine, query }: Call): Answer {
  const filters = parseFilters(query.get('filters'), ['reference', 'label', 'dangling', 'before', 'since']);
  const found = engine.images
    .list()
    .filter(({ references }) =>
      matchesAny(filters, 'reference', (wanted) =>
        references.some((name) => name === toCanonical(wanted) || parseReference(name).repository === wanted),
      ),
    );
  return json(found.map(toImageSummary));
}
